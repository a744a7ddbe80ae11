"""Commands that name the models of pictures: kept for who is at the terminal, who is told what it costs."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

from cli.call import Call
from core.formatting import count
from services.review import names

if TYPE_CHECKING:
    from db.store import Store


def keep_names_shown(call: Call, store: Store, pair_ids: Collection[str]) -> None:
    """Keep that these pairs are named to the user of this terminal from now on."""
    cost = names.cost_of_names(store, pair_ids, call.user())
    names.show_names(store, pair_ids, call.user(), store.now())
    say_cost(call.user(), cost.pairs)


def say_cost(user: str, lost: Collection[str]) -> None:
    """Say on stderr how many pairs the user of this terminal can no longer judge blind."""
    if lost:
        blind = count(len(lost), "pair")
        print(f"this names models: {user} can no longer judge {blind} blind", file=sys.stderr)
