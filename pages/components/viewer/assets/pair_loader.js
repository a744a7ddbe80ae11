/** The pair on the table: shown in the frame that asks for it when it is decoded, else as soon as it is. */
import { goneCard, isGone } from "./gone.js";

const BUSY_AFTER_MS = 180;
const RETRY_MS = 1500;
const SIDES = ["a", "b"];

export class PairLoader {
  /**
   * @param {object} parts
   * @param {HTMLElement} parts.root bears the id of the pair
   * @param {import("./images.js").Images} parts.images
   * @param {import("./viewer.js").Viewer} parts.viewer
   * @param {(item: object) => boolean} parts.isWanted whether the pair is still the one to show
   * @param {() => void} parts.onShown
   * @param {() => void} parts.onGone told when a picture of the pair cannot be shown
   * @param {() => void} parts.next what the card of such a pair leads on to
   */
  constructor({ root, images, viewer, isWanted, onShown, onGone, next }) {
    Object.assign(this, { root, images, viewer, isWanted, onShown, onGone, next });
    /** The pair that can be seen, or null. */
    this.item = null;
    /** The pair on the table when a picture of it cannot be shown, or null. */
    this.gone = null;
    /** What was typed before its pair was there. */
    this.typedAhead = [];
  }

  /** Put a pair on the table, at once or when its renders are decoded. */
  show(item) {
    this.gone = null;
    const ready = SIDES.map((side) => this.images.ready(item[side].digest));
    if (ready.every(Boolean)) this.#put(item, ready);
    else this.#putWhenReady(item);
  }

  /** No pair on the table: words instead. */
  clear(words) {
    this.item = null;
    this.gone = null;
    delete this.root.dataset.pair;
    this.viewer.clear(words);
  }

  /** Decode the renders of pairs that come next. */
  prefetch(items) {
    for (const item of items) {
      for (const side of SIDES) this.images.get(item[side].digest).catch(() => {});
    }
  }

  #put(item, [a, b]) {
    const described = (side, entry) => ({ ...entry, alt: `Render ${side.toUpperCase()} of: ${item.prompt}` });
    this.item = item;
    this.root.dataset.pair = item.pair_id;
    this.viewer.show(item, { a: described("a", a), b: described("b", b) });
    this.onShown();
    this.#runTypedAhead();
  }

  async #putWhenReady(item) {
    const isDue = () => this.isWanted(item) && this.item !== item;
    this.item = null;
    const busy = setTimeout(() => this.viewer.wait("Loading the renders…"), BUSY_AFTER_MS);
    try {
      const ready = await Promise.all(SIDES.map((side) => this.images.get(item[side].digest)));
      if (isDue()) this.#put(item, ready);
    } catch (error) {
      if (!this.isWanted(item)) return;
      if (isGone(error)) {
        this.#giveUp(item, error);
        return;
      }
      this.viewer.wait(`${error.message}. Trying again…`);
      setTimeout(() => isDue() && this.#putWhenReady(item), RETRY_MS);
    } finally {
      clearTimeout(busy);
    }
  }

  #giveUp(item, error) {
    this.typedAhead = [];
    this.clear(goneCard(error, this.next));
    this.gone = item;
    this.onGone();
  }

  /** Keys that were pressed before their pair was there count once it has been painted. */
  #runTypedAhead() {
    const act = this.typedAhead.shift();
    if (act) requestAnimationFrame(act);
  }
}
