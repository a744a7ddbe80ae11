"""``sidegrade``: all commands, and what becomes of their errors.

Exit codes: 0 done, 1 an error or a finding that needs attention (such as a run of which no pair was drawn),
2 a command line that cannot be understood, 130 interrupted. ``gate`` has its own: 0 successful, 1 failed,
2 inconclusive, 3 an error of any kind, so that nothing broken looks like an answer.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from cli import (
    backups,
    blobs,
    contracts,
    doctor,
    edits,
    gate,
    golden,
    imports,
    models,
    replay,
    rollouts,
    runs,
    up,
    verdicts,
    weights,
    worker,
)
from cli.answers import Answer, print_answer
from core.errors import Cancelled, SidegradeError
from core.failures import failure_of
from core.records import Failure
from core.torch_runtime import prepare_process

app = typer.Typer(
    name="sidegrade",
    help="Is this image-model upgrade really an upgrade?",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
GROUPS = (
    up,
    worker,
    runs,
    verdicts,
    golden,
    gate,
    rollouts,
    replay,
    models,
    contracts,
    edits,
    imports,
    weights,
    blobs,
    doctor,
    backups,
)
for group in GROUPS:
    app.add_typer(group.commands)


def main() -> None:
    """The console script."""
    prepare_process()  # before a command imports torch, here or in a process that it starts
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a word that is no UTF-8 must not end an answer
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error becomes one message on stderr.

    With ``--json`` the error is a JSON document on stdout as well.
    """
    as_json = "--json" in arguments
    judging = next((word for word in arguments if not word.startswith("-")), "") == "gate"
    try:
        words = list(arguments) or ["--help"]
        return get_command(app).main(args=words, prog_name="sidegrade", standalone_mode=False) or 0
    except SidegradeError as error:
        report(failure_of(error), as_json=as_json)
        return 3 if judging else 130 if isinstance(error, Cancelled) else 1
    except TyperException as error:
        report(
            Failure(error="UsageError", message=error.format_message(), remedy=help_for(error)),
            as_json=as_json,
        )
        return 3 if judging else 2
    except SystemExit:  # typer's answer to a reader that closed the pipe
        return 3 if judging else 1
    except Exception as error:  # the last line of defence: a defect must not leave `gate` with 0, 1 or 2
        traceback.print_exc()
        report(Failure(error="InternalError", message=f"{type(error).__name__}: {error}"), as_json=as_json)
        return 3 if judging else 1


def report(failure: Failure, *, as_json: bool) -> None:
    """Say what went wrong and what to do: on stderr, and with ``--json`` as a document on stdout too."""
    print(f"{failure.error}: {failure.message}", file=sys.stderr)
    if failure.remedy:
        print(f"  → {failure.remedy}", file=sys.stderr)
    if as_json:
        print_answer(Answer(document=failure, text=""), as_json=True, out=sys.stdout)


def help_for(error: TyperException) -> str:
    """Where to read how the command is called."""
    context = getattr(error, "ctx", None)
    return f"see `{context.command_path} --help`" if context else "see `sidegrade --help`"


if __name__ == "__main__":
    main()
