/**
 * The viewer both pages share: stage, toolbar, probe, pins and jumps, driven by commands. It knows nothing of
 * verdicts; the desk adds those, the read-only comparison adds names.
 */
import { BACKGROUNDS, SURROUNDS } from "./backdrop.js";
import { REASONS } from "./ballot.js";
import { el } from "./dom.js";
import { listen } from "./gestures.js";
import { listenToKeys, singleKeys, switchKeys } from "./keyboard.js";
import { Maps } from "./maps.js";
import { MODES, ORIENTATIONS } from "./modes.js";
import { Pins } from "./pins.js";
import { Places } from "./places.js";
import { Probe } from "./probe.js";
import { Stage } from "./stage.js";
import { nextBackground, Toolbar } from "./toolbar.js";

const SLIDER_STEP = 0.02;
const PAN_STEP = 60;
const CROSSHAIR_STEP = 8;
/** Two swaps a second: well under the three flashes a second of WCAG 2.3.1. */
const FLICKER_MS = 500;
const SAY_MS = 3500;

export class Viewer {
  /**
   * @param {HTMLElement} root
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {import("./images.js").Images} parts.images
   * @param {(command: string, event?: Event) => void} [parts.commands] hears every command first
   * @param {() => void} [parts.onChange]
   * @param {boolean} [parts.global] hear keys of the whole page, not only with the focus inside
   * @param {{a: string, b: string}} [parts.labels]
   * @param {boolean} [parts.readOnly]
   */
  constructor(root, { api, images, commands, onChange = () => {}, global = false, labels, readOnly = false }) {
    this.api = api;
    this.images = images;
    this.command = commands ?? ((command, event) => this.run(command, event));
    this.item = null;
    this.stage = new Stage({ labels, onChange: () => { this.toolbar.update(); onChange(); } });
    this.toolbar = new Toolbar(this.stage, (command) => this.command(command));
    this.probe = new Probe(this.stage, (digest) => images.pixels(digest), () => this.digests);
    this.pins = new Pins(this.stage, { reasons: REASONS, readOnly });
    this.places = new Places(this);
    this.maps = new Maps(this);
    this.toast = el("div.toast", { role: "status", hidden: true });
    this.stage.element.append(this.toast, this.places.element);
    this.stopGestures = listen(this.stage, { claim: (point) => this.pins.claim(point) });
    this.stopKeys = listenToKeys(this, root, global);
    this.toolbar.update();
  }

  get digests() {
    return { a: this.item?.a?.digest ?? null, b: this.item?.b?.digest ?? null };
  }

  /** Put a pair on the stage; mode, background and surround stay as they are. */
  show(item, { a, b }) {
    this.item = item;
    this.#stopFlicker();
    this.wait(null);
    this.places.reset(item);
    this.stage.show({ a, b });
    if (this.stage.state.mode === "difference") this.maps.showDifference();
    if (this.maps.name) this.maps.show();
  }

  /** What the sides are called from now on. */
  name(labels) {
    this.stage.rename(labels);
  }

  /** Nothing to show: words instead. */
  clear(words) {
    this.item = null;
    this.stage.show({ a: null, b: null });
    this.wait(words);
  }

  // ---- commands -------------------------------------------------------------------------------------------

  /** Do what a key or a button asks for; false when the command is unknown here. */
  run(command, event) {
    if (command.startsWith("mode_")) return this.#mode(command.slice(5));
    const { stage } = this;
    const aiming = this.pins.aiming;
    const move = (dx, dy) => (aiming ? this.pins.moveCursor(dx * CROSSHAIR_STEP, dy * CROSSHAIR_STEP) : this.#arrow(dx, dy));
    const does = {
      left: () => move(-1, 0), right: () => move(1, 0), up: () => move(0, -1), down: () => move(0, 1),
      pan_left: () => stage.pan(PAN_STEP, 0), pan_right: () => stage.pan(-PAN_STEP, 0),
      pan_up: () => stage.pan(0, PAN_STEP), pan_down: () => stage.pan(0, -PAN_STEP),
      zoom_in: () => stage.step(1), zoom_out: () => stage.step(-1), fit: () => stage.fit(),
      one_to_one: () => stage.zoomTo(1),
      swap: () => stage.swap(event ? event.type === "keydown" : !stage.swapped),
      background: () => this.#look({ background: nextBackground(stage.state.background) }),
      surround: () => this.#look({ surround: SURROUNDS[(SURROUNDS.indexOf(stage.state.surround) + 1) % SURROUNDS.length] }),
      probe: () => this.say(this.probe.toggle() ? "Pixel probe on." : "Pixel probe off."),
      pin: () => this.pins.aim() && this.say("Click a point or draw a box. By keyboard: arrows, then Enter; Shift Enter for a box."),
      next_difference: () => this.places.difference(1), previous_difference: () => this.places.difference(-1),
      next_text: () => this.places.text(1), previous_text: () => this.places.text(-1),
      overlay: () => this.maps.next(),
      close: () => this.escape(),
    }[command];
    if (!does) return false;
    does();
    return true;
  }

  #mode(mode) {
    this.stage.caption.hidden = mode !== "difference";
    const again = this.stage.state.mode === mode;
    this.#stopFlicker();
    this.stage.setMode(mode);
    if (mode === "difference") this.maps.showDifference();
    if (mode === "flicker" && again) this.#startFlicker();
    return true;
  }

  #arrow(dx, dy) {
    const { mode, split, onion, orientation, gain } = this.stage.state;
    if (mode === "slider") {
      const [x, y] = orientation === "horizontal" ? [dx, 0] : orientation === "vertical" ? [0, dy] : [dx, dy];
      this.stage.moveSplit(split.x + x * SLIDER_STEP, split.y + y * SLIDER_STEP);
    } else if (mode === "onion") {
      this.stage.state.onion = Math.min(1, Math.max(0, onion + (dx - dy) * 0.05));
      this.stage.changed();
    } else if (mode === "difference") {
      this.stage.state.gain = Math.min(32, Math.max(1, gain + dx - dy));
      this.stage.changed();
    } else if (mode === "flicker" && dx) {
      this.stage.flick();
    } else {
      this.stage.pan(-dx * PAN_STEP, -dy * PAN_STEP);
    }
  }

  #look(changes) {
    Object.assign(this.stage.state, changes);
    this.stage.changed();
  }

  #startFlicker() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      return this.say("Reduced motion is on: hold Space or press ← → to swap by hand.");
    }
    this.flickering = setInterval(() => this.stage.flick(), FLICKER_MS);
    return undefined;
  }

  #stopFlicker() {
    clearInterval(this.flickering);
    this.flickering = null;
  }

  /** Whether single keys are heard. */
  get singleKeys() {
    return singleKeys();
  }

  switchKeys(on) {
    switchKeys(on);
  }

  // ---- words ----------------------------------------------------------------------------------------------

  /** A short message over the stage. */
  say(text) {
    this.toast.textContent = text;
    this.toast.hidden = false;
    clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => { this.toast.hidden = true; }, SAY_MS);
    return true;
  }

  /** Words in place of the renders (a text or elements), or null to take them away. */
  wait(words) {
    const { message } = this.stage;
    message.replaceChildren(...[words ?? []].flat());
    message.hidden = !words;
  }

  /** Close what is open inside the stage; false when nothing was. */
  escape() {
    if (this.pins.form) this.pins.closeForm();
    else if (this.pins.aiming) this.pins.aim(false);
    else if (this.places.close()) return true;
    else if (this.probe.on) this.probe.toggle(false);
    else return false;
    return true;
  }

  // ---- links ----------------------------------------------------------------------------------------------

  /** What a permalink must say about the view. */
  linkState() {
    const { backdrop, state: { mode, orientation, background, view } } = this.stage;
    return {
      mode: mode === "slider" ? null : mode,
      turn: mode === "slider" && orientation !== "horizontal" ? orientation : null,
      zoom: view.fit ? null : view.zoom,
      at: view.fit ? null : { x: view.x, y: view.y },
      bg: { checker: null, brand: backdrop.brand.slice(1) }[background] ?? background,
    };
  }

  /** Restore what a permalink says; words it does not know are ignored. */
  restore({ mode, turn, zoom, at, bg }) {
    const { stage } = this;
    if (BACKGROUNDS.includes(bg)) stage.state.background = bg;
    if (stage.backdrop.paint(`#${bg}`)) stage.state.background = "brand";
    if (ORIENTATIONS.includes(turn)) stage.state.orientation = turn;
    if (MODES.some((entry) => entry.id === mode) && mode !== stage.state.mode) this.#mode(mode);
    if (zoom) stage.restore(zoom, at);
    stage.changed();
  }

  close() {
    this.#stopFlicker();
    this.stopGestures();
    this.stopKeys();
    this.stage.close();
  }
}
