/** Colour arithmetic of the probe: straight RGBA in 0–255, CIELAB under D65, and the CIEDE2000 difference. */

/** How two pixels `[r, g, b, a]` look over an opaque background `[r, g, b]`: their CIEDE2000 difference. */
export function deltaEOver(first, second, background) {
  return deltaE2000(lab(over(first, background)), lab(over(second, background)));
}

/** A straight RGBA pixel composited over an opaque background. */
export function over([r, g, b, a], [br, bg, bb]) {
  const alpha = a / 255;
  return [r, g, b].map((value, index) => value * alpha + [br, bg, bb][index] * (1 - alpha));
}

/** CIELAB (D65, 2°) of an sRGB colour 0–255; matrices of IEC 61966-2-1. */
export function lab(rgb) {
  const [r, g, b] = rgb.map((value) => linear(value / 255));
  const x = (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047;
  const y = 0.2126729 * r + 0.7151522 * g + 0.072175 * b;
  const z = (0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883;
  const [fx, fy, fz] = [x, y, z].map((t) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116));
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

function linear(value) {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** CIEDE2000 after Sharma, Wu and Dalal, Color Research & Application 30 (2005), equations 2–22. */
export function deltaE2000([l1, a1, b1], [l2, a2, b2]) {
  const meanChroma = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(meanChroma ** 7 / (meanChroma ** 7 + 25 ** 7)));
  const [p1, p2] = [(1 + g) * a1, (1 + g) * a2];
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
  const [h1, h2] = [hue(p1, b1), hue(p2, b2)];

  const dL = l2 - l1;
  const dC = c2 - c1;
  const dh = c1 * c2 === 0 ? 0 : wrapped(h2 - h1);
  const dH = 2 * Math.sqrt(c1 * c2) * sin(dh / 2);

  const meanL = (l1 + l2) / 2;
  const meanC = (c1 + c2) / 2;
  const meanH = meanHue(h1, h2, c1 * c2);
  const t = 1 - 0.17 * cos(meanH - 30) + 0.24 * cos(2 * meanH)
    + 0.32 * cos(3 * meanH + 6) - 0.2 * cos(4 * meanH - 63);
  const sL = 1 + (0.015 * (meanL - 50) ** 2) / Math.sqrt(20 + (meanL - 50) ** 2);
  const sC = 1 + 0.045 * meanC;
  const sH = 1 + 0.015 * meanC * t;
  const turn = 30 * Math.exp(-(((meanH - 275) / 25) ** 2));
  const rT = -2 * Math.sqrt(meanC ** 7 / (meanC ** 7 + 25 ** 7)) * sin(2 * turn);
  return Math.sqrt((dL / sL) ** 2 + (dC / sC) ** 2 + (dH / sH) ** 2 + rT * (dC / sC) * (dH / sH));
}

const DEGREE = Math.PI / 180;
const sin = (degrees) => Math.sin(degrees * DEGREE);
const cos = (degrees) => Math.cos(degrees * DEGREE);

function hue(a, b) {
  if (a === 0 && b === 0) return 0;
  return (Math.atan2(b, a) / DEGREE + 360) % 360;
}

function wrapped(degrees) {
  if (degrees > 180) return degrees - 360;
  return degrees < -180 ? degrees + 360 : degrees;
}

function meanHue(h1, h2, product) {
  if (product === 0) return h1 + h2;
  if (Math.abs(h1 - h2) <= 180) return (h1 + h2) / 2;
  return h1 + h2 < 360 ? (h1 + h2 + 360) / 2 : (h1 + h2 - 360) / 2;
}

/** `#rrggbb α 255` of a pixel, as the probe writes it. */
export function pixelText([r, g, b, a]) {
  const hex = [r, g, b].map((value) => value.toString(16).padStart(2, "0")).join("");
  return `#${hex} α ${a}`;
}
