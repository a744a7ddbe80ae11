"""``sidegrade golden``: accepted and rejected renders, frozen and exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group

from cli.answers import Answer, table
from cli.call import Call, command
from cli.naming import say_cost
from core.access.person import person_name
from core.golden.promotion import PromotionRule
from core.records import GoldenVersion, TriageLabel
from services import golden

commands = typer.Typer(name="golden", help="The golden set: list, promote, freeze, export.")


@command(commands, "list")
def list_entries(
    call: Call,
    tag: Annotated[str | None, typer.Option(help="Only cases with this tag.")] = None,
    label: Annotated[TriageLabel | None, typer.Option(help="Only positives, or only negatives.")] = None,
) -> Answer:
    """List the renders that are right or wrong for their case, and the frozen versions."""
    with call.store() as store:
        entries = store.golden.entries(label, tag=tag)
        versions = [facts_of(version) for version in store.golden.versions()]
    text = table("label", "case", "render", "by", "reasons")
    for entry in entries:
        text.add_row(entry.label, entry.case_name, entry.render_digest, entry.by, ", ".join(entry.reasons))
    frozen = table("version", "entries", "frozen by", "at", "note")
    for version in versions:
        frozen.add_row(
            *(str(version[key]) for key in ("number", "entries", "frozen_by", "created_at", "note"))
        )
    return Answer(document={"entries": entries, "versions": versions}, text=Group(text, "", frozen))


@command(commands)
def promote(
    call: Call,
    reviewers: Annotated[int, typer.Option(help="At least so many must accept, or refuse, a render.")] = 2,
    against: Annotated[int, typer.Option(help="At most so many may say the opposite.")] = 0,
) -> Answer:
    """Let the verdicts label renders: accepted ones become positives, refused ones negatives.

    Labels that a person gave are left alone.
    """
    rule = PromotionRule(name=f"{reviewers}-reviewers", reviewers=reviewers, against=against)
    with call.store() as store:
        events = golden.promote(store, rule, store.now())
    return Answer(document={"changed": events}, text=f"{len(events)} labels changed")


@command(commands)
def freeze(
    call: Call,
    by: Annotated[str | None, typer.Option(help="Who freezes it; your user name when left out.")] = None,
    note: Annotated[str, typer.Option(help="What this version is for.")] = "",
) -> Answer:
    """Keep the golden set as it stands under the next number; an unchanged set keeps its number."""
    with call.store() as store:
        version = golden.freeze(store, person_name(by or call.user()), note, store.now())
    return Answer(
        document=facts_of(version),
        text=f"version {version.number} holds {len(version.entries)} renders ({version.digest})",
    )


@command(commands)
def export(
    call: Call,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    version: Annotated[int | None, typer.Option(help="Number of a frozen version; else the latest.")] = None,
) -> Answer:
    """Write a frozen version as PNG files and golden.jsonl, one line a render with its case and recipe.

    A recipe names its model, so your own verdicts on these pictures are refused from then on.
    """
    with call.store() as store:
        done = golden.export(store, version, folder, reviewer=call.user(), now=store.now())
    say_cost(call.user(), done.lost)
    number, entries = done.version.number, len(done.version.entries)
    return Answer(
        document={"version": number, "folder": folder, "index": done.index, "entries": entries},
        text=f"version {number}: {entries} renders are in {folder}",
    )


def facts_of(version: GoldenVersion) -> dict[str, object]:
    """A version without its entries, which the export holds."""
    return {
        "number": version.number,
        "digest": version.digest,
        "entries": len(version.entries),
        "frozen_by": version.frozen_by,
        "note": version.note,
        "created_at": version.created_at,
    }
