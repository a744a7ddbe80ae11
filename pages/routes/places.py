"""Where to look on a pair: what differs, where lettering stands, which maps were drawn.

Boxes only: what a check read or thought of them would sway a blind reviewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from core.checks import CHECKS
from core.checks.maps import stored_map
from core.errors import UnknownName
from core.images.colormap import coloured
from core.records import Arm, Box, Case, Measurement
from core.review.blindness import refuse_foreign_pictures
from pages.routes.context import AppContext, RequestContext, guarded
from pages.routes.images import IMMUTABLE, found_between

Boxes = dict[Arm, Box]


def routes(app_context: AppContext) -> list[Route]:
    """``/api/places/<digest>/<digest>``; ``?pair=`` adds the lines of text and the maps of that pair."""
    return [
        guarded("/api/places/{first}/{second}", places, app_context),
        guarded("/api/map/{pair}/{check}", heat, app_context),
    ]


def places(context: RequestContext) -> dict[str, Any]:
    """Differences between two renders and, for a pair, its lines of text by side.

    Raises:
        InvalidRequest: one of the renders is not of the pair.
    """
    first, second = context.path["first"], context.path["second"]
    pair_id = context.query.get("pair")
    if pair_id:
        renders = context.store.renders.of_pair(context.store.pairs.get(pair_id).id)
        refuse_foreign_pictures(pair_id, renders, {first, second})
    found = found_between(context.store, first, second)
    return {
        "differences": asdict(found.summary()) | {"regions": found.regions()},
        "texts": _texts(context, first, second) if pair_id else [],
        # a hidden control shows one render twice; a map of the pair would tell what the other one looks like
        "maps": _maps(context, pair_id) if pair_id and first != second else [],
    }


def heat(context: RequestContext) -> Response:
    """The map that a check drew of a pair, as a picture to lay over the renders."""
    for measurement in context.store.measurements.of_pair(context.path["pair"]):
        if measurement.check == context.path["check"] and (png := stored_map(measurement)) is not None:
            return Response(coloured(png), media_type="image/png", headers=IMMUTABLE)
    raise UnknownName(f"pair {context.path['pair']}: {context.path['check']} has drawn no map of it")


def _maps(context: RequestContext, pair_id: str) -> list[dict[str, str]]:
    drawn = [one for one in context.store.measurements.of_pair(pair_id) if stored_map(one) is not None]
    names = {one.check: CHECKS[one.check].title if one.check in CHECKS else one.check for one in drawn}
    return [{"name": name, "title": title, "image": f"map/{pair_id}/{name}"} for name, title in names.items()]


def _texts(context: RequestContext, first: str, second: str) -> list[dict[str, Any]]:
    pair = context.store.pairs.get(context.query["pair"])
    renders = context.store.renders.of_pair(pair.id)
    arm_a = next(arm for arm, render in renders.items() if render.digest == first)
    arm_b = arm_a if first == second else arm_a.other
    case = context.store.suites.case(pair.case_digest)
    lines = lines_of(case, context.store.measurements.of_pair(pair.id))
    return [{"text": text, "a": boxes.get(arm_a), "b": boxes.get(arm_b)} for text, boxes in lines]


def lines_of(case: Case, found: list[Measurement]) -> Iterator[tuple[str, Boxes]]:
    """Each expected line with its box on each arm: where it was read, else where the case puts it."""
    for line in case.expected_text:
        boxes: Boxes = {} if line.box is None else dict.fromkeys(Arm, line.box)
        for measurement in found:
            if measurement.check == "typography" and measurement.subject == line.text and measurement.regions:
                region = measurement.regions[0]
                arm = region.arm or measurement.arm
                boxes |= dict.fromkeys(Arm if arm is None else [arm], region.box)
        if boxes:
            yield line.text, boxes
