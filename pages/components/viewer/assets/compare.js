/** The read-only comparison of two named renders, for the pages about one pair. Keys work with the focus inside. */
import { el } from "./dom.js";
import { Drawer } from "./drawer.js";
import { helpSheet } from "./help.js";
import { Images, pathOf } from "./images.js";
import { COMMANDS } from "./keys.js";
import { Viewer } from "./viewer.js";

const GROUPS = new Set(["View", "Place", "Look"]);

export class Compare {
  /**
   * @param {HTMLElement} root
   * @param {import("./api.js").Api} api
   * @param {{a: object, b: object, height: number, pins: object[], prompt: string, pair: string|null}} data
   */
  constructor(root, api, data) {
    this.root = root;
    this.images = new Images((name) => api.image(pathOf(name)), 4);
    this.drawer = new Drawer();
    this.viewer = new Viewer(root, {
      api, images: this.images, labels: { a: data.a.label, b: data.b.label }, readOnly: true,
      commands: (command, event) => this.run(command, event),
    });
    root.tabIndex = -1;
    this.table = el("div.table", {}, this.viewer.stage.element, this.drawer.element);
    root.append(this.viewer.toolbar.element, this.table);
    this.update(data);
  }

  start() {}

  /** Show what the page asks for now. */
  async update(data) {
    this.table.style.height = `${data.height}px`;
    const wanted = JSON.stringify([data.a, data.b]);
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    const sides = { a: data.a.digest ? data.a : null, b: data.b.digest ? data.b : null };
    try {
      const [a, b] = await Promise.all(["a", "b"].map((side) => sides[side] && this.images.get(sides[side].digest)));
      const described = (side, entry) => entry && { ...entry, alt: `${data[side].label}: ${data.prompt}` };
      this.viewer.show({ pair_id: data.pair, ...sides }, { a: described("a", a), b: described("b", b) });
      this.viewer.pins.replace(data.pins);
    } catch (error) {
      this.viewer.wait(el("p", { text: error.message }));
    }
  }

  run(command, event) {
    if (command === "help") return this.#help();
    if (command === "close" && !this.viewer.escape()) return this.drawer.close();
    return this.viewer.run(command, event);
  }

  #help() {
    if (this.drawer.name === "help") return this.drawer.close();
    return this.drawer.open("help", "Keys", helpSheet({
      single: this.viewer.singleKeys, onSwitch: (on) => this.viewer.switchKeys(on),
      run: (command) => { this.drawer.close(); this.run(command); },
      commands: COMMANDS.filter((command) => GROUPS.has(command.group) && !["closest"].includes(command.id)),
    }));
  }

  close() {
    this.viewer.close();
    this.images.close();
  }
}
