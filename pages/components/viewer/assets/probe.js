/**
 * The pixel probe: straight RGBA of both renders under the pointer, and how far apart they look.
 *
 * Values come from the decoded file, never from the screen. ΔE is CIEDE2000 of what is seen over the chosen
 * background, so two pixels that differ only under full transparency are ΔE 0, while their RGBA still shows.
 */
import { deltaEOver, pixelText } from "./colour.js";
import { el } from "./dom.js";

export class Probe {
  /**
   * @param {import("./stage.js").Stage} stage
   * @param {(digest: string) => Promise<{width: number, height: number, rgba: Function}>} pixelsOf
   * @param {() => {a: string|null, b: string|null}} digests of the renders on the stage
   */
  constructor(stage, pixelsOf, digests) {
    this.stage = stage;
    this.pixelsOf = pixelsOf;
    this.digests = digests;
    this.on = false;
    this.element = el("div.probe", { hidden: true, role: "status", "aria-live": "off" });
    stage.element.append(this.element);
    this.follow = (event) => this.show(stage.point(event));
    this.hide = () => { this.element.hidden = true; };
  }

  toggle(on = !this.on) {
    this.on = on;
    const act = on ? "addEventListener" : "removeEventListener";
    this.stage.element[act]("pointermove", this.follow);
    this.stage.element[act]("pointerleave", this.hide);
    this.stage.element.classList.toggle("probing", on);
    if (on) this.show({ x: this.stage.size.width / 2, y: this.stage.size.height / 2 });
    else this.hide();
    return on;
  }

  /** Read the pixel under a point of the stage. */
  async show(point) {
    const at = this.stage.imagePoint(point);
    const x = Math.floor(at.x);
    const y = Math.floor(at.y);
    this.latest = point;
    const values = await this.read(x, y);
    if (!this.on || this.latest !== point) return;
    this.element.replaceChildren(
      el("span.where", { text: `${x}, ${y}` }),
      el("span", {}, el("b", { text: this.stage.labels.a }), ` ${values.a ? pixelText(values.a) : "outside"}`),
      el("span", {}, el("b", { text: this.stage.labels.b }), ` ${values.b ? pixelText(values.b) : "outside"}`),
      el("span", { text: values.deltaE === null ? "ΔE –" : `ΔE ${values.deltaE.toFixed(2)}` }),
    );
    this.element.hidden = false;
  }

  /** RGBA of both renders at an image pixel, and their CIEDE2000 difference over the background. */
  async read(x, y) {
    const digests = this.digests();
    const [a, b] = await Promise.all([digests.a, digests.b].map((digest) => this.#pixel(digest, x, y)));
    return { a, b, deltaE: a && b ? deltaEOver(a, b, this.stage.backdrop.rgb(this.stage.state.background)) : null };
  }

  async #pixel(digest, x, y) {
    if (!digest) return null;
    const image = await this.pixelsOf(digest);
    if (x < 0 || y < 0 || x >= image.width || y >= image.height) return null;
    return image.rgba(x, y);
  }
}
