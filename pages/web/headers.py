"""Headers of every answer: what a browser may do with it, and where it may be shown.

Streamlit sets none of these. Its components of the second kind are run from memory (``blob:``), which only a
script that runs already can fill; its page has one inline script, which the policy names by its digest; the
frame of the classic slider has others, which carry :func:`nonce`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from functools import cache
from pathlib import Path

import streamlit

COMPONENT = "/component/"
"""Where Streamlit serves the frames of components of its first kind, which the app itself has to show."""


@cache
def nonce() -> str:
    """A word that scripts of this process's own frames carry, unknown outside of it."""
    return secrets.token_urlsafe(18)


@cache
def _inline_scripts() -> tuple[str, ...]:
    """The digests of the scripts that stand in Streamlit's page itself, as a policy names them."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return tuple(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )


@cache
def content_policy(ancestors: str = "'none'") -> str:
    """What a page of this app may load, run and be shown in (CSP level 3).

    Args:
        ancestors: whose frames may show it.
    """
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", "blob:", f"'nonce-{nonce()}'", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit writes its styles into the page as it runs
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' blob: data:",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": ancestors,
    }
    return "; ".join(f"{name} {rule}" for name, rule in rules.items())


def headers_for(path: str) -> dict[str, str]:
    """The headers that every answer under an address gets, by their names in small letters."""
    own = COMPONENT in path
    return {
        "content-security-policy": content_policy("'self'" if own else "'none'"),
        "x-frame-options": "SAMEORIGIN" if own else "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }
