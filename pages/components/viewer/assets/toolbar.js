/** The thin bar over the stage: modes, what the mode can be tuned by, zoom, backgrounds. Shared by both viewers. */
import { BACKGROUNDS } from "./backdrop.js";
import { el, kbd, set } from "./dom.js";
import { keyLabel } from "./keys.js";
import { MODES } from "./modes.js";
import { zoomLabel } from "./viewport.js";

const TURNS = { horizontal: "Slider ↔", vertical: "Slider ↕", both: "Slider ✛" };
const BACKGROUND_NAMES = { checker: "Checkerboard", white: "White", black: "Black", brand: "Brand colour" };

export class Toolbar {
  /**
   * @param {import("./stage.js").Stage} stage
   * @param {(command: string) => void} run executes a command of keys.js
   * @param {{extra?: Element[], hints?: boolean}} [parts]
   */
  constructor(stage, run, { extra = [], hints = true } = {}) {
    this.stage = stage;
    this.run = run;
    this.modes = MODES.map((mode) => this.#button(`mode_${mode.id}`, mode.title, mode.hint, hints));
    this.zoom = el("output.zoom", { "aria-label": "Zoom", title: "Device pixels per image pixel" });
    this.tune = el("label.tune", { hidden: true });
    this.background = this.#button("background", "Checkerboard", "Background behind transparency", hints);
    this.background.prepend(el("span.swatch", { "aria-hidden": "true" }));
    this.brand = el("input.brand", { type: "color", value: stage.backdrop.brand, hidden: true,
      "aria-label": "Brand colour", oninput: () => stage.chooseBrand(this.brand.value) });
    this.element = el("div.toolbar", { role: "toolbar", "aria-label": "View" },
      el("div.segments", { role: "group", "aria-label": "Mode" }, this.modes),
      this.tune, el("div.spring"),
      el("div.segments", { role: "group", "aria-label": "Zoom" },
        this.#plain("zoom_out", "−", "Zoom out"), this.zoom, this.#plain("zoom_in", "+", "Zoom in"),
        this.#plain("fit", "Fit", "Fit the stage (0)"), this.#plain("one_to_one", "1:1", "One image pixel per device pixel (9)")),
      this.brand, this.background, extra);
  }

  #button(command, title, hint, hints) {
    return el("button", {
      type: "button", title: `${hint} (${keyLabel(command)})`, "data-command": command,
      onclick: () => this.run(command),
    }, el("span.title", { text: title }), hints ? kbd(keyLabel(command)) : null);
  }

  #plain(command, text, title) {
    return el("button", { type: "button", text, title, "aria-label": title, "data-command": command,
      onclick: () => this.run(command) });
  }

  /** Show the stage's state. */
  update() {
    const { state } = this.stage;
    for (const [index, mode] of MODES.entries()) {
      set(this.modes[index], { "aria-pressed": String(state.mode === mode.id) });
    }
    this.modes[0].querySelector(".title").textContent = state.mode === "slider" ? TURNS[state.orientation] : "Slider";
    this.zoom.textContent = zoomLabel(state.view);
    this.background.querySelector(".title").textContent = BACKGROUND_NAMES[state.background];
    this.background.dataset.value = state.background;
    set(this.brand, { hidden: state.background !== "brand", value: this.stage.backdrop.brand });
    this.#updateTune();
  }

  #updateTune() {
    const { state } = this.stage;
    const tunes = {
      onion: { name: "B over A", min: 0, max: 1, step: 0.05, value: state.onion, key: "onion" },
      difference: { name: "Gain", min: 1, max: 32, step: 1, value: state.gain, key: "gain" },
    };
    const tune = tunes[state.mode];
    this.tune.hidden = !tune;
    if (!tune) return;
    if (this.tune.dataset.key !== tune.key) this.#buildTune(tune);
    const input = this.tune.querySelector("input");
    input.value = String(tune.value);
    this.tune.querySelector("output").textContent =
      tune.key === "gain" ? `×${tune.value}` : `${Math.round(tune.value * 100)}%`;
  }

  #buildTune(tune) {
    const input = el("input", { type: "range", min: tune.min, max: tune.max, step: tune.step,
      "aria-label": tune.name, oninput: () => {
        this.stage.state[tune.key] = Number(input.value);
        this.stage.changed();
      } });
    this.tune.dataset.key = tune.key;
    this.tune.replaceChildren(el("span", { text: tune.name }), input, el("output"));
  }
}

/** The command that follows `background`: the next one of the list. */
export function nextBackground(current) {
  return BACKGROUNDS[(BACKGROUNDS.indexOf(current) + 1) % BACKGROUNDS.length];
}
