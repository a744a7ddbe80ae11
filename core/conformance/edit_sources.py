"""What is edited when a model's edits are tried: its own renders of a suite, or pictures from a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.conformance.edit_inputs import validated_input
from core.errors import InvalidImage, InvalidPrompt, InvalidRequest, SidegradeError
from core.images.decoding import FORMATS, open_image
from core.recipes.prompts import expected_strings, normalise_prompt
from core.recipes.recipe import make_recipe, read_recipe
from core.records import Case

if TYPE_CHECKING:
    from core.backends.protocol import Backend

ENDINGS = {".png", ".jpg", ".jpeg", ".webp"}
"""Of the files in a folder that are taken for pictures; their content must be one of ``FORMATS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSource:
    """A picture to edit, what it shows, and the seed of its edits."""

    name: str
    image: Image.Image
    case: Case
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSource:
    """A picture that cannot be edited, and why."""

    name: str
    error: SidegradeError


Source = EditSource | RefusedSource


def spread_over(cases: Sequence[Case], count: int) -> list[Case]:
    """At most ``count`` cases, evenly spread: suites keep alike cases together.

    Raises:
        InvalidRequest: for fewer than one.
    """
    if count < 1:
        raise InvalidRequest(f"cases: expected at least 1, got {count}")
    count = min(count, len(cases))
    return [cases[number * len(cases) // count] for number in range(count)]


def rendered_sources(backend: Backend, cases: Sequence[Case], *, seed: int) -> Iterator[Source]:
    """What the model itself draws of the cases; one that it cannot draw is a refusal."""
    for case in cases:
        try:
            recipe = make_recipe(case, seed, backend.spec, backend.loaded)
            image = backend.generate([recipe])[0].image
        except SidegradeError as error:
            yield RefusedSource(name=case.name, error=error)
        else:
            yield EditSource(name=case.name, image=image, case=case, seed=seed)


def folder_sources(folder: Path, *, prompt: str | None, seed: int) -> list[Source]:
    """The pictures of a folder by name; a file that an edit cannot take is a refusal.

    A picture's prompt is the one of the recipe inside it, or else ``prompt``.

    Raises:
        InvalidRequest: when the folder does not exist or holds no picture.
        InvalidPrompt: for a prompt that no model could take.
    """
    prompt = None if prompt is None else normalise_prompt(prompt)
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    except OSError as error:
        raise InvalidRequest(f"images: expected a folder ({error})") from error
    if not files:
        raise InvalidRequest(f"images: expected a folder with {', '.join(FORMATS)} files, found none in it")
    return [_source(path, prompt, seed) for path in files]


def _source(path: Path, prompt: str | None, seed: int) -> Source:
    try:
        image = validated_input(open_image(path))
        shown = _prompt_inside(path) or prompt
        if shown is None:
            raise InvalidPrompt(
                f"{path.name}: expected a recipe inside the picture, found none",
                remedy="say what the pictures show: --prompt",
            )
        case = Case(
            name=path.stem,
            prompt=shown,
            width=image.width,
            height=image.height,
            expected_text=expected_strings(shown),
        )
    except SidegradeError as error:
        return RefusedSource(name=path.name, error=error)
    return EditSource(name=path.name, image=image, case=case, seed=seed)


def _prompt_inside(path: Path) -> str | None:
    try:
        return read_recipe(path.read_bytes()).prompt
    except InvalidImage:  # a picture from anywhere else
        return None
