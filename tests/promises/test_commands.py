"""Every command explains itself, has the shared options and stands in the README."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.main import get_command

from cli.main import app
from core.config.settings import PROJECT


def commands() -> Iterator[tuple[str, object]]:
    """Each command's full name, such as ``golden export``, with the command."""
    for name, command in get_command(app).commands.items():
        for inner_name, inner in getattr(command, "commands", {"": command}).items():
            yield f"{name} {inner_name}".strip(), inner


COMMANDS = dict(commands())


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
def test_a_command_stands_in_the_readme(name: str) -> None:
    assert f"sidegrade {name}" in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_commands_that_other_programs_call_exist() -> None:
    promised = {
        "up", "worker", "run", "pairs", "verdict", "gate", "replay", "golden list", "golden export",
        "models list", "models check", "doctor", "contract check", "import",
    }  # fmt: skip
    assert promised <= set(COMMANDS)
