"""``sidegrade blobs``: are the stored pictures whole, and which files does nothing name?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answers import Answer, explained
from cli.call import Call, command
from core.errors import BlobDamaged
from core.formatting import count, size
from services.pictures import verify_pictures

if TYPE_CHECKING:
    from db.leftovers import Leftover

commands = typer.Typer(name="blobs", help="The stored pictures: verify, gc.")

FEW = 50
"""Pictures that ``doctor`` verifies: a second or two."""
SAMPLE = 500
"""Pictures that are verified where not all are asked for: seconds."""


@command(commands)
def verify(
    call: Call,
    every: Annotated[
        bool, typer.Option("--all", help="Verify every picture, however long it takes.")
    ] = False,
) -> Answer:
    """Verify that stored pictures are there and are those that were drawn: 500, or with --all every one.

    Each that is missing or damaged is named with its pair. Exit code 1 when there is one.
    """
    with call.store() as store:
        pictures, verified, failures = store.stored_files.count(), 0, []
        for one in verify_pictures(store, sample=None if every else SAMPLE):
            verified += 1
            failures += [one.failure] if one.failure else []
    whole = f"{verified - len(failures):,} of {count(verified, 'picture')} are whole"
    left = "" if verified >= pictures else f"; {pictures - verified:,} more with --all"
    return Answer(
        document={"pictures": pictures, "verified": verified, "failures": failures},
        text="\n".join([whole + left, *map(explained, failures)]),
        exit_code=1 if failures else 0,
    )


@command(commands)
def gc(
    call: Call,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them; without it they are only listed.")] = False,
) -> Answer:
    """List the files that nothing names: drawn for what was cancelled, or half-written; --yes removes them.

    What a render, a label or a golden version names is kept, and so is what is younger than a day.
    """
    with call.store() as store:
        found = store.leftovers.find()
        leftovers = list(store.leftovers.remove(found) if yes else found)
    return Answer(document={"removed": yes, "files": leftovers}, text=in_words(leftovers, removed=yes))


def pictures(call: Call) -> str:
    """Whether some of the stored pictures are whole, drawn anew at each call.

    Raises:
        BlobDamaged: with the first that is missing or damaged; ``sidegrade blobs verify --all`` names each.
    """
    with call.store() as store:
        stored = store.stored_files.count()
        verified = list(verify_pictures(store, sample=FEW))
    failures = [one.failure for one in verified if one.failure]
    if failures:
        raise BlobDamaged(
            f"{len(failures)} of {count(len(verified), 'picture')} missing or damaged: {failures[0].message}",
            remedy="`sidegrade blobs verify --all` names each; `sidegrade replay` draws one again",
        )
    return f"{len(verified):,} of {count(stored, 'stored picture')} are whole"


def in_words(leftovers: list[Leftover], *, removed: bool) -> str:
    """How many files of each kind, how large they are, and what to do next."""
    if not leftovers:
        return "every file older than a day is named by a render, a label or a golden version"
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in Counter(one.kind for one in leftovers).items())
    total = size(sum(one.size_bytes for one in leftovers))
    if removed:
        return f"removed {count(len(leftovers), 'file')} ({kinds}): {total}"
    listed = [str(one.path) for one in leftovers]
    return "\n".join([*listed, f"{count(len(leftovers), 'file')} ({kinds}), {total}: --yes removes them"])
