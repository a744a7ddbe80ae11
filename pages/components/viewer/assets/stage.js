/**
 * The light table: two renders (and what derives from them) on a neutral surround, in any mode, at one zoom
 * and one place. It owns elements and geometry; what the numbers mean is viewport.js and modes.js.
 */
import { Backdrop } from "./backdrop.js";
import { el, set } from "./dom.js";
import { Layers } from "./layers.js";
import { arrange, halves, ORIENTATIONS, sideAt } from "./modes.js";
import { Labels } from "./labels.js";
import * as viewport from "./viewport.js";

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
    this.backdrop = new Backdrop(this.element);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.element);
  }

  #build() {
    this.layers = new Layers();
    this.sideLabels = new Labels(this.labels);
    this.marks = el("div.marks");
    this.caption = el("div.caption", { hidden: true });
    this.message = el("div.message", { role: "status", hidden: true });
    this.element = el("div.stage", { role: "group", "aria-label": "The two renders" },
      this.layers.element, this.marks, this.sideLabels.elements, this.caption, this.message);
  }

  get dpr() {
    return window.devicePixelRatio || 1;
  }

  /** Where renders stand: on the whole stage, or in a half of it each where both are shown apart. */
  get regions() {
    const { size, state, canvas, dpr } = this;
    if (state.mode !== "side" && state.mode !== "alpha") return [{ side: null, left: 0, top: 0, ...size }];
    const [a, b] = halves(size, canvas, dpr);
    return [{ side: "a", ...a }, { side: "b", ...b }];
  }

  /** The region one render stands in. */
  get region() {
    return this.regions[0];
  }

  /**
   * Put renders on the table. Each is `{element, width, height, alt}` or null; the view is kept when
   * `keepView`, otherwise the renders are fitted.
   */
  show({ a, b }, { keepView = false } = {}) {
    this.sides = { a, b, difference: null };
    this.canvas = viewport.canvasOf(...[a, b].filter(Boolean));
    for (const name of ["a", "b", "difference"]) this.layers.mount(name, this.sides[name]);
    this.layers.overlay(null);
    this.swapped = false;
    if (!keepView) this.state.view = viewport.fitted(this.region, this.canvas, this.dpr);
    this.changed();
  }

  /** The difference map of the two renders, an image as large as the canvas. */
  showDifference(image) {
    this.sides.difference = image;
    this.layers.mount("difference", image);
    this.render();
  }

  /** What the sides are called from now on. */
  rename(labels) {
    Object.assign(this.labels, labels);
    this.sideLabels.rename(this.labels);
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

  /** Take a brand colour, show it behind transparency and remember it. */
  chooseBrand(colour) {
    this.backdrop.choose(colour);
    this.changed();
  }

  /**
   * Measure the stage again. Only here: a look at its size while a new pair is put on it would lay the page out
   * once more before the pair is painted.
   */
  resized() {
    /** CSS pixels, on the device's grid. */
    this.size = { width: this.element.clientWidth, height: this.element.clientHeight };
    this.layers.align(this.element.getBoundingClientRect(), this.dpr);
    this.state.view = viewport.settled(this.state.view, this.region, this.canvas, this.dpr);
    this.changed();
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
    this.layers.place(layout, this.sides, { view: state.view, canvas, dpr, gain: state.gain });
    const slides = state.mode === "slider" && Boolean(this.sides.a && this.sides.b);
    this.sideLabels.placeHandle(state, this.size, { visible: slides, dpr });
    this.sideLabels.placeCorners(layout, this.sides, { mode: state.mode, swapped: this.swapped });
    const grid = state.view.zoom >= 1;
    this.element.classList.toggle("pixelated", grid);
    this.onRender?.(layout);
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
    const { state, canvas, dpr } = this;
    const [first, second] = this.regions;
    const region = second && point.x >= second.left && point.y >= second.top ? second : first;
    const inside = { x: point.x - region.left, y: point.y - region.top };
    return viewport.imagePoint(state.view, region, canvas, inside, dpr);
  }

  /** The points of the stage where an image point is drawn: one, or one in each half. */
  stagePoints(imagePoint) {
    const { state, canvas, dpr } = this;
    const scale = state.view.zoom / dpr;
    return this.regions.map((region) => {
      const origin = viewport.placed(state.view, region, canvas, { width: 0, height: 0 }, dpr);
      return { side: region.side, region, x: region.left + origin.left + imagePoint.x * scale,
        y: region.top + origin.top + imagePoint.y * scale, scale };
    });
  }

  close() {
    this.observer.disconnect();
  }
}
