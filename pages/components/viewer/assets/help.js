/** The sheet behind `?`: every command from the one table as key and button, and the switch for single keys. */
import { el } from "./dom.js";
import { COMMANDS, writtenKey } from "./keys.js";

/**
 * Elements of the help sheet. `single` is whether single keys are on; `onSwitch(on)` is told of a change,
 * `run(command)` does what somebody without keys asks for.
 */
export function helpSheet({ single, onSwitch, run, commands = COMMANDS }) {
  const shown = commands.filter((command) => !command.quiet);
  const groups = [...new Set(shown.map((command) => command.group))];
  const box = el("input", { type: "checkbox", checked: single, onchange: () => onSwitch(box.checked) });
  return [
    el("label.switch", {}, box, el("span", { text: "Single keys judge, switch modes and zoom" })),
    el("p.note", { text: "Off: only Escape and Ctrl Z are heard; every command stays a button." }),
    ...groups.map((group) => el("section", {}, el("h3", { text: group }),
      el("dl.keys", {}, shown.filter((command) => command.group === group).flatMap((command) => [
        el("dt", {}, command.keys.filter((key) => !key.startsWith("code:")).slice(0, 2)
          .map((key) => el("kbd", { text: writtenKey(key) }))),
        el("dd", {}, el("button.plain", { type: "button", text: command.title, onclick: () => run(command.id) })),
      ])))),
    el("section", {}, el("h3", { text: "Hand" }), el("p.note", {
      text: "Drag the slider’s line; drag the picture to move it; wheel or pinch to zoom.",
    })),
  ];
}
