"""Under which names this app answers, and from which pages it may be spoken to.

A page of another site can make its own name lead to this machine (DNS rebinding), and would then be one with
the app in the eyes of the browser. An address in numbers cannot be led anywhere, so those and ``localhost``
are always good; every other name is one that ``SIDEGRADE_HOSTS`` lists.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Host(NamedTuple):
    """A name or number of a machine, in small letters, and the port where one was said."""

    name: str
    port: int | None


def host_of(text: str) -> Host | None:
    """The host that a ``Host`` header or the part of an address after ``//`` names; None for none.

    >>> host_of("Review.Example:8501"), host_of("[::1]:8501"), host_of("a@b"), host_of("")
    (Host(name='review.example', port=8501), Host(name='::1', port=8501), None, None)
    """
    try:
        parts = urlsplit(f"//{text}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.path or parts.query or parts.fragment or "@" in text or not text.isascii():
        return None
    return Host(name.rstrip("."), port)


def is_trusted(host: Host, listed: Collection[str]) -> bool:
    """Whether a request to this host may be answered.

    >>> is_trusted(Host("127.0.0.1", 8501), ()), is_trusted(Host("rebind.example", None), ())
    (True, False)
    """
    return host.name == "localhost" or _is_number(host.name) or host.name in listed


def is_same_origin(origin: str, host: Host) -> bool:
    """Whether a page of this origin is the app's own, as the browser names it in ``Origin``.

    A proxy may leave the port out of ``Host``; where both are said they are the same.

    >>> is_same_origin("http://localhost:8790", Host("localhost", 8501))
    False
    >>> is_same_origin("https://review.example", Host("review.example", None))
    True
    """
    scheme, _, rest = origin.partition("://")
    said = host_of(rest)
    if said is None or scheme not in PORTS or said.name != host.name:
        return False
    return host.port is None or (said.port or PORTS[scheme]) == host.port


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
