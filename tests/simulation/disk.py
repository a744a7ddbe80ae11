"""The disk between two actions: pictures on it get lost, are damaged, and are put back by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(kw_only=True)
class Disk:
    """The folder of stored pictures, as whoever has it under their hands can change it."""

    folder: Path
    harmed: dict[Path, bytes] = field(default_factory=dict)
    """What a file held before it was lost or damaged."""

    def pictures(self) -> list[Path]:
        """Every file of a picture, in an order that a seed can choose from."""
        return sorted(self.folder.glob("sha256/*/*.png"))

    def loses(self, chance: random.Random) -> str:
        """A picture is gone."""
        if not (left := self.pictures()):
            return "nothing to lose"
        path = chance.choice(left)
        self._keep(path)
        path.unlink()
        return f"lost {path.stem[:8]}"

    def damages(self, chance: random.Random) -> str:
        """A picture is cut, emptied, or holds another's bytes."""
        if not (left := self.pictures()):
            return "nothing to damage"
        path, other = chance.choice(left), chance.choice(left)
        self._keep(path)
        png = path.read_bytes()
        path.write_bytes(chance.choice([png[: len(png) // 2], b"", other.read_bytes()]))
        return f"damaged {path.stem[:8]}"

    def gives_back(self, chance: random.Random) -> str:
        """A picture is put back from a backup."""
        if not self.harmed:
            return "nothing to give back"
        path = chance.choice(sorted(self.harmed))
        path.write_bytes(self.harmed.pop(path))
        return f"gave back {path.stem[:8]}"

    def _keep(self, path: Path) -> None:
        """The first look counts: what is damaged twice is given back as it was drawn."""
        self.harmed.setdefault(path, path.read_bytes())
