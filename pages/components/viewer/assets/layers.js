/**
 * The pictures on the table: A, B and their difference, each in a window of its own onto one and the same
 * ground, with a map over all of them when one is asked for.
 */
import { el, set } from "./dom.js";
import * as viewport from "./viewport.js";

const NAMES = ["a", "b", "difference"];

export class Layers {
  constructor() {
    this.all = Object.fromEntries(NAMES.map((name) => [name, layer(name)]));
    this.element = el("div.ground", {}, NAMES.map((name) => this.all[name].element));
  }

  /** Put a picture into its layer; null leaves the layer empty. */
  mount(name, side) {
    const it = this.all[name];
    it.image?.remove();
    it.image = null;
    if (!side) return;
    // One element cannot stand in two places: identical renders share one digest.
    it.image = side.element.isConnected ? side.element.cloneNode() : side.element;
    it.image.decoding = "sync";
    set(it.image, { alt: side.alt ?? "", className: "render" });
    it.board.prepend(it.image);
  }

  /** A map drawn over every picture, or null to take it away. */
  overlay(image) {
    for (const it of Object.values(this.all)) {
      it.map?.remove();
      it.map = image ? image.cloneNode() : null;
      if (it.map) it.board.append(set(it.map, { className: "map", alt: "" }));
    }
  }

  /** Put the ground on whole pixels even where the page puts the stage, whose edges are `box`, between two. */
  align(box, dpr) {
    const step = viewport.commonStep(dpr);
    const off = (edge) => Math.ceil(edge / step - 1e-3) * step - edge;
    set(this.element, { style: { left: `${off(box.left)}px`, top: `${off(box.top)}px` } });
  }

  /** Place the pictures `sides` as the layout of the mode wants it; `gain` makes the difference brighter. */
  place(layout, sides, { view, canvas, dpr, gain }) {
    for (const name of NAMES) place(this.all[name], layout[name], sides[name], { view, canvas, dpr });
    const { image } = this.all.difference;
    if (image) image.style.filter = `brightness(${gain})`;
  }
}

function layer(name) {
  const board = el("div.board");
  return { board, image: null, map: null, element: el(`div.layer.of-${name}`, { hidden: true }, board) };
}

function place(it, plan, side, { view, canvas, dpr }) {
  it.element.hidden = !plan || !side;
  if (it.element.hidden) return;
  const { region } = plan;
  const spot = viewport.placed(view, region, canvas, side, dpr);
  set(it.element, { style: {
    left: `${region.left}px`, top: `${region.top}px`, width: `${region.width}px`, height: `${region.height}px`,
    clipPath: plan.clip, opacity: String(plan.opacity),
  } });
  it.element.classList.toggle("alpha-only", plan.alphaOnly);
  set(it.board, { style: {
    transform: `translate(${spot.left}px, ${spot.top}px)`, width: `${spot.width}px`, height: `${spot.height}px`,
  } });
}
