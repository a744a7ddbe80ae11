import assert from "node:assert/strict";
import test from "node:test";
import { arrange, halves, MODES, sideAt, sliderClips } from "../../pages/components/viewer/assets/modes.js";

const STAGE = { width: 1281, height: 643 };
const OPTIONS = {
  split: { x: 0.5, y: 0.5 }, orientation: "horizontal", onion: 0.5, shown: "a",
  canvas: { width: 1024, height: 1024 }, dpr: 1,
};
const OVERLAYS = ["slider", "onion", "flicker"];

test("both sides stand in the same region in every mode that lays them over each other", () => {
  for (const mode of OVERLAYS) {
    const { a, b } = arrange(mode, STAGE, OPTIONS);
    assert.deepEqual(a.region, b.region, mode);
  }
});

test("the halves of side by side are equal to the device pixel, beside or above each other", () => {
  for (const dpr of [1, 1.25, 1.5, 2]) {
    for (const canvas of [{ width: 1024, height: 1024 }, { width: 2048, height: 256 }]) {
      const [a, b] = halves(STAGE, canvas, dpr);
      assert.deepEqual([a.width, a.height], [b.width, b.height]);
      assert.ok(a.width * a.height * 2 <= STAGE.width * STAGE.height);
    }
  }
});

test("wide renders are stacked, tall ones stand side by side", () => {
  const [, below] = halves(STAGE, { width: 2048, height: 256 }, 1);
  assert.ok(below.top > 0 && below.left === 0);
  const [, beside] = halves(STAGE, { width: 1024, height: 1024 }, 1);
  assert.ok(beside.left > 0 && beside.top === 0);
});

test("what the slider cuts from A it shows of B, so nothing shines through transparency", () => {
  const stage = { width: 1000, height: 500 };
  const inset = /inset\((\S+) (\S+) (\S+) (\S+)\)/;
  const a = inset.exec(sliderClips("horizontal", stage, { x: 0.3, y: 0 }, 1).a);
  const b = inset.exec(sliderClips("horizontal", stage, { x: 0.3, y: 0 }, 1).b);
  assert.equal(parseFloat(a[2]) + parseFloat(b[4]), stage.width);
  const up = inset.exec(sliderClips("vertical", stage, { x: 0, y: 0.25 }, 1).a);
  const down = inset.exec(sliderClips("vertical", stage, { x: 0, y: 0.25 }, 1).b);
  assert.equal(parseFloat(up[3]) + parseFloat(down[1]), stage.height);
});

test("the side under a point is the side that is painted there", () => {
  assert.equal(sideAt("slider", { x: 10, y: 10 }, STAGE, OPTIONS), "a");
  assert.equal(sideAt("slider", { x: 1200, y: 10 }, STAGE, OPTIONS), "b");
  const both = { ...OPTIONS, orientation: "both" };
  const corners = [[10, 10], [1200, 10], [1200, 600], [10, 600]];
  assert.deepEqual(corners.map(([x, y]) => sideAt("slider", { x, y }, STAGE, both)), ["a", "b", "a", "b"]);
  assert.equal(sideAt("side", { x: 1200, y: 10 }, STAGE, OPTIONS), "b");
  assert.equal(sideAt("difference", { x: 10, y: 10 }, STAGE, OPTIONS), null);
  assert.equal(sideAt("only_b", { x: 10, y: 10 }, STAGE, OPTIONS), "b");
});

test("every mode of the toolbar has a layout and a key of its own", () => {
  for (const { id } of MODES) assert.ok(arrange(id, STAGE, OPTIONS));
  assert.equal(new Set(MODES.map((mode) => mode.key)).size, MODES.length);
});

test("an unknown mode is refused", () => {
  assert.throws(() => arrange("blink", STAGE, OPTIONS), /unknown mode blink/);
});
