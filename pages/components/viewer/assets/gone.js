/** A pair whose picture cannot be shown: the words in place of it, and the way on to the next pair. */
import { el, kbd } from "./dom.js";
import { keyLabel } from "./keys.js";

/** Whether asking for the picture again cannot help: the server has no such file, or it is no picture. */
export function isGone(error) {
  return Boolean(error.permanent) || error.name === "EncodingError";
}

/** What is said to a key that would judge such a pair. */
export const CANNOT_BE_JUDGED = "A picture of this pair cannot be shown, so no verdict is taken on it.";

/** Elements of the card; `next` leads on. */
export function goneCard(error, next) {
  const what = error.status === 404 ? "is missing" : "cannot be read";
  return [
    el("h2", { text: `A picture of this pair ${what}` }),
    el("p", { text: "No verdict is taken on it. The pair comes back when the picture is drawn again, or its file put back." }),
    el("div.row", {}, el("button.primary", { type: "button", onclick: next }, el("span", { text: "Next pair" }), kbd(keyLabel("skip")))),
  ];
}
