"""Naming models: what that costs a reviewer, and that it is kept.

The one way to the name of a model for a picture. Every page, route and command asks here before it names one,
or tells a fault of one arm; whoever was told judges that picture blind in no run any more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from core.records import GoldenVersion
from core.review.blindness import NamingCost

if TYPE_CHECKING:
    from db.store import Store


def cost_of_names(store: Store, pair_ids: Collection[str], reviewer: str) -> NamingCost:
    """What it would cost this reviewer to be told the models of some pairs; nothing is kept."""
    return NamingCost(asked=frozenset(pair_ids), lost=store.stakes.of_pairs(pair_ids, reviewer))


def show_names(store: Store, pair_ids: Collection[str], reviewer: str, now: datetime) -> None:
    """Keep that this reviewer knows the models of some pairs from now on."""
    store.reviews.show_names(pair_ids, reviewer, now)


def cost_of_golden_names(store: Store, version: GoldenVersion, reviewer: str) -> set[str]:
    """The pairs that this reviewer could no longer judge blind after an export of a golden set version."""
    return store.stakes.of_pictures(_pictures(version), reviewer)


def show_golden_names(store: Store, version: GoldenVersion, reviewer: str, now: datetime) -> None:
    """Keep that this reviewer knows the models of a version's pictures: an export holds their recipes."""
    store.reviews.show_golden_names(_pictures(version), reviewer, now)


def _pictures(version: GoldenVersion) -> set[str]:
    return {entry.render_digest for entry in version.entries}
