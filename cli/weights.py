"""``sidegrade weights``: the backbones of LPIPS, fetched once and kept small."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from cli.answers import Answer, explained, table
from cli.call import Call, command
from core.errors import SidegradeError
from core.failures import failure_of
from core.records import Failure

commands = typer.Typer(name="weights", help="The backbones of LPIPS: list, fetch.")


@command(commands, "list")
def list_weights(call: Call) -> Answer:
    """List the backbones of LPIPS, where each lies, and whether it is genuine."""
    from core.checks import weights

    rows = [genuine(net, call) for net in weights.BACKBONES]
    text = table("net", "file")
    for row in rows:
        text.add_row(row.net, explained(row.failure) if row.failure else str(row.file))
    return Answer(document={"weights": rows}, text=text)


@command(commands)
def fetch(call: Call, net: Annotated[str, typer.Argument(help="alex, squeeze or vgg.")] = "alex") -> Answer:
    """Fetch a backbone from torchvision's host, check its checksum, and keep its convolutions."""
    from core.checks import weights

    weights.backbone_of(net)
    columns = (TextColumn(net), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task(net, total=None)
        file = weights.fetch(
            net,
            call.settings,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    return Answer(document={"net": net, "file": file}, text=f"{net} is in {file}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A backbone on this machine, or what is wrong with it."""

    net: str
    file: Path | None = None
    digest: str | None = None
    """Of its tensors, which are the genuine ones."""
    failure: Failure | None = None


def genuine(net: str, call: Call) -> Found:
    """The file of a backbone, once its tensors are the genuine ones."""
    from core.checks import weights

    try:
        loaded = weights.load(net, call.settings)
    except SidegradeError as error:
        return Found(net=net, failure=failure_of(error))
    return Found(net=net, file=weights.find(net, call.settings), digest=loaded.digest)
