/**
 * The reviewer's place in the queue, ahead of the server: what is judged here leaves at once, what is undone
 * comes back, what the server sends is merged in. The truth stays in the database; after a reload this starts
 * empty and is filled from there.
 */

/** Pairs decoded ahead of time. */
const AHEAD = 3;

/** A random (version 4) UUID; `crypto.randomUUID` is missing on pages without https. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Queue {
  constructor({ newUuid = uuid } = {}) {
    this.newUuid = newUuid;
    this.items = [];
    this.settled = new Set();
    this.putOff = new Set();
    this.cast = [];
    this.undone = new Map();
  }

  /** The pair on the table, or null when the queue is empty. */
  get current() {
    return this.items[0] ?? null;
  }

  /** The next pairs after the current one. */
  upcoming(count = AHEAD) {
    return this.items.slice(1, 1 + count);
  }

  /** Merge what the server sends: known and already judged pairs are left out, those put off come last. */
  absorb(items) {
    const known = new Set(this.items.map((item) => item.task));
    const fresh = items.filter((item) => !known.has(item.task) && !this.settled.has(item.task));
    const putOff = (item) => this.putOff.has(item.task);
    const last = fresh.filter(putOff).map((item) => ({ ...item, skipped: true }));
    this.items.push(...fresh.filter((item) => !putOff(item)), ...last);
  }

  /** Take up what an earlier page kept and the server has not heard of: those pairs are judged, and can be undone. */
  resume(events) {
    for (const event of events) {
      if (event.kind === "verdict") {
        const { kind, uuid, task, item, ...ballot } = event;
        this.settled.add(task);
        this.cast.push({ uuid, item, ballot });
      } else if (event.kind === "undo") {
        const undone = this.cast.find((entry) => entry.uuid === event.verdict);
        if (undone) this.settled.delete(undone.item.task);
        this.refused(event.verdict);
      } else {
        this.putOff.add(event.task);
      }
    }
  }

  /** Start over with another filter; what was judged here and is still on its way stays judged. */
  restart() {
    this.items = [];
  }

  /** Put one pair on the table first (a link, or an earlier verdict that was undone). */
  lead(item) {
    this.settled.delete(item.task);
    this.items = [item, ...this.items.filter((other) => other.task !== item.task)];
  }

  /** Judge the current pair; gives the event to send. */
  vote(ballot) {
    const item = this.items.shift();
    this.settled.add(item.task);
    const event = { kind: "verdict", uuid: this.newUuid(), task: item.task, ...ballot };
    this.cast.push({ uuid: event.uuid, item, ballot });
    return event;
  }

  /** Know of a verdict from before this page was opened, so that it can be undone. */
  remember(last) {
    const known = this.cast.some((entry) => entry.uuid === last.uuid) || this.cast.length > 0;
    if (!known) this.cast.push(last);
  }

  /** Take back a verdict, the latest when none is named; gives `{event, entry}`, or null when there is none. */
  undo(entry = this.cast.at(-1)) {
    if (!entry) return null;
    this.cast = this.cast.filter((other) => other.uuid !== entry.uuid);
    this.lead(entry.item);
    const event = { kind: "undo", uuid: this.newUuid(), verdict: entry.uuid };
    this.undone.set(event.uuid, entry);
    return { event, entry };
  }

  /** Put the current pair off to the end; gives the event to send. */
  later() {
    const item = this.items.shift();
    this.items.push({ ...item, skipped: true });
    return { kind: "skip", uuid: this.newUuid(), task: item.task };
  }

  /** The current pair cannot be shown: it leaves, and comes back when the server offers it again. */
  leaveOut() {
    this.items.shift();
  }

  /** A pair was judged elsewhere (another tab): it leaves unless it is on the table. */
  judgedElsewhere(pairId) {
    this.settled.add(pairId);
    this.items = this.items.filter((item, index) => index === 0 || item.task !== pairId);
  }

  /** The server would not take this verdict: forget that it was cast. */
  refused(uuidOfVerdict) {
    this.cast = this.cast.filter((entry) => entry.uuid !== uuidOfVerdict);
  }

  /** The server would not take a verdict back: it stands. True when its pair had to leave the table. */
  undoRefused(uuidOfUndo) {
    const entry = this.undone.get(uuidOfUndo);
    if (!entry) return false;
    const wasCurrent = this.current?.task === entry.item.task;
    this.settled.add(entry.item.task);
    this.items = this.items.filter((item) => item.task !== entry.item.task);
    this.cast.push({ ...entry, ballot: { ...entry.ballot, named: true } });
    return wasCurrent;
  }
}
