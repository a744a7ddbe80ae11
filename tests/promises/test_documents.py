"""What the documents say is true as far as a test can tell: links, paths, commands, settings, comparisons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import comparisons
from core.config import settings
from core.config.models import load_models
from core.config.settings import PROJECT

DOCS = PROJECT / "docs"
DECISIONS = DOCS / "decisions"
DOCUMENTS = sorted(
    [*PROJECT.glob("*.md"), *DOCS.rglob("*.md"), *(PROJECT / "training").glob("*.md")],
    key=lambda path: path.relative_to(PROJECT).as_posix(),
)
CARDS = sorted((PROJECT / "models").glob("*/README.md"))
NOTES = sorted(DECISIONS.glob("[0-9]*.md"))
MOST_LINES_OF_README = 95
HOUSE = (
    "app.py",
    "pages",
    "cli",
    "worker",
    "services",
    "db",
    "core",
    "models",
    "training",
    "bench",
    "docs",
    "tests",
)
"""What a newcomer meets at the top of the tree, beside files that name themselves."""


def relative(path: Path) -> str:
    """A test id that names the document."""
    return path.relative_to(PROJECT).as_posix()


def text_of(path: Path) -> str:
    """A document as it stands."""
    return path.read_text(encoding="utf-8")


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(document), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> Iterator[tuple[str, str]]:
    """Path and anchor of every link of a document that leads into this repository."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(document)):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield path, anchor


def paths_named(document: Path) -> list[str]:
    """Paths of the tree in a document's code words, such as ``core/gates/`` or ``db/jobs.py``."""
    rooms = "|".join(name for name in (*HOUSE, "suites", "policies") if "." not in name)
    return re.findall(rf"`((?:{rooms})/[\w./-]*)`", text_of(document))


def named_on_the_map() -> set[str]:
    """Every path that CONTRIBUTING's map names, such as ``core/gates``."""
    block = text_of(PROJECT / "CONTRIBUTING.md").split("```")[1]
    parent, found = "", set()
    for indent, name in re.findall(r"^( *)([\w./-]+)", block, flags=re.MULTILINE):
        parent = parent if indent else name
        found.add(f"{parent if indent else ''}{name}".rstrip("/"))
    return found


def test_the_map_in_contributing_names_only_what_exists() -> None:
    for name in sorted(named_on_the_map()):
        assert (PROJECT / name).exists(), f"CONTRIBUTING names {name}, which does not exist"


def test_every_room_of_the_house_is_on_the_map_in_contributing() -> None:
    rooms = [path for path in (PROJECT / "core").iterdir() if (path / "__init__.py").exists()]
    assert rooms
    assert {*HOUSE, *map(relative, rooms)} - named_on_the_map() == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_in_the_documents_lead_somewhere(document: Path) -> None:
    for path, anchor in links(document):
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{relative(document)} links to {path}"
        assert not anchor or anchor in anchors(target), f"{relative(document)} links to {path}#{anchor}"


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached, todo = set(), [PROJECT / "README.md"]
    while todo:
        document = todo.pop()
        if document not in reached:
            reached.add(document)
            targets = ((document.parent / path).resolve() for path, _ in links(document) if path)
            todo += [target for target in targets if target.suffix == ".md"]
    assert set(DOCUMENTS) - reached == set()


@pytest.mark.parametrize("document", [PROJECT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=relative)
def test_paths_that_a_document_names_exist(document: Path) -> None:
    assert [path for path in paths_named(document) if not (PROJECT / path).exists()] == []


@pytest.mark.parametrize("document", [*DOCUMENTS, *CARDS], ids=relative)
def test_no_space_stands_before_a_percent_sign(document: Path) -> None:
    assert re.findall(r".*\d[ \u00a0\u202f]%.*", text_of(document)) == []


def test_the_readme_is_a_screen_and_a_half() -> None:
    lines = text_of(PROJECT / "README.md").splitlines()
    assert len(lines) <= MOST_LINES_OF_README


def test_the_picture_of_the_readme_is_light() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text_of(PROJECT / "README.md"))
    assert pictures
    assert all((PROJECT / picture).stat().st_size < 400_000 for picture in pictures)


def test_measurements_stand_in_the_benchmarks_and_not_in_the_readme() -> None:
    assert "python -m bench" not in text_of(PROJECT / "README.md")


def test_every_comparison_has_its_figures_in_the_benchmarks_and_no_other_is_named() -> None:
    named = re.findall(r"python -m bench (\w+)", text_of(DOCS / "benchmarks.md"))
    assert sorted(set(named) - {"NAME"}) == comparisons()


def test_every_decision_is_numbered_and_stands_in_the_index() -> None:
    index = re.findall(r"^\| \[(\d{4})\]\(([\w.-]+)\)", text_of(DECISIONS / "README.md"), flags=re.MULTILINE)
    assert [name for _, name in index] == [note.name for note in NOTES]
    assert [number for number, _ in index] == [f"{n:04d}" for n in range(1, len(NOTES) + 1)]
    assert all(name.startswith(number) for number, name in index)


@pytest.mark.parametrize("note", NOTES, ids=relative)
def test_a_decision_says_what_was_wrong_what_was_seen_what_was_chosen_and_what_would_change_it(
    note: Path,
) -> None:
    lines = text_of(note).splitlines()
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert headings == ["Problem", "What was seen", "Choice", "Price", "What would change it"]
    assert lines[0].startswith(f"# {int(note.name[:4])}. ")
    assert 15 <= len(lines) <= 40


def test_every_setting_of_the_environment_is_documented() -> None:
    read = set(re.findall(r"SIDEGRADE_[A-Z_]+", Path(settings.__file__).read_text(encoding="utf-8")))
    told = set(re.findall(r"`(SIDEGRADE_[A-Z_]+)`", text_of(DOCS / "commands.md")))
    assert read == told


def test_the_example_of_an_own_model_can_be_declared(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", text_of(DOCS / "own-models.md"), flags=re.DOTALL)
    models = tmp_path / "models.toml"
    models.write_text(example, encoding="utf-8")
    assert list(load_models(models)) == ["house-2"]
