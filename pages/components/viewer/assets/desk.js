/**
 * The review desk: one blind pair after another, by keyboard or by hand.
 *
 * It talks to the app's own routes and never waits for them: the verdict goes into the outbox, the next pair
 * is already decoded and appears in the same frame. Streamlit only delivers a fresh token now and then.
 */
import { Ballot, OUTCOMES } from "./ballot.js";
import { Brief } from "./brief.js";
import { keepWorking } from "./connection.js";
import { el } from "./dom.js";
import { Drawer } from "./drawer.js";
import { Gallery } from "./gallery.js";
import { helpSheet } from "./help.js";
import { Images, pathOf } from "./images.js";
import { Look } from "./look.js";
import { Outbox } from "./outbox.js";
import { readLink, writeLink } from "./permalink.js";
import { Queue } from "./queue.js";
import { revealPanel } from "./reveal.js";
import { sessionSummary } from "./summary.js";
import { Viewer } from "./viewer.js";

/** Pairs decoded ahead of time. */
const AHEAD = 3;
/** Ask the server for more when fewer pairs than this are left. */
const LOW_WATER = 6;
/** Safari allows 100 changes of the address in 30 s; views, which change all the time, take at most 60 of them. */
const LINK_PAUSE_MS = 500;
const LINK_RETRY_MS = 2000;
const BUSY_AFTER_MS = 180;
const RETRY_MS = 1500;
const NAMED = "Names were shown for this verdict, so it stays.";

export class Desk {
  /**
   * @param {HTMLElement} root
   * @param {import("./api.js").Api} api
   * @param {{reviewer: string}} data
   */
  constructor(root, api, data) {
    this.root = root;
    this.api = api;
    this.data = data;
    this.queue = new Queue();
    this.images = new Images((name) => api.image(pathOf(name)));
    this.look = new Look();
    this.typedAhead = [];
    this.shown = null;
    this.counts = null;
    this.changes = 0;
    this.session = { started: Date.now(), verdicts: [], undone: 0 };
    this.link = readLink(location.search);
    this.filter = { run: this.link.run, tag: this.link.tag, check: this.link.check, show: this.link.show };
    this.#build();
    this.#connect();
  }

  #build() {
    const run = (command) => this.run(command);
    this.brief = new Brief(run);
    this.ballot = new Ballot(run);
    this.drawer = new Drawer({ onClose: () => this.root.classList.remove("browsing") });
    this.viewer = new Viewer(this.root, {
      api: this.api, images: this.images, commands: (command, event) => this.run(command, event),
      onChange: () => this.#viewChanged(), global: true,
    });
    this.root.append(this.brief.element, this.viewer.toolbar.element,
      el("div.table", {}, this.viewer.stage.element, this.drawer.element), this.ballot.element);
    this.ballot.enable(false, { canUndo: false });
  }

  #connect() {
    this.outbox = new Outbox({
      storage: localStorage,
      owner: this.data.reviewer,
      send: (event) => this.#send(event),
      onChange: (state) => {
        this.changes += 1;
        this.brief.sending(state);
        this.#counted();
      },
      onDelivered: (event, answer) => this.#delivered(event, answer),
      onRefused: (event, error) => this.#refused(event, error),
    });
    this.channel = new BroadcastChannel(`sidegrade.desk.${this.data.reviewer}`);
    this.channel.onmessage = ({ data }) => this.queue.judgedElsewhere(data.judged);
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.endWatch = keepWorking(() => this.viewer.say("No connection. Go on: your verdicts are kept here until it is back."));
    window.addEventListener("online", () => this.outbox.flush(), { signal });
    document.addEventListener("visibilitychange", () => this.look.visible(!document.hidden), { signal });
  }

  /** Load the queue and show the first pair. */
  async start() {
    this.queue.resume(this.outbox.waiting().map(({ event }) => event));
    this.outbox.flush();
    if (this.link.pair) await this.#lead(this.link.pair);
    await this.#refill();
    if (!this.shown) this.#showCurrent();
  }

  /** A fresh token came with a rerun of the page. */
  update(data) {
    this.data = data;
    this.outbox.flush();
    if (!this.queue.current) this.#refill().then(() => this.#showCurrent());
  }

  close() {
    clearTimeout(this.linkTimer);
    this.listeners.abort();
    this.endWatch();
    this.channel.close();
    this.viewer.close();
    this.images.close();
  }

  // ---- commands -------------------------------------------------------------------------------------------

  /** Do what a key or a button asks for; false when the command is not the desk's. */
  run(command, event) {
    if (this.drawer.name === "gallery" && !["close", "gallery", "help"].includes(command)) return undefined;
    const outcome = OUTCOMES.find((entry) => entry.command === command);
    if (outcome) return this.vote(outcome.id);
    if (command.startsWith("reason_")) return this.ballot.toggleReason(command.slice(7));
    const own = {
      undo: () => this.undo(),
      skip: () => this.later(),
      comment: () => this.ballot.focusComment(),
      reveal: () => this.reveal(),
      help: () => this.#help(),
      prompt: () => this.#prompt(),
      copy_link: () => this.#copyLink(),
      gallery: () => this.#gallery(),
      closest: () => this.#closest(),
      close: () => this.#close(),
    }[command];
    return own ? own() : this.viewer.run(command, event);
  }

  /** Judge the pair on the table and bring the next one. A key that comes before its pair waits for it. */
  vote(outcome) {
    const item = this.queue.current;
    if (!item && !this.loading) return undefined;
    if (!item || this.shown !== item) return this.typedAhead.push(() => this.vote(outcome));
    if (this.against) return this.#backToPair();
    if (this.judged) return this.viewer.say("You have judged this pair. Undo takes the verdict back.");
    if (this.#mustAcknowledge(item, outcome) || this.#mustEnlarge(item)) return undefined;
    const look = this.look.record();
    const ballot = { outcome, ...this.ballot.words, pins: this.viewer.pins.list, look };
    this.outbox.keep({ ...this.queue.vote(ballot), item });
    this.session.verdicts.push({ outcome, dwell_ms: look.dwell_ms });
    this.#showCurrent();
    afterPaint(() => {
      this.outbox.flush();
      this.channel.postMessage({ judged: item.task });
      this.#keepFilled();
    });
    return item;
  }

  #mustAcknowledge(item, outcome) {
    const same = item.a.width === item.b.width && item.a.height === item.b.height;
    if (same || this.look.acknowledged) return false;
    this.ballot.ask({
      text: `The sizes differ: A is ${item.a.width}×${item.a.height}, B is ${item.b.width}×${item.b.height}.`
        + " Both are drawn at the same scale from the same corner.",
      answers: [
        { title: "I have seen it: count my verdict", primary: true, run: () => {
          this.look.acknowledged = true;
          this.ballot.ask(null);
          this.vote(outcome);
        } },
        { title: "Look again", run: () => this.ballot.ask(null) },
      ],
    });
    this.ballot.question.querySelector("button").focus();
    return true;
  }

  #mustEnlarge(item) {
    if (!item.needs_one_to_one || this.look.maxZoom >= 1) return false;
    this.ballot.ask({
      text: "This pair has small text: look at it at 1:1 before judging.",
      answers: [{ title: "Show at 1:1", primary: true, run: () => {
        this.ballot.ask(null);
        this.run("one_to_one");
      } }],
    });
    this.ballot.question.querySelector("button").focus();
    return true;
  }

  /** Take back the latest verdict; its pair returns with everything said about it. */
  undo() {
    if (this.typedAhead.pop()) return this.viewer.say("Taken back.");
    if (this.judged) return this.#undoJudged();
    if (this.queue.cast.at(-1)?.ballot.named) return this.viewer.say(NAMED);
    const undone = this.queue.undo();
    if (!undone && this.loading) return this.loading.then(() => this.undo());
    if (!undone) return this.viewer.say("Nothing to undo.");
    this.outbox.keep(undone.event);
    this.session.undone += 1;
    this.session.verdicts.pop();
    this.#showCurrent();
    this.ballot.fill(undone.entry.ballot);
    this.viewer.pins.replace(undone.entry.ballot.pins ?? []);
    this.viewer.say("Taken back. Judge it again.");
    setTimeout(() => this.outbox.flush());
  }

  #undoJudged() {
    const { uuid, item, ballot } = this.judged;
    if (ballot.named) return this.viewer.say(NAMED);
    this.judged = null;
    this.queue.cast = this.queue.cast.filter((entry) => entry.uuid !== uuid);
    this.queue.cast.push({ uuid, item, ballot });
    return this.undo();
  }

  later() {
    const item = this.queue.current;
    if (!item && !this.loading) return undefined;
    if (!item || this.shown !== item) return this.typedAhead.push(() => this.later());
    if (this.judged) return undefined;
    if (this.queue.items.length === 1) return this.viewer.say("This is the last pair.");
    this.outbox.keep(this.queue.later());
    this.#showCurrent();
    setTimeout(() => this.outbox.flush());
    this.#keepFilled();
    return item;
  }

  /** Names, checks and reasons of the latest verdict, which then stays. */
  async reveal() {
    if (this.drawer.name === "reveal") return this.drawer.close();
    const last = this.judged ?? this.queue.cast.at(-1);
    if (!last) return this.viewer.say("Judge a pair first: names are shown afterwards.");
    await this.outbox.flush();
    try {
      const answer = await this.api.post(`api/pairs/${last.item.pair_id}/reveal`, { verdict: last.uuid });
      last.ballot.named = true;
      this.drawer.open("reveal", "Your last verdict", revealPanel(answer, this.images));
    } catch (error) {
      this.viewer.say(error.status === 409 ? "The verdict is not saved yet." : error.message);
    }
  }

  /** Beside A, then beside B: the golden positive of this case that looks most like it; then the pair again. */
  async #closest() {
    const item = this.shown;
    if (!item) return undefined;
    const next = { undefined: "a", a: "b", b: null }[this.against];
    if (!next) return this.#backToPair();
    try {
      item.positives ??= await this.api.get(`api/positives/${item.pair_id}`);
      const [digest] = item.positives[next];
      if (!digest) return this.viewer.say("This case has no golden positive yet.");
      const [own, golden] = await Promise.all([item[next].digest, digest].map((name) => this.images.get(name)));
      if (this.shown !== item) return undefined;
      this.against = next;
      this.viewer.name({ a: next.toUpperCase(), b: "Positive" });
      this.viewer.show({ ...item, pair_id: null, a: item[next], b: { digest } }, {
        a: { ...own, alt: `Render ${next.toUpperCase()} of: ${item.prompt}` },
        b: { ...golden, alt: `Golden positive of: ${item.prompt}` },
      });
      return this.viewer.say(`${next.toUpperCase()} beside its closest golden positive. Again: the other; then the pair.`);
    } catch (error) {
      return this.viewer.say(error.message);
    }
  }

  #backToPair() {
    this.#showCurrent({ keepWords: true });
    this.viewer.say("Back to the pair.");
  }

  // ---- what is on the table -------------------------------------------------------------------------------

  #showCurrent({ keepWords = false } = {}) {
    const item = this.queue.current;
    if (!keepWords) {
      this.ballot.fill();
      this.viewer.pins.replace([]);
      this.judged = null;
    }
    this.against = undefined;
    this.viewer.name({ a: "A", b: "B" });
    this.ballot.enable(Boolean(item), { canUndo: this.queue.cast.length > 0 });
    this.brief.show(item);
    const ready = item && ["a", "b"].map((side) => this.images.ready(item[side].digest));
    if (!item) this.#empty();
    else if (ready.every(Boolean)) this.#put(item, ready);
    else this.#putWhenReady(item);
    this.#writeLink();
    afterPaint(() => this.#prefetch());
  }

  #put(item, [a, b]) {
    const described = (side, entry) => ({ ...entry, alt: `Render ${side.toUpperCase()} of: ${item.prompt}` });
    this.shown = item;
    this.root.dataset.pair = item.pair_id;
    this.viewer.show(item, { a: described("a", a), b: described("b", b) });
    if (Object.keys(this.link).length) this.viewer.restore(this.link);
    this.link = {};
    this.look.restart();
    this.#viewChanged();
    this.#runTypedAhead();
  }

  async #putWhenReady(item) {
    this.shown = null;
    const busy = setTimeout(() => this.viewer.wait("Loading the renders…"), BUSY_AFTER_MS);
    try {
      const ready = await Promise.all(["a", "b"].map((side) => this.images.get(item[side].digest)));
      if (this.queue.current === item && this.shown !== item) this.#put(item, ready);
    } catch (error) {
      if (this.queue.current !== item) return;
      this.viewer.wait(`${error.message}. Trying again…`);
      setTimeout(() => this.queue.current === item && this.shown !== item && this.#putWhenReady(item), RETRY_MS);
    } finally {
      clearTimeout(busy);
    }
  }

  /** Keys that were pressed before their pair was there count once it has been painted. */
  #runTypedAhead() {
    const act = this.typedAhead.shift();
    if (act) requestAnimationFrame(act);
  }

  #prefetch() {
    for (const item of this.queue.upcoming(AHEAD)) {
      for (const side of ["a", "b"]) this.images.get(item[side].digest).catch(() => {});
    }
  }

  /** No pair on the table: words instead. */
  #clear(words) {
    this.shown = null;
    delete this.root.dataset.pair;
    this.viewer.clear(words);
  }

  #empty() {
    this.typedAhead = [];
    this.#clear(sessionSummary(this.session, this.counts, {
      gallery: () => this.run("gallery"),
      again: () => this.#refill().then(() => this.#showCurrent()),
    }));
  }

  // ---- the server -----------------------------------------------------------------------------------------

  /** Ask for more pairs; the one request under way serves all who ask. Tries again until the server answers. */
  #refill() {
    if (!this.loading) {
      const loading = this.#fetchQueue().finally(() => {
        if (this.loading === loading) this.loading = null;
      });
      this.loading = loading;
    }
    return this.loading;
  }

  async #fetchQueue() {
    const { changes, filter } = this;
    try {
      const answer = await this.api.get("api/queue", filter);
      if (filter !== this.filter) return;
      this.openRun = answer.run;
      this.whole = answer.whole;
      this.brief.tellUse(answer.use);
      this.queue.absorb(answer.items);
      if (answer.last) this.queue.remember(answer.last);
      // Counts that were overtaken by a verdict on its way would count it twice or not at all.
      if (changes === this.changes || !this.counts) this.counts = answer.counts;
      this.#counted();
      this.ballot.enable(Boolean(this.queue.current), { canUndo: this.queue.cast.length > 0 });
    } catch (error) {
      if (!this.shown) this.viewer.wait(`${error.message}. Trying again…`);
      await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
      if (!this.listeners.signal.aborted) await this.#fetchQueue();
    }
  }

  #keepFilled() {
    if (this.queue.items.length >= LOW_WATER || this.loading) return;
    if (this.whole && this.queue.items.length) return;
    this.#refill().then(() => (this.shown ? this.#prefetch() : this.#showCurrent()));
  }

  /** Verdicts on their way change the counts before the server knows. */
  get #underWay() {
    const weight = { verdict: 1, undo: -1, skip: 0 };
    return this.outbox.waiting().reduce((sum, { event }) => sum + weight[event.kind], 0);
  }

  get #left() {
    return Math.max(0, this.counts.unjudged - this.#underWay);
  }

  async #lead(pairId) {
    try {
      const answer = await this.api.get(`api/pairs/${pairId}`);
      this.queue.lead(answer.item);
      const unsent = this.queue.cast.find((entry) => entry.item.pair_id === pairId) ?? null;
      const judged = answer.verdict ? { uuid: answer.verdict.uuid, item: answer.item, ballot: answer.verdict } : unsent;
      this.#showCurrent();
      if (!judged) return;
      this.judged = judged;
      this.ballot.fill(judged.ballot);
      this.viewer.pins.replace(judged.ballot.pins ?? []);
    } catch (error) {
      this.link = {};
      this.#showCurrent();
      this.viewer.say(error.message);
    }
  }

  /** The item stays here: it lets the next page undo a verdict that still waits. */
  #send(event) {
    const { kind, item, ...body } = event;
    return this.api.post({ verdict: "api/verdicts", undo: "api/undo", skip: "api/skips" }[kind], body);
  }

  #delivered(event, answer) {
    const change = answer.saved ? { verdict: 1, undo: -1, skip: 0 }[event.kind] : 0;
    if (this.counts) {
      this.counts.mine += change;
      this.counts.unjudged -= change;
    }
    this.#counted();
    if (event.kind === "verdict" && !answer.saved) this.viewer.say("Already judged: your first verdict stands.");
  }

  #refused(event, error) {
    if (event.kind === "verdict") this.queue.refused(event.uuid);
    if (event.kind === "undo" && this.queue.undoRefused(event.uuid)) this.#showCurrent();
    this.viewer.say(`Not saved: ${error.message}`);
  }

  #counted() {
    if (!this.counts) return;
    const done = this.counts.mine + this.#underWay;
    this.brief.count(done, done + this.#left);
  }

  // ---- around it ------------------------------------------------------------------------------------------

  #viewChanged() {
    const { state } = this.viewer.stage;
    if (this.shown) this.look.saw(state.mode, state.view.zoom);
    clearTimeout(this.linkTimer);
    const pause = Math.max(0, LINK_PAUSE_MS - (performance.now() - (this.linkedAt ?? -Infinity)));
    this.linkTimer = setTimeout(() => this.#writeLink(), pause);
  }

  /** The link to what is on the table; a pair that is still on its way has no place and zoom yet. */
  #address() {
    const item = this.queue.current;
    const view = this.viewer.linkState();
    const place = item && this.shown === item ? {} : { zoom: null, at: null };
    return writeLink(location.search, { ...view, ...place, ...this.link, ...this.filter, pair: item?.pair_id });
  }

  /**
   * Say in the address what is on the table, so that a reload finds it again. Browsers limit how often: Safari
   * throws, Chromium ignores; then it is said a little later, and nothing else suffers.
   */
  #writeLink() {
    clearTimeout(this.linkTimer);
    this.linkedAt = performance.now();
    const address = this.#address();
    try {
      history.replaceState(history.state, "", location.pathname + address);
    } catch (error) {
      if (error.name !== "SecurityError") throw error;
    }
    if (location.search !== address) this.linkTimer = setTimeout(() => this.#writeLink(), LINK_RETRY_MS);
  }

  async #copyLink() {
    const link = location.origin + location.pathname + this.#address();
    try {
      await navigator.clipboard.writeText(link);
      this.viewer.say("Link copied.");
    } catch {
      this.drawer.open("link", "Link to this view", el("input.link", { readOnly: true, value: link,
        "aria-label": "Link", onfocus: (event) => event.target.select() }));
    }
  }

  #help() {
    if (this.drawer.name === "help") return this.drawer.close();
    this.drawer.open("help", "Keys", helpSheet({
      single: this.viewer.singleKeys, onSwitch: (on) => this.viewer.switchKeys(on),
      run: (command) => { this.drawer.close(); this.run(command); },
    }));
  }

  #prompt() {
    const item = this.queue.current;
    if (!item || this.drawer.name === "prompt") return this.drawer.close();
    this.drawer.open("prompt", "What was asked for", [
      el("p.whole-prompt", { text: item.prompt }),
      item.expected_text.length ? el("h3", { text: "Must be readable, exactly so" }) : null,
      el("ul", {}, item.expected_text.map((line) => el("li", { text: `“${line.text}”` }))),
      item.tags.length ? el("p.note", { text: `Tags: ${item.tags.join(", ")}` }) : null,
    ]);
  }

  #gallery() {
    if (this.drawer.name === "gallery") return this.drawer.close();
    this.gallery ??= new Gallery(this.api, {
      onFilter: (filter) => { this.drawer.close(); this.#refilter(filter); },
      onPick: (pairId) => {
        this.drawer.close();
        this.#clear("Loading the pair…");
        this.#lead(pairId);
      },
      onSay: (text) => this.viewer.say(text),
    });
    this.drawer.open("gallery", "Gallery", this.gallery.element, { wide: true });
    this.root.classList.add("browsing");
    return this.gallery.open({ ...this.filter, run: this.filter.run ?? this.openRun });
  }

  async #refilter(filter) {
    this.filter = filter;
    this.queue.restart();
    this.judged = null;
    this.against = undefined;
    this.typedAhead = [];
    this.loading = null;
    this.#clear("Loading the pairs…");
    await this.#refill();
    if (filter !== this.filter) return;
    this.#showCurrent();
  }

  #close() {
    if (this.viewer.escape()) return;
    if (!this.ballot.question.hidden) this.ballot.ask(null);
    else this.drawer.close();
  }
}

/** Do what can wait once the frame is painted (a hidden page paints none: then soon). */
function afterPaint(act) {
  if (document.hidden) setTimeout(act);
  else requestAnimationFrame(() => setTimeout(act));
}
