"""How a model is run: the table of backends, each imported only when a model of its kind is opened.

To add one: a file in ``local/`` (or in ``hosted/``, which the first hosted one makes) with a class that fits
:class:`core.backends.protocol.Backend`, and a row.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.errors import BackendUnavailable
from core.failures import untrusted

if TYPE_CHECKING:
    from core.backends.protocol import Backend
    from core.records import ModelSpec


class BackendCard(NamedTuple):
    """One row of the table."""

    path: str
    """``module:Class``; the class fits :class:`~core.backends.protocol.Backend`."""
    has_files: bool
    """Whether ``source`` names files that are hashed into the model's digest."""
    title: str


BACKENDS = {
    "diffusers": BackendCard("core.backends.local.diffusers:DiffusersBackend", True, "a diffusers pipeline"),
    "drawing": BackendCard("core.backends.drawing:DrawingBackend", False, "posters drawn by Pillow"),
}


def open_backend(spec: ModelSpec, models_file: Path, *, threads: int = 1) -> Backend:
    """Load the model and check that its parts fit; what comes back can generate.

    Raises:
        ModelError: when the model cannot be loaded safely or its parts do not fit, whatever is wrong with it.
        BackendUnavailable: when the backend's package cannot be imported.
    """
    with untrusted(spec.name):
        return backend_class(spec)(spec, models_file, threads=threads)


def check_parts_fit(spec: ModelSpec, models_file: Path) -> tuple[str, ...]:
    """Load the model, check that its parts fit together, and free it; one sentence a fit.

    What files alone can tell is examined first, so a model of the wrong parts is refused before it is loaded.

    Raises:
        LatentShapeMismatch: when VAE, denoiser and text encoders disagree.
        DecoderMismatch: when the decoder does not give the promised mode or size.
        ModelUnavailable, UnsafeWeights, BackendUnavailable: when it cannot be loaded safely.
    """
    opened = open_backend(spec, models_file)
    try:
        return opened.fit_reports
    finally:
        opened.close()


def backend_class(spec: ModelSpec) -> type[Backend]:
    """The class that runs this model; its packages are imported by this call.

    Raises:
        BackendUnavailable: when they cannot be.
    """
    module, _, name = BACKENDS[spec.backend].path.partition(":")
    try:
        kind: type[Backend] = getattr(import_module(module), name)
    except ImportError as error:
        raise BackendUnavailable(
            f"{spec.name}: the backend {spec.backend} cannot be imported ({error})",
            remedy="run `make setup`",
        ) from error
    return kind


@cache
def scheduler_names() -> frozenset[str]:
    """The scheduler classes of the installed diffusers, read from its source: importing it takes seconds."""
    package = find_spec("diffusers")
    if package is None or not package.submodule_search_locations:
        return frozenset()
    listing = Path(package.submodule_search_locations[0], "schedulers", "__init__.py")
    return frozenset(re.findall(r'"(\w+Scheduler)"', listing.read_text(encoding="utf-8")))
