"""Before a page names models, or tells a fault of one arm: what that costs, the question, and its record.

The one way to names on the pages. A picture whose model somebody knows cannot be judged blind any more, in
whatever run it lies, so a page shows only what :func:`told` or :func:`without_cost` gives.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from core.digests import content_digest
from core.formatting import count
from core.review.blindness import NamingCost
from pages.components import states
from pages.components.formatting import escaped, short
from services.review import names

if TYPE_CHECKING:
    from db.store import Store

RUNS_NAMED = 3


def told(store: Store, pair_ids: Collection[str], me: str, now: datetime, *, deed: str = "") -> set[str]:
    """The pairs whose models may be named; from then on they count as named to this reviewer.

    Pairs that hold a picture the reviewer may still judge blind are asked about first, all at once.

    Args:
        deed: what is shown then; the switch of that question adds how many pairs it costs.
    """
    price = names.cost_of_names(store, pair_ids, me)
    given = set(price.asked) if not price.lost or _asked_for(store, price, deed) else price.free
    names.show_names(store, given, me, now)
    return given


def without_cost(store: Store, pair_ids: Collection[str], me: str, now: datetime) -> set[str]:
    """Those of the pairs that may be named without a question; from then on they count as named."""
    given = names.cost_of_names(store, pair_ids, me).free
    names.show_names(store, given, me, now)
    return given


def _asked_for(store: Store, price: NamingCost, deed: str) -> bool:
    """Say which blind verdicts the names would cost, and ask."""
    own, elsewhere = price.own, price.elsewhere
    which = "this pair" if len(own) == 1 else f"these {count(len(own), 'pair')}"
    states.empty(
        f"You have not judged {which} yet" if own else "You may still judge these pictures blind",
        "Judge blind first: once you have seen which model drew a picture, your verdict on each pair that "
        "holds it is refused, and one given before can no longer be taken back."
        + (_elsewhere(store, elsewhere) if elsewhere else ""),
        icon=":material/visibility_off:",
    )
    label = f"{deed}: {cost(len(price.pairs))}" if deed else "Show it all the same"
    return st.toggle(label, key=f"unblind-{content_digest('stake', sorted(price.pairs))}")


def _elsewhere(store: Store, pairs: set[str]) -> str:
    """Where else the pictures lie."""
    ids = sorted({pair.run_id for pair in store.pairs.many(pairs).values()})
    runs = [f"{escaped(store.runs.get(one).suite)} ({escaped(short(one))})" for one in ids[:RUNS_NAMED]]
    more = ", …" if len(ids) > RUNS_NAMED else ""
    return f" The same pictures lie in {count(len(pairs), 'other pair')}, of {', '.join(runs)}{more}."


def cost(pairs: int) -> str:
    """What names cost, as the end of a sentence."""
    return f"you can then no longer judge {count(pairs, 'pair')}"
