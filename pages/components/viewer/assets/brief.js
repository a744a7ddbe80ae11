/** The line over the toolbar: how far, what was asked for, what must be readable, what waits to be sent. */
import { el, icon, set } from "./dom.js";
import { keyLabel } from "./keys.js";

const ICONS = {
  gallery: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  copy_link: "M6.5 9.5 9.5 6.5M7 4.5 9 2.5a2.8 2.8 0 0 1 4 4l-2 2M9 11.5l-2 2a2.8 2.8 0 0 1-4-4l2-2",
  help: "M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.6v.1",
};

/** What to say of verdicts that are no evidence for a rollout: a few words, and why. */
const USES = {
  too_early: ["No evidence: no rollout started", "Verdicts given before its start are no evidence for a "
    + "rollout, and their cases are left out of it. They stay on Insights and in the golden set."],
  too_late: ["No evidence: rollout decided", "What comes in after the decision does not change it. "
    + "It stays on Insights and in the golden set."],
};

export class Brief {
  /** @param {(command: string) => void} run executes a command of keys.js */
  constructor(run) {
    this.run = run;
    this.progress = el("span.progress", { role: "status", "aria-label": "Progress" });
    this.bar = el("span.bar", { "aria-hidden": "true" }, el("span"));
    this.prompt = el("button.prompt", { type: "button", title: `Whole prompt (${keyLabel("prompt")})`,
      onclick: () => run("prompt") });
    this.expected = el("span.expected");
    this.use = el("span.use", { hidden: true });
    this.unsent = el("span.unsent", { role: "status", hidden: true });
    this.element = el("div.brief", {}, el("span.where", {}, this.progress, this.bar), this.prompt, this.expected,
      el("div.spring"), this.use, this.unsent, this.#button("copy_link", "Copy link"), this.#button("gallery", "Gallery and filters"),
      this.#button("help", "Help and keys"));
  }

  #button(command, title) {
    return el("button.tool", { type: "button", "aria-label": title, title: `${title} (${keyLabel(command)})`,
      "data-command": command, onclick: () => this.run(command) }, icon(ICONS[command]));
  }

  /** The pair on the table. */
  show(item) {
    this.prompt.replaceChildren(el("span", { text: item ? item.prompt : "" }));
    this.prompt.hidden = !item;
    this.expected.replaceChildren(...(item?.expected_text ?? []).map((line) =>
      el("span.must", { text: `“${line.text}”`, title: "Must be readable, exactly so" })));
  }

  /** What verdicts on this run are not, in a few words; nothing while they are evidence. */
  tellUse(use) {
    const [text, title] = USES[use] ?? ["", ""];
    set(this.use, { text, title, hidden: !text });
  }

  /** `12 of 40` and the bar. */
  count(done, total) {
    this.progress.textContent = total ? `${done} of ${total}` : "";
    this.bar.firstChild.style.width = `${total ? Math.min(100, (done / total) * 100) : 0}%`;
  }

  /** Verdicts on their way, and what the server says of them; silence when none is. */
  sending({ waiting, reason = "" }) {
    set(this.unsent, { hidden: waiting === 0, text: waiting ? `${waiting} unsent` : "", title: reason });
  }
}
