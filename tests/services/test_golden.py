"""The golden set's verbs: labels by rule and by hand, and an export that keeps whom it told the models."""

from __future__ import annotations

import pytest

from core.errors import InvalidRequest, UnknownName
from core.golden.promotion import PromotionRule
from core.records import Outcome, Reason, TriageLabel
from services import golden
from tests.world import judge, make_world


@pytest.fixture
def version(store, now):
    """A frozen set in which ben's and cleo's positives of the star lie; ana has judged nothing."""
    world = make_world(store, now)
    for reviewer in ("ben", "cleo"):
        judge(world, reviewer, {"star": Outcome.CANDIDATE})
    assert len(golden.promote(store, PromotionRule(), now)) == 2
    return golden.freeze(store, "lea", "spring", now)


def test_an_export_keeps_that_its_reader_knows_the_models(version, store, now, tmp_path):
    done = golden.export(store, None, tmp_path / "out", reviewer="ana", now=now)
    star = {pair.id for run in store.runs.list() for pair in store.pairs.of_run(run.id)
            if pair.case_name == "star"}  # fmt: skip
    assert (done.version, done.lost) == (version, star)
    assert done.index.read_text().count("letterpress-2") == 2
    assert all(store.reviews.names_shown(pair, "ana") for pair in star)
    assert golden.export(store, 1, tmp_path / "again", reviewer="ana", now=now).lost == set()


def test_an_export_that_wrote_nothing_tells_nothing(version, store, now, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InvalidRequest, match="expected a new or empty folder"):
        golden.export(store, None, tmp_path, reviewer="ana", now=now)
    with pytest.raises(UnknownName):
        golden.export(store, 7, tmp_path / "out", reviewer="ana", now=now)
    pairs = [pair.id for run in store.runs.list() for pair in store.pairs.of_run(run.id)]
    assert not any(store.reviews.names_shown(pair, "ana") for pair in pairs)


def test_nothing_frozen_is_nothing_to_export(store, now, tmp_path):
    with pytest.raises(InvalidRequest, match="nothing is frozen yet"):
        golden.export(store, None, tmp_path / "out", reviewer="ana", now=now)


def test_a_label_given_by_hand_is_taken_back_once(version, store, now):
    entry = store.golden.entries()[0]
    words = {"reasons": [Reason.ALPHA], "note": "halo", "by": "ana", "now": now}
    assert golden.relabel(store, entry, TriageLabel.NEGATIVE, **words)
    assert not golden.relabel(store, entry, TriageLabel.NEGATIVE, **words)
    changed = store.golden.history(entry.case_digest, entry.render_digest)[-1]
    assert (changed.label_after, changed.reasons, changed.note) == (
        TriageLabel.NEGATIVE,
        (Reason.ALPHA,),
        "halo",
    )
    now_labelled = next(one for one in store.golden.entries() if one.render_digest == entry.render_digest)
    assert golden.undo_last_change(store, now_labelled, "ana", now)
    assert not golden.undo_last_change(store, now_labelled, "ana", now)
    assert store.golden.label(entry.case_digest, entry.render_digest) is TriageLabel.POSITIVE


def test_the_set_is_frozen_with_a_name_and_a_note_and_the_latest_version_is_exported(
    version, store, now, tmp_path
):
    assert (version.number, version.frozen_by, version.note, version.created_at) == (1, "lea", "spring", now)
    entry = store.golden.entries()[0]
    assert golden.relabel(store, entry, TriageLabel.NEGATIVE, by="ana", now=now)
    second = golden.freeze(store, "max", "summer", now)
    assert golden.export(store, None, tmp_path / "latest", reviewer="ana", now=now).version == second
    assert golden.export(store, 1, tmp_path / "first", reviewer="ana", now=now).version == version
    assert golden.freeze(store, "ben", "again", now).number == second.number


def test_a_change_by_hand_is_kept_with_who_made_it_of_what(version, store, now):
    entry = store.golden.entries()[0]
    assert golden.relabel(store, entry, TriageLabel.UNTRIAGED, by="ana", now=now)
    changed = store.golden.history(entry.case_digest, entry.render_digest)[-1]
    assert (changed.label_before, changed.label_after) == (TriageLabel.POSITIVE, TriageLabel.UNTRIAGED)
    assert (changed.by, changed.reasons, changed.note, changed.created_at) == ("ana", (), "", now)
