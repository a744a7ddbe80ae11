"""Every error Sidegrade raises, as one tree.

    SidegradeError                    catch this at an entrance (page, command, route)
    ├── InvalidInput                  a value that was typed, sent or dropped is not acceptable
    │   ├── InvalidPrompt
    │   ├── InvalidRequest            seed, size or another number out of range
    │   ├── InvalidImage              not an image, truncated, a bomb, a mode we refuse
    │   ├── InvalidEvidence           numbers outside a statistic's range, or an impossible plan
    │   ├── InvalidFile               models.toml, a suite, a policy: file, line and key are named
    │   ├── UnknownName               no such model, suite, run …; the nearest names are given
    │   └── AccessDenied              a token is missing, forged, expired or another reviewer's
    ├── ModelError                    the model cannot do what was asked
    │   ├── ModelUnavailable          folder or hub id cannot be loaded
    │   ├── UnsafeWeights             pickle weights or remote code: refused
    │   ├── LatentShapeMismatch       latents, transformer and VAE do not fit together
    │   ├── DecoderMismatch           output size, mode or alpha channel is not what was declared
    │   ├── ContractBreach            the request is outside what the model promises
    │   ├── OutOfMemory               even after halving the batch
    │   └── GenerationFailed          the pipeline raised something else
    ├── BackendUnavailable            a backend's package or service is missing
    ├── CheckUnavailable              a check cannot run here: weights or OCR missing, self-test failed
    ├── ReplayImpossible              the recipe cannot be run on this machine
    ├── StartFailed                   a port is taken, or a process ended that should not have
    ├── Cancelled                     a person or a shutdown asked to stop
    ├── DecisionRefused               the evidence or the rules do not allow this step
    ├── InternalError                 a defect of Sidegrade itself; its log holds one line about it
    └── StoreError                    the database or the blob folder refused
        ├── StoreLocked               another process holds the database for too long
        ├── StoreUnreachable          the database is not there, or not yet
        ├── StoreReadOnly
        ├── DiskFull
        ├── DatabaseGone              its file was deleted or replaced while it was open
        ├── DatabaseDamaged           its file cannot be read through
        ├── BackupDamaged             a file of a backup is not the one of its manifest
        ├── Unstorable                a record holds a value that no store can keep
        └── BlobMissing               no file holds the picture of this digest
            └── BlobDamaged           its file is there, but cut, empty or another's

A replay that differs is a finding, not an error; so is a lost alpha channel. Third-party errors are
translated where they enter (a backend, a check, the store) and nowhere else.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SidegradeError(Exception):
    """Base of all: ``str(error)`` says what was expected and what came; ``remedy`` says what to do."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class InvalidInput(SidegradeError):
    """A value that was typed, sent or dropped is not acceptable."""


class InvalidPrompt(InvalidInput):
    """Empty, too long or made of control characters."""


class InvalidRequest(InvalidInput):
    """A seed, a size or another number is out of range."""


class InvalidImage(InvalidInput):
    """Not an image, truncated, too large when decoded, or of a mode that is refused."""


class InvalidEvidence(InvalidInput):
    """Numbers outside the range a statistic is defined for, or a plan that cannot be carried out."""


class InvalidFile(InvalidInput):
    """A configuration file cannot be used; the message names file, line and key."""


class UnknownName(InvalidInput):
    """Nothing has this name; the message offers the nearest ones."""

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str]) -> UnknownName:
        """The error for an unknown ``name`` of a ``kind``, with near matches or all known names."""
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        if near:
            hint = f"did you mean {' or '.join(near)}?"
        else:
            hint = f"known: {', '.join(names)}" if names else "nothing has that name"
        return cls(f"unknown {kind} {name!r}; {hint}")


class AccessDenied(InvalidInput):
    """A token is missing, forged, expired or belongs to another reviewer."""


class ModelError(SidegradeError):
    """The model cannot do what was asked."""


class ModelUnavailable(ModelError):
    """The folder or hub id cannot be loaded: missing, truncated or unreachable."""


class UnsafeWeights(ModelError):
    """The folder holds pickle weights or custom code; only safetensors are loaded."""


class LatentShapeMismatch(ModelError):
    """Latents, transformer and VAE do not fit together: ``expected … got …``."""


class DecoderMismatch(ModelError):
    """The decoded image is not what was declared, such as: expected alpha channel, found null."""


class ContractBreach(ModelError):
    """The request is outside what the model's contract promises; it was not attempted."""


class OutOfMemory(ModelError):
    """The device ran out of memory, also at half the batch."""


class GenerationFailed(ModelError):
    """The pipeline raised an error of its own."""


class BackendUnavailable(SidegradeError):
    """A backend's package or service is missing."""


class CheckUnavailable(SidegradeError):
    """A check cannot run here; the remedy says what to install or fetch."""


class ReplayImpossible(SidegradeError):
    """The recipe cannot be run on this machine."""


class StartFailed(SidegradeError):
    """A process of ours could not be started, or ended unasked: port taken, app gone."""


class Cancelled(SidegradeError):
    """A person or a shutdown asked to stop."""


class DecisionRefused(SidegradeError):
    """The evidence or the rules do not allow this step."""


class InternalError(SidegradeError):
    """A defect of Sidegrade itself: an exception that none of the others foresees."""


class StoreError(SidegradeError):
    """The database or the blob folder refused."""


class StoreLocked(StoreError):
    """Another process holds the database for too long."""


class StoreUnreachable(StoreError):
    """The database does not answer: not started yet, stopped, or elsewhere."""


class StoreReadOnly(StoreError):
    """The database or its folder cannot be written."""


class DiskFull(StoreError):
    """No space is left; nothing was half-written."""


class DatabaseGone(StoreError):
    """The database's file was deleted or replaced while it was open: nothing can be saved."""


class DatabaseDamaged(StoreError):
    """The database's file cannot be read through; a backup has to take its place."""


class BackupDamaged(StoreError):
    """A file of a backup is gone, or is not the one that its manifest describes."""


class Unstorable(StoreError):
    """A record holds a value that cannot be kept, such as NaN or a time without a zone."""


class BlobMissing(StoreError):
    """No file holds the picture of this digest."""


class BlobDamaged(BlobMissing):
    """The file of a picture is there, but it is cut, empty or another's: it is never shown."""
