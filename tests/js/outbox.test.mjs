import assert from "node:assert/strict";
import test from "node:test";
import { Outbox } from "../../pages/components/viewer/assets/outbox.js";

class Memory {
  #items = new Map();
  get length() { return this.#items.size; }
  key(index) { return [...this.#items.keys()][index] ?? null; }
  getItem(key) { return this.#items.get(key) ?? null; }
  setItem(key, value) { this.#items.set(key, value); }
  removeItem(key) { this.#items.delete(key); }
}

const down = () => Promise.reject(new Error("no connection"));
const refusing = () => Promise.reject(Object.assign(new Error("no such pair"), { permanent: true }));

function outbox(send, { storage = new Memory(), owner = "ana" } = {}) {
  const seen = { states: [], delivered: [], refused: [], timers: [] };
  const box = new Outbox({
    storage, owner, send,
    onChange: (state) => seen.states.push(state),
    onDelivered: (event, answer) => seen.delivered.push([event, answer]),
    onRefused: (event, error) => seen.refused.push([event, error.message]),
    later: (callback, ms) => seen.timers.push({ callback, ms }),
  });
  return { box, seen, storage };
}

test("events leave in the order they were made, one at a time", async () => {
  const order = [];
  let running = 0;
  const { box } = outbox(async (event) => {
    running += 1;
    assert.equal(running, 1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    order.push(event.uuid);
    running -= 1;
    return { saved: true };
  });
  for (let n = 0; n < 20; n += 1) box.keep({ uuid: n });
  await Promise.all([box.flush(), box.flush()]);
  assert.deepEqual(order, [...Array(20).keys()]);
  assert.equal(box.waiting().length, 0);
});

test("without a connection nothing is lost and the reviewer sees how many wait", async () => {
  const { box, seen } = outbox(down);
  for (const uuid of ["one", "two", "three"]) box.keep({ uuid });
  await box.flush();
  assert.equal(box.waiting().length, 3);
  assert.equal(seen.states.at(-1).waiting, 3);
});

test("what waited through a reload is sent by the next page", async () => {
  const { box, storage } = outbox(down);
  box.keep({ uuid: "one" });
  await box.flush();
  const sent = [];
  const { box: reloaded } = outbox(async (event) => sent.push(event.uuid), { storage });
  await reloaded.flush();
  assert.deepEqual(sent, ["one"]);
});

test("it tries again with growing pauses, and at once after a success", async () => {
  let broken = true;
  const { box, seen } = outbox(() => (broken ? down() : Promise.resolve({})));
  box.keep({ uuid: "one" });
  for (let attempt = 0; attempt < 8; attempt += 1) await box.flush();
  const pauses = seen.timers.map((timer) => timer.ms);
  assert.deepEqual(pauses.slice(0, 3), [400, 800, 1600]);
  assert.equal(Math.max(...pauses), 15_000);
  broken = false;
  await box.flush();
  broken = true;
  box.keep({ uuid: "two" });
  await box.flush();
  assert.equal(seen.timers.at(-1).ms, 400);
});

test("an event the server refuses for good makes room for the next and is reported", async () => {
  const sent = [];
  const { box, seen } = outbox((event) => (event.uuid === "bad" ? refusing() : (sent.push(event.uuid), Promise.resolve({}))));
  for (const uuid of ["bad", "good"]) box.keep({ uuid });
  await box.flush();
  assert.deepEqual(sent, ["good"]);
  assert.deepEqual(seen.refused.map(([event, words]) => [event.uuid, words]), [["bad", "no such pair"]]);
  assert.equal(seen.states.at(-1).refused, 1);
});

test("one reviewer's events are never sent in another's name", async () => {
  const { box, storage } = outbox(down);
  box.keep({ uuid: "ana's" });
  const sent = [];
  const { box: ben } = outbox(async (event) => sent.push(event), { storage, owner: "ben" });
  await ben.flush();
  assert.deepEqual(sent, []);
  assert.equal(box.waiting().length, 1);
});
