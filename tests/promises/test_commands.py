"""Every command explains itself, has the shared options and stands in docs/commands.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from typer.main import get_command

from cli.gate import EXIT_CODES
from cli.main import app
from core.config.settings import PROJECT


def commands() -> Iterator[tuple[str, object]]:
    """Each command's full name, such as ``golden export``, with the command."""
    for name, command in get_command(app).commands.items():
        for inner_name, inner in getattr(command, "commands", {"": command}).items():
            yield f"{name} {inner_name}".strip(), inner


COMMANDS = dict(commands())
DOCUMENT = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
USAGES = re.findall(r"^\| `sidegrade ([^`]+)` \|", DOCUMENT, flags=re.MULTILINE)
"""The command lines that the document shows, such as ``golden list [--tag T]``."""


def usage_of(name: str) -> str:
    """The one command line that the document shows for a command."""
    (usage,) = [usage for usage in USAGES if re.match(rf"{name}(?= [^a-z]|$)", usage)]
    return usage


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_what_each_option_means(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    silent = [parameter.name for parameter in command.params if not getattr(parameter, "help", None)]
    assert silent == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_can_answer_in_json_and_work_in_another_home(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {"--json", "--home"} <= options


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_stands_in_the_document(name: str) -> None:
    assert f"sidegrade {name}" in DOCUMENT


@pytest.mark.parametrize("name", COMMANDS)
def test_the_document_shows_only_options_that_a_command_has(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", usage_of(name))) <= options


@pytest.mark.parametrize("name", COMMANDS)
def test_the_document_shows_every_option_without_which_a_command_refuses(name: str) -> None:
    needed = {
        option for parameter in COMMANDS[name].params if parameter.required for option in parameter.opts
    }
    always = re.sub(r"\[[^]]*\]", "", usage_of(name))
    assert {option for option in needed if option.startswith("--")} == set(re.findall(r"--[a-z-]+", always))


def test_the_document_shows_no_command_that_does_not_exist() -> None:
    assert len(USAGES) == len(COMMANDS)


def test_the_document_says_what_the_exit_codes_of_gate_mean() -> None:
    told = re.findall(r"^\| (\d) \| (\w+)", DOCUMENT.split("code of `gate`")[1], flags=re.MULTILINE)
    assert {(outcome.value, str(code)) for outcome, code in EXIT_CODES.items()} == {(w, n) for n, w in told}


def test_the_commands_that_other_programs_call_exist() -> None:
    promised = {
        "up", "worker", "run", "pairs", "verdict", "gate", "replay", "golden list", "golden export",
        "models list", "models check", "doctor", "contract check", "import",
    }  # fmt: skip
    assert promised <= set(COMMANDS)
