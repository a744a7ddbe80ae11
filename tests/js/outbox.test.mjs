import "./browser.mjs";
import assert from "node:assert/strict";
import test from "node:test";
import { sentenceOf, wordsOf } from "../../pages/components/viewer/assets/aside.js";
import { ApiError } from "../../pages/components/viewer/assets/api.js";
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

test("while events wait the reviewer reads what the server says of it, and no longer once they are sent", async () => {
  let gone = true;
  const refused = () => Promise.reject(new ApiError("sidegrade.db: it was deleted", { status: 503 }));
  const { box, seen } = outbox(() => (gone ? refused() : Promise.resolve({ saved: true })));
  box.keep({ uuid: "one" });
  await box.flush();
  assert.deepEqual([seen.states.at(-1).waiting, seen.states.at(-1).reason], [1, "sidegrade.db: it was deleted"]);
  gone = false;
  await box.flush();
  assert.deepEqual([seen.states.at(-1).waiting, seen.states.at(-1).reason], [0, ""]);
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

const answering = (status, words = "an error of its own") => Promise.reject(new ApiError(words, { status }));

/** Flush as often as its own timers would. */
async function settled(box, seen, rounds = 10) {
  await box.flush();
  for (let round = 0; round < rounds && seen.timers.length; round += 1) {
    seen.timers.splice(0).forEach(({ callback }) => callback());
    await box.flush();
  }
}

test("an event the server fails over three times is set aside, and those behind it are saved in order", async () => {
  const sent = [];
  const { box, seen, storage } = outbox((event) => {
    sent.push(event.uuid);
    return event.uuid === "bad" ? answering(500) : Promise.resolve({ saved: true });
  });
  for (const uuid of ["first", "bad", "one", "two", "three"]) box.keep({ kind: "verdict", uuid, comment: "words" });
  await settled(box, seen);
  assert.deepEqual(sent, ["first", "bad", "bad", "bad", "one", "two", "three"]);
  assert.equal(box.waiting().length, 0);
  assert.deepEqual(box.aside(), [
    { event: { kind: "verdict", uuid: "bad", comment: "words" }, reason: "an error of its own" },
  ]);
  assert.deepEqual(seen.refused, [[{ kind: "verdict", uuid: "bad", comment: "words" }, "an error of its own"]]);
  assert.equal(seen.states.at(-1).refused, 1);
  const { box: reloaded, seen: again } = outbox(down, { storage });
  await reloaded.flush();
  assert.equal(again.states.at(-1).aside[0].event.uuid, "bad");
});

test("a bad event that an earlier page left behind does not hold up the next page", async () => {
  const { box, storage } = outbox(down);
  for (const uuid of ["bad", "one", "two", "three"]) box.keep({ uuid });
  await box.flush();
  const saved = [];
  const { box: next, seen } = outbox((event) => {
    if (event.uuid === "bad") return answering(500);
    return Promise.resolve(saved.push(event.uuid));
  }, { storage });
  await settled(next, seen);
  assert.deepEqual(saved, ["one", "two", "three"]);
});

for (const status of [0, 401, 408, 429, 502, 503, 504, 507]) {
  test(`answers ${status} blame no event: all wait, none is set aside`, async () => {
    let ready = false;
    const sent = [];
    const { box, seen } = outbox((event) => (ready ? Promise.resolve(sent.push(event.uuid)) : answering(status)));
    for (const uuid of ["one", "two"]) box.keep({ uuid });
    await settled(box, seen, 20);
    assert.deepEqual([box.waiting().length, box.aside()], [2, []]);
    ready = true;
    await settled(box, seen);
    assert.deepEqual(sent, ["one", "two"]);
  });
}

test("failures count for one event, and a lost connection between them changes nothing", async () => {
  const answers = [500, 0, 500, 503, 200, 500, 500, 200];
  const { box, seen } = outbox(() => {
    const status = answers.shift();
    return status === 200 ? Promise.resolve({}) : answering(status);
  });
  for (const uuid of ["one", "two"]) box.keep({ uuid });
  await settled(box, seen, 20);
  assert.deepEqual([answers, box.waiting(), box.aside()], [[], [], []]);
});

test("what was set aside is sent again on request, before what came later, and is not doubled", async () => {
  let mended = false;
  const sent = [];
  const { box, seen } = outbox((event) => {
    if (!mended && event.uuid !== "good") return answering(500);
    return Promise.resolve(sent.push(event.uuid));
  });
  for (const uuid of ["one", "good", "two"]) box.keep({ uuid });
  await settled(box, seen, 20);
  assert.deepEqual(box.aside().map(({ event }) => event.uuid), ["one", "two"]);
  mended = true;
  box.keep({ uuid: "three" });
  await box.again();
  assert.deepEqual(sent, ["good", "one", "two", "three"]);
  assert.deepEqual([box.waiting(), box.aside(), seen.states.at(-1).refused], [[], [], 0]);
});

test("a verdict refused for good is set aside with its words; a refused undo or later is told and gone", async () => {
  const { box, seen } = outbox(refusing);
  for (const kind of ["verdict", "undo", "skip"]) box.keep({ kind, uuid: kind });
  await box.flush();
  assert.deepEqual(box.aside(), [{ event: { kind: "verdict", uuid: "verdict" }, reason: "no such pair" }]);
  assert.deepEqual(seen.refused.map(([event]) => event.kind), ["verdict", "undo", "skip"]);
  box.forget();
  assert.deepEqual([box.aside(), seen.states.at(-1).refused], [[], 0]);
});

test("an undo of what was set aside takes it away, whether the server has heard of it or not", async () => {
  for (const undone of [() => Promise.resolve({ saved: true }), refusing]) {
    const { box, seen } = outbox((event) => (event.kind === "undo" ? undone() : answering(500)));
    box.keep({ kind: "verdict", uuid: "bad" });
    box.keep({ kind: "verdict", uuid: "other" });
    box.keep({ kind: "undo", uuid: "undo", verdict: "bad" });
    await settled(box, seen, 20);
    assert.deepEqual(box.aside().map(({ event }) => event.uuid), ["other"]);
    assert.deepEqual(box.waiting(), []);
    assert.deepEqual(seen.refused.map(([event]) => event.uuid), ["bad", "other"]);
  }
});

test("a name that begins like another's sends nothing of theirs", async () => {
  const sent = [];
  const storage = new Memory();
  const { box } = outbox(down, { storage, owner: "Ana B. Kim" });
  box.keep({ uuid: "kim's" });
  await box.flush();
  for (const owner of ["Ana B", "Ana", "Ana B. Kim.1"]) {
    const { box: other } = outbox(async (event) => sent.push(event), { storage, owner });
    await other.flush();
    assert.deepEqual([sent, other.aside()], [[], []]);
  }
  assert.equal(box.waiting().length, 1);
});

test("what is no event of ours in the storage stops nothing", async () => {
  const storage = new Memory();
  for (const [place, text] of ["{cut", "null", "7", ""].entries()) {
    storage.setItem(`sidegrade.outbox.ana.000000000000001.00000${place}`, text);
    storage.setItem(`sidegrade.aside.ana.000000000000001.00000${place}`, text || "{}");
  }
  const sent = [];
  const { box } = outbox(async (event) => sent.push(event.uuid), { storage });
  box.keep({ uuid: "good" });
  await box.flush();
  assert.deepEqual([sent, box.aside()], [["good"], []]);
});

test("the reviewer reads how many could not be saved and why, and can take the words elsewhere", () => {
  const event = { kind: "verdict", task: "t1", outcome: "b", reasons: ["alpha"], comment: "the R is broken",
    pins: [{ side: "a", reason: "artefact", text: "here" }], item: { pair_id: "pair_1", prompt: "a star" } };
  const bad = { event, reason: "an error of its own" };
  assert.equal(sentenceOf([]), "");
  assert.equal(sentenceOf([bad]), "1 verdict could not be saved: an error of its own.");
  assert.equal(sentenceOf([bad, bad]), "2 verdicts could not be saved: an error of its own.");
  const undo = { event: { kind: "undo", verdict: "v1" }, reason: "no such verdict" };
  assert.equal(sentenceOf([bad, undo]), "2 changes could not be saved: an error of its own; no such verdict.");
  assert.equal(wordsOf([bad]), ["Pair pair_1: a star", "B is better", "Reasons: alpha", "Comment: the R is broken",
    "Pin on a: artefact here", "Not saved: an error of its own"].join("\n"));
  assert.match(wordsOf([bad, undo]), /\n\nPair v1: undo\nNot saved: no such verdict$/);
});
