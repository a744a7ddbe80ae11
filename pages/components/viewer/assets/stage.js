/**
 * The light table: two renders (and what derives from them) on a neutral surround, in any mode, at one zoom
 * and one place. It owns elements and geometry; what the numbers mean is viewport.js and modes.js.
 */
import { el, icon, set } from "./dom.js";
import { arrange, halves, ORIENTATIONS, sideAt } from "./modes.js";
import * as viewport from "./viewport.js";

export const BACKGROUNDS = ["checker", "white", "black", "brand"];
export const SURROUNDS = ["grey", "dark", "light"];
/** sRGB of each background where colours are composited for a number (the checkerboard counts as its mean). */
const BACKGROUND_RGB = { checker: [230, 230, 230], white: [255, 255, 255], black: [0, 0, 0] };

const BRAND = "sidegrade.brand";
const KNOB = "M6 4 2.5 8 6 12M10 4l3.5 4L10 12";

export class Stage {
  /**
   * @param {object} parts
   * @param {(stage: Stage) => void} [parts.onChange] after every change of view, mode or look
   * @param {{a: string, b: string}} [parts.labels] what the sides are called
   */
  constructor({ onChange = () => {}, labels = { a: "A", b: "B" } } = {}) {
    this.onChange = onChange;
    this.labels = { ...labels };
    this.state = {
      mode: "slider", orientation: "horizontal", split: { x: 0.5, y: 0.5 }, onion: 0.5, shown: "a",
      gain: 4, background: "checker", surround: "grey", view: { zoom: 1, x: 0, y: 0, fit: true },
    };
    this.canvas = { width: 1, height: 1 };
    this.sides = { a: null, b: null, difference: null };
    this.swapped = false;
    this.size = { width: 0, height: 0 };
    this.#build();
    if (!this.paintBrand(localStorage.getItem(BRAND))) this.paintBrand("#1d4ed8");
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.element);
  }

  #build() {
    this.layers = Object.fromEntries(["a", "b", "difference"].map((name) => [name, this.#layer(name)]));
    this.handle = el("div.handle", { role: "slider", tabIndex: 0, "aria-label": "Slider between A and B",
      "aria-valuemin": 0, "aria-valuemax": 100 }, el("div.line.across"), el("div.line.down"), el("div.knob", {}, icon(KNOB)));
    this.corners = {
      a: el("div.corner.a", { text: this.labels.a, "aria-hidden": "true" }),
      b: el("div.corner.b", { text: this.labels.b, "aria-hidden": "true" }),
    };
    this.ground = el("div.ground", {}, Object.values(this.layers).map((layer) => layer.element));
    this.marks = el("div.marks");
    this.caption = el("div.caption", { hidden: true });
    this.message = el("div.message", { role: "status", hidden: true });
    this.element = el("div.stage", { role: "group", "aria-label": "The two renders" },
      this.ground, this.marks, this.handle, Object.values(this.corners), this.caption, this.message);
  }

  #layer(name) {
    const board = el("div.board");
    return { board, image: null, map: null, name, element: el(`div.layer.of-${name}`, { hidden: true }, board) };
  }

  get dpr() {
    return window.devicePixelRatio || 1;
  }

  /** The region one render stands in: a half of the stage where both are shown apart. */
  get region() {
    const { size, state } = this;
    if (state.mode !== "side" && state.mode !== "alpha") return size;
    return halves(size, this.canvas, this.dpr)[0];
  }

  /**
   * Put renders on the table. Each is `{element, width, height, alt}` or null; the view is kept when
   * `keepView`, otherwise the renders are fitted.
   */
  show({ a, b }, { keepView = false } = {}) {
    this.sides = { a, b, difference: null };
    this.canvas = viewport.canvasOf(...[a, b].filter(Boolean));
    for (const name of ["a", "b", "difference"]) this.#mount(this.layers[name], this.sides[name]);
    this.overlay(null);
    this.swapped = false;
    if (!keepView) this.state.view = viewport.fitted(this.region, this.canvas, this.dpr);
    this.changed();
  }

  /** The difference map of the two renders, an image as large as the canvas. */
  showDifference(image) {
    this.sides.difference = image;
    this.#mount(this.layers.difference, image);
    this.render();
  }

  /** A map drawn over both renders and their difference, or null to take it away. */
  overlay(image) {
    for (const layer of Object.values(this.layers)) {
      layer.map?.remove();
      layer.map = image ? image.cloneNode() : null;
      if (layer.map) layer.board.append(set(layer.map, { className: "map", alt: "" }));
    }
  }

  #mount(layer, side) {
    layer.image?.remove();
    layer.image = null;
    if (!side) return;
    // One element cannot stand in two places: identical renders share one digest.
    layer.image = side.element.isConnected ? side.element.cloneNode() : side.element;
    layer.image.decoding = "sync";
    set(layer.image, { alt: side.alt ?? "", className: "render" });
    layer.board.prepend(layer.image);
  }

  /** Change mode; choosing the slider again turns it. Zoom and place stay. */
  setMode(mode) {
    const { state } = this;
    if (mode === state.mode && mode === "slider") {
      state.orientation = ORIENTATIONS[(ORIENTATIONS.indexOf(state.orientation) + 1) % ORIENTATIONS.length];
    }
    state.mode = mode;
    state.shown = "a";
    this.resized();
  }

  /** Hold to see the other render in place. */
  swap(held) {
    if (this.swapped === held) return;
    this.swapped = held;
    this.render();
  }

  /** The flicker shows its other side. */
  flick() {
    this.state.shown = this.state.shown === "a" ? "b" : "a";
    this.render();
  }

  /** Fractions of the stage where the slider stands. */
  moveSplit(x, y) {
    const inside = (value) => Math.min(1, Math.max(0, value));
    this.state.split = { x: inside(x), y: inside(y) };
    this.changed();
  }

  zoomTo(zoom, point = null) {
    const { state } = this;
    const anchor = point ? this.imagePoint(point) : undefined;
    const view = viewport.clamped(viewport.zoomed(state.view, zoom, anchor), this.canvas);
    state.view = viewport.centred(view, this.region, this.canvas, this.dpr);
    this.changed();
  }

  step(direction, point = null) {
    this.zoomTo(viewport.stepZoom(this.state.view.zoom, direction), point);
  }

  fit() {
    this.state.view = viewport.fitted(this.region, this.canvas, this.dpr);
    this.changed();
  }

  pan(dx, dy) {
    this.state.view = viewport.clamped(viewport.panned(this.state.view, dx, dy, this.dpr), this.canvas);
    this.changed();
  }

  /** Centre and enlarge a box of image pixels. */
  focus(box) {
    this.state.view = viewport.focusedOn(box, this.region, this.canvas, this.dpr);
    this.changed();
  }

  /** Restore a view from a link: zoom and centre in image pixels. */
  restore(zoom, at) {
    const view = { zoom, x: at?.x ?? this.canvas.width / 2, y: at?.y ?? this.canvas.height / 2, fit: false };
    this.state.view = viewport.clamped(view, this.canvas);
    this.changed();
  }

  /** Whether there is more picture than stage, so that dragging should move it. */
  get pannable() {
    const { region, canvas, dpr, state } = this;
    const scale = state.view.zoom / dpr;
    return canvas.width * scale > region.width + 0.5 || canvas.height * scale > region.height + 0.5;
  }

  /** Take a brand colour (`#rrggbb`) to show behind transparency; false for what is none. */
  paintBrand(colour) {
    if (!/^#[0-9a-f]{6}$/.test(colour ?? "")) return false;
    this.brandColour = colour;
    this.element.style.setProperty("--brand", colour);
    return true;
  }

  /** Take a brand colour and remember it in this browser. */
  chooseBrand(colour) {
    if (this.paintBrand(colour)) localStorage.setItem(BRAND, colour);
    this.changed();
  }

  /** What colours are composited over for a number: sRGB of the background. */
  get backgroundRgb() {
    const { background } = this.state;
    const brand = [1, 3, 5].map((at) => Number.parseInt(this.brandColour.slice(at, at + 2), 16));
    return background === "brand" ? brand : BACKGROUND_RGB[background];
  }

  /**
   * Measure the stage again. Only here: a look at its size while a new pair is put on it would lay the page out
   * once more before the pair is painted.
   */
  resized() {
    /** CSS pixels, on the device's grid. */
    this.size = { width: this.element.clientWidth, height: this.element.clientHeight };
    this.#alignGround();
    this.state.view = viewport.settled(this.state.view, this.region, this.canvas, this.dpr);
    this.changed();
  }

  /** Put the renders on whole pixels even where the page puts the stage between two of them. */
  #alignGround() {
    const box = this.element.getBoundingClientRect();
    const step = viewport.commonStep(this.dpr);
    const off = (edge) => Math.ceil(edge / step - 1e-3) * step - edge;
    set(this.ground, { style: { left: `${off(box.left)}px`, top: `${off(box.top)}px` } });
  }

  changed() {
    this.render();
    this.onChange(this);
  }

  /** The layout of this moment; holding Space exchanges the sides in place. */
  get layout() {
    const { state, canvas, dpr } = this;
    const layout = arrange(state.mode, this.size, { ...state, canvas, dpr });
    if (!this.swapped) return layout;
    if (state.mode === "only_a") return { ...layout, a: null, b: layout.a };
    if (state.mode === "only_b") return { ...layout, b: null, a: layout.b };
    if (state.mode === "difference") return arrange("flicker", this.size, { ...state, canvas, dpr });
    return { ...layout, a: layout.b, b: layout.a };
  }

  render() {
    const { state, canvas, dpr } = this;
    set(this.element, { "data-mode": state.mode, "data-surround": state.surround,
      "data-background": state.background, "data-orientation": state.orientation });
    const layout = this.layout;
    for (const name of ["a", "b", "difference"]) this.#place(this.layers[name], layout[name], this.sides[name]);
    if (this.layers.difference.image) this.layers.difference.image.style.filter = `brightness(${state.gain})`;
    this.#placeHandle();
    this.#placeCorners(layout);
    const grid = state.view.zoom >= 1;
    this.element.classList.toggle("pixelated", grid);
    this.placement = viewport.placed(state.view, this.region, canvas, canvas, dpr);
    this.onRender?.(layout);
  }

  #place(layer, plan, side) {
    layer.element.hidden = !plan || !side;
    if (layer.element.hidden) return;
    const { region } = plan;
    const spot = viewport.placed(this.state.view, region, this.canvas, side, this.dpr);
    set(layer.element, { style: {
      left: `${region.left}px`, top: `${region.top}px`, width: `${region.width}px`, height: `${region.height}px`,
      clipPath: plan.clip, opacity: String(plan.opacity),
    } });
    layer.element.classList.toggle("alpha-only", plan.alphaOnly);
    set(layer.board, { style: {
      transform: `translate(${spot.left}px, ${spot.top}px)`, width: `${spot.width}px`, height: `${spot.height}px`,
    } });
  }

  #placeHandle() {
    const { split, orientation, mode } = this.state;
    this.handle.hidden = mode !== "slider" || !this.sides.a || !this.sides.b;
    const { width, height } = this.size;
    set(this.handle, {
      style: { left: `${viewport.onGrid(split.x * width, this.dpr)}px`,
        top: `${viewport.onGrid(split.y * height, this.dpr)}px` },
      "data-orientation": orientation,
      "aria-orientation": orientation === "vertical" ? "vertical" : "horizontal",
      "aria-valuenow": Math.round((orientation === "vertical" ? split.y : split.x) * 100),
    });
  }

  #placeCorners(layout) {
    const { mode } = this.state;
    const apart = mode === "side" || mode === "alpha";
    for (const name of ["a", "b"]) {
      const corner = this.corners[name];
      const plan = layout[name];
      const visible = Boolean(plan && this.sides[name] && plan.clip !== "inset(0 0 100% 0)");
      corner.hidden = !visible;
      if (!visible) continue;
      corner.dataset.at = apart || mode.startsWith("only") || mode === "flicker" ? "start" : "auto";
      corner.style.left = apart ? `${plan.region.left}px` : "";
      corner.style.top = apart ? `${plan.region.top}px` : "";
      corner.dataset.swapped = String(this.swapped && mode === "slider");
    }
  }

  /** The point of the stage (CSS pixels) of a pointer event. */
  point(event) {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** The side under a point of the stage. */
  sideAt(point) {
    const { state, canvas, dpr } = this;
    const side = sideAt(state.mode, point, this.size, { ...state, canvas, dpr });
    return this.swapped && side ? (side === "a" ? "b" : "a") : side;
  }

  /** The image point under a point of the stage, in pixels of the canvas. */
  imagePoint(point) {
    const { state, canvas, dpr, size } = this;
    let region = { left: 0, top: 0, ...size };
    if (state.mode === "side" || state.mode === "alpha") {
      const [a, b] = halves(size, canvas, dpr);
      region = point.x >= b.left && point.y >= b.top ? b : a;
    }
    const inside = { x: point.x - region.left, y: point.y - region.top };
    return viewport.imagePoint(state.view, region, canvas, inside, dpr);
  }

  /** The points of the stage where an image point is drawn: one, or one in each half. */
  stagePoints(imagePoint) {
    const { state, canvas, dpr, size } = this;
    const scale = state.view.zoom / dpr;
    const whole = [{ side: null, left: 0, top: 0, ...size }];
    const [a, b] = halves(size, canvas, dpr);
    const regions = state.mode === "side" || state.mode === "alpha"
      ? [{ side: "a", ...a }, { side: "b", ...b }] : whole;
    return regions.map((region) => {
      const origin = viewport.placed(state.view, region, canvas, { width: 0, height: 0 }, dpr);
      return { side: region.side, region, x: region.left + origin.left + imagePoint.x * scale,
        y: region.top + origin.top + imagePoint.y * scale, scale };
    });
  }

  close() {
    this.observer.disconnect();
  }
}
