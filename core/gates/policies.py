"""Policies: files people edit and diff, read into frozen gates; the text is kept whole with every analysis.

Every threshold of the product stands in such a file and nowhere else. Two ship in ``policies/``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.config.toml_folders import Folder, read_folder, refusing
from core.config.toml_tables import Table, parse_toml, read_text
from core.errors import UnknownName
from core.gates.policy import Gate, Policy
from core.gates.table import GATES
from core.records import Requirement


def load_policy(path: Path) -> Policy:
    """The policy in a file; its name is the file's.

    Raises:
        InvalidFile: missing, not TOML, or a value that is not acceptable: file, line and key are named.
    """
    with refusing(path):
        text = read_text(path)
        return _policy(path.stem, parse_toml(text, source=path.name), text)


def parse_policy(name: str, text: str) -> Policy:
    """The policy in a text, such as the one stored with an analysis.

    Raises:
        InvalidFile: as :func:`load_policy`.
    """
    return _policy(name, parse_toml(text, source=f"{name}.toml"), text)


def find_policy(folder: Path, name: str) -> Policy:
    """A policy of the policies folder by its name.

    Raises:
        UnknownName: there is none; the nearest names are given.
        InvalidFile: as :func:`load_policy`.
    """
    known = policy_names(folder)
    if name not in known:
        raise UnknownName.of("policy", name, known)
    return load_policy(folder / f"{name}.toml")


def policy_names(folder: Path) -> list[str]:
    """The names of the policies in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def list_policies(folder: Path) -> Folder[Policy]:
    """Every policy file of the folder, by name; a broken one is left out and says why."""
    return read_folder(folder, load_policy)


def readable_policies(folder: Path) -> dict[str, Policy]:
    """The policies of a folder by name; a file that is broken is left out, for it can judge nothing."""
    return list_policies(folder).found


def differences(old: Policy, new: Policy) -> list[str]:
    """What another version decides otherwise, a line for each key, such as ``gates.text.margin: 0.05 → 0.1``.

    Comments and the order of keys make another version and no difference.
    """
    before, after = (dict(_flat(tomllib.loads(policy.text))) for policy in (old, new))
    return [
        f"{key}: {before.get(key, 'nothing')} → {after.get(key, 'nothing')}"
        for key in [*before, *(key for key in after if key not in before)]
        if before.get(key) != after.get(key)
    ]


def _flat(table: Mapping[str, Any], inside: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{inside}{key}.")
        else:
            yield inside + key, value


def _policy(name: str, table: Table, text: str) -> Policy:
    evidence, gates = table.table("evidence"), table.table("gates")
    policy = Policy(
        name=name,
        title=table.text("title"),
        description=table.text("description", ""),
        max_age_days=evidence.integer("max_age_days", minimum=1, maximum=3650),
        max_missing_share=evidence.number("max_missing_share", minimum=0, maximum=0.5),
        gates=(found := tuple(_gate(key, gates.table(key)) for key in gates.keys)),
        checks=frozenset(check for gate in found for check in GATES[gate.rule].checks),
        # only the line ends of TOML: U+2028 inside a text is a letter of it
        text=text.replace("\r\n", "\n").removesuffix("\n") + "\n",
    )
    for read in (evidence, table):
        read.finish()
    if not any(gate.requirement in (Requirement.CRITICAL, Requirement.REQUIRED) for gate in policy.gates):
        raise table.refuse(
            "gates", "expected at least one critical or required gate: nothing could ever pass"
        )
    return policy


def _gate(name: str, table: Table) -> Gate:
    rule = table.text("rule", name if name in GATES else None, among=GATES)
    requirement = Requirement(table.text("requirement", among=[r.value for r in Requirement]))
    if GATES[rule].only_guards and requirement in (Requirement.CRITICAL, Requirement.REQUIRED):
        raise table.refuse(
            "requirement", f"{rule} can find harm but never succeed: make it guardrail or muted"
        )
    gate = Gate(
        name=name,
        rule=rule,
        title=table.text("title", GATES[rule].title),
        requirement=requirement,
        settings=GATES[rule].read(table),
    )
    table.finish()
    return gate
