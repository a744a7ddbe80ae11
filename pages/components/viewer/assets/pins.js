/**
 * Pins: a point or a box on one render, with a tag and words, said where it is. Coordinates are fractions of
 * the image (0–1), so that a pin holds at every zoom and on another screen.
 */
import { el, set } from "./dom.js";
import { fit } from "./words.js";

/** Drags shorter than this (image pixels on screen, CSS) are points. */
const POINT_SIZE = 5;

/** A pin from two corners in image pixels of a render `size`; equal corners make a point. */
export function pinBetween(side, first, second, size, { slack = 0 } = {}) {
  const inside = (value, length) => Math.min(1, Math.max(0, value / length));
  const x = inside(Math.min(first.x, second.x), size.width);
  const y = inside(Math.min(first.y, second.y), size.height);
  const width = inside(Math.max(first.x, second.x), size.width) - x;
  const height = inside(Math.max(first.y, second.y), size.height) - y;
  const isPoint = Math.hypot(second.x - first.x, second.y - first.y) <= slack;
  const round = (value) => Math.round(value * 1e6) / 1e6;
  if (isPoint) {
    return { side, x: round(inside(first.x, size.width)), y: round(inside(first.y, size.height)), width: 0,
      height: 0, reason: null, text: "" };
  }
  return { side, x: round(x), y: round(y), width: round(width), height: round(height), reason: null, text: "" };
}

export class Pins {
  /**
   * @param {import("./stage.js").Stage} stage
   * @param {object} parts
   * @param {{id: string, title: string}[]} parts.reasons
   * @param {boolean} [parts.readOnly]
   * @param {() => void} [parts.onChange]
   */
  constructor(stage, { reasons, readOnly = false, onChange = () => {} }) {
    this.stage = stage;
    this.reasons = reasons;
    this.readOnly = readOnly;
    this.onChange = onChange;
    this.list = [];
    this.aiming = false;
    this.cursor = null;
    this.form = null;
    this.crosshair = el("div.crosshair", { hidden: true, "aria-hidden": "true" });
    stage.element.append(this.crosshair);
    const before = stage.onRender;
    stage.onRender = (layout) => { before?.(layout); this.render(); };
  }

  /** Replace all pins (a new pair, or an undone verdict that brings its pins back). */
  replace(list) {
    this.list = list.map((pin) => ({ ...pin }));
    this.closeForm();
    this.aim(false);
    this.render();
  }

  /** Start or stop placing: then a click makes a point, a drag a box; arrows and Enter do it by keyboard. */
  aim(on = !this.aiming) {
    this.aiming = on && !this.readOnly;
    this.stage.element.classList.toggle("aiming", this.aiming);
    this.corner = null;
    const { width, height } = this.stage.region;
    this.cursor = this.aiming ? { x: width / 2, y: height / 2 } : null;
    this.#showCrosshair();
    return this.aiming;
  }

  /** A gesture for gestures.js while aiming, else null. */
  claim(point) {
    if (!this.aiming) return null;
    const side = this.stage.sideAt(point);
    const start = this.stage.imagePoint(point);
    let last = point;
    return {
      start: () => { this.crosshair.hidden = true; },
      move: (now) => {
        last = now;
        this.#draft(point, now);
      },
      end: () => this.#place(side, start, this.stage.imagePoint(last), POINT_SIZE / this.#scale()),
    };
  }

  /** Move the keyboard's crosshair by CSS pixels. */
  moveCursor(dx, dy) {
    const { width, height } = this.stage.size;
    this.cursor = {
      x: Math.min(width - 1, Math.max(0, this.cursor.x + dx)),
      y: Math.min(height - 1, Math.max(0, this.cursor.y + dy)),
    };
    this.#showCrosshair();
    if (this.corner) this.#draft(this.corner, this.cursor);
  }

  /** Enter: place a point here. With Shift: the first corner of a box, then the second. */
  placeAtCursor(box) {
    if (box && !this.corner) {
      this.corner = { ...this.cursor };
      return;
    }
    const from = this.corner ?? this.cursor;
    const side = this.stage.sideAt(from);
    this.#place(side, this.stage.imagePoint(from), this.stage.imagePoint(this.cursor), POINT_SIZE / this.#scale());
  }

  #scale() {
    return this.stage.state.view.zoom / this.stage.dpr;
  }

  #place(side, first, second, slack) {
    const size = this.stage.sides[side ?? "a"] ?? this.stage.canvas;
    const pin = pinBetween(side, first, second, size, { slack });
    this.aim(false);
    this.stage.marks.querySelector(".draft")?.remove();
    this.list.push(pin);
    this.onChange();
    this.render();
    this.edit(pin);
  }

  #draft(from, to) {
    let draft = this.stage.marks.querySelector(".draft");
    if (!draft) {
      draft = el("div.pin.box.draft");
      this.stage.marks.append(draft);
    }
    set(draft, { style: {
      left: `${Math.min(from.x, to.x)}px`, top: `${Math.min(from.y, to.y)}px`,
      width: `${Math.abs(to.x - from.x)}px`, height: `${Math.abs(to.y - from.y)}px`,
    } });
  }

  #showCrosshair() {
    this.crosshair.hidden = !this.cursor;
    if (this.cursor) set(this.crosshair, { style: { left: `${this.cursor.x}px`, top: `${this.cursor.y}px` } });
  }

  /** Draw every pin where its render shows it. */
  render() {
    const layout = this.stage.layout;
    const drawn = this.list.flatMap((pin, index) => this.#drawn(pin, index, layout));
    const draft = this.stage.marks.querySelector(".draft");
    this.stage.marks.replaceChildren(...drawn, ...(draft ? [draft] : []));
  }

  #drawn(pin, index, layout) {
    const { stage } = this;
    const size = stage.sides[pin.side ?? "a"] ?? stage.canvas;
    const at = { x: pin.x * size.width, y: pin.y * size.height };
    return stage.stagePoints(at)
      .filter((spot) => spot.side === null || pin.side === null || spot.side === pin.side)
      .filter(() => pin.side === null || layout[pin.side] || layout.difference)
      .map((spot) => this.#mark(pin, index, spot, size));
  }

  #mark(pin, index, spot, size) {
    const label = this.stage.labels[pin.side] ?? `${this.stage.labels.a} and ${this.stage.labels.b}`;
    const words = [pin.reason, pin.text].filter(Boolean).join(": ") || "no words yet";
    const isBox = pin.width > 0 || pin.height > 0;
    return el(`button.pin${isBox ? ".box" : ""}`, {
      type: "button",
      title: `${label} · ${words}`,
      "aria-label": `Pin ${index + 1} on ${label}: ${words}`,
      onclick: () => this.edit(pin),
      style: {
        left: `${spot.x}px`, top: `${spot.y}px`,
        width: isBox ? `${pin.width * size.width * spot.scale}px` : "",
        height: isBox ? `${pin.height * size.height * spot.scale}px` : "",
      },
    }, el("span.number", { text: `${index + 1}` }));
  }

  /** The form of one pin: whose it is, a tag, words. */
  edit(pin) {
    this.closeForm();
    const index = this.list.indexOf(pin);
    const text = el("textarea", { value: pin.text, rows: 2, maxLength: 500, "aria-label": "What is wrong here",
      placeholder: "What is wrong here?", readOnly: this.readOnly, oninput: () => this.#update(pin, { text: fit(text.value) }) });
    const tags = this.reasons.map((reason) => el("button.chip", {
      type: "button", text: reason.title, "aria-pressed": String(pin.reason === reason.id), disabled: this.readOnly,
      onclick: () => {
        this.#update(pin, { reason: pin.reason === reason.id ? null : reason.id });
        this.edit(pin);
      },
    }));
    const sides = [["a", this.stage.labels.a], ["b", this.stage.labels.b], [null, "Both"]].map(([side, title]) =>
      el("button.chip", { type: "button", text: title, "aria-pressed": String(pin.side === side),
        disabled: this.readOnly, onclick: () => { this.#update(pin, { side }); this.edit(pin); } }));
    this.form = el("div.popover.pin-form", { role: "dialog", "aria-label": `Pin ${index + 1}`,
      onkeydown: (event) => this.#formKey(event) },
    el("div.row", {}, el("strong", { text: `Pin ${index + 1}` }), el("div.chips", {}, sides)),
    el("div.chips", {}, tags), text,
    el("div.row.end", {},
      this.readOnly ? null : el("button.quiet", { type: "button", text: "Remove", onclick: () => this.remove(pin) }),
      el("button.primary", { type: "button", text: "Done", onclick: () => this.closeForm() })));
    const spot = this.stage.stagePoints({ x: pin.x * this.stage.canvas.width, y: pin.y * this.stage.canvas.height })[0];
    const { width, height } = this.stage.size;
    set(this.form, { style: {
      left: `${Math.min(Math.max(8, spot.x + 14), Math.max(8, width - 308))}px`,
      top: `${Math.min(Math.max(8, spot.y + 14), Math.max(8, height - 190))}px`,
    } });
    this.stage.element.append(this.form);
    text.focus();
  }

  #formKey(event) {
    const done = event.key === "Escape" || (event.key === "Enter" && !event.shiftKey && event.target.matches("textarea"));
    if (done) {
      event.preventDefault();
      this.closeForm();
    }
    event.stopPropagation();
  }

  #update(pin, changes) {
    Object.assign(pin, changes);
    this.onChange();
    this.render();
  }

  remove(pin) {
    this.list = this.list.filter((other) => other !== pin);
    this.onChange();
    this.closeForm();
    this.render();
  }

  closeForm() {
    this.form?.remove();
    this.form = null;
  }
}
