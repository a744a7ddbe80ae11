/** How far the reviewer is: what the server counted, and the verdicts that are still on their way to it. */

const WEIGHT = { verdict: 1, undo: -1, skip: 0 };

export class Progress {
  /** @param {() => object[]} waiting events that the server has not acknowledged */
  constructor(waiting) {
    this.waiting = waiting;
    this.counts = null;
    this.changes = 0;
  }

  /** What was kept or acknowledged changed. */
  moved() {
    this.changes += 1;
  }

  /**
   * Ask the server for counts: gives what takes its answer. Counts that were overtaken by a verdict on its way
   * would count it twice or not at all.
   */
  asking() {
    const { changes } = this;
    return (counts) => {
      if (changes === this.changes || !this.counts) this.counts = counts;
    };
  }

  /** The server has an event. */
  delivered(event, answer) {
    if (!this.counts || !answer.saved) return;
    this.counts.mine += WEIGHT[event.kind];
    this.counts.unjudged -= WEIGHT[event.kind];
  }

  /** `{done, total}`, or null before the server has counted. */
  get progress() {
    if (!this.counts) return null;
    const underWay = this.waiting().reduce((sum, event) => sum + WEIGHT[event.kind], 0);
    const done = this.counts.mine + underWay;
    return { done, total: done + Math.max(0, this.counts.unjudged - underWay) };
  }
}
