/** The address bar, kept at what is on the table, so that a reload or a copied link finds it again. */
import { writeLink } from "./permalink.js";

/** Safari allows 100 changes of the address in 30 s; views, which change all the time, take at most 60 of them. */
const PAUSE_MS = 500;
const RETRY_MS = 2000;

export class Address {
  /** @param {() => object} describe what a link must say by now, as in {@link writeLink} */
  constructor(describe) {
    this.describe = describe;
    this.writtenAt = -Infinity;
  }

  /** The whole link to what is on the table. */
  get link() {
    return location.origin + location.pathname + this.#search();
  }

  /** Something changed that changes all the time: say so soon. */
  changed() {
    clearTimeout(this.timer);
    const pause = Math.max(0, PAUSE_MS - (performance.now() - this.writtenAt));
    this.timer = setTimeout(() => this.write(), pause);
  }

  /**
   * Say it now. Browsers limit how often: Safari throws, Chromium ignores; then it is said a little later, and
   * nothing else suffers.
   */
  write() {
    clearTimeout(this.timer);
    this.writtenAt = performance.now();
    const search = this.#search();
    try {
      history.replaceState(history.state, "", location.pathname + search);
    } catch (error) {
      if (error.name !== "SecurityError") throw error;
    }
    if (location.search !== search) this.timer = setTimeout(() => this.write(), RETRY_MS);
  }

  close() {
    clearTimeout(this.timer);
  }

  #search() {
    return writeLink(location.search, this.describe());
  }
}
