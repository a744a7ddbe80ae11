/** The bar under the stage: five outcomes, reasons, a comment, undo and later. */
import { el, icon, kbd, set } from "./dom.js";
import { keyLabel } from "./keys.js";
import { fit } from "./words.js";

export const OUTCOMES = [
  { id: "a", command: "vote_a", title: "A is better", short: "A" },
  { id: "b", command: "vote_b", title: "B is better", short: "B" },
  { id: "tie", command: "vote_tie", title: "Tie", short: "Tie" },
  { id: "both_bad", command: "vote_both_bad", title: "Both bad", short: "Bad" },
  { id: "cant_judge", command: "vote_cant_judge", title: "Can’t judge", short: "?" },
];

export const REASONS = [
  { id: "typography", title: "Typography" },
  { id: "alpha", title: "Alpha" },
  { id: "colour", title: "Colour" },
  { id: "composition", title: "Composition" },
  { id: "artefact", title: "Artefact" },
  { id: "brand", title: "Brand" },
];

const ICONS = {
  undo: "M6 3 2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6",
  skip: "M3 3.5 8 8l-5 4.5zM9 3.5 14 8l-5 4.5z",
  comment: "M2.5 3h11v8h-6l-3 2.5V11h-2z",
  pin: "M8 14s-4.5-4.6-4.5-7.7a4.5 4.5 0 0 1 9 0C12.5 9.4 8 14 8 14z",
};

export class Ballot {
  /** @param {(command: string) => void} run executes a command of keys.js */
  constructor(run) {
    this.run = run;
    this.reasons = new Set();
    this.outcomes = OUTCOMES.map((outcome) => el("button.outcome", {
      type: "button", "data-command": outcome.command, "aria-label": outcome.title,
      title: `${outcome.title} (${keyLabel(outcome.command)})`, onclick: () => run(outcome.command),
    }, kbd(keyLabel(outcome.command)), el("span.long", { text: outcome.title }), el("span.short", { text: outcome.short, "aria-hidden": "true" })));
    this.chips = REASONS.map((reason) => el("button.chip", {
      type: "button", "aria-pressed": "false", "data-reason": reason.id,
      title: `Reason: ${reason.title.toLowerCase()} (${keyLabel(`reason_${reason.id}`)})`,
      onclick: () => run(`reason_${reason.id}`),
    }, el("span", { text: reason.title }), kbd(keyLabel(`reason_${reason.id}`))));
    this.comment = el("textarea", {
      rows: 1, maxLength: 2000, placeholder: "Comment", "aria-label": "Comment on this pair",
      oninput: () => this.#grow(), onkeydown: (event) => this.#commentKey(event),
    });
    this.undo = this.#tool("undo", "Undo");
    this.element = el("div.ballot", { role: "group", "aria-label": "Verdict" },
      el("div.outcomes", {}, this.outcomes),
      el("div.why", {}, el("div.chips", { role: "group", "aria-label": "Reasons" }, this.chips), this.comment),
      el("div.tools", {}, this.#tool("pin", "Pin"), this.undo, this.#tool("skip", "Later")));
    this.question = el("div.question", { role: "alertdialog", "aria-live": "assertive", hidden: true });
    this.element.append(this.question);
  }

  #tool(command, title) {
    return el("button.tool", { type: "button", title: `${title} (${keyLabel(command)})`, "data-command": command,
      onclick: () => this.run(command) }, icon(ICONS[command]), el("span", { text: title }), kbd(keyLabel(command)));
  }

  toggleReason(id) {
    if (!this.reasons.delete(id)) this.reasons.add(id);
    this.#draw();
  }

  /** What the reviewer has said about this pair beside the outcome. */
  get words() {
    return { reasons: REASONS.map((reason) => reason.id).filter((id) => this.reasons.has(id)),
      comment: fit(this.comment.value).trim() };
  }

  /** Empty for a new pair, or filled again with an undone verdict's words. */
  fill({ reasons = [], comment = "" } = {}) {
    this.reasons = new Set(reasons);
    this.comment.value = comment;
    this.#grow();
    this.#draw();
    this.ask(null);
  }

  /** Ask something before the verdict counts, with the focus on the first answer; `null` withdraws the question. */
  ask(question) {
    this.question.hidden = !question;
    this.question.replaceChildren();
    if (!question) return;
    this.question.append(el("span", { text: question.text }),
      el("div.row", {}, question.answers.map((answer) => el(`button${answer.primary ? ".primary" : ".quiet"}`, {
        type: "button", text: answer.title, onclick: answer.run,
      }))));
    this.question.querySelector("button").focus();
  }

  /** Whether a verdict is possible now. */
  enable(possible, { canUndo }) {
    for (const button of [...this.outcomes, ...this.chips]) button.disabled = !possible;
    this.undo.disabled = !canUndo;
  }

  focusComment() {
    this.comment.focus();
  }

  #commentKey(event) {
    const leave = event.key === "Escape" || (event.key === "Enter" && !event.shiftKey);
    event.stopPropagation();
    if (!leave) return;
    event.preventDefault();
    this.comment.blur();
  }

  #grow() {
    this.comment.rows = Math.min(4, Math.max(1, this.comment.value.split("\n").length));
  }

  #draw() {
    for (const chip of this.chips) set(chip, { "aria-pressed": String(this.reasons.has(chip.dataset.reason)) });
  }
}
