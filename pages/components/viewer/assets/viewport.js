/**
 * Viewport arithmetic: one zoom and one centre for both renders, so that every mode shows the same place.
 *
 * A view is `{ zoom, x, y, fit }`: `zoom` in device pixels per image pixel (1 is a true 1:1 view), `x` and `y`
 * the image pixel in the middle of the region, `fit` whether the zoom follows the window. Regions and
 * placements are CSS pixels, always on the device's pixel grid: half a pixel of shift would look like a
 * difference between two identical renders.
 */

/** Zoom levels of the keys and the wheel. From 1 upwards they are whole numbers: no pixel is ever smoothed. */
export const LADDER = [
  1 / 16, 1 / 12, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64,
];

const MIN_ZOOM = LADDER[0];
const MAX_ZOOM = LADDER[LADDER.length - 1];

/** The frame both renders live in: as large as the larger one in each direction; never scaled to match. */
export function canvasOf(...sizes) {
  return {
    width: Math.max(1, ...sizes.map((size) => size.width)),
    height: Math.max(1, ...sizes.map((size) => size.height)),
  };
}

/** The zoom that shows the whole canvas; a whole number when the canvas is smaller than the region. */
export function fitZoom(region, canvas, dpr) {
  const exact = Math.min((region.width * dpr) / canvas.width, (region.height * dpr) / canvas.height);
  if (!(exact > 0)) return MIN_ZOOM;
  return Math.min(MAX_ZOOM, exact >= 1 ? Math.floor(exact) : exact);
}

/** The next level of the ladder above (`direction` > 0) or below a zoom. */
export function stepZoom(zoom, direction) {
  const slack = 1e-6;
  if (direction > 0) return LADDER.find((level) => level > zoom * (1 + slack)) ?? MAX_ZOOM;
  return [...LADDER].reverse().find((level) => level < zoom * (1 - slack)) ?? MIN_ZOOM;
}

/** A view of the whole canvas. */
export function fitted(region, canvas, dpr) {
  return { zoom: fitZoom(region, canvas, dpr), x: canvas.width / 2, y: canvas.height / 2, fit: true };
}

/** The view after a resize or a change of mode: a fitted view fits again, any other keeps place and zoom. */
export function settled(view, region, canvas, dpr) {
  return view.fit ? fitted(region, canvas, dpr) : clamped(view, canvas);
}

/** A view at another zoom, with the image point `anchor` staying where it is on the screen. */
export function zoomed(view, zoom, anchor = { x: view.x, y: view.y }) {
  const next = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
  const ratio = view.zoom / next;
  return {
    zoom: next,
    x: anchor.x + (view.x - anchor.x) * ratio,
    y: anchor.y + (view.y - anchor.y) * ratio,
    fit: false,
  };
}

/** A view moved by a distance in CSS pixels (the image follows the hand). */
export function panned(view, dx, dy, dpr) {
  return { ...view, x: view.x - (dx * dpr) / view.zoom, y: view.y - (dy * dpr) / view.zoom, fit: false };
}

/** A view centred on a box `{x, y, width, height}` of image pixels, with a margin of its own size around it. */
export function focusedOn(box, region, canvas, dpr) {
  const room = { width: Math.max(8, box.width * 2), height: Math.max(8, box.height * 2) };
  const wanted = fitZoom(region, room, dpr);
  const zoom = Math.max(fitZoom(region, canvas, dpr), Math.min(16, wanted));
  return { zoom, x: box.x + box.width / 2, y: box.y + box.height / 2, fit: false };
}

/**
 * The view with its centre on the canvas. It does not depend on the region, so that a change of mode, which
 * changes the region, never loses the place.
 */
export function clamped(view, canvas) {
  const inside = (value, length) => Math.min(length, Math.max(0, value));
  return { ...view, x: inside(view.x, canvas.width), y: inside(view.y, canvas.height) };
}

/** The view with every direction centred in which the whole canvas fits the region: what zooming out ends in. */
export function centred(view, region, canvas, dpr) {
  const seen = (length) => (length * dpr) / view.zoom;
  return {
    ...view,
    x: seen(region.width) >= canvas.width ? canvas.width / 2 : view.x,
    y: seen(region.height) >= canvas.height ? canvas.height / 2 : view.y,
  };
}

/**
 * Where an image of `size` stands inside a region, in CSS pixels relative to the region's corner. Images of
 * different sizes share the canvas's top left corner.
 */
export function placed(view, region, canvas, size, dpr) {
  const scale = view.zoom / dpr;
  return {
    left: onGrid(region.width / 2 - view.x * scale, dpr),
    top: onGrid(region.height / 2 - view.y * scale, dpr),
    width: size.width * scale,
    height: size.height * scale,
  };
}

/** The image point under a point of the region (CSS pixels from the region's corner); not rounded. */
export function imagePoint(view, region, canvas, point, dpr) {
  const scale = view.zoom / dpr;
  const origin = placed(view, region, canvas, { width: 0, height: 0 }, dpr);
  return { x: (point.x - origin.left) / scale, y: (point.y - origin.top) / scale };
}

/** A length rounded to whole device pixels. */
export function onGrid(length, dpr) {
  return Math.round(length * dpr) / dpr;
}

/**
 * The step in CSS pixels whose multiples lie on the grids of CSS and of the device alike (4 at 125%). Browsers
 * paint boxes on either grid, depending on how they scale; only on both is a place sure to be kept.
 */
export function commonStep(dpr) {
  for (let step = 1; step <= 16; step += 1) {
    if (Math.abs(step * dpr - Math.round(step * dpr)) < 1e-6) return step;
  }
  return 1;
}

/** How a zoom is written: `fit 63%` or `400%`. */
export function zoomLabel(view) {
  const percent = view.zoom * 100;
  const shown = percent >= 10 ? Math.round(percent) : Math.round(percent * 10) / 10;
  return `${view.fit ? "Fit · " : ""}${shown}%`;
}
