"""``sidegrade doctor``: can this machine do the job? Each line is OK, or says what to do.

A probe is a function that says in words what is fine, or raises the typed error that carries the remedy. It
imports what it examines itself: every `--help` loads this file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.table import Table

from cli.answers import Answer, explained, table
from cli.blobs import pictures
from cli.call import Call, command
from cli.models import identify
from core.backends.sources import is_here
from core.config.models import load_models
from core.errors import (
    BackendUnavailable,
    CheckUnavailable,
    DiskFull,
    ModelUnavailable,
    SidegradeError,
)
from core.failures import failure_of
from core.formatting import percent, size
from core.records import Failure, SelfTest

if TYPE_CHECKING:
    from PIL import Image

commands = typer.Typer()

WORD = "SALE NOW 24"
LEAST_FREE_BYTES = 10**9


@command(commands)
def doctor(
    call: Call,
    checks: Annotated[
        bool,
        typer.Option("--checks", help="Also run every self-test, on known positives and negatives."),
    ] = False,
) -> Answer:
    """Examine this machine: device, models, weights, OCR, fonts, disk, database, pictures.

    With --checks the self-tests of the checks run as well (minutes) and are kept: no gate uses a check that
    is below its promise. Exit code 1 when something needs attention.
    """
    from core.checks.selftest.validity import needs_attention

    lines = [probe(name, examine, call) for name, examine in PROBES.items()]
    tests = self_tests(call) if checks else []
    healthy = all(line.ok for line in lines) and not any(map(needs_attention, tests))
    return Answer(
        document={"healthy": healthy, "lines": lines, "self_tests": tests},
        text=Group(lines_table(lines), *([tests_table(tests)] if checks else [])),
        exit_code=0 if healthy else 1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was examined."""

    name: str
    ok: bool
    says: str
    failure: Failure | None = None


def probe(name: str, examine: Callable[[Call], str], call: Call) -> Line:
    """Run one probe; a SidegradeError becomes a failed Line with its remedy."""
    try:
        return Line(name=name, ok=True, says=examine(call))
    except SidegradeError as error:
        failure = failure_of(error)
        return Line(name=name, ok=False, says=explained(failure), failure=failure)


def device(call: Call) -> str:
    """Where models run by default."""
    try:
        import torch
    except (ImportError, OSError) as error:
        raise BackendUnavailable(f"torch cannot be imported: {error}", remedy="run `make setup`") from error
    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        return f"torch {torch.__version__} on {', '.join(names)}"
    name = (
        "Apple's GPU (mps)" if torch.backends.mps.is_available() else "the CPU: right for the embedded models"
    )
    return f"torch {torch.__version__} on {name}"


def models(call: Call) -> str:
    """Which declared models have their files here; one that was never fetched is no fault, a damaged one is.

    Raises:
        ModelUnavailable: saying of each damaged model what is wrong, after those that are sound.
    """
    here, missing, damaged = [], [], []
    for spec in load_models(call.settings.models_file).values():
        _, failure = identify(spec, call.settings)
        if failure is None:
            here.append(spec.name)
        elif is_here(spec, call.settings.models_file):
            damaged.append(failure.message)
        else:
            missing.append(spec.name)
    says = f"here: {', '.join(here) or 'none'}" + (f"; not fetched: {', '.join(missing)}" if missing else "")
    if damaged:
        raise ModelUnavailable(
            f"{says}; damaged: {'; '.join(damaged)}",
            remedy="copy or fetch the model again, or take it out of models.toml",
        )
    return says


def lpips_weights(call: Call) -> str:
    """The default backbone of LPIPS, once its tensors are the genuine ones."""
    from core.checks import weights

    return f"LPIPS alex {weights.load('alex', call.settings).digest[:8]}"


def ocr(call: Call) -> str:
    """Whether the reader of the typography check reads a word that was just drawn."""
    import numpy as np

    from core.checks.text.reader import load_reader

    reader = load_reader()
    read = " ".join(line.text for line in reader.lines(np.asarray(drawn(WORD))))
    if read != WORD:
        raise CheckUnavailable(f"OCR: expected {WORD!r}, read {read!r}", remedy="run `make setup`")
    return f"{reader.engine} reads what was drawn"


def fonts(call: Call) -> str:
    """Whether Pillow can draw its own scalable font, which the self-tests need."""
    from PIL import features

    if not features.check("freetype2"):
        raise CheckUnavailable("Pillow has no FreeType, so it cannot draw letters", remedy="run `make setup`")
    drawn(WORD)
    return f"FreeType {features.version('freetype2')} draws Pillow's own font"


def disk(call: Call) -> str:
    """Free space where renders are stored."""
    call.settings.home.mkdir(parents=True, exist_ok=True)
    free_bytes = shutil.disk_usage(call.settings.home).free
    if free_bytes < LEAST_FREE_BYTES:
        raise DiskFull(
            f"{call.settings.home}: expected at least {size(LEAST_FREE_BYTES)} free, got {size(free_bytes)}",
            remedy="free some space, or choose another --home",
        )
    return f"{size(free_bytes)} free in {call.settings.home}"


def database(call: Call) -> str:
    """Whether the store opens, is undamaged and can be written."""
    with call.store() as store:
        store.require_sound()
        store.golden.triage([])  # changes nothing, but takes the lock that every write takes
        workers = store.workers.list()
    working = f"{len(workers)} at work" if workers else "no worker is running (`sidegrade up` starts one)"
    return f"opens, is undamaged and can be written; {working}"


PROBES: dict[str, Callable[[Call], str]] = {
    "device": device,
    "models": models,
    "weights": lpips_weights,
    "OCR": ocr,
    "fonts": fonts,
    "disk": disk,
    "database": database,
    "pictures": pictures,
}


def drawn(word: str) -> Image.Image:
    """A word in black on white, large enough for any reader."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (320, 80), "white")
    ImageDraw.Draw(image).text((20, 18), word, "black", ImageFont.load_default(40))
    return image


def self_tests(call: Call) -> list[SelfTest]:
    """Run and keep the self-tests of all checks."""
    from core.checks.selftest.run import run_self_tests

    tests = run_self_tests(call.settings, call.now(), on_progress=lambda name: print(f"{name} …"))
    with call.store() as store:
        store.selftests.save(tests)
    return tests


def lines_table(lines: list[Line]) -> Table:
    """One line a probe."""
    text = table("", "", "")
    for line in lines:
        text.add_row("OK" if line.ok else "→", line.name, line.says)
    return text


def tests_table(tests: list[SelfTest]) -> Table:
    """One line a check: its hits, its false alarms, and whether a gate may use it."""
    from core.checks.selftest.validity import needs_attention

    text = table("", "check", "hits", "false alarms", "why")
    for test in tests:
        text.add_row(
            "→" if needs_attention(test) else "OK" if test.trusted else "",
            test.check,
            percent(test.hit_rate),
            percent(test.false_alarm_rate),
            test.reason,
        )
    return text
