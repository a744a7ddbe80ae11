/** The line over the table that says what could not be saved and why, and what can be done about it. */
import { el, set } from "./dom.js";
import { OUTCOMES } from "./ballot.js";

export class Aside {
  /**
   * @param {object} acts
   * @param {() => void} acts.again send it once more
   * @param {(words: string) => void} acts.copy take the words elsewhere
   * @param {() => void} acts.forget let it go for good
   */
  constructor({ again, copy, forget }) {
    this.entries = [];
    this.forget = forget;
    this.words = el("span", { role: "alert" });
    this.discard = el("button.quiet", { type: "button", onclick: () => this.#discard() });
    this.element = el("div.aside", { hidden: true }, this.words, el("div.row", {},
      el("button.primary", { type: "button", text: "Try again", onclick: again }),
      el("button.quiet", { type: "button", text: "Copy", onclick: () => copy(wordsOf(this.entries)) }),
      this.discard));
  }

  /** What is set aside now, as the outbox tells it; silence when nothing is. */
  show(entries) {
    const text = sentenceOf(entries);
    if (text !== this.words.textContent) {
      set(this.words, { text });
      set(this.discard, { text: "Discard" });
    }
    this.entries = entries;
    set(this.element, { hidden: !entries.length });
  }

  /** Asked twice: what is let go here is nowhere else. */
  #discard() {
    if (this.discard.textContent === "Discard") set(this.discard, { text: "Discard for good" });
    else this.forget();
  }
}

/** Such as `2 verdicts could not be saved: no such pair`; each reason once. */
export function sentenceOf(entries) {
  if (!entries.length) return "";
  const noun = entries.every(({ event }) => event.kind === "verdict") ? "verdict" : "change";
  const reasons = [...new Set(entries.map(({ reason }) => reason))];
  const many = entries.length === 1 ? noun : `${noun}s`;
  return `${entries.length} ${many} could not be saved: ${reasons.join("; ")}.`;
}

/** What was said, to be pasted elsewhere: a paragraph for each event. */
export function wordsOf(entries) {
  return entries.map(({ event, reason }) => [
    `Pair ${event.item?.pair_id ?? event.task ?? event.verdict}: ${event.item?.prompt ?? event.kind}`,
    OUTCOMES.find((outcome) => outcome.id === event.outcome)?.title,
    event.reasons?.length ? `Reasons: ${event.reasons.join(", ")}` : null,
    event.comment ? `Comment: ${event.comment}` : null,
    ...(event.pins ?? []).map((pin) => `Pin on ${pin.side ?? "both"}: ${pin.reason ?? ""} ${pin.text}`),
    `Not saved: ${reason}`,
  ].filter(Boolean).join("\n")).join("\n\n");
}
