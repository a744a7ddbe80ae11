"""What every command shares: its settings, its clock, its store, and the options ``--home`` and ``--json``.

A command is a function whose first parameter is a :class:`Call` and which returns an :class:`Answer`::

    @command(app)
    def golden(call: Call, tag: str) -> Answer: ...

Whatever libraries print on the way goes to stderr; stdout carries the answer and nothing else.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Concatenate, ParamSpec, TextIO

import typer

from cli.answers import Answer, print_answer
from core.access.person import person_name
from core.config.settings import Settings
from core.errors import Cancelled, InvalidInput, InvalidRequest
from core.untrusted import readable

if TYPE_CHECKING:
    from db.store import Store

P = ParamSpec("P")

HOME = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the database and the images; else $SIDEGRADE_HOME, else var/."),
]
JSON = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document on stdout.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One invocation of a command."""

    settings: Settings
    as_json: bool
    out: TextIO = field(repr=False)

    def store(self) -> Store:
        """The store of this home, created when it does not exist yet; close it with ``with``."""
        from db.store import Store  # SQLAlchemy takes half a second that `--help` need not pay

        return Store.open(self.settings)

    def now(self) -> datetime:
        """The present moment, aware UTC."""
        return datetime.now(UTC)

    def user(self) -> str:
        """Who is at this terminal, for commands that record who asked.

        Raises:
            InvalidInput: the machine's user name is no name of a person.
        """
        try:
            return self.settings.reviewer or person_name(os.environ.get("USER") or "terminal")
        except InvalidInput as error:
            raise InvalidInput(
                f"USER: {error}", remedy="set SIDEGRADE_REVIEWER to the name of the person at this terminal"
            ) from error

    def say(self, answer: Answer) -> None:
        """Print an answer now: for a command that goes on working after it."""
        print_answer(answer, as_json=self.as_json, out=self.out)


def command(
    group: typer.Typer, name: str | None = None
) -> Callable[[Callable[Concatenate[Call, P], Answer | None]], Callable[..., int]]:
    """Register a command under its function's name (or ``name``) and give it ``--home`` and ``--json``."""

    def register(function: Callable[Concatenate[Call, P], Answer | None]) -> Callable[..., int]:
        @wraps(function)
        def invoke(*, home: Path | None, as_json: bool, **arguments: object) -> int:
            call = Call(settings=Settings.from_env(os.environ, home=home), as_json=as_json, out=sys.stdout)
            refuse_unreadable(arguments)
            try:
                with redirect_stdout(sys.stderr):
                    answer = function(call, **arguments)  # type: ignore[arg-type, call-arg]  # typer parsed them
            except KeyboardInterrupt:
                raise Cancelled("interrupted") from None
            if answer is None:
                return 0
            call.say(answer)
            return answer.exit_code

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        parameters = [
            *own,
            inspect.Parameter("home", inspect.Parameter.KEYWORD_ONLY, annotation=HOME, default=None),
            inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, annotation=JSON, default=False),
        ]
        signature = inspect.Signature(parameters)
        invoke.__signature__ = signature  # type: ignore[attr-defined]  # typer reads it, mypy does not know it
        invoke.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        group.command(name)(invoke)
        return invoke

    return register


def refuse_unreadable(arguments: Mapping[str, object]) -> None:
    """Refuse words of a command line that no record can hold; a path may be any bytes.

    Raises:
        InvalidRequest: naming the argument.
    """
    for name, value in arguments.items():
        for word in value if isinstance(value, (list, tuple)) else [value]:
            try:
                if isinstance(word, str):
                    readable(word)
            except ValueError as error:
                raise InvalidRequest(f"{name.replace('_', '-')}: {error}") from error
