/** What opens beside the table or over it: help, the whole prompt, a link, what a verdict revealed, the gallery. */
import { el } from "./dom.js";
import { Drawer } from "./drawer.js";
import { Gallery } from "./gallery.js";
import { helpSheet } from "./help.js";
import { revealPanel } from "./reveal.js";

export class Panels {
  /**
   * @param {object} parts
   * @param {HTMLElement} parts.root
   * @param {import("./api.js").Api} parts.api
   * @param {import("./images.js").Images} parts.images
   * @param {import("./viewer.js").Viewer} parts.viewer
   * @param {(command: string) => void} parts.run
   * @param {(filter: object) => void} parts.onFilter the pairs of a filter are to be judged
   * @param {(pairId: string) => void} parts.onPick a pair of the gallery is to be shown
   */
  constructor({ root, api, images, viewer, run, onFilter, onPick }) {
    Object.assign(this, { root, api, images, viewer, run, onFilter, onPick });
    this.drawer = new Drawer({ onClose: () => root.classList.remove("browsing") });
  }

  get element() {
    return this.drawer.element;
  }

  /** The name of the open panel, or null. */
  get name() {
    return this.drawer.name ?? null;
  }

  close() {
    this.drawer.close();
  }

  /** Every command with its key. */
  help() {
    this.#toggle("help", "Keys", () => helpSheet({
      single: this.viewer.singleKeys, onSwitch: (on) => this.viewer.switchKeys(on),
      run: (command) => { this.close(); this.run(command); },
    }));
  }

  /** What was asked for; of no pair nothing. */
  prompt(item) {
    if (!item) return this.close();
    return this.#toggle("prompt", "What was asked for", () => [
      el("p.whole-prompt", { text: item.prompt }),
      item.expected_text.length ? el("h3", { text: "Must be readable, exactly so" }) : null,
      el("ul", {}, item.expected_text.map((line) => el("li", { text: `“${line.text}”` }))),
      item.tags.length ? el("p.note", { text: `Tags: ${item.tags.join(", ")}` }) : null,
    ]);
  }

  /** A link to this view. */
  link(link) {
    return this.#copy(link, "Link", "Link to this view", "input.link");
  }

  /** What could not be saved, to be kept elsewhere. */
  unsaved(words) {
    return this.#copy(words, "Words", "Not saved", "textarea");
  }

  /** Into the clipboard or, where that is forbidden, to be copied by hand. */
  async #copy(value, name, title, field) {
    try {
      await navigator.clipboard.writeText(value);
      this.viewer.say(`${name} copied.`);
    } catch {
      this.drawer.open("link", title, el(field, { readOnly: true, value, "aria-label": name,
        onfocus: (event) => event.target.select() }));
    }
  }

  /** Names, checks and reasons of a verdict. */
  revealed(answer) {
    this.drawer.open("reveal", "Your last verdict", revealPanel(answer, this.images));
  }

  /** The gallery of a filter, over everything else. */
  gallery(filter) {
    if (this.name === "gallery") return this.close();
    this.wall ??= new Gallery(this.api, {
      onFilter: (wanted) => { this.close(); this.onFilter(wanted); },
      onPick: (pairId) => { this.close(); this.onPick(pairId); },
      onSay: (text) => this.viewer.say(text),
    });
    this.drawer.open("gallery", "Gallery", this.wall.element, { wide: true });
    this.root.classList.add("browsing");
    return this.wall.open(filter);
  }

  #toggle(name, title, make) {
    if (this.name === name) this.close();
    else this.drawer.open(name, title, make());
  }
}
