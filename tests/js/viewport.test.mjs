import assert from "node:assert/strict";
import test from "node:test";
import * as viewport from "../../pages/components/viewer/assets/viewport.js";

const REGION = { width: 1280, height: 640 };
const POSTER = { width: 256, height: 128 };
const LARGE = { width: 1024, height: 1024 };

test("a small render is fitted with a whole zoom, so that no pixel is smoothed", () => {
  assert.equal(viewport.fitZoom(REGION, POSTER, 1), 5);
  assert.equal(viewport.fitZoom({ width: 700, height: 640 }, POSTER, 1), 2);
});

test("a large render is fitted exactly", () => {
  assert.equal(viewport.fitZoom(REGION, LARGE, 1), 0.625);
  assert.equal(viewport.fitZoom(REGION, LARGE, 2), 1);
});

test("1:1 is one image pixel per device pixel on any screen", () => {
  for (const dpr of [1, 1.25, 2, 3]) {
    const view = viewport.zoomed(viewport.fitted(REGION, LARGE, dpr), 1);
    assert.equal(viewport.placed(view, REGION, LARGE, LARGE, dpr).width * dpr, LARGE.width);
  }
});

test("zooming keeps the point under the pointer where it is", () => {
  const before = { zoom: 2, x: 500, y: 400, fit: false };
  const point = { x: 300, y: 200 };
  const anchor = viewport.imagePoint(before, REGION, LARGE, point, 1);
  const after = viewport.zoomed(before, 4, anchor);
  const now = viewport.imagePoint(after, REGION, LARGE, point, 1);
  assert.ok(Math.abs(now.x - anchor.x) < 0.5 && Math.abs(now.y - anchor.y) < 0.5);
});

test("steps go up and down the ladder and stop at its ends", () => {
  assert.equal(viewport.stepZoom(1, 1), 2);
  assert.equal(viewport.stepZoom(1, -1), 2 / 3);
  assert.equal(viewport.stepZoom(0.9, 1), 1);
  assert.equal(viewport.stepZoom(64, 1), 64);
  assert.equal(viewport.stepZoom(1 / 16, -1), 1 / 16);
  assert.ok(viewport.LADDER.filter((zoom) => zoom >= 1).every(Number.isInteger));
});

test("an explicit zoom and place survive a change of region", () => {
  const view = { zoom: 4, x: 3, y: 1021, fit: false };
  for (const region of [{ width: 639, height: 640 }, { width: 5000, height: 10 }, REGION]) {
    assert.deepEqual(viewport.settled(view, region, LARGE, 1), view);
  }
});

test("a fitted view fits again when the region changes", () => {
  const view = viewport.settled(viewport.fitted(REGION, LARGE, 1), { width: 320, height: 640 }, LARGE, 1);
  assert.equal(view.zoom, 0.3125);
});

test("the picture cannot be pushed out of sight", () => {
  const view = viewport.clamped({ zoom: 4, x: -500, y: 5000, fit: false }, LARGE);
  assert.deepEqual([view.x, view.y], [0, 1024]);
});

test("a picture that fits again after zooming out is in the middle", () => {
  const small = viewport.centred({ zoom: 1, x: 0, y: 0, fit: false }, REGION, POSTER, 1);
  assert.deepEqual([small.x, small.y], [128, 64]);
  const large = viewport.centred({ zoom: 1, x: 900, y: 0, fit: false }, REGION, LARGE, 1);
  assert.deepEqual([large.x, large.y], [512, 0]);
});

test("placements lie on the device's pixel grid", () => {
  for (const dpr of [1, 1.25, 1.5, 2, 3]) {
    const place = viewport.placed({ zoom: 1, x: 100.3, y: 77.7 }, REGION, LARGE, LARGE, dpr);
    for (const edge of [place.left, place.top]) {
      assert.ok(Math.abs(edge * dpr - Math.round(edge * dpr)) < 1e-9);
    }
  }
});

test("renders of different sizes share a corner and a scale", () => {
  const small = { width: 768, height: 768 };
  const canvas = viewport.canvasOf(LARGE, small);
  const view = viewport.fitted(REGION, canvas, 1);
  const [one, two] = [LARGE, small].map((size) => viewport.placed(view, REGION, canvas, size, 1));
  assert.deepEqual([one.left, one.top], [two.left, two.top]);
  assert.equal(two.width / one.width, 0.75);
});

test("a visited place is enlarged, whole and in the middle", () => {
  const view = viewport.focusedOn({ x: 500, y: 500, width: 40, height: 20 }, REGION, LARGE, 1);
  assert.deepEqual([view.x, view.y], [520, 510]);
  assert.ok(view.zoom >= 8 && view.zoom <= 16);
});

test("zoom is written for people", () => {
  assert.equal(viewport.zoomLabel({ zoom: 0.625, fit: true }), "Fit · 63%");
  assert.equal(viewport.zoomLabel({ zoom: 4, fit: false }), "400%");
});
