/** What shows behind transparency, and round the pictures. The brand colour is remembered in this browser. */

export const BACKGROUNDS = ["checker", "white", "black", "brand"];
export const SURROUNDS = ["grey", "dark", "light"];
/** sRGB of each background where colours are composited for a number (the checkerboard counts as its mean). */
const RGB = { checker: [230, 230, 230], white: [255, 255, 255], black: [0, 0, 0] };
const BRAND = "sidegrade.brand";
const FIRST_BRAND = "#1d4ed8";

export class Backdrop {
  /** @param {HTMLElement} element gets the brand colour as `--brand` */
  constructor(element) {
    this.element = element;
    if (!this.paint(localStorage.getItem(BRAND))) this.paint(FIRST_BRAND);
  }

  /** Take a brand colour (`#rrggbb`); false for what is none. */
  paint(colour) {
    if (!/^#[0-9a-f]{6}$/.test(colour ?? "")) return false;
    this.brand = colour;
    this.element.style.setProperty("--brand", colour);
    return true;
  }

  /** Take a brand colour and remember it. */
  choose(colour) {
    if (this.paint(colour)) localStorage.setItem(BRAND, colour);
  }

  /** sRGB of a background, for what is composited over it. */
  rgb(background) {
    const brand = [1, 3, 5].map((at) => Number.parseInt(this.brand.slice(at, at + 2), 16));
    return background === "brand" ? brand : RGB[background];
  }
}
