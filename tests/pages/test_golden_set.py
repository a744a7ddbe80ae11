"""The Golden set page: from verdicts to labels, by hand and by rule, to a version one can take away."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from core.errors import DecisionRefused
from core.records import Outcome, Reason, TriageLabel
from pages.components.downloads import _golden_zip
from tests.pages.conftest import fine, press, words
from tests.world import judge, make_world, verdict

GOLDEN = "designers/golden_set.py"


@pytest.fixture
def judged(store, now):
    """Two reviewers accept every candidate but both call the wide one's pair bad."""
    world = make_world(store, now)
    outcomes = dict.fromkeys(("sale-now", "star", "circle"), Outcome.CANDIDATE) | {"wide": Outcome.BOTH_BAD}
    for reviewer in ("ana", "ben"):
        judge(world, reviewer, outcomes)
    return world


def test_an_empty_set_says_how_it_is_filled(open_page):
    assert "Nothing is labelled yet" in words(fine(open_page(GOLDEN)))
    assert "Nothing to promote" in words(fine(open_page(GOLDEN, view="Promote")))
    freeze = next(
        button for button in fine(open_page(GOLDEN, view="Versions")).button if "Freeze" in button.label
    )
    assert freeze.disabled


def test_a_rule_is_previewed_before_it_changes_anything(open_page, store, judged):
    app = fine(open_page(GOLDEN, view="Promote"))
    assert store.golden.entries() == []
    press(app, "Apply 10 changes")
    labels = [entry.label for entry in store.golden.entries()]
    assert (labels.count(TriageLabel.POSITIVE), labels.count(TriageLabel.NEGATIVE)) == (6, 4)
    assert "6 positives and 4 negatives for 4 cases" in words(fine(app))


def test_a_stricter_rule_promotes_nothing(open_page, judged):
    assert "Nothing to promote" in words(fine(open_page(GOLDEN, view="Promote", reviewers="3")))


def test_an_image_is_relabelled_by_hand_with_reasons(open_page, store, now, judged):
    store.golden.promote(now)
    entry = next(one for one in store.golden.entries() if one.case_name == "star")
    app = open_page(GOLDEN, entry=f"{entry.case_digest[5:13]}-{entry.render_digest[:10]}")
    assert "positive** by the rule two-reviewers" in words(fine(app))
    app.multiselect[0].set_value([Reason.TYPOGRAPHY])
    press(app, "Save as ana")
    changed = store.golden.history(entry.case_digest, entry.render_digest)[-1]
    assert (changed.label_after, changed.by, changed.reasons) == (
        TriageLabel.NEGATIVE, "ana", (Reason.TYPOGRAPHY,)
    )  # fmt: skip
    press(app, "Take the last change back")
    assert store.golden.label(entry.case_digest, entry.render_digest) is TriageLabel.POSITIVE


def test_the_set_is_frozen_as_a_numbered_version_and_downloaded_whole(open_page, store, now, judged):
    store.golden.promote(now)
    app = fine(open_page(GOLDEN, view="Versions"))
    app.text_input[0].set_value("before the spring campaign")
    press(app, "Freeze as ana")
    (version,) = store.golden.versions()
    assert (version.number, version.frozen_by, version.note) == (1, "ana", "before the spring campaign")
    assert "Identical to version 1" in words(fine(app))

    archive = zipfile.ZipFile(io.BytesIO(_golden_zip(store, version, "ana", now)))
    lines = archive.read("golden-set-1/golden.jsonl").decode().splitlines()
    assert len(lines) == len(version.entries)
    assert all(f"golden-set-1/{json.loads(line)['file']}" in archive.namelist() for line in lines)


def test_a_download_names_models_so_its_pictures_are_judged_by_others(open_page, store, now):
    world = make_world(store, now)
    for reviewer in ("ben", "cleo"):
        judge(world, reviewer, {"star": Outcome.CANDIDATE})
    store.golden.promote(now)
    version = store.golden.freeze("ben", "", now)
    assert "you can then no longer judge 2 pairs" in words(fine(open_page(GOLDEN, view="Versions")))
    assert b"letterpress-2" in zipfile.ZipFile(io.BytesIO(_golden_zip(store, version, "ana", now))).read(
        "golden-set-1/golden.jsonl"
    )
    for pair in world.pairs:
        if pair.case_name == "star":
            with pytest.raises(DecisionRefused, match="in an export of the golden set"):
                store.reviews.record(verdict(pair, "ana", Outcome.TIE, now))
        else:
            assert store.reviews.record(verdict(pair, "ana", Outcome.TIE, now))
    assert "no longer judge" not in words(fine(open_page(GOLDEN, view="Versions")))
