"""A check passes a self-test before it may gate: known faults must be found, known good pictures left alone.

Run by ``sidegrade doctor --checks``. A check that finds less than it promises, or that cannot run, is not
trusted, and no gate may use it. Of the reader the confused glyphs and the alphabet are measured as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import ascii_letters, digits

import numpy as np

from core.checks.card import CheckCard
from core.checks.runner import card_version, examine
from core.checks.selftest.specimens import draw_card, text_fonts
from core.checks.selftest.specs import SELF_TESTS, SelfTestSpec
from core.checks.selftest.trials import Trial
from core.checks.table import CHECKS
from core.checks.text.confusions import confusion_matrix, returned, unlisted
from core.checks.text.copy_lines import copy_lines
from core.checks.text.reader import Reader, load_reader
from core.checks.text.text_distance import comparable
from core.config.settings import Settings
from core.errors import CheckUnavailable
from core.formatting import percent
from core.records import Box, MeasurementStatus, SelfTest

CONFUSION_LINES = 160
MOST_UNLISTED = 0.05
"""A glyph misread more often than this, into one not listed as its like, costs the reader its trust."""
LEAST_RETURNED = 0.9
"""A character that comes back less often is outside the reader's alphabet: no gate judges a line by it."""
FEWEST_DRAWINGS = 8
"""Drawings of a character that say anything about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a check said about its trials."""

    hits: int
    faulty: int
    false_alarms: int
    clean: int
    undecided: int
    """Trials the check could not tell, counted in neither rate."""
    wrong: tuple[str, ...]
    """The trials it got wrong, in words."""
    versions: tuple[str, ...]

    @property
    def hit_rate(self) -> float | None:
        """Share of the decided faulty trials that were noticed; None without any."""
        return self.hits / self.faulty if self.faulty else None

    @property
    def false_alarm_rate(self) -> float | None:
        """Share of the decided clean trials with an alarm; None without any."""
        return self.false_alarms / self.clean if self.clean else None

    def keeps(self, spec: SelfTestSpec) -> bool:
        """Whether both rates are as promised: unmeasured hits count as 0, unmeasured false alarms as 1."""
        hits = 0.0 if self.hit_rate is None else self.hit_rate
        alarms = 1.0 if self.false_alarm_rate is None else self.false_alarm_rate
        return hits >= spec.least_hits and alarms <= spec.most_false_alarms


def run_self_tests(
    settings: Settings,
    now: datetime,
    *,
    checks: Iterable[str] | None = None,
    on_progress: Callable[[str], None] = lambda name: None,
) -> list[SelfTest]:
    """Test each check (default: all); ``on_progress`` hears the name of the one that begins.

    A check that cannot run is not trusted, with the remedy as the reason; nothing is raised for it.
    """
    tests = []
    for name in CHECKS if checks is None else checks:
        on_progress(name)
        tests.append(_tested(CHECKS[name], settings, now))
    return tests


def _tested(card: CheckCard, settings: Settings, now: datetime) -> SelfTest:
    spec = SELF_TESTS.get(card.name)
    if spec is None:
        return _distrusted(card, "the check has no self-test: add one to core/checks/selftest/specs.py", now)
    try:
        score = score_of(card.name, spec, settings, now)
        extra = _reading() if card.name == "typography" else {}
    except CheckUnavailable as error:
        return _distrusted(card, f"{error}; {error.remedy}" if error.remedy else str(error), now)
    return _judged(card, spec, score, extra, now)


def score_of(name: str, spec: SelfTestSpec, settings: Settings, now: datetime) -> Score:
    """Run a check over its trials.

    Raises:
        CheckUnavailable: when it could not run on one of them.
    """
    outcomes = [(trial, *_outcome(trial, name, spec, settings, now)) for trial in spec.trials()]
    faulty = [noticed for trial, noticed, _ in outcomes if trial.faulty and noticed is not None]
    clean = [noticed for trial, noticed, _ in outcomes if not trial.faulty and noticed is not None]
    return Score(
        hits=sum(faulty),
        faulty=len(faulty),
        false_alarms=sum(clean),
        clean=len(clean),
        undecided=len(outcomes) - len(faulty) - len(clean),
        wrong=tuple(t.what for t, noticed, _ in outcomes if noticed is not None and noticed != t.faulty),
        versions=tuple(sorted({version for *_, version in outcomes})),
    )


def _outcome(
    trial: Trial, name: str, spec: SelfTestSpec, settings: Settings, now: datetime
) -> tuple[bool | None, str]:
    found = examine(trial.pair, checks=[name], settings=settings, now=now)
    unfit = (MeasurementStatus.ERROR, MeasurementStatus.NOT_APPLICABLE)
    if all(m.status in unfit for m in found):
        raise CheckUnavailable(found[0].reason)
    noticed = spec.noticed(found)
    errors = [m.reason for m in found if m.status is MeasurementStatus.ERROR]
    if errors and not noticed:
        raise CheckUnavailable(errors[0])
    return noticed, found[0].version


def _judged(
    card: CheckCard, spec: SelfTestSpec, score: Score, extra: Mapping[str, object], now: datetime
) -> SelfTest:
    """Trusted when both rates keep the promise and the reader confuses nothing unlisted."""
    confused = extra.get("unlisted")
    reason = (
        f"found {score.hits} of {score.faulty} known faults (promise {percent(spec.least_hits)}), "
        f"{score.false_alarms} false alarms on {score.clean} good pictures "
        f"(promise at most {percent(spec.most_false_alarms)})"
    )
    if confused:
        reason += f"; the reader confuses unlisted glyphs: {confused}"
    return SelfTest(
        check=card.name,
        version=score.versions[0] if score.versions else card_version(card),
        hit_rate=score.hit_rate,
        false_alarm_rate=score.false_alarm_rate,
        trusted=score.keeps(spec) and not confused,
        reason=reason,
        score={"undecided": score.undecided, "wrong": list(score.wrong), **extra},
        created_at=now,
    )


def _distrusted(card: CheckCard, reason: str, now: datetime) -> SelfTest:
    return SelfTest(
        check=card.name,
        version=card_version(card),
        hit_rate=None,
        false_alarm_rate=None,
        trusted=False,
        reason=reason,
        created_at=now,
    )


def _reading() -> dict[str, object]:
    """What the reader does with perfect drawings: glyphs it confuses, those not listed, and its alphabet."""
    reader = load_reader()
    confused, drawn = confusion_matrix(_read_back(reader, _random_strings()))
    confused_in_copy, drawn_in_copy = confusion_matrix(_read_back(reader, copy_lines(0)))
    return {
        "engine": reader.engine,
        "confusions": {
            f"{a} → {b or '(nothing)'}": f"{n} of {drawn[a]}" for (a, b), n in confused.most_common()
        },
        "unlisted": unlisted(confused, drawn, reader.engine, above=MOST_UNLISTED),
        "alphabet": returned(
            confused + confused_in_copy,
            drawn + drawn_in_copy,
            reader.engine,
            least=LEAST_RETURNED,
            fewest=FEWEST_DRAWINGS,
        ),
    }


def _random_strings() -> Iterator[str]:
    """Letters and digits in no order that a reader could expect."""
    rng = random.Random(0)
    for _ in range(CONFUSION_LINES):
        yield "".join(rng.choice(ascii_letters + digits) for _ in range(8))


def _read_back(reader: Reader, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each line drawn with plain ground and read in its place, with what was read."""
    rng, fonts = random.Random(0), text_fonts()
    for number, text in enumerate(lines):
        height = rng.choice((14, 20, 32))
        card = draw_card(text, letter_height_px=height, font=fonts[number % len(fonts)], seed=number)
        pixels = np.asarray(card.image)
        frame = Box(height // 2, height // 2, pixels.shape[1] - height, pixels.shape[0] - height)
        yield text, comparable(reader.read(pixels, frame).text)
