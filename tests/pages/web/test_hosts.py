"""Which names and origins are the app's own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.web.hosts import host_of, is_same_origin, is_trusted

LISTED = {"review.example"}


@pytest.mark.parametrize(
    "said",
    [
        "localhost",
        "LOCALHOST:8501",
        "127.0.0.1:8501",
        "10.0.0.7",
        "[::1]:8501",
        "review.example",
        "Review.Example.:443",
    ],
)
def test_numbers_localhost_and_listed_names_are_answered(said: str) -> None:
    host = host_of(said)
    assert host is not None
    assert is_trusted(host, LISTED)


@pytest.mark.parametrize(
    "said",
    [
        "rebind.attacker.test:8721",
        "localhost.attacker.test",
        "127.0.0.1.attacker.test",
        "review.example.attacker.test",
        "2130706433.example",
        "",
        "localhost/..",
        "localhost?x",
        "localhost#x",
        "ana@localhost",
        "localhost:http",
        "localhost:99999",
        "[::1",
        "lоcalhost",
        " localhost\t",
    ],
)
def test_every_other_name_is_not(said: str) -> None:
    host = host_of(said)
    assert host is None or not is_trusted(host, LISTED)


@given(st.text(max_size=40))
@settings(derandomize=True)
def test_any_text_is_a_host_or_none(text: str) -> None:
    host = host_of(text)
    assert host is None or (host.name and "/" not in host.name and "@" not in host.name)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://localhost:8501", "localhost:8501", True),
        ("http://localhost:8790", "localhost:8501", False),
        ("http://localhost", "localhost:80", True),
        ("https://review.example", "review.example", True),
        ("https://review.example:8443", "review.example", True),
        ("https://review.example", "review.example:443", True),
        ("http://127.0.0.1:8501", "localhost:8501", False),
        ("http://rebind.attacker.test:8501", "localhost:8501", False),
        ("null", "localhost:8501", False),
        ("file://", "localhost:8501", False),
        ("chrome-extension://localhost:8501", "localhost:8501", False),
        ("http://localhost:8501/path", "localhost:8501", False),
        ("", "localhost:8501", False),
    ],
)
def test_a_page_is_the_apps_own_by_scheme_name_and_port(origin: str, host: str, same: bool) -> None:
    named = host_of(host)
    assert named is not None
    assert is_same_origin(origin, named) is same
