/** Pairs on their way from the server: asked for in time, again when nobody answers, and for another filter. */

/** Ask for more when fewer pairs than this are left. */
const LOW_WATER = 6;
/** How many new pairs one answer should bring, and the most that the server gives at once. */
const BATCH = 24;
const MOST = 100;
const RETRY_MS = 1500;

export class Prefetch {
  /**
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {import("./queue.js").Queue} parts.queue takes what comes
   * @param {import("./progress.js").Progress} parts.progress takes the counts
   * @param {object} parts.filter
   * @param {(answer: object) => void} parts.onAnswer
   * @param {(error: Error) => void} parts.onFailure told before it tries again
   * @param {number} [parts.retryMs]
   */
  constructor({ api, queue, progress, filter, onAnswer, onFailure, retryMs = RETRY_MS }) {
    Object.assign(this, { api, queue, progress, filter, onAnswer, onFailure, retryMs });
    this.loading = null;
    this.closed = false;
  }

  /** Whether it is time to ask for more, and there may be more. */
  get isLow() {
    if (this.queue.items.length >= LOW_WATER || this.loading) return false;
    return !this.whole || !this.queue.items.length;
  }

  /** Ask for more pairs; the one request under way serves all who ask. Tries again until the server answers. */
  refill() {
    if (!this.loading) {
      const loading = this.#fetch().finally(() => {
        if (this.loading === loading) this.loading = null;
      });
      this.loading = loading;
    }
    return this.loading;
  }

  /** Start over with another filter; true when it is still the one wanted once its pairs are here. */
  async restart(filter) {
    this.filter = filter;
    this.queue.restart();
    this.loading = null;
    await this.refill();
    return filter === this.filter;
  }

  async #fetch() {
    const { filter } = this;
    const count = this.progress.asking();
    // The server offers again what it has not heard to be judged: ask for so many more.
    const unheard = this.progress.waiting().length;
    try {
      const answer = await this.api.get("api/queue", { ...filter, limit: Math.min(MOST, BATCH + unheard) });
      if (filter !== this.filter) return;
      this.run = answer.run;
      this.whole = answer.whole;
      this.queue.absorb(answer.items);
      if (answer.last) this.queue.remember(answer.last);
      count(answer.counts);
      this.onAnswer(answer);
      if (unheard && !this.queue.current) await this.#again();
    } catch (error) {
      this.onFailure(error);
      await this.#again();
    }
  }

  async #again() {
    await new Promise((resolve) => { setTimeout(resolve, this.retryMs); });
    if (!this.closed) await this.#fetch();
  }

  close() {
    this.closed = true;
  }
}
