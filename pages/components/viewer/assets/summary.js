/** The end of a sitting: what was done here, at which pace, and what is left. */
import { el } from "./dom.js";

/** Elements for an empty queue. `session` holds this sitting's verdicts, `counts` the server's counts. */
export function sessionSummary(session, counts, actions) {
  const judged = session.verdicts.length;
  if (!counts) return [el("h2", { text: "The queue is loading…" })];
  const left = counts.unjudged;
  const done = judged || (counts.mine && !left);
  const title = done ? "All judged" : left ? "Nothing under this filter" : "Nothing to judge yet";
  const words = counts.coming
    ? `${counts.coming} more ${counts.coming === 1 ? "pair is" : "pairs are"} being rendered. They appear here as they arrive.`
    : left ? "Other filters still hold pairs." : "Start a run, or open the gallery to look at what was judged.";
  return [
    el("h2", { text: title }),
    judged ? el("dl.figures", {}, figures(session).flatMap(([name, value]) =>
      [el("div", {}, el("dt", { text: name }), el("dd", { text: value }))])) : null,
    el("p", { text: words }),
    el("div.row", {},
      el("button.primary", { type: "button", text: "Look for new pairs", onclick: actions.again }),
      el("button.quiet", { type: "button", text: "Open the gallery", onclick: actions.gallery })),
  ].filter(Boolean);
}

/** Names and values of a sitting; totals per outcome are left out on purpose: they would sway the next verdict. */
export function figures(session) {
  const looks = session.verdicts.map((verdict) => verdict.dwell_ms).sort((a, b) => a - b);
  return [
    ["judged in this sitting", String(looks.length)],
    ["typical look", seconds(median(looks))],
    ["taken back", String(session.undone)],
  ];
}

function median(sorted) {
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function seconds(ms) {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
