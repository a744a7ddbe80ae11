"""Commands that name the models of pictures: kept for who is at the terminal, who is told what it costs."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

from cli.call import Call

if TYPE_CHECKING:
    from db.store import Store


def keep_names_shown(call: Call, store: Store, pair_ids: Collection[str]) -> None:
    """Keep that these pairs are named to the user of this terminal from now on."""
    lost = store.stakes.of_pairs(pair_ids, call.user())
    store.reviews.show_names(pair_ids, call.user(), call.now())
    _say(call.user(), len(set().union(*lost.values())))


def keep_golden_names_shown(call: Call, store: Store, digests: Collection[str]) -> None:
    """The same for pictures that an export of the golden set gives away with their recipes."""
    lost = store.stakes.of_pictures(digests, call.user())
    store.reviews.show_golden_names(digests, call.user(), call.now())
    _say(call.user(), len(lost))


def _say(user: str, pairs: int) -> None:
    if pairs:
        blind = "1 pair" if pairs == 1 else f"{pairs:,} pairs"
        print(f"this names models: {user} can no longer judge {blind} blind", file=sys.stderr)
