"""Short-lived tokens of the app's own routes: signed, bound to a reviewer and a role.

``st.login`` does not cover own routes, so the page, which knows who is reviewing, hands its component a token
and the routes ask for it. It travels in a header, because an address may be logged or shared. An ``<img>``
cannot send one: its address carries a token of its own (``?t=``), which shows that one picture and is good
for nothing else.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from core.access.person import person_name
from core.config.settings import Settings
from core.errors import AccessDenied, InvalidInput

LIFETIME = timedelta(minutes=30)
ROUNDING = timedelta(minutes=5)
"""Expiry is rounded up to this, so that reruns in quick succession carry the same token."""
SECRET_FILE = "secret"
_SALT = "sidegrade.routes.2"
_REMEDY = "reload the page"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClaims:
    """Who holds a valid token."""

    reviewer: str
    role: str
    picture: str | None = None
    """The digest of the one picture that it shows; None: it is this reviewer's, for every route."""


def issue_token(secret: str, claims: TokenClaims, now: datetime) -> str:
    """A token that is valid for 30 to 35 minutes from ``now``."""
    step = int(ROUNDING.total_seconds())
    expires = -(-int((now + LIFETIME).timestamp()) // step) * step
    return _serializer(secret).dumps([claims.reviewer, claims.role, expires, claims.picture])


def read_token(secret: str, token: str, now: datetime) -> TokenClaims:
    """Whose token this is.

    Raises:
        AccessDenied: for a token that is missing, forged, damaged or expired, or names no person.
    """
    if not token:
        raise AccessDenied("no token came with the request", remedy=_REMEDY)
    try:
        reviewer, role, expires, picture = _serializer(secret).loads(token)
        if not (isinstance(reviewer, str) and isinstance(role, str) and type(expires) is int):
            raise TypeError("expected [reviewer, role, expiry, picture]")
        if not isinstance(picture, str | None):
            raise TypeError("expected the digest of a picture, or none")
    except (BadData, ValueError, TypeError, RecursionError) as error:
        raise AccessDenied("the token was not made by this app", remedy=_REMEDY) from error
    if now.timestamp() >= expires:
        raise AccessDenied("the token has expired", remedy=_REMEDY)
    _require_person(reviewer)
    return TokenClaims(reviewer=reviewer, role=role, picture=picture)


def _require_person(reviewer: object) -> None:
    try:
        known = isinstance(reviewer, str) and person_name(reviewer) == reviewer
    except InvalidInput:
        known = False
    if not known:
        raise AccessDenied(f"the token names no person: {ascii(reviewer)[:80]}", remedy=_REMEDY)


def secret_of(settings: Settings) -> str:
    """The secret that signs tokens: from the settings, else kept in ``home``, readable by its owner alone."""
    if settings.secret:
        return settings.secret
    path = settings.home / SECRET_FILE
    if not path.exists():
        _keep_new_secret(path)
    return path.read_text()


def _keep_new_secret(path: Path) -> None:
    """Written whole under another name first: a reader at the same moment must never get half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))
    with suppress(FileExistsError):  # another process was first, and its secret stays
        os.link(draft, path)
    draft.unlink()


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=_SALT)
