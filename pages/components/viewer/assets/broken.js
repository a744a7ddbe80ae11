/** What broke on a judged pair: both renders with a numbered box at each finding, why, and how sure the check is. */
import { el } from "./dom.js";

/** Vermilion: told from every other colour by people who see few of them. */
const INK = "#d55e00";
/** Device pixels across a small figure; smaller renders are enlarged by a whole factor. */
const WIDTH = 440;

/** The findings that are wrong whatever a policy says, each reason once, numbered from 1. */
export function broken(measurements) {
  const found = new Map();
  for (const finding of measurements) {
    const key = [finding.side, finding.check, finding.reason].join("\u0000");
    if (finding.broke && !found.has(key)) found.set(key, { ...finding, number: found.size + 1 });
  }
  return [...found.values()];
}

/** Elements for the reveal panel; `images` gives renders by digest. */
export function whatBroke(answer, images) {
  const found = broken(answer.measurements);
  if (!found.length) return [el("p.note", { text: "No check found anything that is wrong whatever a policy says." })];
  const figures = ["a", "b"].filter((side) => answer[side].digest)
    .map((side) => figure(side, answer[side], found.filter((finding) => finding.side === side), images));
  return [
    el("h3", { text: "What broke" }),
    el("div.figures", {}, figures),
    el("ol.broke", {}, found.map((finding) => el("li", {},
      el("strong", { text: `${sideOf(finding)} · ${finding.check_title}` }),
      el("span", { text: finding.reason }),
      el("span.note", { text: `How sure: ${finding.how_sure}` })))),
  ];
}

function sideOf(finding) {
  return finding.side ? finding.side.toUpperCase() : "A and B";
}

function figure(side, render, found, images) {
  const words = found.map((finding) => `${finding.number}: ${finding.reason}`).join("; ") || "no finding";
  const canvas = el("canvas", { role: "img", "aria-label": `${side.toUpperCase()}, ${words}` });
  images.get(render.digest).then(({ element }) => draw(canvas, element, found), () => canvas.remove());
  return el("figure", {}, canvas, el("figcaption", { text: side.toUpperCase() }));
}

function draw(canvas, image, found) {
  const scale = image.naturalWidth < WIDTH ? Math.ceil(WIDTH / image.naturalWidth) : WIDTH / image.naturalWidth;
  canvas.width = Math.round(image.naturalWidth * scale);
  canvas.height = Math.round(image.naturalHeight * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#808080";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = scale < 1;
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  pen.font = "bold 18px sans-serif";
  pen.lineWidth = 3;
  for (const { number, boxes } of found) {
    for (const [x, y, width, height] of boxes) {
      pen.strokeStyle = INK;
      pen.strokeRect(x * scale - 2, y * scale - 2, width * scale + 4, height * scale + 4);
      const top = Math.max(0, y * scale - 24);
      pen.fillStyle = INK;
      pen.fillRect(Math.max(0, x * scale - 3), top, 12 * String(number).length + 8, 22);
      pen.fillStyle = "#fff";
      pen.fillText(String(number), Math.max(0, x * scale - 3) + 4, top + 17);
    }
  }
}
