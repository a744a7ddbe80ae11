"""Who is here and what this process has opened: the one file that touches session state, login and the Store.

Pages receive plain values from here. Settings and secret are read, and the Store is opened, once per process
and shared by all sessions; what a reload must restore lives in the query parameters, what another person must
see lives in the Store.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache

import streamlit as st

from core.access.person import person_name
from core.config.settings import Settings
from core.errors import AccessDenied, InvalidInput
from db.store import Store
from pages.routes.tokens import TokenClaims, issue_token, secret_of

_NAME = "reviewer"


@cache
def settings() -> Settings:
    """The settings of this process, from the environment it began with."""
    return Settings.from_env(os.environ)


@cache
def secret() -> str:
    """What signs the tokens of this process; see :func:`pages.routes.tokens.secret_of`."""
    return secret_of(settings())


def reset() -> None:
    """Read settings and secret anew when they are next asked for, as a new process would."""
    settings.cache_clear()
    secret.cache_clear()


def store() -> Store:
    """The open Store of this process."""
    return _opened(settings())


@st.cache_resource(show_spinner=False, on_release=Store.close)
def _opened(where: Settings) -> Store:
    return Store.open(where)


def now() -> datetime:
    """The present moment by the database's clock, aware UTC: what is stored is dated by it alone."""
    return store().now()


def process_now() -> datetime:
    """The present moment by the clock of this process, aware UTC: its tokens end by it."""
    return datetime.now(UTC)


def reviewer() -> str:
    """The name under which this session judges and decides.

    Raises:
        AccessDenied: without a login or a given name; the frame asks before any page runs.
    """
    name = known_reviewer()
    if name is None:
        raise AccessDenied("nobody is reviewing here yet", remedy="Reload the page and give your name.")
    return name


def known_reviewer() -> str | None:
    """The reviewer, or None: from the login where one is configured, else the name given in this session.

    Raises:
        InvalidInput: the login, or ``SIDEGRADE_REVIEWER``, gives no name that a verdict can stand under.
    """
    if login_is_configured():
        return _logged_in() if st.user.get("is_logged_in") else None
    return st.session_state.get(_NAME, settings().reviewer) or None


def _logged_in() -> str:
    """The e-mail address of the login, else its name.

    An address that the provider declares unverified is refused, and no name stands in for it: who can write
    any address there can write any name as well.
    """
    email = st.user.get("email")
    if email and str(st.user.get("email_verified")).casefold() == "false":
        raise InvalidInput(
            f"login: expected a verified e-mail address, got {email!a}, declared unverified",
            remedy="verify the address at your identity provider, then log in again",
        )
    try:
        return person_name(str(email or st.user.get("name") or ""))
    except InvalidInput as error:
        raise InvalidInput(
            f"login: {error}", remedy="ask the administrator of your login to correct that name"
        ) from error


def role() -> str:
    """What the login says this person is; a reviewer where no login is configured."""
    return str(st.user.get("role") or "reviewer")


def image_token() -> str:
    """A short-lived token for our own routes, made for this reviewer."""
    return issue_token(secret(), TokenClaims(reviewer=reviewer(), role=role()), process_now())


def picture_token(digest: str) -> str:
    """A short-lived token that shows this reviewer one picture, for its address."""
    claims = TokenClaims(reviewer=reviewer(), role=role(), picture=digest)
    return issue_token(secret(), claims, process_now())


def login_is_configured() -> bool:
    """Whether this app has an identity provider (``[auth]`` in its secrets)."""
    return st.user.get("is_logged_in") is not None


def sign_in(name: str) -> None:
    """Judge under ``name`` from now on, in this session.

    Raises:
        InvalidInput: it is no name of a person; see :func:`core.access.person.person_name`.
    """
    st.session_state[_NAME] = person_name(name)


def sign_out() -> None:
    """Forget who is reviewing in this session, so that the frame asks again."""
    st.session_state[_NAME] = ""


def has_signed_out() -> bool:
    """Whether the reviewer has signed out, so that the known name is not taken again."""
    return st.session_state.get(_NAME) == ""
