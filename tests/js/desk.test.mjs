import "./browser.mjs";
import assert from "node:assert/strict";
import test from "node:test";
import { Queue } from "../../pages/components/viewer/assets/queue.js";
import { questionBefore } from "../../pages/components/viewer/assets/questions.js";
import { Prefetch } from "../../pages/components/viewer/assets/prefetch.js";
import { Progress } from "../../pages/components/viewer/assets/progress.js";

const verdict = { kind: "verdict" };
const sized = (width, more = {}) => ({ a: { width: 10, height: 5 }, b: { width, height: 5 }, ...more });

test("progress counts verdicts on their way, and each of them once", () => {
  const waiting = [];
  const progress = new Progress(() => waiting);
  assert.equal(progress.progress, null);
  progress.asking()({ mine: 2, unjudged: 8 });
  waiting.push(verdict, verdict, { kind: "undo" }, { kind: "skip" });
  assert.deepEqual(progress.progress, { done: 3, total: 10 });
  waiting.length = 0;
  progress.delivered(verdict, { saved: true });
  progress.delivered(verdict, { saved: false });
  assert.deepEqual(progress.progress, { done: 3, total: 10 });
});

test("counts that a verdict overtook are not taken", () => {
  const progress = new Progress(() => []);
  progress.asking()({ mine: 0, unjudged: 5 });
  const late = progress.asking();
  progress.moved();
  late({ mine: 9, unjudged: 9 });
  assert.deepEqual(progress.progress, { done: 0, total: 5 });
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
  const prefetch = new Prefetch({ api, queue, progress: new Progress(() => []), filter: { tag: "old" }, onAnswer: () => {} });
  const asked = prefetch.refill();
  assert.equal(prefetch.refill(), asked);
  const wanted = { tag: "new" };
  const again = prefetch.restart(wanted);
  answers.get("old")({ items: [{ task: "old" }], counts: {} });
  answers.get("new")({ items: [{ task: "new" }], counts: {}, whole: true });
  assert.equal(await again, true);
  assert.deepEqual(queue.items.map((item) => item.task), ["new"]);
  assert.equal(prefetch.isLow, false);
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
  const prefetch = new Prefetch({ api, queue, progress: new Progress(() => waiting), filter: {}, onAnswer: () => {}, retryMs: 1 });
  await prefetch.refill();
  assert.deepEqual(limits, [54, 54]);
  assert.equal(queue.current.task, "p2");
});
