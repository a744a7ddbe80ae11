/** What derives from a pair and is shown on the stage: the difference with its legend, and the maps of checks. */
import { el } from "./dom.js";

const LEGEND = [["colour", "colour"], ["alpha", "transparency alone"], ["hidden", "hidden under transparency"]];

export class Maps {
  /** @param {import("./viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** The name of the map that is on, or null. */
    this.name = null;
  }

  /** Fetch and show the difference of the pair on the stage. */
  async showDifference() {
    const { viewer } = this;
    const { item, places, stage } = viewer;
    if (!item?.a || !item.b) return;
    try {
      const image = await places.differenceImage();
      const words = await places.differenceInWords();
      if (viewer.item !== item) return;
      stage.showDifference({ ...image, alt: words });
      stage.caption.replaceChildren(el("span", { text: words }), ...LEGEND.map(([kind, text]) =>
        el("span.legend", {}, el(`span.key.${kind}`), text)));
    } catch (error) {
      viewer.say(error.message);
    }
  }

  /** The next map of the pair (LPIPS, FLIP); after the last one none. */
  async next() {
    const known = await this.#known();
    if (!known.length) {
      this.viewer.say("No map of this pair: no check has drawn one.");
      return;
    }
    const names = [...known.map((map) => map.name), null];
    this.name = names[(names.indexOf(this.name) + 1) % names.length];
    await this.show();
  }

  /** Lay the map that is on over the pair on the stage. */
  async show() {
    const { viewer } = this;
    const { item } = viewer;
    const map = this.name ? (await this.#known()).find((entry) => entry.name === this.name) : null;
    const entry = map ? await viewer.images.get(map.image) : null;
    if (viewer.item !== item) return;
    viewer.stage.layers.overlay(entry?.element ?? null);
    viewer.say(map ? `Map of ${map.title}` : "Map off.");
  }

  async #known() {
    return (await this.viewer.places.facts())?.maps ?? [];
  }
}
