"""The models a worker keeps loaded: side by side when they fit, else they take turns, without leaking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.backends import backend_class
from core.backends.protocol import never
from core.backends.sources import model_digest
from core.config.models import find_model, load_models
from core.digests import content_digest
from core.errors import ModelUnavailable, OutOfMemory, SidegradeError
from core.failures import untrusted

if TYPE_CHECKING:
    from core.backends.protocol import Backend
    from core.config.settings import Settings
    from core.records import ModelSpec

HEADROOM = 1.3
"""Memory a model takes while it draws, as a multiple of its weights."""


class ModelPool:
    """Loads models when they are needed and frees them when another one needs the room.

    Close it, or use it in a ``with`` statement.
    """

    def __init__(
        self, settings: Settings, *, threads: int = 1, should_stop: Callable[[], bool] = never
    ) -> None:
        self.settings, self.threads, self.should_stop = settings, threads, should_stop
        self._loaded: dict[str, Backend] = {}
        """By identity of declaration and files, the most recently used last."""
        self.crowded = False
        """Whether a model ever had to go for another one: together they do not fit."""

    def spec(self, name: str) -> ModelSpec:
        """The declaration as it stands in ``models.toml`` now.

        Raises:
            UnknownName, InvalidFile
        """
        return find_model(load_models(self.settings.models_file), name)

    def batch_size(self, name: str) -> int:
        """Images a call of this model, as it is loaded or else declared; 1 of one that is not declared."""
        if (backend := self.loaded(name)) is not None:
            return backend.spec.batch_size
        try:
            return self.spec(name).batch_size
        except SidegradeError:  # its arm fails with that when it is drawn
            return 1

    def open(self, spec: ModelSpec, *, digest: str | None = None) -> Backend:
        """The loaded model; ``digest`` demands exactly these files.

        Raises:
            ModelUnavailable: when the files are not those of the digest, or cannot be loaded.
            ModelError, BackendUnavailable: see :func:`core.backends.open_backend`.
        """
        found = model_digest(spec, self.settings.models_file)
        if digest not in (None, found):
            raise ModelUnavailable(
                f"{spec.name}: expected the files that were asked for ({digest}), found others ({found})",
                remedy="the model changed since the run was requested: request the run again",
            )
        with untrusted(spec.name):
            device = backend_class(spec).device_of(spec)
            key = content_digest("loaded", [spec.name, spec.contract, found, device])
            if key not in self._loaded:
                self._make_room(spec, device)
                self._loaded[key] = self._load(spec)
        self._loaded[key] = self._loaded.pop(key)
        return self._loaded[key]

    def loaded(self, name: str) -> Backend | None:
        """The model of this name, if it is loaded now."""
        return next((loaded for loaded in self._loaded.values() if loaded.spec.name == name), None)

    def devices(self) -> str:
        """Where the loaded models run, in words."""
        loaded = list(self._loaded.values())  # another thread asks while models come and go
        return ", ".join(sorted({backend.loaded.device_class for backend in loaded})) or "idle"

    def holds(self, backend: Backend) -> bool:
        """Whether this model is still loaded; opening another one may have taken its place."""
        return any(backend is loaded for loaded in self._loaded.values())

    def free_others(self, backend: Backend) -> bool:
        """Close every other model on the same device; False when there was none."""
        others = [
            key
            for key, loaded in self._loaded.items()
            if loaded is not backend and loaded.device == backend.device
        ]
        for key in others:
            self._loaded.pop(key).close()
        return bool(others)

    def close(self) -> None:
        """Free every model."""
        while self._loaded:
            self._loaded.popitem()[1].close()

    def __enter__(self) -> ModelPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _load(self, spec: ModelSpec) -> Backend:
        kind = backend_class(spec)
        try:
            with untrusted(spec.name):  # a foreign "out of memory" is one of ours outside of it
                return kind(spec, self.settings.models_file, threads=self.threads)
        except OutOfMemory:
            if not self._loaded:
                raise
        self.close()  # only here, where the error no longer holds what was loaded so far
        return kind(spec, self.settings.models_file, threads=self.threads)

    def _make_room(self, spec: ModelSpec, device: str) -> None:
        """Free the models of the device that were not used for longest, until the new one fits."""
        kind = backend_class(spec)
        needed = HEADROOM * kind.weight_bytes(spec, self.settings.models_file)
        for key, loaded in list(self._loaded.items()):
            if needed <= kind.free_bytes(device):
                return
            if loaded.device == device:
                self._loaded.pop(key).close()
                self.crowded = True
