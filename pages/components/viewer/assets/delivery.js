/** From the desk to the server: the outbox joined to the app's routes, to the other tabs and to the connection. */
import { Aside } from "./aside.js";
import { Outbox } from "./outbox.js";

const ROUTES = { verdict: "api/verdicts", undo: "api/undo", skip: "api/skips" };

export class Delivery {
  /**
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {string} parts.reviewer
   * @param {(state: object) => void} parts.onChange
   * @param {(event: object, answer: object) => void} parts.onDelivered
   * @param {(event: object, error: Error) => void} parts.onRefused
   * @param {(task: string) => void} parts.onJudgedElsewhere
   * @param {(words: string) => void} parts.onCopy
   */
  constructor({ api, reviewer, onChange, onDelivered, onRefused, onJudgedElsewhere, onCopy }) {
    this.api = api;
    this.outbox = new Outbox({
      storage: localStorage, owner: reviewer, send: (event) => this.#send(event), onDelivered, onRefused,
      onChange: (state) => { this.aside.show(state.aside); onChange(state); },
    });
    this.aside = new Aside({ again: () => this.outbox.again(), copy: onCopy, forget: () => this.outbox.forget() });
    this.channel = new BroadcastChannel(`sidegrade.desk.${reviewer}`);
    this.channel.onmessage = ({ data }) => onJudgedElsewhere(data.judged);
    this.flush = () => this.outbox.flush();
    window.addEventListener("online", this.flush);
  }

  /** Events that the server has not acknowledged, oldest first. */
  get waiting() {
    return this.outbox.waiting().map(({ event }) => event);
  }

  /** Keep an event; it is safe from now on. */
  keep(event) {
    this.outbox.keep(event);
  }

  /** Tell the other tabs that a pair is judged. */
  tell(task) {
    this.channel.postMessage({ judged: task });
  }

  close() {
    window.removeEventListener("online", this.flush);
    this.channel.close();
  }

  /** The item stays here: it lets the next page undo a verdict that still waits. */
  #send(event) {
    const { kind, item, ...body } = event;
    return this.api.post(ROUTES[kind], body);
  }
}
