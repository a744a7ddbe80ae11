/**
 * Where to look: the places that differ, and the lines of text, one after the other, enlarged on both renders.
 * The server finds them from the stored pixels; here they are only visited.
 */
import { el, set } from "./dom.js";

export class Places {
  /** @param {import("./viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.element = el("div.crops", { hidden: true, role: "region", "aria-label": "Line of text, enlarged" });
    this.reset(null);
  }

  /** A new pair is on the stage. */
  reset(item) {
    this.item = item;
    this.at = { difference: -1, text: -1 };
    this.asked = null;
    this.element.hidden = true;
  }

  /** What the server knows of this pair: `{differences, texts, maps}`; asked once per pair. */
  facts() {
    const { item } = this;
    if (!item?.a || !item.b) return Promise.resolve(null);
    const pair = item.pair_id ? { pair: item.pair_id } : {};
    this.asked ??= this.viewer.api.get(`api/places/${item.a.digest}/${item.b.digest}`, pair);
    this.asked.catch(() => { this.asked = null; });
    return this.asked;
  }

  /** The difference map, decoded. */
  differenceImage() {
    const { a, b } = this.item;
    return this.viewer.images.get(`difference/${a.digest}/${b.digest}`);
  }

  /** The text alternative of the difference map. */
  async differenceInWords() {
    const facts = await this.facts();
    return facts ? summary(facts.differences) : "";
  }

  /** Visit the next (+1) or previous (−1) difference. */
  async difference(direction) {
    const facts = await this.#ask();
    const regions = facts?.differences.regions ?? [];
    if (!facts) return;
    if (!regions.length) {
      this.viewer.say(summary(facts.differences));
      return;
    }
    const index = this.#turn("difference", direction, regions.length);
    const [x, y, width, height] = regions[index];
    this.viewer.stage.focus({ x, y, width, height });
    this.viewer.say(`Difference ${index + 1} of ${regions.length} · ${width}×${height} px at ${x}, ${y}`);
  }

  /** Visit the next or previous line of text. */
  async text(direction) {
    const facts = await this.#ask();
    const lines = facts?.texts ?? [];
    if (!facts) return;
    if (!lines.length) {
      this.viewer.say("No line of text is known on this pair.");
      return;
    }
    const index = this.#turn("text", direction, lines.length);
    const line = lines[index];
    const box = line.a ?? line.b;
    this.viewer.stage.focus({ x: box[0], y: box[1], width: box[2], height: box[3] });
    this.#showCrops(line, index, lines.length);
  }

  /** Put the crops away; false when they were not shown. */
  close() {
    if (this.element.hidden) return false;
    this.element.hidden = true;
    return true;
  }

  async #ask() {
    try {
      return await this.facts();
    } catch (error) {
      this.viewer.say(error.message);
      return null;
    }
  }

  #turn(kind, direction, length) {
    const start = this.at[kind] < 0 && direction < 0 ? 0 : this.at[kind];
    this.at[kind] = (start + direction + length) % length;
    return this.at[kind];
  }

  #showCrops(line, index, count) {
    const { stage } = this.viewer;
    const crops = ["a", "b"].filter((side) => line[side] && stage.sides[side])
      .map((side) => this.#crop(side, line[side]));
    this.element.replaceChildren(
      el("div.row", {},
        el("strong", { text: line.text ? `“${line.text}”` : "Text" }),
        el("span.note", { text: `${index + 1} of ${count}` }),
        el("button.quiet", { type: "button", text: "Close", onclick: () => this.close() })),
      ...crops);
    this.element.hidden = false;
  }

  #crop(side, box) {
    const { stage } = this.viewer;
    const margin = Math.round(box[3] * 0.25);
    const render = stage.sides[side];
    const x = Math.max(0, box[0] - margin);
    const y = Math.max(0, box[1] - margin);
    const width = Math.min(render.width - x, box[2] + 2 * margin);
    const height = Math.min(render.height - y, box[3] + 2 * margin);
    const room = { width: stage.size.width * 0.7, height: stage.size.height * 0.28 };
    const exact = Math.min(room.width / width, room.height / height);
    const scale = exact >= 1 ? Math.floor(exact) : exact;
    const image = render.element.cloneNode();
    set(image, { alt: `${stage.labels[side]}: the line enlarged`, style: {
      width: `${render.width * scale}px`, height: `${render.height * scale}px`,
      transform: `translate(${-x * scale}px, ${-y * scale}px)`,
    } });
    return el("figure.crop", { "data-scale": String(scale) },
      el("figcaption", { text: `${stage.labels[side]} ×${Number(scale.toFixed(2))}` }),
      el("div.window", { style: { width: `${width * scale}px`, height: `${height * scale}px` } }, image));
  }
}

/** A share as the rest of the product writes it: `percent` of core/formatting.py. */
export function percent(share) {
  if (share > 0 && share < 0.001) return "under 0.1%";
  if (share > 0.999 && share < 1) return "over 99.9%";
  const fine = share < 0.0995 || (share > 0.99 && share < 1);
  return `${(share * 100).toFixed(fine ? 1 : 0).replace(/\.0$/, "")}%`;
}

/** The figures of a difference in one sentence. */
export function summary(differences) {
  if (!differences.differing_pixels) return "No pixel differs: the renders are identical.";
  const share = differences.differing_pixels / (differences.width * differences.height);
  const parts = [`${percent(share)} of pixels differ, by at most ${differences.max_difference} of 255`];
  if (differences.alpha_pixels) parts.push(`${differences.alpha_pixels} in transparency only`);
  if (differences.hidden_pixels) parts.push(`${differences.hidden_pixels} only under full transparency`);
  return `${parts.join("; ")}.`;
}
