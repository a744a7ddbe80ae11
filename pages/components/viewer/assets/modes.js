/**
 * The ways to compare two renders, as pure layout: a mode says where each side stands on the stage, which
 * part of it is cut away and how strongly it shows. Zoom and place are the viewport's and survive any mode.
 */
import { commonStep, onGrid } from "./viewport.js";

/** Every mode: its name, its key, and what it is good for. The order is the order of the toolbar. */
export const MODES = [
  { id: "slider", title: "Slider", key: "s", hint: "Wipe between A and B" },
  { id: "side", title: "Side by side", key: "e", hint: "Both whole, moving together" },
  { id: "onion", title: "Onion skin", key: "o", hint: "B drawn over A" },
  { id: "flicker", title: "Flicker", key: "f", hint: "Swap A and B in place" },
  { id: "difference", title: "Difference", key: "d", hint: "What changed, amplified" },
  { id: "alpha", title: "Alpha", key: "a", hint: "Transparency alone: white is opaque" },
  { id: "only_a", title: "Only A", key: "q", hint: "One render alone" },
  { id: "only_b", title: "Only B", key: "w", hint: "One render alone" },
];

export const ORIENTATIONS = ["horizontal", "vertical", "both"];

/** Least space between the two halves of side by side, in CSS pixels. */
const GAP = 2;

/**
 * The layout of a mode on a stage.
 *
 * @param {string} mode one of {@link MODES}
 * @param {{width: number, height: number}} stage CSS pixels
 * @param {object} options `split` {x, y} as fractions of the stage, `orientation`, `onion` opacity of B 0–1,
 *   `shown` side of the flicker, `canvas` size in image pixels, `dpr`
 * @returns `{a, b, difference}`, each null or `{region, clip, opacity, alphaOnly}`
 */
export function arrange(mode, stage, options) {
  const { split, orientation, onion, shown, canvas, dpr } = options;
  const whole = { left: 0, top: 0, width: stage.width, height: stage.height };
  const layer = (extra = {}) => ({ region: whole, clip: "", opacity: 1, alphaOnly: false, ...extra });
  switch (mode) {
    case "slider": {
      const clips = sliderClips(orientation, stage, split, dpr);
      return { a: layer({ clip: clips.a }), b: layer({ clip: clips.b }), difference: null };
    }
    case "side":
    case "alpha": {
      const [a, b] = halves(stage, canvas, dpr);
      const alphaOnly = mode === "alpha";
      return { a: layer({ region: a, alphaOnly }), b: layer({ region: b, alphaOnly }), difference: null };
    }
    case "onion":
      return { a: layer(), b: layer({ opacity: onion }), difference: null };
    case "flicker":
      return shown === "a"
        ? { a: layer(), b: layer({ clip: HIDDEN }), difference: null }
        : { a: layer({ clip: HIDDEN }), b: layer(), difference: null };
    case "difference":
      return { a: null, b: null, difference: layer() };
    case "only_a":
      return { a: layer(), b: null, difference: null };
    case "only_b":
      return { a: null, b: layer(), difference: null };
    default:
      throw new Error(`unknown mode ${mode}`);
  }
}

/** Cuts everything away but keeps the image painted and decoded, so that swapping never shows a blank frame. */
const HIDDEN = "inset(0 0 100% 0)";

/**
 * Two equal halves, beside or above each other, whichever shows the images larger. They are equal to the
 * device pixel, so that identical images stand at identical places in them.
 */
export function halves(stage, canvas, dpr) {
  const step = commonStep(dpr);
  const start = (length) => Math.ceil((length + GAP) / 2 / step) * step;
  const width = stage.width - start(stage.width);
  const height = stage.height - start(stage.height);
  const beside = Math.min(width / canvas.width, stage.height / canvas.height);
  const above = Math.min(stage.width / canvas.width, height / canvas.height);
  if (beside >= above) {
    return [
      { left: 0, top: 0, width, height: stage.height },
      { left: start(stage.width), top: 0, width, height: stage.height },
    ];
  }
  return [
    { left: 0, top: 0, width: stage.width, height },
    { left: 0, top: start(stage.height), width: stage.width, height },
  ];
}

/**
 * What each side shows of the stage. The parts are complements: where one shows, the other is cut away, so
 * that a transparent A never lets B shine through.
 */
export function sliderClips(orientation, stage, split, dpr) {
  const x = onGrid(split.x * stage.width, dpr);
  const y = onGrid(split.y * stage.height, dpr);
  const { width: w, height: h } = stage;
  switch (orientation) {
    case "horizontal":
      return { a: `inset(0 ${w - x}px 0 0)`, b: `inset(0 0 0 ${x}px)` };
    case "vertical":
      return { a: `inset(0 0 ${h - y}px 0)`, b: `inset(${y}px 0 0 0)` };
    case "both":
      return {
        a: polygon([[0, 0], [x, 0], [x, h], [w, h], [w, y], [0, y]]),
        b: polygon([[x, 0], [w, 0], [w, y], [0, y], [0, h], [x, h]]),
      };
    default:
      throw new Error(`unknown orientation ${orientation}`);
  }
}

function polygon(points) {
  return `polygon(${points.map(([x, y]) => `${x}px ${y}px`).join(", ")})`;
}

/** Which side shows at a point of the stage (CSS pixels), or null over a gap or the difference. */
export function sideAt(mode, point, stage, options) {
  const { split, orientation, shown, onion, canvas, dpr } = options;
  switch (mode) {
    case "slider": {
      const left = point.x < split.x * stage.width;
      const above = point.y < split.y * stage.height;
      if (orientation === "horizontal") return left ? "a" : "b";
      if (orientation === "vertical") return above ? "a" : "b";
      return left === above ? "a" : "b";
    }
    case "side":
    case "alpha": {
      const [a, b] = halves(stage, canvas, dpr);
      if (contains(a, point)) return "a";
      return contains(b, point) ? "b" : null;
    }
    case "onion":
      return onion >= 0.5 ? "b" : "a";
    case "flicker":
      return shown;
    case "only_a":
      return "a";
    case "only_b":
      return "b";
    default:
      return null;
  }
}

/** Whether a rectangle `{left, top, width, height}` holds a point. */
export function contains(rect, point) {
  return point.x >= rect.left && point.x < rect.left + rect.width
    && point.y >= rect.top && point.y < rect.top + rect.height;
}
