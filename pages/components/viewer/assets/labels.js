/** What stands on the pictures to tell them apart: the slider's line with its handle, and the sides' letters. */
import { el, icon, set } from "./dom.js";
import * as viewport from "./viewport.js";

const KNOB = "M6 4 2.5 8 6 12M10 4l3.5 4L10 12";

export class Labels {
  /** @param {{a: string, b: string}} labels what the sides are called */
  constructor(labels) {
    this.handle = el("div.handle", { role: "slider", tabIndex: 0, "aria-label": "Slider between A and B",
      "aria-valuemin": 0, "aria-valuemax": 100 }, el("div.line.across"), el("div.line.down"),
    el("div.knob", {}, icon(KNOB)));
    this.corners = Object.fromEntries(["a", "b"].map((side) =>
      [side, el(`div.corner.${side}`, { text: labels[side], "aria-hidden": "true" })]));
    this.elements = [this.handle, ...Object.values(this.corners)];
  }

  /** The sides have other names now. */
  rename(labels) {
    for (const [side, corner] of Object.entries(this.corners)) corner.textContent = labels[side];
  }

  /** Where the slider stands, in fractions of the stage. */
  placeHandle({ split, orientation }, { width, height }, { visible, dpr }) {
    this.handle.hidden = !visible;
    set(this.handle, {
      style: { left: `${viewport.onGrid(split.x * width, dpr)}px`, top: `${viewport.onGrid(split.y * height, dpr)}px` },
      "data-orientation": orientation,
      "aria-orientation": orientation === "vertical" ? "vertical" : "horizontal",
      "aria-valuenow": Math.round((orientation === "vertical" ? split.y : split.x) * 100),
    });
  }

  /** Each letter at the picture it names; a side that cannot be seen has none. */
  placeCorners(layout, sides, { mode, swapped }) {
    const apart = mode === "side" || mode === "alpha";
    for (const [name, corner] of Object.entries(this.corners)) {
      const plan = layout[name];
      corner.hidden = !(plan && sides[name] && plan.clip !== "inset(0 0 100% 0)");
      if (corner.hidden) continue;
      corner.dataset.at = apart || mode.startsWith("only") || mode === "flicker" ? "start" : "auto";
      corner.style.left = apart ? `${plan.region.left}px` : "";
      corner.style.top = apart ? `${plan.region.top}px` : "";
      corner.dataset.swapped = String(swapped && mode === "slider");
    }
  }
}
