"""Settings of a process, read once from the environment at its start, then passed on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.access.person import person_name
from core.errors import InvalidInput, InvalidRequest

PROJECT = Path(__file__).resolve().parents[2]
LPIPS_NETS = ("alex", "squeeze", "vgg")
"""The networks that LPIPS was calibrated on."""
FEATURE_CACHE_MB = 512
"""Some twenty opaque pictures of 512×512 with everything the checks derive from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things lie and what this process may do. ``repr`` never shows a secret."""

    home: Path
    """Holds the database, the blobs and fetched weights; ``SIDEGRADE_HOME``, default ``var/``."""
    database_url: str = field(repr=False)
    """``SIDEGRADE_DATABASE_URL``; default SQLite inside ``home``. May carry a password."""
    models_file: Path
    """``SIDEGRADE_MODELS``; default ``models.toml`` of the project."""
    suites_folder: Path
    policies_folder: Path
    lpips_weights: Path | None
    """``SIDEGRADE_LPIPS_WEIGHTS``: a folder with features-only safetensors for offline machines."""
    lpips_nets: tuple[str, ...] = ("alex",)
    """``SIDEGRADE_LPIPS_NETS``: ``alex,squeeze,vgg``; AlexNet always measures, the others on request."""
    feature_cache_mb: int = FEATURE_CACHE_MB
    """``SIDEGRADE_FEATURE_CACHE_MB``: memory for what checks keep of pictures they may meet again."""
    secret: str | None = field(repr=False)
    """``SIDEGRADE_SECRET`` signs the tokens of the image and verdict routes; None: made in ``home``."""
    reviewer: str | None
    """``SIDEGRADE_REVIEWER``: who is reviewing when no login is configured."""
    hosts: frozenset[str] = frozenset()
    """``SIDEGRADE_HOSTS``: names of the app, beside ``localhost`` and addresses in numbers."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, home: Path | None = None) -> Settings:
        """Settings from environment variables; ``home`` (such as ``--home``) wins over the variable.

        Raises:
            InvalidRequest: when ``home`` is an existing file, a net of LPIPS is unknown, the size of the
                feature cache is no whole number from 0 to 1,000,000, or a host is no name of one.
            InvalidInput: when ``SIDEGRADE_REVIEWER`` is no name of a person.
        """
        folder = (home or Path(environ.get("SIDEGRADE_HOME") or "var")).expanduser().resolve()
        if folder.exists() and not folder.is_dir():
            raise InvalidRequest(f"home: expected a folder, got the file {folder}")
        weights = environ.get("SIDEGRADE_LPIPS_WEIGHTS")
        return cls(
            home=folder,
            database_url=environ.get("SIDEGRADE_DATABASE_URL") or f"sqlite:///{folder / 'sidegrade.db'}",
            models_file=Path(environ.get("SIDEGRADE_MODELS") or PROJECT / "models.toml").resolve(),
            suites_folder=Path(environ.get("SIDEGRADE_SUITES") or PROJECT / "suites").resolve(),
            policies_folder=Path(environ.get("SIDEGRADE_POLICIES") or PROJECT / "policies").resolve(),
            lpips_weights=Path(weights).expanduser().resolve() if weights else None,
            lpips_nets=_nets(environ.get("SIDEGRADE_LPIPS_NETS") or "alex"),
            feature_cache_mb=_megabytes(environ.get("SIDEGRADE_FEATURE_CACHE_MB")),
            secret=environ.get("SIDEGRADE_SECRET") or None,
            reviewer=_reviewer(environ.get("SIDEGRADE_REVIEWER")),
            hosts=_hosts(environ.get("SIDEGRADE_HOSTS") or ""),
        )

    @property
    def feature_cache_bytes(self) -> int:
        """``feature_cache_mb`` in bytes."""
        return self.feature_cache_mb * 1024 * 1024

    @property
    def blobs(self) -> Path:
        """Folder of the stored PNG files."""
        return self.home / "blobs"


def _reviewer(name: str | None) -> str | None:
    """The person that the environment names; None when it names none."""
    try:
        return person_name(name) if name else None
    except InvalidInput as error:
        raise InvalidInput(
            f"SIDEGRADE_REVIEWER: {error}",
            remedy="set it to the name of the person at this machine, or unset it",
        ) from error


def _megabytes(text: str | None) -> int:
    """The size of the feature cache; 0 keeps nothing."""
    if text is None or not text.strip():
        return FEATURE_CACHE_MB
    if not re.fullmatch(r"\d{1,6}|1000000", text.strip(), re.ASCII):
        raise InvalidRequest(
            f"SIDEGRADE_FEATURE_CACHE_MB: expected a whole number from 0 to 1000000, got {text[:80]!r}"
        )
    return int(text)


def _hosts(names: str) -> frozenset[str]:
    """The names of hosts that a comma-separated list gives, in small letters."""
    hosts = frozenset(name.strip().lower() for name in names.split(",") if name.strip())
    for host in sorted(hosts):
        if not re.fullmatch(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", host):
            raise InvalidRequest(
                f"SIDEGRADE_HOSTS: expected names such as review.example, without port, got {host[:80]!r}"
            )
    return hosts


def _nets(names: str) -> tuple[str, ...]:
    """The nets of LPIPS that a comma-separated list names, each once."""
    nets = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if unknown := set(nets) - set(LPIPS_NETS):
        expected, got = ", ".join(LPIPS_NETS), ", ".join(sorted(unknown))
        raise InvalidRequest(f"SIDEGRADE_LPIPS_NETS: expected some of {expected}, got {got}")
    return nets
