/** From key presses to commands: which presses are the viewer's, and which belong to what has the focus. */
import { commandFor, isTyping } from "./keys.js";

const OFF = "sidegrade.keys-off";
const REPEATING = /^(left|right|up|down|pan_|zoom_|next_|previous_)/;
const FOREIGN = "[role=dialog], [role=listbox], [role=menu], [role=combobox]";

/** Whether single keys are heard (WCAG 2.1.4). */
export function singleKeys() {
  return localStorage.getItem(OFF) !== "yes";
}

/** Hear single keys, or only Escape and combinations. */
export function switchKeys(on) {
  localStorage.setItem(OFF, on ? "no" : "yes");
}

/**
 * Hear the keys of a viewer until the returned function is called: of the whole page when `global`, else with
 * the focus inside `root`.
 */
export function listenToKeys(viewer, root, global) {
  const target = global ? window : root;
  const hear = (event) => {
    const focus = event.composedPath()[0];
    if (isTyping(focus, event) || (global && isElsewhere(focus, viewer.stage.element))) return;
    if (viewer.pins.aiming && event.key === "Enter" && event.type === "keydown") {
      viewer.pins.placeAtCursor(event.shiftKey);
      stop(event);
      return;
    }
    const command = commandFor(event, { single: singleKeys() });
    if (!command || (event.type === "keyup" && !command.hold)) return;
    stop(event);
    if (event.repeat && !REPEATING.test(command.id)) return;
    viewer.command(command.id, event);
  };
  const listeners = new AbortController();
  const { signal } = listeners;
  target.addEventListener("keydown", hear, { capture: true, signal });
  target.addEventListener("keyup", hear, { capture: true, signal });
  window.addEventListener("blur", () => viewer.stage.swap(false), { signal });
  return () => listeners.abort();
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Whether the focus is in another widget of the page, whose keys are its own. */
function isElsewhere(focus, stage) {
  if (!focus?.closest || focus === document.body) return false;
  return focus.getRootNode() !== stage.getRootNode() && Boolean(focus.closest(FOREIGN));
}
