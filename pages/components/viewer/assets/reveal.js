/** What the reviewer may know once the verdict is in: which model was which, what the checks found, and why. */
import { whatBroke } from "./broken.js";
import { el } from "./dom.js";
import { OUTCOMES, REASONS } from "./ballot.js";

/** Elements of the reveal panel from the answer of `api/reveal/…`; `images` gives renders by digest. */
export function revealPanel(answer, images, { brandNames = { baseline: "Baseline", candidate: "Candidate" } } = {}) {
  const { verdict } = answer;
  const said = OUTCOMES.find((outcome) => outcome.id === verdict.outcome)?.title ?? verdict.outcome;
  const why = REASONS.filter((reason) => verdict.reasons.includes(reason.id)).map((reason) => reason.title);
  return [
    el("p.said", {}, "You said ", el("strong", { text: said }), why.length ? ` · ${why.join(", ")}` : ""),
    el("p.note", { text: answer.a.digest === answer.b.digest
      ? "Both sides showed one and the same render: a control, which is no evidence."
      : `Names were shown, so this verdict stays.${leftToOthers(answer.lost)}` }),
    verdict.comment ? el("blockquote", { text: verdict.comment }) : null,
    el("div.arms", {}, ["a", "b"].map((side) => el(`div.arm${verdict.outcome === side ? ".chosen" : ""}`, {},
      el("span.letter", { text: side.toUpperCase() }),
      el("strong", { text: answer[side].model }),
      el("span.note", { text: brandNames[answer[side].arm] })))),
    ...(answer.measurements.length
      ? [...whatBroke(answer, images), el("h3", { text: "Everything that was measured" }), findingsTable(answer.measurements)]
      : [el("p.note", { text: "No check has examined this pair yet." })]),
  ];
}

/** What else the names cost: pairs of other runs that hold one of these pictures. */
function leftToOthers(pairs) {
  if (!pairs) return "";
  return ` ${pairs === 1 ? "1 other pair holds" : `${pairs} other pairs hold`} one of these pictures: left to others.`;
}

/** A table of measurements: what was found on A and on B, in words and numbers. */
export function findingsTable(measurements, { sides = { a: "A", b: "B" } } = {}) {
  const rows = new Map();
  for (const finding of measurements) {
    const key = [finding.check, finding.metric, finding.subject].join("\u0000");
    const row = rows.get(key) ?? { ...finding, values: {} };
    row.values[finding.side ?? "both"] = finding;
    rows.set(key, row);
  }
  const cells = (row) => (row.values.both
    ? [el("td.between", { colSpan: 2, text: written(row.values.both), title: row.values.both.reason })]
    : ["a", "b"].map((side) => el("td.number", {
      text: row.values[side] ? written(row.values[side]) : "–", title: row.values[side]?.reason ?? "",
    })));
  return el("table.findings", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Check" }),
      el("th.number", { scope: "col", text: sides.a }), el("th.number", { scope: "col", text: sides.b }))),
    el("tbody", {}, [...rows.values()].map((row) => el("tr", {},
      el("th", { scope: "row" }, row.title, el("span.subject", { text: row.check_title }),
        row.subject ? el("span.subject", { text: `“${row.subject}”` }) : null), ...cells(row)))));
}

function written(finding) {
  if (finding.status === "error") return "could not run";
  if (finding.status === "not_applicable") return "not asked";
  if (finding.status === "ambiguous") return "ambiguous";
  return finding.figure;
}
