"""A golden set version as a folder that works without Sidegrade: PNG files and one JSON line for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.digests import canonical_json
from core.errors import InvalidRequest
from core.records import Case, GoldenVersion, Recipe
from db.blob_files import is_part, write_whole
from db.blobs import Blobs
from db.translation import disk_error

INDEX = "golden.jsonl"


def export_version(
    version: GoldenVersion,
    folder: Path,
    *,
    blobs: Blobs,
    cases: Mapping[str, Case],
    recipes: Mapping[str, Recipe],
) -> Path:
    """Write ``<digest>.png`` for every entry and ``golden.jsonl``; gives the path of the latter.

    The index is written last: a folder that has one is complete, and one that an export was stopped in, by a
    full disk say, is gone on with.

    Raises:
        InvalidRequest: the folder holds something else already.
        StoreError: a file is missing, or the disk refuses.
    """
    lines = []
    try:
        if folder.exists() and not (folder.is_dir() and _begun(folder, version)):
            raise InvalidRequest(f"export: expected a new or empty folder, got {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        for entry in version.entries:
            file = f"{entry.render_digest}.png"
            write_whole(folder / file, blobs.png(entry.render_digest))
            line = {
                "version": version.number,
                "file": file,
                "digest": entry.render_digest,
                "label": entry.label,
                "reasons": entry.reasons,
                "case": cases[entry.case_digest],
                "case_digest": entry.case_digest,
                "recipe": recipes.get(entry.recipe_digest or ""),
            }
            lines.append(canonical_json(line) + "\n")
        write_whole(folder / INDEX, "".join(lines).encode())
    except OSError as error:
        raise disk_error(str(folder), error) from error
    return folder / INDEX


def _begun(folder: Path, version: GoldenVersion) -> bool:
    """Whether a folder holds nothing, or nothing but what an export of this version left unfinished."""
    own = {f"{entry.render_digest}.png" for entry in version.entries}
    return all(path.name in own or is_part(path) for path in folder.iterdir())
