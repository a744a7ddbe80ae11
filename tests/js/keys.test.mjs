import assert from "node:assert/strict";
import test from "node:test";
import { COMMANDS, commandFor, isTyping, keyLabel } from "../../pages/components/viewer/assets/keys.js";

const press = (key, extra = {}) => ({ key, code: "", shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...extra });
const idOf = (event, options) => commandFor(event, options)?.id ?? null;

test("1 to 5 are the five outcomes, on the number pad and on French keyboards as well", () => {
  const outcomes = ["vote_a", "vote_b", "vote_tie", "vote_both_bad", "vote_cant_judge"];
  for (const [index, id] of outcomes.entries()) {
    const digit = String(index + 1);
    assert.equal(idOf(press(digit, { code: `Digit${digit}` })), id);
    assert.equal(idOf(press(digit, { code: `Numpad${digit}` })), id);
  }
  assert.equal(idOf(press("&", { code: "Digit1" })), "vote_a");
});

test("with Shift the digits are reasons, whatever sign they print", () => {
  assert.equal(idOf(press("!", { code: "Digit1", shiftKey: true })), "reason_typography");
  assert.equal(idOf(press("1", { code: "Digit1", shiftKey: true })), "reason_typography");
});

test("undo has the key everybody's fingers know", () => {
  assert.equal(idOf(press("z", { ctrlKey: true })), "undo");
  assert.equal(idOf(press("z", { metaKey: true })), "undo");
  assert.equal(idOf(press("z")), "undo");
});

test("the browser keeps its own combinations", () => {
  for (const key of ["c", "r", "f", "1", "+", "-", "0"]) assert.equal(idOf(press(key, { ctrlKey: true })), null);
  assert.equal(idOf(press("1", { altKey: true })), null);
});

test("signs that need Shift are understood by what they print", () => {
  assert.equal(idOf(press("?", { code: "Slash", shiftKey: true })), "help");
  assert.equal(idOf(press("+", { code: "Equal", shiftKey: true })), "zoom_in");
});

test("with single keys off only Escape and combinations are heard", () => {
  const off = { single: false };
  assert.equal(idOf(press("1", { code: "Digit1" }), off), null);
  assert.equal(idOf(press("?", { shiftKey: true }), off), null);
  assert.equal(idOf(press("Escape"), off), "close");
  assert.equal(idOf(press("z", { ctrlKey: true }), off), "undo");
});

test("no key stands for two commands", () => {
  const keys = COMMANDS.flatMap((command) => command.keys);
  assert.equal(new Set(keys).size, keys.length);
});

test("keys belong to a field while somebody types in it", () => {
  const inside = (matches) => ({ closest: (selector) => (selector.includes(matches) ? {} : null) });
  assert.equal(isTyping(inside("textarea"), press("1")), true);
  assert.equal(isTyping(inside("textarea"), press("Escape")), false);
  assert.equal(isTyping(inside("button"), press(" ")), true);
  assert.equal(isTyping(inside("button"), press("1")), false);
  assert.equal(isTyping(null, press("1")), false);
});

test("hints read like the keys", () => {
  assert.deepEqual(["vote_a", "reason_alpha", "swap", "undo"].map((id) => keyLabel(id)), ["1", "⇧2", "Space", "Z"]);
});
