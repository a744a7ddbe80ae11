import assert from "node:assert/strict";
import test from "node:test";
import { broken } from "../../pages/components/viewer/assets/broken.js";

const finding = (more) => ({ side: "a", check: "alpha", reason: "lost", broke: true, ...more });

test("findings that broke are numbered, each reason once a side", () => {
  const found = broken([finding(), finding(), finding({ side: "b" }), finding({ broke: false, reason: "fine" })]);
  assert.deepEqual(found.map(({ side, number }) => [side, number]), [["a", 1], ["b", 2]]);
});

test("nothing broke where every finding is fine", () => {
  assert.deepEqual(broken([finding({ broke: false })]), []);
});
