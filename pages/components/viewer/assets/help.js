/** The sheet behind `?`: every key from the one table, and the switch that turns single keys off. */
import { el } from "./dom.js";
import { COMMANDS, writtenKey } from "./keys.js";

/** Elements of the help sheet. `single` is whether single keys are on; `onSwitch(on)` is told of a change. */
export function helpSheet({ single, onSwitch, commands = COMMANDS }) {
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
        el("dd", { text: command.title }),
      ])))),
    el("section", {}, el("h3", { text: "Hand" }), el("p.note", {
      text: "Drag the slider’s line; drag the picture to move it; wheel or pinch to zoom.",
    })),
  ];
}
