/** A render beside the golden positive of its case that looks most like it: A's, then B's, then the pair again. */

const NEXT = { undefined: "a", a: "b", b: null };

export class Closest {
  /**
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {import("./images.js").Images} parts.images
   * @param {import("./viewer.js").Viewer} parts.viewer
   */
  constructor({ api, images, viewer }) {
    Object.assign(this, { api, images, viewer });
    /** The side that stands beside its positive now. */
    this.side = undefined;
  }

  /** The pair itself is on the table again. */
  reset() {
    this.side = undefined;
  }

  /** Show what comes next for a pair; false when that is the pair itself. `isShown` ends a request too late. */
  async next(item, isShown) {
    const side = NEXT[this.side];
    if (!side) return false;
    try {
      item.positives ??= await this.api.get(`api/positives/${item.pair_id}`);
      const [digest] = item.positives[side];
      if (!digest) return this.viewer.say("This case has no golden positive yet.");
      const [own, golden] = await Promise.all([item[side].digest, digest].map((name) => this.images.get(name)));
      return isShown() ? this.#show(item, side, { own, golden, digest }) : true;
    } catch (error) {
      return this.viewer.say(error.message);
    }
  }

  #show(item, side, { own, golden, digest }) {
    const letter = side.toUpperCase();
    this.side = side;
    this.viewer.name({ a: letter, b: "Positive" });
    this.viewer.show({ ...item, pair_id: null, a: item[side], b: { digest } }, {
      a: { ...own, alt: `Render ${letter} of: ${item.prompt}` },
      b: { ...golden, alt: `Golden positive of: ${item.prompt}` },
    });
    return this.viewer.say(`${letter} beside its closest golden positive. Again: the other; then the pair.`);
  }
}
