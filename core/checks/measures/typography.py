"""Can every expected line be read exactly as written? Judged per line and size, and paired between the arms.

OCR errs on both arms alike, so the finding that counts is the pair: read right on the baseline, wrong on the
candidate. Every single value is given too: sentence accuracy, NED, CER, WER, missing and invented words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.checks.card import Finding, NotApplicable
from core.checks.pair import PairToExamine
from core.checks.text.alphabet import unknown_characters
from core.checks.text.lettering import Legibility, Lettering, Line, read_lettering
from core.checks.text.reader import load_reader
from core.checks.text.strokes import compared
from core.checks.text.text_distance import (
    character_error_rate,
    invented_words,
    missing_words,
    normal,
    similarity,
    word_error_rate,
    wrong_letters,
)
from core.config.settings import Settings
from core.records import Arm, Box, MeasurementStatus, Region

TIERS = (12, 16, 20, 32, 64)
"""Letter heights (px) at which a size tier begins; below the first is a tier of its own."""


def measure(pair: PairToExamine, settings: Settings) -> list[Finding] | NotApplicable:
    """Findings per arm and line, then the paired ones; not applicable where no text is expected."""
    expected = pair.case.expected_text
    if not expected:
        return NotApplicable(reason="the case expects no exact text")
    reader = load_reader()
    seen = {arm: read_lettering(pair.picture(arm), expected, reader) for arm in pair.arms()}
    found = [
        finding
        for arm, lettering in seen.items()
        for finding in _of_arm(lettering, arm, seen.get(arm.other), pair.picture(arm).frame)
    ]
    if len(seen) < len(Arm):
        return found
    baseline, candidate = seen[Arm.BASELINE], seen[Arm.CANDIDATE]
    return [*found, *_paired(baseline, candidate), *compared(*pair.pictures(), baseline, candidate)]


def tier_of(letter_height_px: float | None) -> str:
    """The size tier of a line, such as ``12–15 px``."""
    if letter_height_px is None:
        return "unknown size"
    if letter_height_px < TIERS[0]:
        return f"under {TIERS[0]} px"
    starts = [start for start in TIERS if start <= letter_height_px]
    if starts[-1] == TIERS[-1]:
        return f"{TIERS[-1]} px and more"
    return f"{starts[-1]}–{TIERS[len(starts)] - 1} px"


def _of_arm(lettering: Lettering, arm: Arm, other: Lettering | None, frame: Box) -> Iterator[Finding]:
    nowhere = (Region(box=frame, label="nowhere in the picture", arm=arm),)
    for number, line in enumerate(lettering.lines):
        regions = _regions(line, arm, other.lines[number] if other else None) or nowhere
        yield from _of_line(number, line, lettering, arm, regions)
    yield from _of_words(lettering, arm)
    yield _order(lettering, arm)


def _of_line(
    number: int, line: Line, lettering: Lettering, arm: Arm, regions: tuple[Region, ...]
) -> Iterator[Finding]:
    expected, read = line.expected.text, line.text
    values = {
        "exact": float(line.legibility is Legibility.RIGHT),
        "ned": similarity(expected, read),
        "cer": character_error_rate(expected, read),
        "wer": word_error_rate(expected, read),
    }
    told = line.legibility.is_told
    for metric, value in values.items():
        yield Finding(
            metric=metric,
            arm=arm,
            subject=expected,
            status=MeasurementStatus.MEASURED if told else MeasurementStatus.AMBIGUOUS,
            value=value if told else None,
            reason=_reason(line),
            regions=regions,
            raw={"line": number, **_raw(line, lettering)},
        )


def _reason(line: Line) -> str:
    expected, read, tier = normal(line.expected.text), normal(line.text), _tier(line)
    if line.legibility is Legibility.RIGHT:
        return f"read «{read}» as expected, {tier}"
    if line.legibility is Legibility.UNREADABLE:
        unknown = unknown_characters(expected)
        return f"expected «{expected}», read «{read}»; the reader was never tested on «{unknown}»"
    if line.reading is None:
        return f"expected «{expected}», found nothing like it, {tier}"
    if line.legibility is Legibility.AMBIGUOUS:
        return f"expected «{expected}», read «{read}»; the reader confuses these glyphs anyway"
    wrong, letters = wrong_letters(expected, read), len(expected.replace(" ", ""))
    how_wrong = f"{wrong} of {letters} letters" if wrong else "something was put in"
    return f"expected «{expected}», read «{read}»; {how_wrong}, {tier}"


def _tier(line: Line) -> str:
    return f"{tier_of(line.expected.letter_height_px)} tier"


def _regions(line: Line, arm: Arm, other: Line | None) -> tuple[Region, ...]:
    """Where a line stands; one that is not there is shown where it should be, or stands on the other arm."""
    if line.reading is not None:
        return (Region(box=line.reading.box, label=f"«{line.text}»", arm=arm),)
    if line.expected.box is not None:
        return (Region(box=line.expected.box, label="expected here", arm=arm),)
    if other is not None and other.reading is not None:
        return (Region(box=other.reading.box, label=f"here on the {arm.other}", arm=arm),)
    return ()


def _raw(line: Line, lettering: Lettering) -> dict[str, object]:
    return {
        "expected": line.expected.text,
        "read": line.text,
        "legibility": line.legibility.value,
        "score": line.reading.score if line.reading else None,
        "letter_height_px": line.expected.letter_height_px,
        "tier": tier_of(line.expected.letter_height_px),
        "background": lettering.background,
        "engine": lettering.engine,
    }


def _of_words(lettering: Lettering, arm: Arm) -> Iterator[Finding]:
    """Missing and invented words of the whole picture; untold lines count as what they should be."""
    expected = " ".join(line.expected.text for line in lettering.lines)
    read = " ".join(line.text if line.legibility.is_told else line.expected.text for line in lettering.lines)
    everything = " ".join([read, *(reading.text for reading in lettering.extra)])
    extra = tuple(Region(box=r.box, label=f"extra «{r.text}»", arm=arm) for r in lettering.extra)
    misread = tuple(
        Region(box=line.reading.box, label=f"«{line.text}»", arm=arm)
        for line in lettering.lines
        if line.reading and line.legibility is Legibility.WRONG
    )
    missing, invented = missing_words(expected, everything), invented_words(expected, everything)
    raw: dict[str, object] = {"read": everything, "engine": lettering.engine}
    yield Finding(
        metric="missing_words",
        arm=arm,
        value=len(missing),
        reason=_listed("missing", missing),
        regions=misread,
        raw=raw,
    )
    yield Finding(
        metric="invented_words",
        arm=arm,
        value=len(invented),
        reason=_listed("not asked for", invented),
        regions=(*misread, *extra) if invented else (),
        raw=raw,
    )


def _listed(what: str, words: Sequence[str]) -> str:
    return f"{what}: {', '.join(f'«{word}»' for word in words)}" if words else f"no word {what}"


def _order(lettering: Lettering, arm: Arm) -> Finding:
    """Whether the lines that were found stand below (or right of) one another in the order of the case."""
    boxes = [line.reading.box for line in lettering.lines if line.reading]
    ordered = all(_before(first, second) for first, second in pairwise(boxes))
    return Finding(
        metric="order",
        arm=arm,
        value=float(ordered),
        reason="the lines stand in order" if ordered else "the lines stand in another order than asked for",
    )


def _before(first: Box, second: Box) -> bool:
    """Whether a line stands above another, or on the same row to its left."""
    down = (second.y + second.height / 2) - (first.y + first.height / 2)
    same_row = abs(down) < min(first.height, second.height) / 2
    return first.x < second.x if same_row else down > 0


def _paired(baseline: Lettering, candidate: Lettering) -> list[Finding]:
    return [
        _changed("regressions", baseline, candidate, "read right on the baseline, wrong on the candidate"),
        _changed("improvements", candidate, baseline, "read wrong on the baseline, right on the candidate"),
    ]


def _changed(metric: str, right_on: Lettering, wrong_on: Lettering, meaning: str) -> Finding:
    pairs = zip(right_on.lines, wrong_on.lines, strict=True)
    changed = [
        (wrong, right)
        for right, wrong in pairs
        if right.legibility is Legibility.RIGHT and wrong.legibility is Legibility.WRONG
    ]
    arm = Arm.CANDIDATE if metric == "regressions" else Arm.BASELINE
    reasons = "; ".join(_reason(wrong) for wrong, _ in changed)
    return Finding(
        metric=metric,
        value=len(changed),
        reason=f"{meaning}: {reasons}" if changed else f"no line {meaning}",
        regions=tuple(region for wrong, right in changed for region in _regions(wrong, arm, right)),
    )
