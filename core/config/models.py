"""``models.toml`` → :class:`ModelSpec`.

The file holds one table a model, ``[models.<name>]`` with a ``[models.<name>.contract]`` inside; the keys are
the fields of :class:`~core.records.ModelSpec` and :class:`~core.records.Contract`. The files behind a model
are found and hashed in :mod:`core.backends.sources`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from core.backends import BACKENDS, scheduler_names
from core.config.toml_folders import refusing
from core.config.toml_tables import Table, read_toml
from core.errors import InvalidFile, UnknownName
from core.records import Contract, Mode, ModelSpec, Size

DTYPES = ("bfloat16", "float16", "float32")
DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


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
