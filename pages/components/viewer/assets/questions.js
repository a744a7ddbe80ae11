/** What the desk asks before a verdict counts: a yes to different sizes, a look at small text. */

/** The question that a pair still has to be asked about, or null. `acts` does what its answers ask for. */
export function questionBefore(item, look, acts) {
  return sizesDiffer(item, look, acts) ?? seenTooSmall(item, look, acts);
}

function sizesDiffer(item, look, { judge, lookAgain }) {
  const same = item.a.width === item.b.width && item.a.height === item.b.height;
  if (same || look.acknowledged) return null;
  return {
    text: `The sizes differ: A is ${item.a.width}×${item.a.height}, B is ${item.b.width}×${item.b.height}.`
      + " Both are drawn at the same scale from the same corner.",
    answers: [
      { title: "I have seen it: count my verdict", primary: true, run: () => {
        look.acknowledged = true;
        judge();
      } },
      { title: "Look again", run: lookAgain },
    ],
  };
}

function seenTooSmall(item, look, { enlarge }) {
  if (!item.needs_one_to_one || look.maxZoom >= 1) return null;
  return {
    text: "This pair has small text: look at it at 1:1 before judging.",
    answers: [{ title: "Show at 1:1", primary: true, run: enlarge }],
  };
}
