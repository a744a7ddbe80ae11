import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { deltaE2000, deltaEOver, lab, pixelText } from "../../pages/components/viewer/assets/colour.js";
import { Look } from "../../pages/components/viewer/assets/look.js";
import { readLink, writeLink } from "../../pages/components/viewer/assets/permalink.js";
import { pinBetween } from "../../pages/components/viewer/assets/pins.js";
import { percent, summary } from "../../pages/components/viewer/assets/places.js";

// Table 1 of Sharma, Wu and Dalal (2005): pairs made to catch wrong hue averages and signs.
const SHARMA = [
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, 3.1571, -77.2803], [50, 0, -82.7485], 2.8615],
  [[50, 2.8361, -74.02], [50, 0, -82.7485], 3.4412],
  [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1.0],
  [[50, 0, 0], [50, -1, 2], 2.3669],
  [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
  [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
  [[50, -0.001, 2.49], [50, 0.0009, -2.49], 4.8045],
  [[50, -0.001, 2.49], [50, 0.0011, -2.49], 4.7461],
  [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
  [[22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373],
  [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
];

test("CIEDE2000 agrees with the published pairs to four digits", () => {
  for (const [first, second, expected] of SHARMA) {
    assert.ok(Math.abs(deltaE2000(first, second) - expected) < 1e-4, `${deltaE2000(first, second)} ${expected}`);
  }
});

test("white is white and black is black in CIELAB", () => {
  assert.ok(Math.abs(lab([255, 255, 255])[0] - 100) < 0.01);
  assert.deepEqual(lab([0, 0, 0]).map((value) => Math.round(value)), [0, 0, 0]);
});

test("what hides under full transparency makes no visible difference", () => {
  assert.equal(deltaEOver([255, 0, 0, 0], [0, 255, 0, 0], [255, 255, 255]), 0);
  assert.ok(deltaEOver([255, 0, 0, 255], [255, 0, 0, 0], [255, 255, 255]) > 40);
  assert.equal(pixelText([255, 0, 16, 7]), "#ff0010 α 7");
});

test("only time with the pair in view counts as looking", () => {
  let now = 0;
  const look = new Look(() => now);
  now = 1000;
  look.visible(false);
  now = 60_000;
  look.visible(true);
  now = 60_500;
  look.saw("slider", 0.6);
  look.saw("side", 2);
  look.saw("slider", 1);
  assert.deepEqual(look.record(), {
    dwell_ms: 1500, modes: ["side", "slider"], max_zoom: 2, acknowledged_size_difference: false,
  });
});

test("a link restores what it was made from and keeps what is not its own", () => {
  const view = { pair: "pair_1", mode: "side", zoom: 4, at: { x: 300, y: 71.5 }, bg: "black", tag: "text", show: "mine" };
  const search = writeLink("?embed=true&mode=onion", view);
  assert.ok(search.includes("embed=true"));
  assert.deepEqual(readLink(search), view);
});

test("a fitted view writes neither zoom nor place, and nonsense is ignored", () => {
  assert.equal(writeLink("", { pair: "p", zoom: null, at: null }), "?pair=p");
  assert.deepEqual(readLink("?zoom=-3&at=here&mode="), {});
});

test("a click is a point, a drag is a box, both in fractions of the render", () => {
  const size = { width: 200, height: 100 };
  const point = pinBetween("a", { x: 50, y: 25 }, { x: 51, y: 25 }, size, { slack: 2 });
  assert.deepEqual([point.x, point.y, point.width, point.height], [0.25, 0.25, 0, 0]);
  const box = pinBetween("b", { x: 150, y: 80 }, { x: 100, y: 500 }, size);
  assert.deepEqual([box.side, box.x, box.y, box.width, box.height], ["b", 0.5, 0.8, 0.25, 0.2]);
});

test("a share reads as it does in the rest of the product", () => {
  const known = JSON.parse(readFileSync(new URL("../core/percentages.json", import.meta.url), "utf8"));
  for (const [share, words] of known) assert.equal(percent(share), words);
});

test("a difference is told in words, with the kinds a screen cannot show", () => {
  const none = { width: 10, height: 10, differing_pixels: 0 };
  assert.match(summary(none), /identical/);
  const some = { width: 100, height: 10, differing_pixels: 25, alpha_pixels: 3, hidden_pixels: 2, max_difference: 9 };
  assert.equal(summary(some), "2.5% of pixels differ, by at most 9 of 255; 3 in transparency only; 2 only under full transparency.");
});
