/**
 * The review desk: one blind pair after another, by keyboard or by hand.
 *
 * It talks to the app's own routes and never waits for them: the verdict goes into the outbox, the next pair
 * is already decoded and appears in the same frame. Streamlit only delivers a fresh token now and then.
 */
import { Address } from "./address.js";
import { Ballot } from "./ballot.js";
import { Brief } from "./brief.js";
import { Closest } from "./closest.js";
import { keepWorking } from "./connection.js";
import { Delivery } from "./delivery.js";
import { el } from "./dom.js";
import { Images, pathOf } from "./images.js";
import { afterPaint, Judging } from "./judging.js";
import { Look } from "./look.js";
import { Panels } from "./panels.js";
import { readLink } from "./permalink.js";
import { Queue } from "./queue.js";
import { PairLoader } from "./pair_loader.js";
import { sessionSummary } from "./summary.js";
import { Prefetch } from "./prefetch.js";
import { Progress } from "./progress.js";
import { Viewer } from "./viewer.js";

export class Desk {
  /**
   * @param {HTMLElement} root
   * @param {import("./api.js").Api} api
   * @param {{reviewer: string}} data
   */
  constructor(root, api, data) {
    this.root = root;
    this.api = api;
    this.queue = new Queue();
    this.images = new Images((name) => api.image(pathOf(name)));
    this.look = new Look();
    /** The verdict of the pair on the table, when that has one already. */
    this.judged = null;
    this.judging = new Judging(this);
    this.link = readLink(location.search);
    this.#build();
    this.#connect(data.reviewer);
  }

  #build() {
    const { root, api, images } = this;
    const run = (command, event) => this.run(command, event);
    this.brief = new Brief(run);
    this.ballot = new Ballot(run);
    this.viewer = new Viewer(root, { api, images, commands: run, onChange: () => this.#viewChanged(), global: true });
    const { viewer } = this;
    this.panels = new Panels({ root, api, images, viewer, run, onFilter: (filter) => this.#refilter(filter),
      onPick: (pairId) => { this.pairLoader.clear("Loading the pair…"); this.#lead(pairId); } });
    this.closest = new Closest({ api, images, viewer });
    this.pairLoader = new PairLoader({ root, images, viewer, isWanted: (item) => this.queue.current === item,
      onShown: () => this.#shown(), onGone: () => this.#enable(), next: () => this.judging.later() });
    this.address = new Address(() => this.#view());
    root.append(this.brief.element, viewer.toolbar.element,
      el("div.table", {}, viewer.stage.element, this.panels.element), this.ballot.element);
    this.ballot.enable(false, { canUndo: false });
  }

  #connect(reviewer) {
    const { api, queue, link } = this;
    this.progress = new Progress(() => this.delivery.waiting);
    this.delivery = new Delivery({
      api, reviewer,
      onChange: (state) => { this.progress.moved(); this.brief.sending(state); this.#counted(); this.#waits(state); },
      onDelivered: (event, answer) => this.#delivered(event, answer),
      onRefused: (event, error) => this.#refused(event, error),
      onJudgedElsewhere: (task) => queue.judgedElsewhere(task), onCopy: (words) => this.panels.unsaved(words),
    });
    this.brief.element.after(this.delivery.aside.element);
    this.prefetch = new Prefetch({
      api, queue, progress: this.progress, filter: { run: link.run, tag: link.tag, check: link.check, show: link.show },
      onAnswer: (answer) => { this.brief.tellUse(answer.use); this.#counted(); this.#enable(); },
      onFailure: (error) => this.pairLoader.item || this.viewer.wait(`${error.message}. Trying again…`),
    });
    this.endWatch = keepWorking((words) => this.viewer.say(words));
    this.look.watch(document);
  }

  /** Load the queue and show the first pair. */
  async start() {
    this.queue.resume(this.delivery.waiting);
    this.delivery.flush();
    if (this.link.pair) await this.#lead(this.link.pair);
    await this.prefetch.refill();
    if (!this.pairLoader.item) this.showCurrent();
  }

  /** A fresh token came with a rerun of the page. */
  update() {
    this.delivery.flush();
    if (!this.queue.current) this.#lookForMore();
  }

  close() {
    for (const part of [this.address, this.delivery, this.prefetch, this.look, this.viewer, this.images]) part.close();
    this.endWatch();
  }

  // ---- commands -------------------------------------------------------------------------------------------

  /** Do what a key or a button asks for; false when the command is not the desk's. */
  run(command, event) {
    const { panels } = this;
    if (panels.name === "gallery" && !["close", "gallery", "help"].includes(command)) return undefined;
    const { filter } = this.prefetch;
    const own = this.judging.deedOf(command) ?? {
      help: () => panels.help(),
      prompt: () => panels.prompt(this.queue.current),
      copy_link: () => panels.link(this.address.link),
      gallery: () => panels.gallery({ ...filter, run: filter.run ?? this.prefetch.run }),
      closest: () => this.#besideClosest(),
      close: () => this.#close(),
    }[command];
    return own ? own() : this.viewer.run(command, event);
  }

  async #besideClosest() {
    const { item } = this.pairLoader;
    if (item && !(await this.closest.next(item, () => this.pairLoader.item === item))) this.backToPair();
  }

  /** From a golden positive back to the pair, with what was said of it. */
  backToPair() {
    this.showCurrent({ keepWords: true });
    this.viewer.say("Back to the pair.");
  }

  #close() {
    if (this.viewer.escape()) return;
    if (!this.ballot.question.hidden) this.ballot.ask(null);
    else this.panels.close();
  }

  // ---- what is on the table -------------------------------------------------------------------------------

  /** Put the pair whose turn it is on the table, or the summary when none is left. */
  showCurrent({ keepWords = false } = {}) {
    const item = this.queue.current;
    if (!keepWords) {
      this.fill();
      this.judged = null;
    }
    this.closest.reset();
    this.viewer.name({ a: "A", b: "B" });
    this.brief.show(item);
    if (item) this.pairLoader.show(item);
    else this.#empty();
    this.#enable();
    this.address.write();
    afterPaint(() => this.#prefetch());
  }

  #shown() {
    if (Object.keys(this.link).length) this.viewer.restore(this.link);
    this.link = {};
    this.look.restart();
    this.#viewChanged();
  }

  /** Words and pins of a ballot, or none. */
  fill(ballot = {}) {
    this.ballot.fill(ballot);
    this.viewer.pins.replace(ballot.pins ?? []);
  }

  /** No pair is left here: more are on their way, and keys wait for them, or the summary says that none is. */
  #empty() {
    if (this.prefetch.loading) {
      this.pairLoader.clear("Loading the next pairs…");
      return;
    }
    this.pairLoader.typedAhead = [];
    this.pairLoader.clear(sessionSummary(this.judging.session, this.progress.counts, {
      gallery: () => this.run("gallery"), again: () => this.#lookForMore(),
    }));
  }

  #enable() {
    this.ballot.enable(Boolean(this.queue.current) && !this.pairLoader.gone, { canUndo: this.queue.cast.length > 0 });
  }

  #viewChanged() {
    const { state } = this.viewer.stage;
    if (this.pairLoader.item) this.look.saw(state.mode, state.view.zoom);
    this.address.changed();
  }

  /** What a link to this view says; a pair that is still on its way has no place and zoom yet. */
  #view() {
    const item = this.queue.current;
    const place = item && this.pairLoader.item === item ? {} : { zoom: null, at: null };
    return { ...this.viewer.linkState(), ...place, ...this.link, ...this.prefetch.filter, pair: item?.pair_id };
  }

  // ---- the server -----------------------------------------------------------------------------------------

  #prefetch() {
    this.pairLoader.prefetch(this.queue.upcoming());
  }

  /** Ask for more pairs in time. */
  keepFilled() {
    if (this.prefetch.isLow) this.prefetch.refill().then(() => (this.pairLoader.item ? this.#prefetch() : this.showCurrent()));
  }

  #lookForMore() {
    return this.prefetch.refill().then(() => this.showCurrent());
  }

  async #lead(pairId) {
    try {
      const { item, verdict, objection } = await this.api.get(`api/pairs/${pairId}`);
      this.queue.lead(item);
      const unsent = this.queue.cast.find((entry) => entry.item?.pair_id === pairId) ?? null;
      this.showCurrent();
      this.judged = verdict ? { uuid: verdict.uuid, item, ballot: verdict } : unsent;
      if (this.judged) this.fill(this.judged.ballot);
      else if (objection) this.viewer.say(`No verdict of yours is taken here: ${objection}.`);
    } catch (error) {
      this.link = {};
      this.showCurrent();
      this.viewer.say(error.message);
    }
  }

  async #refilter(filter) {
    this.judged = null;
    this.closest.reset();
    this.pairLoader.typedAhead = [];
    this.pairLoader.clear("Loading the pairs…");
    if (await this.prefetch.restart(filter)) this.showCurrent();
  }

  #delivered(event, answer) {
    this.progress.delivered(event, answer);
    this.#counted();
    if (event.kind === "verdict" && !answer.saved) this.viewer.say("Already judged: your first verdict stands.");
  }

  /** After each try that the server had to turn away: why, and where the verdicts are. */
  #waits({ sending, reason }) {
    if (reason && !sending) this.viewer.say(`Not saved yet: ${reason}. It stays in this browser until it can be sent.`);
  }

  #refused(event, error) {
    if (event.kind === "verdict") this.queue.refused(event.uuid);
    if (event.kind === "undo" && this.queue.undoRefused(event.uuid)) this.showCurrent();
    this.viewer.say(`Not saved: ${error.message}${error.remedy ? `; ${error.remedy}` : ""}`);
  }

  #counted() {
    const { progress } = this.progress;
    if (progress) this.brief.count(progress.done, progress.total);
  }
}
