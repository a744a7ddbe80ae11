"""``models.toml`` → :class:`ModelSpec`, the files behind a model and the digest of their content.

The file holds one table a model, ``[models.<name>]`` with a ``[models.<name>.contract]`` inside; the keys are
the fields of :class:`~core.records.ModelSpec` and :class:`~core.records.Contract`. Nothing here loads a
model: a digest reads bytes, and :mod:`core.backends` runs it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from core.backends import BACKENDS, scheduler_names
from core.digests import content_digest
from core.errors import InvalidFile, ModelUnavailable, SidegradeError, UnknownName
from core.failures import untrusted
from core.model_files import LOADED_SUFFIXES, file_digest, model_files
from core.records import Contract, Mode, ModelSpec, Size
from core.scheduler_settings import carried
from core.toml_files import Table, read_toml
from core.toml_folders import refusing

DTYPES = ("bfloat16", "float16", "float32")
DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def load_models(path: Path) -> dict[str, ModelSpec]:
    """Every model declared in the file, by name, in the order of the file.

    Raises:
        InvalidFile: naming file, line and key, with the nearest valid key or value.
    """
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:
        raise InvalidFile(f"{path}: expected a file, found nothing") from error
    with refusing(path):
        return dict(_load(path, facts.st_size, facts.st_mtime_ns))


def find_model(models: Mapping[str, ModelSpec], name: str) -> ModelSpec:
    """The declared model.

    Raises:
        UnknownName: with the nearest names.
    """
    if name not in models:
        raise UnknownName.of("model", name, models)
    return models[name]


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
        raise ModelUnavailable(f"{spec.name}: expected the folder {spec.source}, found nothing there")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(spec.source, revision=spec.revision, local_files_only=True))
    except HFValidationError as error:  # such as ../folder, which reads as a hub id
        raise _no_source(spec, error) from error
    except LocalEntryNotFoundError as error:
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
        ModelUnavailable, UnsafeWeights: see :func:`resolve_source` and :func:`core.model_files.model_files`.
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


def _no_source(spec: ModelSpec, error: Exception) -> ModelUnavailable:
    return ModelUnavailable(
        f"{spec.name}: source: expected a folder or a hub id such as owner/name, got {spec.source[:80]!r}",
        remedy=f"correct `source` in models.toml ({error})"[:300],
    )


@lru_cache(maxsize=8)
def _load(path: Path, _size: int, _mtime_ns: int) -> dict[str, ModelSpec]:
    """Parsed once for each state of the file: a worker asks before every pair."""
    file = read_toml(path, any_text=True)  # nothing of it is stored: NUL in a source is that model's trouble
    declared = file.table("models")
    models = {name: _model(name, declared.table(name)) for name in declared.keys}
    file.finish()
    return models


def _model(name: str, table: Table) -> ModelSpec:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
        raise table.refuse("", f"expected a name of a–z, 0–9, '.', '_' and '-', got {name!r}")
    backend = table.text("backend", "diffusers", among=BACKENDS)
    device = table.text("device", "auto")
    if not DEVICE.fullmatch(device):
        raise table.refuse("device", f"expected auto, cpu, mps, cuda or cuda:<n>, got {device!r}")
    scheduler = table.optional_text("scheduler")
    if scheduler is not None:
        scheduler = table.text("scheduler", among=scheduler_names())
    spec = ModelSpec(
        name=name,
        source=table.text("source", None if BACKENDS[backend].has_files else ""),
        revision=table.optional_text("revision"),
        title=table.text("title", name),
        backend=backend,
        num_inference_steps=table.integer("num_inference_steps", minimum=1, maximum=1000),
        guidance_scale=table.number("guidance_scale", minimum=0.0, maximum=50.0),
        scheduler=scheduler,
        scheduler_config=table.mapping("scheduler_config"),
        dtype=table.text("dtype", "float32", among=DTYPES),
        device=device,
        batch_size=table.integer("batch_size", 1, minimum=1, maximum=256),
        contract=_contract(table.table("contract")),
        cost_per_gpu_second=table.number("cost_per_gpu_second", 0.0, minimum=0.0, maximum=1000.0),
        tags=table.texts("tags"),
    )
    table.finish()
    return spec


def _contract(table: Table) -> Contract:
    contract = Contract(
        mode=Mode(table.text("mode", among=list(Mode))),
        sizes=tuple(Size(*size) for size in table.integer_lists("sizes", length=2)),
        size_multiple=table.integer("size_multiple", 8, minimum=1, maximum=1024),
        max_pixels=table.integer("max_pixels", 1024 * 1024, minimum=64, maximum=2**28),
        max_prompt_characters=table.integer("max_prompt_characters", 2_000, minimum=1, maximum=100_000),
        image_format=table.text("image_format", "PNG", among=("PNG",)),
        bit_depth=table.integer("bit_depth", 8, minimum=8, maximum=8),
        max_latency_ms=table.optional_number("max_latency_ms", minimum=1.0, maximum=1e7),
    )
    for size in contract.sizes:
        if size.width % contract.size_multiple or size.height % contract.size_multiple:
            raise table.refuse("sizes", f"expected multiples of {contract.size_multiple}, got {size}")
        if size.width * size.height > contract.max_pixels:
            raise table.refuse("sizes", f"expected at most {contract.max_pixels} pixels, got {size}")
    table.finish()
    return contract
