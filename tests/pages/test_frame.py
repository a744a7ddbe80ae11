"""The frame: who is reviewing, and that every page opens on an empty and on a filled home."""

from __future__ import annotations

import logging

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from core.access.person import same_person
from core.config.settings import PROJECT
from core.errors import StoreLocked
from core.records import Outcome
from db.runs import Runs
from pages.components import session
from pages.routes.tokens import SECRET_FILE
from tests.pages.conftest import FRAME, TIMEOUT_S, defects, fine, words
from tests.world import judge, make_world

PAGES = sorted(
    str(path.relative_to(FRAME.parent))
    for path in FRAME.parent.glob("*s/*.py")
    if path.parent.name in ("designers", "engineers", "leads")
)


def test_every_page_file_is_found():
    assert len(PAGES) == 8


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_on_an_empty_home_and_says_what_to_do(open_page, page):
    fine(open_page(page))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_on_a_home_with_verdicts(open_page, store, now, page):
    world = make_world(store, now)
    judge(world, "ana", Outcome.CANDIDATE)
    judge(world, "ben", Outcome.CANDIDATE)
    fine(open_page(page))


def test_nobody_sees_a_page_before_the_browser_has_told_who_is_reviewing(store):
    app = fine(AppTest.from_file(str(FRAME), default_timeout=TIMEOUT_S).run())
    assert words(app) == ""


def test_the_page_tells_under_which_name_one_works(open_page):
    assert "Reviewing as ana" in words(fine(open_page("engineers/runs.py")))


def test_who_says_not_you_is_asked_for_a_name(open_page):
    app = open_page("engineers/runs.py")
    next(button for button in app.button if button.label == "Not you?").click().run()
    assert "Who is reviewing?" in words(fine(app))
    app.text_input[0].set_value("  Maya   Lin ")
    next(button for button in app.button if button.label == "Start").click().run()
    assert "Reviewing as Maya Lin" in words(fine(app))


NO_NAMES = [
    "", "   ", "rule:two-reviewers", "a\x00b", "ana\ufe0f", "ana\u034f", "\u0410na", "\u3164", "\u2800",
    "policy:easy", "Policy:easy", "Rule:x", "RULE:x", "first start",
]  # fmt: skip


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_a_name_that_cannot_stand_beside_a_verdict_is_refused(open_page, name):
    app = open_page("engineers/runs.py")
    next(button for button in app.button if button.label == "Not you?").click().run()
    app.text_input[0].set_value(name)
    next(button for button in app.button if button.label == "Start").click().run()
    assert "name" in words(fine(app))
    assert "Who is reviewing?" in words(app)


@pytest.mark.parametrize("name", ["Ａna", "𝐀na", "ANA"])
def test_another_spelling_of_a_name_is_the_same_person(open_page, name):
    app = open_page("engineers/runs.py")
    next(button for button in app.button if button.label == "Not you?").click().run()
    app.text_input[0].set_value(name)
    next(button for button in app.button if button.label == "Start").click().run()
    (line,) = (caption.value for caption in fine(app).caption if caption.value.startswith("Reviewing as"))
    assert same_person(line.removeprefix("Reviewing as "), "Ana")


@pytest.fixture
def log_in(monkeypatch):
    """``log_in(name="Ana")`` makes a login with these claims and opens the app."""

    def opened(**claims):
        monkeypatch.setattr(streamlit, "user", {"is_logged_in": True, **claims})
        return fine(AppTest.from_file(str(FRAME), default_timeout=TIMEOUT_S).run())

    return opened


CLAIMS = [
    {"name": "policy:upgrade"}, {"name": "Ana\ufe0f"}, {"name": "\u3164"}, {"name": "first start"}, {},
    {"email": "rule:x"}, {"email": "lea@corp", "email_verified": False},
    {"email": "lea@corp", "email_verified": "false", "name": "Lea"},
]  # fmt: skip


@pytest.mark.parametrize("claims", CLAIMS, ids=ascii)
def test_a_login_that_names_nobody_is_turned_away_in_words(store, log_in, claims):
    app = log_in(**claims)
    said = words(app)
    assert "You cannot work under this name" in said
    assert "What to do:" in said
    assert [button.label for button in app.button] == ["Log out"]
    assert "Reviewing as" not in said


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "lea@corp", "email_verified": True, "name": "policy:x"}, "lea@corp"),
        ({"email": "lea@corp"}, "lea@corp"),
        ({"name": "Ｌea"}, "Lea"),
    ],
)
def test_a_login_works_under_its_address_or_else_its_name(store, log_in, claims, name):
    assert f"Reviewing as {name}" in words(log_in(**claims))


@pytest.mark.parametrize("name", ["policy:easy", "ana\ufe0f", "\u2800", "first start"], ids=ascii)
def test_the_environment_cannot_name_a_rule_or_nobody(store, monkeypatch, name):
    monkeypatch.setenv("SIDEGRADE_REVIEWER", name)
    said = words(fine(AppTest.from_file(str(FRAME), default_timeout=TIMEOUT_S).run()))
    assert "SIDEGRADE_REVIEWER: name:" in said
    assert "unset it" in said


def test_a_name_kept_in_the_browser_that_is_refused_now_is_asked_again_with_the_reason(store, monkeypatch):
    class Kept:
        name = "policy:easy"

    monkeypatch.setattr("pages.components.identity._memory", lambda **_: Kept())
    app = fine(AppTest.from_file(str(FRAME), default_timeout=TIMEOUT_S).run())
    assert "Who is reviewing?" in words(app)
    assert "belong to automatic rules" in words(app)
    app.text_input[0].set_value("Ana")
    next(button for button in app.button if button.label == "Start").click().run()
    assert "Reviewing as Ana" in words(fine(app))


@pytest.mark.parametrize("page", [page for page in PAGES if "review" not in page])
def test_a_page_that_meets_a_defect_says_so_in_words_and_the_log_has_one_line(
    open_page, store, now, monkeypatch, caplog, page
):
    make_world(store, now)

    def broken(*_, **__):
        raise RuntimeError("/home/ana/var/sidegrade.db\nis gone")

    for nouns in ("Runs", "Golden", "Renders", "Insights"):
        kind = type(getattr(store, nouns.lower()))
        for name in ("list", "entries", "find", "models"):
            if hasattr(kind, name):
                monkeypatch.setattr(kind, name, broken)
    caplog.set_level(logging.WARNING, logger="sidegrade")
    app = open_page(page, render="x")
    assert not app.exception
    (said,) = defects(app)
    assert "RuntimeError" in said
    assert "What to do" in said
    assert "sidegrade.db" not in words(app)
    assert "Reviewing as ana" in words(app)
    (line,) = (record.getMessage() for record in caplog.records if record.name == "sidegrade")
    assert "RuntimeError('/home/ana/var/sidegrade.db" in line
    assert "\n" not in line


def test_settings_and_secret_are_read_once_a_process(open_page, settings, monkeypatch):
    fine(open_page("engineers/runs.py"))
    before, secret = session.settings(), session.secret()
    monkeypatch.setenv("SIDEGRADE_REVIEWER", "ben")
    (settings.home / SECRET_FILE).write_text("another secret")
    assert session.settings() is before
    assert session.secret() == secret
    session.reset()
    assert session.settings().reviewer == "ben"
    assert session.secret() == "another secret"


def test_what_goes_wrong_before_any_page_is_said_in_words_too(open_page, monkeypatch):
    monkeypatch.setenv("SIDEGRADE_LPIPS_NETS", "resnet")
    app = open_page("engineers/runs.py")
    assert not app.exception
    assert "SIDEGRADE_LPIPS_NETS: expected some of" in words(app)


def test_a_database_that_does_not_answer_ends_the_page_and_not_the_frame(open_page, monkeypatch):
    def locked(*_, **__):
        raise StoreLocked("another process holds the database", remedy="close it")

    monkeypatch.setattr(Runs, "list", locked)
    app = fine(open_page("engineers/runs.py"))
    assert app.error[0].proto.title == "The database did not answer"
    assert "Reviewing as ana" in words(app)


BROKEN_MODELS = {
    "cut": "[models.one",
    "empty": "",
    "nested": "x = " + "[" * 20_000,
    "5,000 digits": f"x = {'9' * 5_000}",
    "not UTF-8": b'x = "\xff"',
    "NaN in a digest": (PROJECT / "models.toml").read_text().replace(
        "guidance_scale = 1.0", "guidance_scale = 1.0\nscheduler_config = { shift = nan }", 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("page", [f"{name}.py" for name in (
    "engineers/runs", "engineers/models", "designers/compare", "leads/rollouts", "leads/insights"
)])  # fmt: skip
@pytest.mark.parametrize("kind", [*BROKEN_MODELS, "a folder", "missing"])
def test_a_broken_models_file_is_refused_in_words_by_every_page_that_needs_it(
    open_page, store, now, tmp_path, monkeypatch, page, kind
):
    make_world(store, now)
    path = tmp_path / "models.toml"
    content = BROKEN_MODELS.get(kind)
    if kind == "a folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("SIDEGRADE_MODELS", str(path))
    app = fine(open_page(page))
    assert "models.toml" in "".join(error.value for error in app.error).replace("\\", "")
    assert "Reviewing as ana" in words(app)


HOSTILE_WORDS = ["x" * 5_000, "a\0b", "%_' OR 1=1 --/../\x1b[31m", "run_", "٣😀"]
PARAMETERS = ["run", "pair", "render", "policy", "entry", "q", "view", "tag", "show", "reviewers"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("word", HOSTILE_WORDS, ids=range(len(HOSTILE_WORDS)))
def test_whatever_an_address_says_the_page_answers_in_words(open_page, store, now, page, word):
    make_world(store, now)
    app = fine(open_page(page, **dict.fromkeys(PARAMETERS, word)))
    assert "Reviewing as ana" in words(app)
