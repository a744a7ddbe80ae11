"""The states of a page in words: empty, running, failed, refused. Each says what is so and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import NoReturn

import streamlit as st

from core.defects import reported
from core.errors import (
    BlobDamaged,
    BlobMissing,
    DatabaseGone,
    InternalError,
    InvalidFile,
    SidegradeError,
    StoreError,
)
from core.formatting import ago, count, duration
from core.records import Failure, RunProgress, WorkerStatus
from pages.components.formatting import escaped, prose


def empty(title: str, text: str, *, icon: str = ":material/inbox:") -> None:
    """Nothing is here yet: why, and what fills it."""
    with st.container(border=True):
        st.header(title, icon=icon, anchor=False)
        st.write(text)


class PageEnds(Exception):
    """The page has said all there is to say; the frame goes on."""


def nothing_yet(title: str, text: str) -> NoReturn:
    """Nothing is here yet, and nothing of the page follows."""
    empty(title, text)
    raise PageEnds


TITLES = {
    BlobDamaged: "A stored picture is damaged",
    BlobMissing: "A stored picture is missing",
    DatabaseGone: "Nothing is saved any more",
    StoreError: "The database did not answer",
    InternalError: "An error of Sidegrade’s own",
}
"""The first class that an error is an instance of decides."""


def refused(error: SidegradeError) -> None:
    """Something could not be done: what was expected, what came, what to do."""
    title = next((one for kind, one in TITLES.items() if isinstance(error, kind)), "This could not be done")
    st.error(_with_remedy(str(error), error.remedy), title=title, icon=":material/block:")


@contextmanager
def answered(doing: str = "a page") -> Iterator[None]:
    """Show any error of this block in its place on the page; what comes after the block goes on.

    An error that is not ours is a defect: the page says so, the log has a line, where ``doing`` says of what.
    """
    try:
        yield
    except PageEnds:
        raise
    except Exception as error:
        refused(reported(error, doing))


def database_gone(require_present: Callable[[], None]) -> None:
    """Say so where the database's file is gone: what the page shows is stored nowhere any more.

    Any other trouble of the store is the page's own to meet and to say.
    """
    with suppress(SidegradeError):
        try:
            require_present()
        except DatabaseGone as error:
            refused(error)


def left_out(files: Iterable[InvalidFile]) -> None:
    """Files that people edit and that cannot be used as they are now, quietly: which, and why."""
    for error in files:
        st.caption(f":material/warning: Left out: {_with_remedy(str(error), error.remedy)}")


def failed(failure: Failure, *, about: str = "") -> None:
    """A typed failure as it was stored: kind, message, remedy; never softened."""
    title = f"{failure.error}: {about}" if about else failure.error
    st.error(_with_remedy(failure.message, failure.remedy), title=escaped(title), icon=":material/error:")


def progress(so_far: RunProgress) -> None:
    """A bar with counts and the time that is left."""
    share = so_far.finished / so_far.total if so_far.total else 0.0
    st.progress(share, text=progress_in_words(so_far))


def progress_in_words(so_far: RunProgress) -> str:
    """Such as ``12 of 40 pairs · 1 failed · about 3 min 20 s left``."""
    parts = [f"{so_far.finished:,} of {count(so_far.total, 'pair')}"]
    if so_far.failed:
        parts.append(f"{so_far.failed:,} failed")
    if so_far.cancelled:
        parts.append(f"{so_far.cancelled:,} cancelled")
    if so_far.queued + so_far.running:
        left = so_far.eta_seconds
        parts.append("waiting for the first pair" if left is None else f"about {duration(left)} left")
    return " · ".join(parts)


def workers(alive: Sequence[WorkerStatus], now: datetime) -> None:
    """Who renders at the moment, or how to start a worker."""
    if not alive:
        st.warning(
            "Nothing is rendered until one runs. Start it beside this app with `sidegrade worker`.",
            title="No worker is running",
            icon=":material/bedtime:",
        )
    for worker in alive:
        doing, seen = worker.doing or "waiting for work", ago(worker.last_seen_at, now)
        st.caption(escaped(f"Worker {worker.name} on {worker.device}: {doing}, seen {seen}"))


def _with_remedy(message: str, remedy: str) -> str:
    return f"{prose(message)}\n\n**What to do:** {prose(remedy)}" if remedy else prose(message)
