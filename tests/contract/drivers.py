"""How each kind of surface is looked at, and how each gives a verdict: as ana, at the scene's pair."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from uuid import uuid4

import pytest

from cli import doctor
from cli.runs import outcome
from core.config.settings import PROJECT
from core.records import Arm
from pages.components.downloads import _golden_zip
from pages.routes.assets import version
from tests.contract.scene import ANA, Output, Scene, look, open_page, read_archive
from tests.pages.conftest import FRAME, insist

POLICY = PROJECT / "policies" / "upgrade.toml"


class Reply(StrEnum):
    """What became of a verdict."""

    TAKEN = "taken"
    NOTHING = "nothing"
    REFUSED = "refused"


Drive = Callable[[Scene], Iterator[Output]]


def page(script: str | None, **query: str) -> Drive:
    """A page; words in braces are filled in from the scene. The question about names is answered with yes."""

    def drive(scene: Scene) -> Iterator[Output]:
        app = open_page(FRAME, script, **{name: _filled(word, scene) for name, word in query.items()})
        yield look(app)
        if any(one.key.startswith("unblind") for one in app.toggle):
            yield look(insist(app))

    return drive


def golden_page(scene: Scene) -> Iterator[Output]:
    """Every view of the golden set, then the download of its version."""
    for view in ("Browse", "Promote", "Versions"):
        yield look(open_page(FRAME, "designers/golden_set.py", view=view))
    entry = scene.store.golden.entries()[0]
    key = f"{entry.case_digest[5:13]}-{entry.render_digest[:10]}"
    yield look(open_page(FRAME, "designers/golden_set.py", view="Browse", entry=key))
    (version,) = scene.store.golden.versions()
    yield read_archive(_golden_zip(scene.store, version, ANA, scene.now))


def get(path: str, *, pictures: bool = False) -> Drive:
    """A route that is read."""

    def drive(scene: Scene) -> Iterator[Output]:
        answer = scene.client().get(_filled(path, scene))
        assert answer.status_code == 200, answer.text
        yield Output(answer.content.decode("latin-1"), pictures=pictures)

    return drive


def post(path: str, **body: object) -> Drive:
    """A route that is written to."""

    def drive(scene: Scene) -> Iterator[Output]:
        task = {"task": scene.item()["task"], "uuid": str(uuid4())}
        answer = scene.client().post(path, json=task | body)
        assert answer.status_code == 200, answer.text
        yield Output(answer.text)

    return drive


def reveal(scene: Scene) -> Iterator[Output]:
    """Once without a verdict of one's own, and once with it."""
    path = f"/api/pairs/{scene.pair.id}/reveal"
    yield Output(scene.client().post(path, json={}).text)
    scene.store.reviews.record(scene.own_verdict())
    yield Output(scene.client().post(path, json={}).text)


def triage_and_back(scene: Scene) -> Iterator[Output]:
    """Label a filter, then give the labels back."""
    order = {"uuid": str(uuid4()), "filter": {"show": "all"}, "renders": "both", "label": "negative"}
    done = scene.client().post("/api/triage", json=order | {"confirmed": 8})
    assert done.json()["changed"]
    yield Output(done.text)
    yield Output(scene.client().post("/api/triage/undo", json={"events": done.json()["events"]}).text)


def command(*lines: str, codes: tuple[int, ...] = (0,)) -> Drive:
    """Commands, one after the other, each as a document and then as text; words in braces are filled in."""

    def drive(scene: Scene) -> Iterator[Output]:
        for line in lines:
            code, words = scene.terminal(*_filled(line, scene).split(), "--json")
            assert code in codes, words
            yield Output(words)
            yield Output(scene.terminal(*_filled(line.replace("taken", "taken-too"), scene).split())[1])

    return drive


def run_command(scene: Scene) -> Iterator[Output]:
    """What ``sidegrade run`` says at its end; drawing a run takes a worker and minutes."""
    said = outcome(scene.store, scene.store.runs.get(scene.run_id), scene.store.runs.progress(scene.run_id))
    yield Output(f"{said.document} {said.text}")


def doctor_command(scene: Scene) -> Iterator[Output]:
    """What ``sidegrade doctor`` says of the store; loading torch and the reader of letters takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "PROBES", {name: doctor.PROBES[name] for name in ("database", "pictures")})
        yield from command("doctor")(scene)


def export(scene: Scene) -> Iterator[Output]:
    """What the command says, and what lies in the folder then."""
    code, words = scene.terminal("golden", "export", scene.folder, "--json")
    assert code == 0, words
    files = {path.name: path for path in scene.folder.iterdir()}
    yield Output("\n".join([words, *files, files["golden.jsonl"].read_text()]))


def cast_at_desk(scene: Scene) -> Reply:
    """A verdict through the desk's route, by a task that was handed out before."""
    ballot = {"uuid": str(uuid4()), "task": scene.item()["task"], "outcome": "tie"}
    answer = scene.client().post("/api/verdicts", json=ballot)
    if answer.status_code == 200:
        return Reply.TAKEN if answer.json()["saved"] else Reply.NOTHING
    assert answer.json()["error"] in ("DecisionRefused", "InvalidRequest"), answer.text
    return Reply.REFUSED


def cast_at_terminal(scene: Scene) -> Reply:
    """A verdict by ``sidegrade verdict``."""
    code, words = scene.terminal("verdict", scene.pair.id, "--reviewer", ANA, "--outcome", "tie")
    if code:
        assert re.search(r"^(DecisionRefused|InvalidRequest): ", words, re.MULTILINE), words
        return Reply.REFUSED
    return Reply.NOTHING if "nothing recorded" in words else Reply.TAKEN


def take_back(scene: Scene) -> Reply:
    """An undo of ana's first verdict on the pair."""
    mine = next(one for one in scene.store.reviews.history(scene.pair.id) if one.reviewer == ANA)
    answer = scene.client().post("/api/undo", json={"uuid": str(uuid4()), "verdict": mine.uuid})
    if answer.status_code == 200:
        return Reply.TAKEN if answer.json()["saved"] else Reply.NOTHING
    assert answer.json()["error"] == "DecisionRefused", answer.text
    return Reply.REFUSED


def by(cast: Callable[[Scene], Reply], *, judged: bool = False) -> Drive:
    """A verdict, given or taken back, and nothing but what became of it."""

    def drive(scene: Scene) -> Iterator[Output]:
        if judged:
            scene.store.reviews.record(scene.own_verdict())
        assert cast(scene) is Reply.TAKEN
        yield from get("/api/queue")(scene)

    return drive


def _filled(words: str, scene: Scene) -> str:
    renders = scene.renders
    a, b = (renders[arm] for arm in Arm)
    place = {"run": scene.run_id, "pair": scene.pair.id, "render": b.id, "a": a.digest, "b": b.digest}
    place |= {"folder": str(scene.folder), "policy": str(POLICY), "ui": version()}
    return words.format(**place)
