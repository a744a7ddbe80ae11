/** Judging: the verdict on the pair on the table, taking one back, keeping a pair for later, learning the names. */
import { OUTCOMES } from "./ballot.js";
import { CANNOT_BE_JUDGED } from "./gone.js";
import { questionBefore } from "./questions.js";

const NAMED = "Names were shown for this verdict, so it stays.";

export class Judging {
  /** @param {import("./desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** What was done in this sitting. */
    this.session = { started: Date.now(), verdicts: [], undone: 0 };
  }

  /** What a command of verdict and reasons does, or undefined for any other. */
  deedOf(command) {
    const outcome = OUTCOMES.find((entry) => entry.command === command);
    if (outcome) return () => this.vote(outcome.id);
    if (command.startsWith("reason_")) return () => this.desk.ballot.toggleReason(command.slice(7));
    return {
      undo: () => this.undo(),
      skip: () => this.later(),
      comment: () => this.desk.ballot.focusComment(),
      reveal: () => this.reveal(),
    }[command];
  }

  /** Judge the pair on the table and bring the next one. A key that comes before its pair waits for it. */
  vote(outcome) {
    const { desk } = this;
    const item = this.#onTable(() => this.vote(outcome));
    if (!item) return undefined;
    if (desk.closest.side) return desk.backToPair();
    if (desk.judged) return desk.viewer.say("You have judged this pair. Undo takes the verdict back.");
    const withdraw = () => desk.ballot.ask(null);
    const question = questionBefore(item, desk.look, {
      judge: () => { withdraw(); this.vote(outcome); },
      lookAgain: withdraw,
      enlarge: () => { withdraw(); desk.run("one_to_one"); },
    });
    return question ? desk.ballot.ask(question) : this.#cast(item, outcome);
  }

  #cast(item, outcome) {
    const { desk } = this;
    const look = desk.look.record();
    const ballot = { outcome, ...desk.ballot.words, pins: desk.viewer.pins.list, look };
    desk.delivery.keep({ ...desk.queue.vote(ballot), item });
    this.session.verdicts.push({ outcome, dwell_ms: look.dwell_ms });
    desk.showCurrent();
    afterPaint(() => {
      desk.delivery.flush();
      desk.delivery.tell(item.task);
      desk.keepFilled();
    });
  }

  /** Take back the latest verdict, or the one on the table; its pair returns with everything said about it. */
  undo() {
    const { desk } = this;
    const { viewer, delivery, prefetch } = desk;
    if (desk.pairLoader.typedAhead.pop()) return viewer.say("Taken back.");
    const last = this.#last;
    if (last?.ballot.named) return viewer.say(NAMED);
    if (!last && prefetch.loading) return prefetch.loading.then(() => this.undo());
    if (!last) return viewer.say("Nothing to undo.");
    delivery.keep(desk.queue.undo(last).event);
    this.session.undone += 1;
    this.session.verdicts.pop();
    desk.showCurrent();
    desk.fill(last.ballot);
    viewer.say("Taken back. Judge it again.");
    return setTimeout(delivery.flush);
  }

  /** Put the pair on the table off to the end. */
  later() {
    const { desk } = this;
    if (this.#isGone) {
      desk.queue.leaveOut();
      desk.showCurrent();
      return desk.keepFilled();
    }
    const item = this.#onTable(() => this.later());
    if (!item || desk.judged) return undefined;
    if (desk.queue.items.length === 1) return desk.viewer.say("This is the last pair.");
    desk.delivery.keep(desk.queue.later());
    desk.showCurrent();
    setTimeout(desk.delivery.flush);
    return desk.keepFilled();
  }

  /** Names, checks and reasons of the latest verdict, which then stays. */
  async reveal() {
    const { panels, viewer, delivery, api } = this.desk;
    if (panels.name === "reveal") return panels.close();
    const last = this.#last;
    if (!last) return viewer.say("Judge a pair first: names are shown afterwards.");
    await delivery.flush();
    try {
      const answer = await api.post(`api/pairs/${last.item.pair_id}/reveal`, { verdict: last.uuid });
      last.ballot.named = true;
      return panels.revealed(answer);
    } catch (error) {
      return viewer.say(error.status === 409 ? "The verdict is not saved yet." : error.message);
    }
  }

  /** The verdict that undo and reveal are about. */
  get #last() {
    return this.desk.judged ?? this.desk.queue.cast.at(-1);
  }

  get #isGone() {
    const { queue, pairLoader } = this.desk;
    return Boolean(queue.current) && pairLoader.gone === queue.current;
  }

  /** The pair to act on; one that is still on its way lets the act wait for it. */
  #onTable(act) {
    const { queue, pairLoader, prefetch } = this.desk;
    const item = queue.current;
    if (this.#isGone) {
      this.desk.viewer.say(CANNOT_BE_JUDGED);
      return null;
    }
    if (item && pairLoader.item === item) return item;
    if (item || prefetch.loading) pairLoader.typedAhead.push(act);
    return null;
  }
}

/** Do what can wait once the frame is painted (a hidden page paints none: then soon). */
export function afterPaint(act) {
  if (document.hidden) setTimeout(act);
  else requestAnimationFrame(() => setTimeout(act));
}
