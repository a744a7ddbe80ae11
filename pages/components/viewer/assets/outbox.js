/**
 * What a reviewer did, on its way to the server: kept in the browser until the server has it.
 *
 * Every event carries a uuid, so that delivering it twice is harmless. Events leave one after another in the
 * order they were made (an undo never overtakes its verdict). Without a connection they wait, also through a
 * reload; the reviewer sees how many are waiting. Nothing is dropped: an event that the server refuses for
 * good is set aside with its reason.
 */

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 15_000;

export class Outbox {
  /**
   * @param {object} parts
   * @param {Storage} parts.storage survives a reload (localStorage)
   * @param {string} parts.owner reviewer; events of one reviewer are never sent in another's name
   * @param {(event: object) => Promise<object>} parts.send resolves with the server's answer; rejects with
   *   an error whose `permanent` is true when sending again cannot help
   * @param {(state: object) => void} [parts.onChange] told `{waiting, sending, refused}` after every change
   * @param {(event: object, answer: object) => void} [parts.onDelivered]
   * @param {(event: object, error: Error) => void} [parts.onRefused]
   * @param {(callback: () => void, ms: number) => unknown} [parts.later] setTimeout
   */
  constructor({ storage, owner, send, onChange, onDelivered, onRefused, later }) {
    this.storage = storage;
    this.prefix = `sidegrade.outbox.${owner}.`;
    this.send = send;
    this.onChange = onChange ?? (() => {});
    this.onDelivered = onDelivered ?? (() => {});
    this.onRefused = onRefused ?? (() => {});
    this.later = later ?? ((callback, ms) => setTimeout(callback, ms));
    this.pause = FIRST_PAUSE_MS;
    this.running = null;
    this.refused = 0;
  }

  /** Events not yet acknowledged, oldest first. */
  waiting() {
    const keys = [];
    for (let index = 0; index < this.storage.length; index += 1) {
      const key = this.storage.key(index);
      if (key?.startsWith(this.prefix)) keys.push(key);
    }
    return keys.sort().map((key) => ({ key, event: JSON.parse(this.storage.getItem(key)) }));
  }

  /** Keep an event. It is safe once this returns; `flush` sends it. */
  keep(event) {
    this.storage.setItem(this.prefix + this.#ticket(), JSON.stringify(event));
    this.#changed();
  }

  /** Send what is waiting, in order, until it is gone or the connection fails; all who call share one round. */
  flush() {
    this.running ??= this.#sendAll().finally(() => {
      this.running = null;
      this.#changed();
    });
    return this.running;
  }

  async #sendAll() {
    for (let next = this.waiting()[0]; next; next = this.waiting()[0]) {
      if (!(await this.#deliver(next))) return;
    }
  }

  async #deliver({ key, event }) {
    try {
      const answer = await this.send(event);
      this.#done(key);
      this.onDelivered(event, answer);
      return true;
    } catch (error) {
      if (error.permanent) {
        this.refused += 1;
        this.#done(key);
        this.onRefused(event, error);
        return true;
      }
      this.later(() => this.flush(), this.pause);
      this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
      return false;
    }
  }

  #done(key) {
    this.storage.removeItem(key);
    this.pause = FIRST_PAUSE_MS;
    this.#changed();
  }

  #changed() {
    this.onChange({ waiting: this.waiting().length, sending: Boolean(this.running), refused: this.refused });
  }

  /** Sorts by time, then by count within this page: a plain string order is the order of the events. */
  #ticket() {
    this.count = (this.count ?? 0) + 1;
    return `${String(Date.now()).padStart(15, "0")}.${String(this.count).padStart(6, "0")}`;
  }
}
