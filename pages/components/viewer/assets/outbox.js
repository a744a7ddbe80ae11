/**
 * What a reviewer did, on its way to the server: kept in the browser until the server has it.
 *
 * Every event carries a uuid, so that delivering it twice is harmless. Events leave one after another in the
 * order they were made (an undo never overtakes its verdict). Without a connection they wait, also through a
 * reload; the reviewer sees how many are waiting. One event that the server refuses for good, or fails over
 * again and again, is set aside with the reason, so that those behind it leave: it stays in the browser until
 * the reviewer has it sent again or lets it go.
 */

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 15_000;
/** Failures of the server over one event before it is set aside. */
const MOST_FAILURES = 3;
/**
 * A gateway without a server, a locked database, a full disk: no event that waits is to blame and each would
 * meet the same, so all of them wait. Set aside one by one, they would only have to be sent again by hand.
 */
const NOT_READY = [502, 503, 504, 507];
/** What may follow a reviewer's name in a key; a name that only begins alike is another reviewer's. */
const TICKET = /^\d+\.\d+$/;

export class Outbox {
  /**
   * @param {object} parts
   * @param {Storage} parts.storage survives a reload (localStorage)
   * @param {string} parts.owner reviewer; events of one reviewer are never sent in another's name
   * @param {(event: object) => Promise<object>} parts.send resolves with the server's answer; rejects with
   *   an error whose `permanent` is true when sending again cannot help, and whose `status` is the answer's
   * @param {(state: object) => void} [parts.onChange] told `{waiting, sending, refused, aside, reason}`
   *   after every change; `reason`: what the server says while events wait for it, or nothing
   * @param {(event: object, answer: object) => void} [parts.onDelivered]
   * @param {(event: object, error: Error) => void} [parts.onRefused]
   * @param {(callback: () => void, ms: number) => unknown} [parts.later] setTimeout
   */
  constructor({ storage, owner, send, onChange, onDelivered, onRefused, later }) {
    this.storage = storage;
    this.prefix = `sidegrade.outbox.${owner}.`;
    this.asidePrefix = `sidegrade.aside.${owner}.`;
    this.send = send;
    this.onChange = onChange ?? (() => {});
    this.onDelivered = onDelivered ?? (() => {});
    this.onRefused = onRefused ?? (() => {});
    this.later = later ?? ((callback, ms) => setTimeout(callback, ms));
    this.pause = FIRST_PAUSE_MS;
    this.failures = 0;
    this.reason = "";
    this.running = null;
  }

  /** Events not yet acknowledged, oldest first. */
  waiting() {
    return this.#stored(this.prefix).map(({ key, value }) => ({ key, event: value }));
  }

  /** What was set aside, oldest first: `{event, reason}`. */
  aside() {
    return this.#stored(this.asidePrefix).map(({ value }) => value);
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

  /** Send what was set aside once more, before anything else. */
  again() {
    for (const { key, value } of this.#stored(this.asidePrefix)) {
      this.storage.setItem(this.prefix + key.slice(this.asidePrefix.length), JSON.stringify(value.event));
      this.storage.removeItem(key);
    }
    this.failures = 0;
    this.#changed();
    return this.flush();
  }

  /** Let go of what was set aside. */
  forget() {
    this.#forget(() => true);
  }

  /** Let go of some of it; true when there was any. */
  #forget(chosen) {
    const gone = this.#stored(this.asidePrefix).filter(({ value }) => chosen(value.event));
    for (const { key } of gone) this.storage.removeItem(key);
    if (gone.length) this.#changed();
    return gone.length > 0;
  }

  /** The verdict that an undo takes back leaves with it: the reviewer wants neither. */
  #takeBack(undo) {
    return this.#forget(({ uuid }) => undo.kind === "undo" && uuid === undo.verdict);
  }

  async #sendAll() {
    for (let next = this.waiting()[0]; next; next = this.waiting()[0]) {
      if (!(await this.#deliver(next))) return;
    }
  }

  async #deliver({ key, event }) {
    try {
      const answer = await this.send(event);
      this.#takeBack(event);
      this.#done(key);
      this.onDelivered(event, answer);
      return true;
    } catch (error) {
      if (error.status >= 500 && !NOT_READY.includes(error.status)) this.failures += 1;
      if (error.permanent || this.failures >= MOST_FAILURES) {
        this.#giveUp(key, event, error);
        return true;
      }
      this.reason = error.status ? error.message : "";
      this.later(() => this.flush(), this.pause);
      this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
      return false;
    }
  }

  /** Make room for the events behind. What was refused and holds no words of the reviewer is told and gone. */
  #giveUp(key, event, error) {
    const takenBack = error.permanent && this.#takeBack(event);
    const wordless = error.permanent && ["undo", "skip"].includes(event.kind);
    if (!wordless) {
      const aside = this.asidePrefix + key.slice(this.prefix.length);
      this.storage.setItem(aside, JSON.stringify({ event, reason: error.message }));
    }
    this.#done(key);
    if (!takenBack) this.onRefused(event, error);
  }

  #done(key) {
    this.storage.removeItem(key);
    this.pause = FIRST_PAUSE_MS;
    this.failures = 0;
    this.reason = "";
    this.#changed();
  }

  #changed() {
    const aside = this.aside();
    this.onChange({
      waiting: this.waiting().length, sending: Boolean(this.running), refused: aside.length, aside,
      reason: this.reason,
    });
  }

  /** Entries under a prefix, oldest first; one that is none of ours stays where it is. */
  #stored(prefix) {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
    return keys.filter((key) => key?.startsWith(prefix) && TICKET.test(key.slice(prefix.length))).sort()
      .map((key) => ({ key, value: parsed(this.storage.getItem(key)) }))
      .filter(({ value }) => value !== null && (prefix === this.prefix || value.event));
  }

  /** Sorts by time, then by count within this page: a plain string order is the order of the events. */
  #ticket() {
    this.count = (this.count ?? 0) + 1;
    return `${String(Date.now()).padStart(15, "0")}.${String(this.count).padStart(6, "0")}`;
  }
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
