"""What is asked of a model: the nouns behind ``suites/*.toml`` (parsed by :mod:`core.config.suites`)."""

from __future__ import annotations

from dataclasses import dataclass

from core.digests import content_digest
from core.records.models import Box, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedText:
    """One line of lettering that must be readable in the image, exactly as written."""

    text: str
    letter_height_px: int | None = None
    """Height of a capital letter; decides the size tier of the typography check. None: unknown."""
    box: Box | None = None
    """Where the line stands, when the layout is known in advance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A prompt with its size, tags and what must hold of every image drawn from it."""

    name: str
    """Unique inside its suite, such as ``sale-now-large``."""
    prompt: str
    negative_prompt: str = ""
    width: int
    height: int
    tags: tuple[str, ...] = ()
    expected_text: tuple[ExpectedText, ...] = ()
    expects_alpha: bool | None = None
    """True: a transparent background; False: fully opaque; None: not examined."""
    critical: bool = False

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return Size(self.width, self.height)

    @property
    def digest(self) -> str:
        """Identity of this version of the case: any change of content is another case."""
        return content_digest("case", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A named set of cases; its digest is its version."""

    name: str
    title: str = ""
    description: str = ""
    cases: tuple[Case, ...]

    @property
    def digest(self) -> str:
        """Identity of this version of the suite; independent of the words that describe it."""
        return content_digest("suite", [self.name, [case.digest for case in self.cases]])
