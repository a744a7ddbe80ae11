"""Does each picture keep the promises of its model's contract? Size, mode, bit depth, limits, latency."""

from __future__ import annotations

from collections.abc import Iterator

from core.checks.card import Finding
from core.checks.pair import PairToExamine
from core.checks.picture import Picture
from core.config.settings import Settings
from core.formatting import number
from core.records import Arm, Contract, Mode, Recipe, Region, Size

_BITS = {"1": 1, "I": 32, "F": 32, "I;16": 16, "I;16B": 16, "I;16L": 16}
"""Bit depth of Pillow's modes that are not 8 bits per channel."""


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """The number of broken promises of each arm, with each of them named in the reason."""
    return [_finding(pair, arm) for arm in pair.arms()]


def breaches_of(
    picture: Picture,
    contract: Contract | None,
    *,
    asked: Size,
    recipe: Recipe | None = None,
    latency_ms: float | None = None,
) -> list[str]:
    """Every promise a picture of the size ``asked`` breaks, in words; without a contract only its size."""
    breaches = list(_size_breaches(picture, asked, contract))
    if contract is not None:
        breaches += _channel_breaches(picture, contract)
        breaches += _request_breaches(recipe, contract)
        breaches += _latency_breaches(latency_ms, contract)
    return breaches


def _finding(pair: PairToExamine, arm: Arm) -> Finding:
    picture, contract = pair.picture(arm), pair.contracts.get(arm)
    of_picture = breaches_of(picture, contract, asked=pair.case.size)
    breaches = breaches_of(
        picture,
        contract,
        asked=pair.case.size,
        recipe=pair.recipes.get(arm),
        latency_ms=pair.latencies_ms.get(arm),
    )
    kept = "keeps its contract" if contract else "no contract declared; the size is as asked for"
    return Finding(
        metric="breaches",
        arm=arm,
        value=len(breaches),
        reason="; ".join(breaches) or kept,
        regions=(Region(box=picture.frame, label="; ".join(of_picture), arm=arm),) if of_picture else (),
        raw={"mode": picture.image.mode, "size": str(picture.size), "breaches": breaches},
    )


def _size_breaches(picture: Picture, asked: Size, contract: Contract | None) -> Iterator[str]:
    if picture.size != asked:
        yield f"expected size {asked}, got {picture.size}"
    if contract is None:
        return
    if contract.sizes and picture.size not in contract.sizes:
        yield f"expected one of the sizes {', '.join(map(str, contract.sizes))}, got {picture.size}"
    if picture.size.width * picture.size.height > contract.max_pixels:
        yield f"expected at most {contract.max_pixels} pixels, got {picture.size}"


def _channel_breaches(picture: Picture, contract: Contract) -> Iterator[str]:
    mode = picture.image.mode
    if contract.mode is Mode.RGBA and not picture.has_alpha_band:
        yield f"expected alpha channel, found null (mode {mode})"
    elif mode != contract.mode:
        yield f"expected mode {contract.mode}, got {mode}"
    bits = _BITS.get(mode, 8)
    if bits != contract.bit_depth:
        yield f"expected {contract.bit_depth} bits per channel, got {bits}"
    if picture.image.format not in (None, contract.image_format):
        yield f"expected format {contract.image_format}, got {picture.image.format}"


def _request_breaches(recipe: Recipe | None, contract: Contract) -> Iterator[str]:
    if recipe is not None and len(recipe.prompt) > contract.max_prompt_characters:
        limit = contract.max_prompt_characters
        yield f"expected a prompt of at most {limit} characters, got {len(recipe.prompt)}"


def _latency_breaches(latency_ms: float | None, contract: Contract) -> Iterator[str]:
    limit = contract.max_latency_ms
    if latency_ms is not None and limit is not None and latency_ms > limit:
        yield f"expected at most {number(limit, 'ms')}, took {number(latency_ms, 'ms')}"
