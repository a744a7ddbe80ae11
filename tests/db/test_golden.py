"""The golden set in the database: triage, promotion, versions, export."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.errors import InvalidRequest, UnknownName
from core.golden.promotion import PromotionRule
from core.records import Arm, Outcome, Reason, TriageEvent, TriageLabel
from db.store import Store
from tests.world import SUITE, World, judge, make_world


def event(world: World, label: TriageLabel, *, uuid: str = "t1", case: int = 0) -> TriageEvent:
    """A person labels the candidate's render of the first pair of a case."""
    pair = world.pairs[2 * case]
    digest = world.store.renders.of_pair(pair.id)[Arm.CANDIDATE].digest
    return TriageEvent(
        uuid=uuid,
        case_digest=pair.case_digest,
        render_digest=str(digest),
        label_before=TriageLabel.UNTRIAGED,
        label_after=label,
        by="lea",
        reasons=(Reason.BRAND,) if label is TriageLabel.NEGATIVE else (),
        created_at=world.now,
    )


def test_an_image_nobody_has_labelled_is_untriaged(store: Store) -> None:
    assert store.golden.label("case_1", "f" * 64) is TriageLabel.UNTRIAGED


def test_a_label_is_the_last_event_and_undo_brings_the_one_before_back(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    positive = event(world, TriageLabel.POSITIVE)
    negative = event(world, TriageLabel.NEGATIVE, uuid="t2")
    assert store.golden.triage([positive, negative]) == 2
    assert store.golden.label(positive.case_digest, positive.render_digest) is TriageLabel.NEGATIVE
    assert store.golden.history(positive.case_digest, positive.render_digest)[1].label_before is (
        TriageLabel.POSITIVE
    )
    assert not store.golden.undo("u0", "t1", "lea", now), "a later event has replaced it"
    assert store.golden.undo("u1", "t2", "lea", now)
    assert store.golden.label(positive.case_digest, positive.render_digest) is TriageLabel.POSITIVE


def test_the_same_triage_twice_is_one(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    assert store.golden.triage(event(world, TriageLabel.POSITIVE)) == 1
    assert store.golden.triage(event(world, TriageLabel.POSITIVE)) == 0
    assert store.golden.triage(event(world, TriageLabel.POSITIVE, uuid="t2")) == 0


def test_triage_of_an_unknown_case_is_refused(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    with pytest.raises(UnknownName):
        store.golden.triage(
            TriageEvent(**{**_fields(event(world, TriageLabel.POSITIVE)), "case_digest": "x"})
        )


def test_two_reviewers_who_agree_fill_the_golden_set(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    for reviewer in ("ana", "ben"):
        judge(world, reviewer, {"sale-now": Outcome.CANDIDATE, "star": Outcome.BOTH_BAD})
    judge(world, "ana", {"circle": Outcome.CANDIDATE})
    events = store.golden.promote(now)
    assert len(events) == 2 + 4
    assert store.golden.promote(now + timedelta(hours=1)) == []
    (first, second) = store.golden.entries(TriageLabel.POSITIVE)
    assert {first.case_name, second.case_name} == {"sale-now"}
    assert first.recipe_digest == store.renders.by_pixels(first.render_digest)[0].recipe.digest
    assert {entry.case_name for entry in store.golden.entries(TriageLabel.NEGATIVE, tag="alpha")} == {"star"}
    assert store.golden.entries(TriageLabel.NEGATIVE)[0].reasons == (Reason.TYPOGRAPHY,)
    assert store.golden.positives(SUITE.cases[0].digest) == [first.render_digest, second.render_digest]


def test_the_rule_is_configurable(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    judge(world, "ana", {"circle": Outcome.CANDIDATE})
    assert len(store.golden.promote(now, PromotionRule(name="one", reviewers=1))) == 2


def test_a_retired_render_stays_out_whatever_the_verdicts_say(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    for reviewer in ("ana", "ben"):
        judge(world, reviewer, {"sale-now": Outcome.CANDIDATE})
    store.golden.promote(now)
    assert store.golden.triage(event(world, TriageLabel.UNTRIAGED)) == 1
    assert store.golden.promote(now) == []
    assert len(store.golden.entries(TriageLabel.POSITIVE)) == 1


def test_freezing_numbers_what_has_changed_and_only_that(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    with pytest.raises(InvalidRequest, match="found none"):
        store.golden.freeze("lea", "", now)
    store.golden.triage(event(world, TriageLabel.POSITIVE))
    first = store.golden.freeze("lea", "spring", now)
    assert (first.number, len(first.entries)) == (1, 1)
    assert store.golden.freeze("ben", "again", now) == first
    store.golden.triage(event(world, TriageLabel.NEGATIVE, uuid="t2", case=1))
    assert store.golden.freeze("lea", "", now).number == 2
    assert [version.number for version in store.golden.versions()] == [2, 1]
    assert store.golden.version(1) == first
    with pytest.raises(UnknownName, match="known: 1, 2"):
        store.golden.version(77)


def test_an_export_works_without_the_database(store: Store, now: datetime, tmp_path: Path) -> None:
    world = make_world(store, now)
    store.golden.triage(
        [event(world, TriageLabel.POSITIVE), event(world, TriageLabel.NEGATIVE, uuid="t2", case=1)]
    )
    version = store.golden.freeze("lea", "", now)
    index = store.golden.export(version.number, tmp_path / "out")
    lines = [json.loads(line) for line in index.read_text().splitlines()]
    assert [line["label"] for line in lines] == ["positive", "negative"]
    assert lines[0]["case"]["name"] == "sale-now"
    assert lines[0]["recipe"]["seed"] == 1
    for line in lines:
        assert (index.parent / line["file"]).read_bytes() == store.blobs.png(line["digest"])
    with pytest.raises(InvalidRequest, match="empty folder"):
        store.golden.export(version.number, tmp_path / "out")


def _fields(record: TriageEvent) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
