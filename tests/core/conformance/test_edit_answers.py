"""What an edit must hold to be kept, at the very edge of each promise; what was not made proves nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.checks.card import Finding
from core.checks.pair import Edit
from core.conformance import edit_answers
from core.conformance.edit_answers import EditOutcome, EditPromise, judge_edits
from core.conformance.edit_cases import EditKind, EditMade, EditNotMade
from core.conformance.edit_sources import EditSource
from core.errors import InvalidImage
from core.failures import failure_of
from core.records import Case, ExpectedText, MeasurementStatus

PROMISE = EditPromise(drift_levels=1.0, alpha_iou=0.95)
CASE = Case(name="grey", prompt="a grey square", width=16, height=16)


def grey(level: int, side: int = 16) -> Image.Image:
    return Image.new("RGB", (side, side), (level, level, level))


SOURCE = EditSource(name="grey", image=grey(90), case=CASE, seed=4)
REFUSED = failure_of(InvalidImage("expected mode RGB, got L"))


def edited(drift: int, *, source: EditSource = SOURCE) -> EditMade:
    """An edit whose second edit is so many levels away."""
    edit = Edit(source=source.image, again=grey(100 + drift))
    return EditMade(source=source, kind=EditKind.IMAGE_TO_IMAGE, image=grey(100), edit=edit, latency_ms=12.5)


def inpainted(*, changed: int, raw: int = 0) -> EditMade:
    """An inpainted picture of which so many pixels outside the mask are others."""
    mask = Image.new("L", (16, 16))
    mask.paste(255, (4, 4, 12, 12))
    pixels = np.array(grey(90))
    pixels[0, :changed] += 1
    return EditMade(
        source=SOURCE,
        kind=EditKind.INPAINT,
        image=Image.fromarray(pixels),
        edit=Edit(source=SOURCE.image, mask=mask),
        raw_changed=raw,
        latency_ms=3.0,
    )


def upscaled(monkeypatch: pytest.MonkeyPatch, text: float | None, alpha: float | None) -> EditMade:
    """An upscaled picture of which the check finds so much of text and alpha."""

    def finding(metric: str, value: float | None) -> Finding:
        status = MeasurementStatus.NOT_APPLICABLE if value is None else MeasurementStatus.MEASURED
        return Finding(metric=metric, value=value, status=status, reason=metric)

    found = [finding("upscaled_text_kept", text), finding("upscaled_alpha_iou", alpha)]
    monkeypatch.setattr(edit_answers.edits, "findings_of", lambda pair: found)
    return EditMade(
        source=SOURCE, kind=EditKind.UPSCALE, image=grey(90), edit=Edit(source=grey(90, 8)), latency_ms=1.0
    )


@pytest.mark.parametrize(
    ("mine", "theirs", "outcome", "words"),
    [
        (3, 2, EditOutcome.KEPT, "the edit of the edit is 3.00 of 255 levels away, +1.00 beside the other"),
        (4, 2, EditOutcome.BROKEN, "the edit of the edit is 4.00 of 255 levels away, +2.00 beside the other"),
        (0, 2, EditOutcome.KEPT, "the edit of the edit is 0.00 of 255 levels away, -2.00 beside the other"),
    ],
)
def test_a_drift_may_exceed_the_other_models_by_the_promised_levels(
    mine: int, theirs: int, outcome: EditOutcome, words: str
) -> None:
    (answer,) = judge_edits([edited(mine)], [edited(theirs)], promise=PROMISE)
    assert (answer.source, answer.kind, answer.latency_ms) == ("grey", EditKind.IMAGE_TO_IMAGE, 12.5)
    assert answer.outcome is outcome
    assert answer.got.startswith(words)


def test_a_drift_beside_no_other_or_one_that_was_not_made_is_not_judged() -> None:
    (alone,) = judge_edits([edited(3)], promise=PROMISE)
    assert (alone.outcome, alone.got) == (
        EditOutcome.MEASURED,
        "the edit of the edit is 3.00 of 255 levels away",
    )
    not_made = EditNotMade(source=SOURCE, kind=EditKind.IMAGE_TO_IMAGE, failure=REFUSED)
    (beside,) = judge_edits([edited(3)], [not_made], promise=PROMISE)
    assert (beside.outcome, beside.latency_ms) == (EditOutcome.NOT_DONE, 12.5)
    assert beside.got == f"{alone.got}; the other model's: InvalidImage: expected mode RGB, got L"
    (mine,) = judge_edits([not_made], [edited(3)], promise=PROMISE)
    assert (mine.outcome, mine.got, mine.latency_ms) == (
        EditOutcome.NOT_DONE,
        "InvalidImage: expected mode RGB, got L",
        None,
    )


def test_one_pixel_outside_the_mask_is_enough_and_what_was_put_back_is_told() -> None:
    kept, told, broken = judge_edits(
        [inpainted(changed=0), inpainted(changed=0, raw=1_234), inpainted(changed=1, raw=7)], promise=PROMISE
    )
    assert (kept.outcome, kept.got) == (EditOutcome.KEPT, "bit-identical outside")
    assert (told.outcome, told.got) == (
        EditOutcome.KEPT,
        "bit-identical outside; the pipeline itself had changed 1,234 pixels there",
    )
    assert (broken.outcome, broken.got) == (
        EditOutcome.BROKEN,
        "1 pixels outside the mask are not as they were",
    )
    other = EditNotMade(source=SOURCE, kind=EditKind.INPAINT, failure=REFUSED)
    (beside,) = judge_edits([inpainted(changed=0)], [other], promise=PROMISE)
    assert beside == kept  # it compares no two models


@pytest.mark.parametrize(
    ("text", "alpha", "outcome"),
    [
        (1, 0.95, EditOutcome.KEPT),
        (None, 0.95, EditOutcome.KEPT),
        (0.5, 1.0, EditOutcome.BROKEN),
        (1, 0.9499, EditOutcome.BROKEN),
        (1, None, EditOutcome.BROKEN),
        (0.5, 0.5, EditOutcome.BROKEN),
    ],
)
def test_an_upscaling_keeps_its_text_and_the_promised_overlap_of_its_masks(
    text: float | None, alpha: float | None, outcome: EditOutcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    (answer,) = judge_edits([upscaled(monkeypatch, text, alpha)], promise=PROMISE)
    assert (answer.outcome, answer.got) == (outcome, "upscaled_text_kept; upscaled_alpha_iou")


def test_text_that_was_asked_for_and_never_read_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = upscaled(monkeypatch, None, 1.0)
    lettered = replace(CASE, expected_text=(ExpectedText(text="SALE"),))
    (answer,) = judge_edits([replace(made, source=replace(SOURCE, case=lettered))], promise=PROMISE)
    assert answer.outcome is EditOutcome.NOT_DONE


def test_both_models_edit_the_same_number_of_pictures() -> None:
    with pytest.raises(ValueError, match="shorter"):
        judge_edits([edited(1), edited(1)], [edited(1)], promise=PROMISE)
