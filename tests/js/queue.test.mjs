import "./browser.mjs";
import assert from "node:assert/strict";
import test from "node:test";
import { Queue, uuid } from "../../pages/components/viewer/assets/queue.js";

const item = (id) => ({ task: id });
const filled = (...ids) => {
  let count = 0;
  const queue = new Queue({ newUuid: () => `uuid-${(count += 1)}` });
  queue.absorb(ids.map(item));
  return queue;
};
const ids = (queue) => queue.items.map((entry) => entry.task);

test("a verdict brings the next pair at once and names its own", () => {
  const queue = filled("p1", "p2", "p3");
  const event = queue.vote({ outcome: "a" });
  assert.deepEqual(event, { kind: "verdict", uuid: "uuid-1", task: "p1", outcome: "a" });
  assert.equal(queue.current.task, "p2");
  assert.deepEqual(queue.upcoming(3).map((entry) => entry.task), ["p3"]);
});

test("a judged pair does not come back while the server has not heard of it", () => {
  const queue = filled("p1", "p2");
  queue.vote({ outcome: "a" });
  queue.absorb([item("p1"), item("p2"), item("p3")]);
  assert.deepEqual(ids(queue), ["p2", "p3"]);
});

test("undo brings the pair back with what was said, and the next undo the one before", () => {
  const queue = filled("p1", "p2", "p3");
  queue.vote({ outcome: "a", comment: "first" });
  queue.vote({ outcome: "tie" });
  assert.equal(queue.undo().entry.ballot.outcome, "tie");
  const { event, entry } = queue.undo();
  assert.deepEqual([event.kind, event.verdict, entry.ballot.comment], ["undo", "uuid-1", "first"]);
  assert.deepEqual(ids(queue), ["p1", "p2", "p3"]);
  assert.equal(queue.undo(), null);
});

test("a verdict from before a reload can be undone, but never instead of a newer one", () => {
  const queue = filled("p2");
  queue.remember({ uuid: "old", item: item("p1"), ballot: {} });
  queue.vote({ outcome: "b" });
  assert.equal(queue.undo().event.verdict, "uuid-1");
  assert.equal(queue.undo().event.verdict, "old");
});

test("later puts a pair behind all others", () => {
  const queue = filled("p1", "p2", "p3");
  assert.equal(queue.later().kind, "skip");
  assert.deepEqual(ids(queue), ["p2", "p3", "p1"]);
  assert.equal(queue.items.at(-1).skipped, true);
});

test("a pair judged in another tab leaves unless it is on the table", () => {
  const queue = filled("p1", "p2", "p3");
  queue.judgedElsewhere("p2");
  queue.judgedElsewhere("p1");
  assert.deepEqual(ids(queue), ["p1", "p3"]);
});

test("a linked pair comes first, once", () => {
  const queue = filled("p1", "p2");
  queue.lead(item("p2"));
  assert.deepEqual(ids(queue), ["p2", "p1"]);
});

test("uuids are of version 4 and differ", () => {
  const made = new Set(Array.from({ length: 200 }, () => uuid()));
  assert.equal(made.size, 200);
  for (const one of made) assert.match(one, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("verdicts that wait from before a reload are settled and can be undone, the latest first", () => {
  const queue = new Queue({ newUuid: () => "new" });
  const waiting = (uuid, task, outcome) => ({ kind: "verdict", uuid, task, outcome, item: item(task) });
  queue.resume([waiting("one", "p1", "a"), waiting("two", "p2", "tie"), { kind: "skip", uuid: "three", task: "p4" }]);
  queue.absorb(["p1", "p2", "p3"].map(item));
  assert.deepEqual(ids(queue), ["p3"]);
  const { event, entry } = queue.undo();
  assert.deepEqual([event.verdict, entry.ballot], ["two", { outcome: "tie" }]);
  assert.deepEqual(ids(queue), ["p2", "p3"]);
});

test("a pair whose putting off waits to be sent comes last after a reload", () => {
  const queue = new Queue();
  queue.resume([{ kind: "skip", uuid: "one", task: "p1" }]);
  queue.absorb(["p1", "p2", "p3"].map(item));
  assert.deepEqual(ids(queue), ["p2", "p3", "p1"]);
  assert.equal(queue.items.at(-1).skipped, true);
});

test("a verdict whose undo waits with it is not settled", () => {
  const queue = new Queue();
  queue.resume([
    { kind: "verdict", uuid: "one", task: "p1", outcome: "a", item: item("p1") },
    { kind: "undo", uuid: "two", verdict: "one" },
    { kind: "undo", uuid: "three", verdict: "saved long ago" },
  ]);
  queue.absorb([item("p1")]);
  assert.deepEqual(ids(queue), ["p1"]);
  assert.equal(queue.undo(), null);
});

test("a verdict that the server does not take back leaves the table and stands, with its names shown", () => {
  const queue = filled("p1", "p2");
  queue.vote({ outcome: "a" });
  const { event } = queue.undo();
  assert.equal(queue.undoRefused(event.uuid), true);
  assert.deepEqual(ids(queue), ["p2"]);
  assert.deepEqual([queue.cast.at(-1).uuid, queue.cast.at(-1).ballot.named], ["uuid-1", true]);
  assert.equal(queue.undoRefused("another page's"), false);
});
