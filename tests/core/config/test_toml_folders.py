"""One broken file of a folder is left out with its reason, whatever is wrong with it; the others are read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.models import load_models
from core.config.settings import PROJECT
from core.config.suites import find_suite, list_suites, load_suite
from core.config.toml_folders import read_folder
from core.errors import InvalidFile
from core.gates.policies import find_policy, list_policies, load_policy, readable_policies

SUITE = (PROJECT / "suites" / "starter.toml").read_text()
POLICY = (PROJECT / "policies" / "upgrade.toml").read_text()
MODELS = (PROJECT / "models.toml").read_text()
NESTED = "[" * 20_000 + "]" * 20_000


def broken(path: Path, kind: str, whole: str) -> None:
    """A file that is broken in one way."""
    texts = {
        "empty": "",
        "cut in half": whole[: len(whole) // 2],
        "cut inside a text": whole[: whole.index('title = "') + 10],
        "nested lists": f"{whole}\nx = {NESTED}",
        "nested tables": f"{whole}\nx = " + "{a = " * 20_000,
        "a long dotted key": f"{'.'.join(['a'] * 2_000)} = 1\n",
        "a number of 5,000 digits": f"n = {'9' * 5_000}\n{whole}",
        "a number of 400 digits": f"n = {'9' * 400}\n{whole}",
        "a hexadecimal number without end": f"n = 0x{'f' * 9_000}\n{whole}",
        "NUL in a text": whole.replace('title = "', 'title = "\\u0000', 1),
        "another table": "[x]\ny = 1\n",
        "no TOML": "\x00\x01",
    }
    if kind in texts:
        path.write_text(texts[kind])
    elif kind == "not UTF-8":
        path.write_bytes(whole.encode().replace(b'"', b'"\xff', 1))
    elif kind == "UTF-16":
        path.write_bytes(whole.encode("utf-16"))
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a dangling link":
        path.symlink_to(path.parent / "gone")
    elif kind == "a link to itself":
        path.symlink_to(path)
    else:
        os.mkfifo(path)


KINDS = [
    "empty", "cut in half", "cut inside a text", "nested lists", "nested tables", "a long dotted key",
    "a number of 5,000 digits", "a number of 400 digits", "a hexadecimal number without end", "NUL in a text",
    "another table", "no TOML", "not UTF-8", "UTF-16", "a folder", "a dangling link", "a link to itself",
    "a pipe",
]  # fmt: skip
READERS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a suite": (load_suite, SUITE.replace('"starter"', '"house"', 1)),
    "a policy": (load_policy, POLICY),
    "models.toml": (load_models, MODELS),
}


FILES = [
    (kind, reader)
    for kind in KINDS
    for reader in READERS
    if (kind, reader) != ("NUL in a text", "models.toml")  # it is no trouble of the other models
]


@pytest.mark.parametrize(("kind", "reader"), FILES)
def test_a_file_that_is_broken_in_any_way_is_refused_and_named(
    kind: str, reader: str, tmp_path: Path
) -> None:
    read, whole = READERS[reader]
    broken(tmp_path / "house.toml", kind, whole)
    with pytest.raises(InvalidFile, match=r"house\.toml") as refused:
        read(tmp_path / "house.toml")
    assert len(str(refused.value)) < 1_000


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_files_of_the_folder_are_read_and_the_broken_one_says_what_to_do(
    kind: str, tmp_path: Path
) -> None:
    (tmp_path / "starter.toml").write_text(SUITE)
    broken(tmp_path / "house.toml", kind, READERS["a suite"][1])
    files = list_suites(tmp_path)
    assert [suite.name for suite in files] == list(files.found) == ["starter"]
    assert list(files.broken) == ["house"]
    assert files.broken["house"].remedy == f"mend {tmp_path / 'house.toml'}, or move it out of the folder"
    assert find_suite("starter", tmp_path).name == "starter"


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_policies_judge_on(kind: str, tmp_path: Path) -> None:
    (tmp_path / "upgrade.toml").write_text(POLICY)
    broken(tmp_path / "house.toml", kind, POLICY)
    assert list(list_policies(tmp_path).broken) == ["house"]
    assert list(readable_policies(tmp_path)) == ["upgrade"]
    assert find_policy(tmp_path, "upgrade").name == "upgrade"


def test_a_file_whose_name_is_no_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.toml")).write_text(POLICY)
    assert list(list_policies(tmp_path).broken) == ["\ufffd"]


def test_a_defect_of_a_reader_costs_its_file_alone(tmp_path: Path) -> None:
    def defect(path: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("core.gates.policies._policy", lambda *_: {}["gates"])
            load_policy(path)

    (tmp_path / "house.toml").write_text(POLICY)
    assert "KeyError" in str(read_folder(tmp_path, defect).broken["house"])


@given(st.text(max_size=60), st.integers(0, len(SUITE)))
def test_whatever_stands_in_the_middle_of_a_suite_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, place: int
) -> None:
    path = tmp_path_factory.mktemp("suites") / "starter.toml"
    path.write_text(SUITE[:place] + text + SUITE[place:], encoding="utf-8")
    try:
        load_suite(path)
    except InvalidFile as error:
        str(error).encode()


def test_a_value_that_no_digest_can_hold_is_refused_with_its_key(tmp_path: Path) -> None:
    for value in ("nan", "[inf]", "1979-05-27", "07:32:00"):
        path = tmp_path / "models.toml"
        head, contract = MODELS.split("[models.letterpress.contract]", 1)
        path.write_text(
            f"{head}scheduler_config = {{ shift = {value} }}\n[models.letterpress.contract]{contract}"
        )
        with pytest.raises(
            InvalidFile, match=r"models\.letterpress\.scheduler_config: expected texts, finite"
        ):
            load_models(path)
