import assert from "node:assert/strict";
import test from "node:test";
import { Queue } from "../../pages/components/viewer/assets/queue.js";
import { questionBefore } from "../../pages/components/viewer/assets/questions.js";
import { Supply } from "../../pages/components/viewer/assets/supply.js";
import { Tally } from "../../pages/components/viewer/assets/tally.js";

const verdict = { kind: "verdict" };
const sized = (width, more = {}) => ({ a: { width: 10, height: 5 }, b: { width, height: 5 }, ...more });

test("progress counts verdicts on their way, and each of them once", () => {
  const waiting = [];
  const tally = new Tally(() => waiting);
  assert.equal(tally.progress, null);
  tally.asking()({ mine: 2, unjudged: 8 });
  waiting.push(verdict, verdict, { kind: "undo" }, { kind: "skip" });
  assert.deepEqual(tally.progress, { done: 3, total: 10 });
  waiting.length = 0;
  tally.delivered(verdict, { saved: true });
  tally.delivered(verdict, { saved: false });
  assert.deepEqual(tally.progress, { done: 3, total: 10 });
});

test("counts that a verdict overtook are not taken", () => {
  const tally = new Tally(() => []);
  tally.asking()({ mine: 0, unjudged: 5 });
  const late = tally.asking();
  tally.moved();
  late({ mine: 9, unjudged: 9 });
  assert.deepEqual(tally.progress, { done: 0, total: 5 });
});

test("different sizes are asked about before small text, and a yes is kept", () => {
  const look = { acknowledged: false, maxZoom: 0.5 };
  const asked = [];
  const acts = { judge: () => asked.push("judge"), lookAgain: () => {}, enlarge: () => asked.push("enlarge") };
  const item = sized(12, { needs_one_to_one: true });
  const first = questionBefore(item, look, acts);
  assert.match(first.text, /A is 10×5, B is 12×5/);
  first.answers[0].run();
  assert.equal(look.acknowledged, true);
  questionBefore(item, look, acts).answers[0].run();
  assert.deepEqual(asked, ["judge", "enlarge"]);
  look.maxZoom = 1;
  assert.equal(questionBefore(item, look, acts), null);
});

test("an answer to a filter that is no longer wanted is left out", async () => {
  const answers = new Map();
  const api = { get: (_, { tag }) => new Promise((resolve) => answers.set(tag, resolve)) };
  const queue = new Queue();
  const supply = new Supply({ api, queue, tally: new Tally(() => []), filter: { tag: "old" }, onAnswer: () => {} });
  const asked = supply.refill();
  assert.equal(supply.refill(), asked);
  const wanted = { tag: "new" };
  const again = supply.restart(wanted);
  answers.get("old")({ items: [{ task: "old" }], counts: {} });
  answers.get("new")({ items: [{ task: "new" }], counts: {}, whole: true });
  assert.equal(await again, true);
  assert.deepEqual(queue.items.map((item) => item.task), ["new"]);
  assert.equal(supply.isLow, false);
});

test("a server that has not heard of the verdicts is asked for more, and again, until it has new pairs", async () => {
  const waiting = Array(30).fill(verdict);
  const limits = [];
  const api = { get: (_, { limit }) => {
    limits.push(limit);
    const heard = limits.length > 1;
    if (heard) waiting.length = 0;
    return Promise.resolve({ items: [{ task: heard ? "p2" : "p1" }], counts: {}, whole: false });
  } };
  const queue = new Queue();
  queue.absorb([{ task: "p1" }]);
  queue.vote({ outcome: "a" });
  const supply = new Supply({ api, queue, tally: new Tally(() => waiting), filter: {}, onAnswer: () => {}, retryMs: 1 });
  await supply.refill();
  assert.deepEqual(limits, [54, 54]);
  assert.equal(queue.current.task, "p2");
});
