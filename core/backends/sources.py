"""The files behind a declared model: where they lie, fetching them once, and the digest of their content.

Nothing here loads a model: a digest reads bytes, and :mod:`core.backends` runs it.
"""

from __future__ import annotations

import re
from pathlib import Path

from core.backends import BACKENDS
from core.backends.model_files import LOADED_SUFFIXES, file_digest, model_files
from core.digests import content_digest
from core.errors import ModelUnavailable, SidegradeError
from core.failures import untrusted
from core.recipes.scheduler_settings import carried
from core.records import ModelSpec

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def resolve_source(spec: ModelSpec, models_file: Path) -> Path:
    """The folder on this machine that holds the model: as declared, or the snapshot of a fetched hub model.

    Raises:
        ModelUnavailable: when neither exists, with what to do; or when the source names neither.
    """
    try:
        folder = (models_file.parent / Path(spec.source).expanduser()).resolve()
        if folder.is_dir():
            return folder
    except (OSError, ValueError, RuntimeError) as error:  # too long, with a NUL, of a user who is not here
        raise _no_source(spec, error) from error
    if not HUB_ID.fullmatch(spec.source):
        raise _no_folder(spec, models_file)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(spec.source, revision=spec.revision, local_files_only=True))
    except HFValidationError as error:  # such as ../folder, which reads as a hub id
        raise _no_source(spec, error) from error
    except LocalEntryNotFoundError as error:
        if folder.parent.is_dir():  # such as models/house-2, which reads as a hub id
            raise _no_folder(spec, models_file) from error
        raise ModelUnavailable(
            f"{spec.name}: {spec.source} is neither a folder beside {models_file.name} nor a hub model "
            "that was fetched to this machine",
            remedy=f"fetch it once with `sidegrade models fetch {spec.name}`, or correct `source`",
        ) from error


def is_here(spec: ModelSpec, models_file: Path) -> bool:
    """Whether the source leads to something on this machine, sound or not; true for a model without files."""
    if not BACKENDS[spec.backend].has_files:
        return True
    try:
        with untrusted(spec.name):
            resolve_source(spec, models_file)
    except SidegradeError:
        return False
    return True


def fetch(spec: ModelSpec) -> Path:
    """Fetch a hub model's configuration and safetensors, never a pickle; the snapshot's folder.

    Raises:
        ModelUnavailable: when the hub cannot be reached, or refuses (a licence not yet accepted, no token).
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    wanted = ["model_index.json", *(f"*/*{suffix}" for suffix in LOADED_SUFFIXES)]
    try:
        return Path(snapshot_download(spec.source, revision=spec.revision, allow_patterns=wanted))
    except HFValidationError as error:
        raise _no_source(spec, error) from error
    except OSError as error:  # the hub's other errors are all of this family
        raise ModelUnavailable(
            f"{spec.name}: {spec.source} could not be fetched ({type(error).__name__}: {error})",
            remedy="accept the licence on the model's page and run `hf auth login`, or declare a folder",
        ) from error


def model_digest(spec: ModelSpec, models_file: Path) -> str:
    """Identity of a model as it draws: every file that would be loaded, and the declared sampling settings.

    Fewer steps or another scheduler on the same weights are another model, as good a reason for a rollout as
    new weights. Where it runs, what it costs and how it is called do not matter. Files count by their content
    alone; they are read whole once a process, again when they change.

    Raises:
        ModelUnavailable, UnsafeWeights: as :func:`resolve_source` and
            :func:`core.backends.model_files.model_files`.
    """
    settings = [spec.backend, spec.num_inference_steps, spec.guidance_scale, spec.dtype]
    scheduler = [spec.scheduler, carried(spec.scheduler_config, spec.name)]
    with untrusted(spec.name):
        if not BACKENDS[spec.backend].has_files:
            return content_digest("model", [spec.source, spec.contract.mode, *settings, *scheduler])
        folder = resolve_source(spec, models_file)
        names = {path.relative_to(folder).as_posix(): path for path in model_files(spec.name, folder)}
        files = {name: file_digest(path, f"{spec.name}: {name}") for name, path in names.items()}
        return content_digest("model", [files, *settings, *scheduler])


def _no_folder(spec: ModelSpec, models_file: Path) -> ModelUnavailable:
    return ModelUnavailable(
        f"{spec.name}: expected the folder {spec.source}, found nothing there",
        remedy=f"put the folder back, correct `source` in {models_file.name}, or take the model out of it",
    )


def _no_source(spec: ModelSpec, error: Exception) -> ModelUnavailable:
    return ModelUnavailable(
        f"{spec.name}: source: expected a folder or a hub id such as owner/name, got {spec.source[:80]!r}",
        remedy=f"correct `source` in models.toml ({error})"[:300],
    )
