/**
 * Keys to commands. One table drives the listener, the hints on the buttons and the help sheet.
 *
 * Single keys can be switched off (WCAG 2.1.4); they never fire while somebody types, and combinations with
 * Ctrl, Alt or Meta stay the browser's, except undo.
 */

/** Every command with its keys (as `KeyboardEvent.key`, or `code:` for a place on the keyboard). */
export const COMMANDS = [
  { id: "vote_a", keys: ["1", "code:Digit1", "code:Numpad1"], title: "A is better", group: "Verdict" },
  { id: "vote_b", keys: ["2", "code:Digit2", "code:Numpad2"], title: "B is better", group: "Verdict" },
  { id: "vote_tie", keys: ["3", "code:Digit3", "code:Numpad3"], title: "Tie", group: "Verdict" },
  { id: "vote_both_bad", keys: ["4", "code:Digit4", "code:Numpad4"], title: "Both bad", group: "Verdict" },
  { id: "vote_cant_judge", keys: ["5", "code:Digit5", "code:Numpad5"], title: "Can’t judge", group: "Verdict" },
  { id: "undo", keys: ["z", "ctrl+z", "Backspace"], title: "Undo the last verdict", group: "Verdict" },
  { id: "skip", keys: ["k"], title: "Keep for later", group: "Verdict" },
  { id: "reason_typography", keys: ["shift+code:Digit1"], title: "Reason: typography", group: "Reasons" },
  { id: "reason_alpha", keys: ["shift+code:Digit2"], title: "Reason: alpha", group: "Reasons" },
  { id: "reason_colour", keys: ["shift+code:Digit3"], title: "Reason: colour", group: "Reasons" },
  { id: "reason_composition", keys: ["shift+code:Digit4"], title: "Reason: composition", group: "Reasons" },
  { id: "reason_artefact", keys: ["shift+code:Digit5"], title: "Reason: artefact", group: "Reasons" },
  { id: "reason_brand", keys: ["shift+code:Digit6"], title: "Reason: brand", group: "Reasons" },
  { id: "comment", keys: ["c"], title: "Comment", group: "Reasons" },
  { id: "pin", keys: ["p"], title: "Pin a point or a box", group: "Reasons" },
  { id: "mode_slider", keys: ["s"], title: "Slider; again: turn it", group: "View" },
  { id: "mode_side", keys: ["e"], title: "Side by side", group: "View" },
  { id: "mode_onion", keys: ["o"], title: "Onion skin", group: "View" },
  { id: "mode_flicker", keys: ["f"], title: "Flicker; again: on its own", group: "View" },
  { id: "mode_difference", keys: ["d"], title: "Difference", group: "View" },
  { id: "mode_alpha", keys: ["a"], title: "Alpha alone", group: "View" },
  { id: "mode_only_a", keys: ["q"], title: "A alone", group: "View" },
  { id: "mode_only_b", keys: ["w"], title: "B alone", group: "View" },
  { id: "swap", keys: [" "], title: "Hold: show the other render", group: "View", hold: true },
  { id: "zoom_in", keys: ["+", "="], title: "Zoom in", group: "Place" },
  { id: "zoom_out", keys: ["-", "_"], title: "Zoom out", group: "Place" },
  { id: "fit", keys: ["0"], title: "Fit", group: "Place" },
  { id: "one_to_one", keys: ["9"], title: "1:1 device pixels", group: "Place" },
  { id: "left", keys: ["ArrowLeft"], title: "Move the slider or the layer", group: "Place" },
  { id: "right", keys: ["ArrowRight"], title: "Move the slider or the layer", group: "Place", quiet: true },
  { id: "up", keys: ["ArrowUp"], title: "Move the slider or the layer", group: "Place", quiet: true },
  { id: "down", keys: ["ArrowDown"], title: "Move the slider or the layer", group: "Place", quiet: true },
  { id: "pan_left", keys: ["shift+ArrowLeft"], title: "Move the picture", group: "Place" },
  { id: "pan_right", keys: ["shift+ArrowRight"], title: "Move the picture", group: "Place", quiet: true },
  { id: "pan_up", keys: ["shift+ArrowUp"], title: "Move the picture", group: "Place", quiet: true },
  { id: "pan_down", keys: ["shift+ArrowDown"], title: "Move the picture", group: "Place", quiet: true },
  { id: "next_difference", keys: ["n"], title: "Next difference", group: "Place" },
  { id: "previous_difference", keys: ["shift+n"], title: "Previous difference", group: "Place" },
  { id: "next_text", keys: ["t"], title: "Next line of text, enlarged", group: "Place" },
  { id: "previous_text", keys: ["shift+t"], title: "Previous line of text", group: "Place" },
  { id: "background", keys: ["b"], title: "Background behind transparency", group: "Look" },
  { id: "surround", keys: ["g"], title: "Surround: grey, dark, light", group: "Look" },
  { id: "probe", keys: ["i"], title: "Pixel probe", group: "Look" },
  { id: "overlay", keys: ["x"], title: "Map of LPIPS or FLIP over the renders", group: "Look" },
  { id: "closest", keys: ["y"], title: "Compare with the closest positive", group: "Look" },
  { id: "prompt", keys: ["."], title: "Whole prompt", group: "Desk" },
  { id: "reveal", keys: ["v"], title: "Names and checks of the last verdict, which then stays", group: "Desk" },
  { id: "gallery", keys: ["m"], title: "Gallery and filters", group: "Desk" },
  { id: "copy_link", keys: ["l"], title: "Copy a link to this view", group: "Desk" },
  { id: "help", keys: ["?"], title: "This help", group: "Desk" },
  { id: "close", keys: ["Escape"], title: "Close", group: "Desk", quiet: true },
];

const TEXT_FIELDS = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, "
  + "[contenteditable=true]";
const ALWAYS = new Set(["close"]);

/** The command a key press asks for, or null. `single` false: only Escape and combinations are heard. */
export function commandFor(event, { single = true, commands = COMMANDS } = {}) {
  if (event.altKey || event.isComposing) return null;
  const names = namesOf(event);
  const command = commands.find((entry) => entry.keys.some((key) => names.includes(key)));
  if (!command) return null;
  const combined = event.ctrlKey || event.metaKey;
  return single || combined || ALWAYS.has(command.id) ? command : null;
}

function namesOf(event) {
  if (event.ctrlKey || event.metaKey) return [`ctrl+${event.key.toLowerCase()}`];
  const letter = event.key.length === 1 && /\p{Letter}/u.test(event.key);
  const names = [`code:${event.code}`, letter ? event.key.toLowerCase() : event.key];
  if (!event.shiftKey) return names;
  const shifted = names.map((name) => `shift+${name}`);
  // A sign such as ? or + needs Shift on many layouts: there the key already says what was meant. Digits are
  // told by their place, because on some layouts they need Shift as well.
  const sign = event.key.length === 1 && !letter && !/[0-9]/.test(event.key);
  return sign ? [...shifted, event.key] : shifted;
}

/** Whether a key press belongs to a field or a button and not to the desk. */
export function isTyping(target, event) {
  if (!target?.closest) return false;
  if (target.closest(TEXT_FIELDS)) return event.key !== "Escape";
  if (target.closest("input[type=range]")) return event.key.startsWith("Arrow");
  return (event.key === " " || event.key === "Enter") && Boolean(target.closest("button, a, summary, [role=button]"));
}

/** How a command's first key is written on a button: `1`, `⇧1`, `Space`, `←`. */
export function keyLabel(id, commands = COMMANDS) {
  const key = commands.find((entry) => entry.id === id)?.keys[0] ?? "";
  return writtenKey(key);
}

/** A key name for people. */
export function writtenKey(key) {
  const names = {
    " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Backspace: "⌫",
  };
  if (key.startsWith("shift+")) return `⇧${writtenKey(key.slice(6))}`;
  if (key.startsWith("ctrl+")) return `Ctrl ${writtenKey(key.slice(5))}`;
  if (key.startsWith("code:Digit")) return key.slice(10);
  return names[key] ?? key.toUpperCase();
}
