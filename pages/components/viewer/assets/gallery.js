/**
 * Every pair of a filter at a glance: thousands of cells, of which only those in sight exist. Filters stand
 * beside them with their counts; the whole filter can be labelled at once, after a confirmation, and undone.
 */
import { el, set } from "./dom.js";
import { uuid } from "./queue.js";
import { Thumbnails } from "./thumbnails.js";

const CELL = { width: 236, height: 152 };
const PAGE = 60;
/** Rows kept ready above and below the ones in sight. */
const MARGIN = 2;

const VIEWS = [
  ["unjudged", "To judge"], ["mine", "Judged by me"], ["disagreement", "Reviewers disagree"], ["all", "All pairs"],
];

export class Gallery {
  /**
   * @param {import("./api.js").Api} api
   * @param {object} parts
   * @param {(filter: object) => void} parts.onFilter judge this filter
   * @param {(pairId: string) => void} parts.onPick look at one pair
   * @param {(words: string) => void} parts.onSay
   */
  constructor(api, { onFilter, onPick, onSay }) {
    this.api = api;
    this.onFilter = onFilter;
    this.onPick = onPick;
    this.onSay = onSay;
    this.thumbnails = new Thumbnails((digest) => api.image(`api/thumb/${digest}?w=160`));
    this.cells = new Map();
    this.pages = new Map();
    this.#build();
  }

  #build() {
    this.side = el("nav.filters", { "aria-label": "Filters" });
    this.title = el("strong.total", { role: "status" });
    this.judge = el("button.primary", { type: "button", text: "Judge these", onclick: () => this.onFilter(this.filter) });
    this.label = el("button.quiet", { type: "button", text: "Label all…", onclick: () => this.#askToLabel() });
    this.confirm = el("div.confirm", { role: "alertdialog", "aria-label": "Label all pairs of this filter", hidden: true });
    this.space = el("div.space", { role: "list", "aria-label": "Pairs" });
    this.scroller = el("div.scroller", { onscroll: () => this.#soon(), onkeydown: (event) => this.#key(event) }, this.space);
    this.element = el("div.gallery", {}, this.side, el("div.shelf", {},
      el("div.row.head", {}, this.title, el("div.spring"), this.label, this.judge), this.confirm, this.scroller));
    this.observer = new ResizeObserver(() => this.#soon());
    this.observer.observe(this.scroller);
  }

  /** Show the pairs of a filter. */
  async open(filter) {
    this.filter = { ...filter };
    this.pages.clear();
    for (const cell of this.cells.values()) cell.remove();
    this.cells.clear();
    this.confirm.hidden = true;
    this.scroller.scrollTop = 0;
    this.total = 0;
    try {
      const [first, { runs }] = await Promise.all([this.#page(0), this.runs ?? this.api.get("api/runs")]);
      this.runs = { runs };
      this.total = first.total;
      this.cap = first.cap;
      this.#drawFilters(first.counts, runs);
      this.title.textContent = `${first.total.toLocaleString("en")} ${first.total === 1 ? "pair" : "pairs"}`;
      this.judge.disabled = first.total === 0;
      this.label.disabled = first.total === 0;
      this.#draw();
    } catch (error) {
      this.title.textContent = error.message;
    }
  }

  close() {
    this.observer.disconnect();
    this.thumbnails.close();
  }

  #page(number) {
    const known = this.pages.get(number);
    if (known) return known;
    const wanted = this.api.get("api/gallery", { ...this.filter, offset: number * PAGE });
    const filter = this.filter;
    this.pages.set(number, wanted);
    wanted.then(
      (page) => { if (this.filter === filter) Object.assign(wanted, { items: page.items }); },
      () => this.pages.delete(number),
    );
    return wanted;
  }

  // ---- the cells ------------------------------------------------------------------------------------------

  #soon() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      this.#draw();
    });
  }

  get columns() {
    return Math.max(1, Math.floor(this.space.clientWidth / CELL.width));
  }

  #draw() {
    const { columns } = this;
    const rows = Math.ceil(this.total / columns);
    this.space.style.height = `${rows * CELL.height}px`;
    const top = Math.max(0, Math.floor(this.scroller.scrollTop / CELL.height) - MARGIN);
    const bottom = Math.min(rows, Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / CELL.height) + MARGIN);
    const wanted = new Set();
    for (let index = top * columns; index < Math.min(this.total, bottom * columns); index += 1) wanted.add(index);
    for (const [index, cell] of this.cells) {
      if (wanted.has(index)) continue;
      cell.remove();
      this.cells.delete(index);
    }
    for (const index of wanted) this.#cell(index, columns);
    this.thumbnails.focus();
  }

  #cell(index, columns) {
    const width = this.space.clientWidth / columns;
    const place = { left: `${(index % columns) * width}px`, width: `${width}px`, top: `${Math.floor(index / columns) * CELL.height}px` };
    let cell = this.cells.get(index);
    if (!cell) {
      cell = el("div.cell", { role: "listitem" });
      this.cells.set(index, cell);
      this.space.append(cell);
    }
    set(cell, { style: place });
    if (cell.firstChild) return;
    const page = this.#page(Math.floor(index / PAGE));
    const item = page.items?.[index % PAGE];
    if (item) this.#fill(cell, item, index);
    else page.then(() => this.#soon(), () => {});
  }

  #fill(cell, item, index) {
    const words = `${item.judged ? "Judged. " : ""}${item.prompt}`;
    cell.append(el("button.open", { type: "button", "data-index": String(index), title: item.prompt,
      "aria-label": `Pair ${index + 1}: ${words}`, onclick: () => this.onPick(item.pair_id) },
    el("span.thumbs", {}, ["a", "b"].map((side) => this.thumbnails.image(item[side].digest))),
    el("span.about", {}, item.judged ? el("span.done", { text: "Judged" }) : null, el("span", { text: item.prompt }))));
  }

  #key(event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    const at = event.target.dataset?.index;
    if (!(event.key in moves) || at === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(this.total - 1, Math.max(0, Number(at) + moves[event.key]));
    const row = Math.floor(next / this.columns) * CELL.height;
    const { scrollTop, clientHeight } = this.scroller;
    if (row < scrollTop || row + CELL.height > scrollTop + clientHeight) {
      this.scroller.scrollTop = row - clientHeight / 2 + CELL.height / 2;
      this.#draw();
    }
    this.cells.get(next)?.querySelector("button")?.focus({ preventScroll: true });
  }

  // ---- the filters ----------------------------------------------------------------------------------------

  #drawFilters(counts, runs) {
    const sizes = { unjudged: counts.unjudged, mine: counts.mine, disagreement: counts.disagreement, all: counts.total };
    const view = this.filter.show ?? "unjudged";
    this.side.replaceChildren(
      this.#group("Show", VIEWS.map(([id, title]) => this.#choice(title, sizes[id], view === id, { show: id }))),
      this.#group("Checks that found something", Object.entries(counts.failed_checks).map(([name, size]) =>
        this.#choice(name, size, this.filter.check === name, { check: this.filter.check === name ? null : name }))),
      this.#group("Tags", Object.entries(counts.tags).map(([name, size]) =>
        this.#choice(name, size, this.filter.tag === name, { tag: this.filter.tag === name ? null : name }))),
      this.#group("Runs", [this.#choice("All runs", null, !this.filter.run, { run: null }), ...runs.map((run) =>
        this.#choice(runTitle(run), null, this.filter.run === run.id, { run: run.id }))]));
  }

  #group(title, choices) {
    if (!choices.length) return el("div");
    return el("section", {}, el("h3", { text: title }), el("div.choices", {}, choices));
  }

  #choice(title, size, chosen, change) {
    return el("button.choice", { type: "button", "aria-pressed": String(chosen),
      onclick: () => this.open({ ...this.filter, ...change }) },
    el("span", { text: title }), size === null ? null : el("span.size", { text: size.toLocaleString("en") }));
  }

  // ---- labels for all -------------------------------------------------------------------------------------

  #askToLabel() {
    if (this.total > this.cap) {
      this.onSay(`At most ${this.cap} pairs at once: narrow the filter first.`);
      return;
    }
    const judged = this.filter.show === "mine";
    const actions = [
      ["Both renders are right for their case", "both", "positive"],
      ["Both renders are wrong for their case", "both", "negative"],
      ...(judged ? [["The render I preferred is right", "preferred", "positive"]] : []),
    ];
    this.confirm.replaceChildren(
      el("p", { text: `Label all ${this.total} pairs of this filter. The golden set takes the labels as yours; each can be changed again.` }),
      el("div.row", {}, actions.map(([title, renders, label]) => el("button.quiet", {
        type: "button", text: title, onclick: () => this.#label(renders, label),
      })), el("button.quiet", { type: "button", text: "Cancel", onclick: () => { this.confirm.hidden = true; } })));
    this.confirm.hidden = false;
    this.confirm.querySelector("button").focus();
  }

  async #label(renders, label) {
    const filter = Object.fromEntries(Object.entries(this.filter).filter(([, value]) => value));
    try {
      const { changed, events } = await this.api.post("api/triage",
        { uuid: uuid(), filter, renders, label, confirmed: this.total });
      this.confirm.replaceChildren(el("p", { text: `${changed} ${changed === 1 ? "label" : "labels"} changed.` }),
        el("div.row", {}, el("button.quiet", { type: "button", text: "Undo", onclick: () => this.#undoLabels(events) }),
          el("button.quiet", { type: "button", text: "Done", onclick: () => { this.confirm.hidden = true; } })));
      this.confirm.querySelector("button").focus();
    } catch (error) {
      this.onSay(error.message);
    }
  }

  async #undoLabels(events) {
    const { undone } = await this.api.post("api/triage/undo", { events });
    this.confirm.hidden = true;
    this.onSay(`${undone} ${undone === 1 ? "label" : "labels"} taken back.`);
  }
}

function runTitle(run) {
  const day = new Date(run.created_at).toLocaleDateString("en", { day: "numeric", month: "short" });
  return `${run.suite || "One prompt"}, ${day}`;
}
