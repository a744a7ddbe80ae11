"""Who a person is: one function makes the name that stands beside every verdict and decision, at every door.

Page, command line, environment, login, the name kept in a browser and tokens all ask :func:`person_name`. Two
names are one person when their keys are equal: the rule that a second person signs compares keys. A name that
only looks like another because every letter of it comes from another script passes.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

import regex

from core.errors import InvalidInput

MAX_NAME: Final = 60
_MIXTURES: Final = (("Latn", "Hani", "Hira", "Kana"), ("Latn", "Hani", "Hang"), ("Latn", "Hani", "Bopo"))
"""Scripts that one name may mix, as Japanese, Korean and Chinese do: *highly restrictive* of UTS #39."""
_SCRIPTS: Final = (
    "Cyrl Grek Armn Geor Hebr Arab Thaa Ethi Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Thai "
    "Laoo Tibt Mymr Khmr Adlm Bali Bamu Batk Cans Cakm Cham Cher Rohg Java Kali Lepc Limb Lisu Mand Mtei "
    "Plrd Talu Newa Nkoo Hmnp Olck Osge Saur Sund Sylo Syrc Tale Lana Tavt Tfng Vaii Wcho Yiii Mong"
)
"""All other scripts in use today (UAX #31, tables 5 and 7); a name has one of them."""
_RESERVED: Final = r"(?:the )?(?:policy|rule) ?:|the (?:policy|rule)\b|first start$"
"""Matches the beginning of a key. So policies, promotion rules and the first start sign or read on screen."""
_FOLDED: Final = (
    (r"\p{Default_Ignorable_Code_Point}", ""),
    (r"\p{Dash}", "-"),
    ("[`‘’‛′ʹʻʼʽˈ]", "'"),
    ("[∶꞉ː˸]", ":"),
)
"""Signs that no reader tells apart, and what each becomes in a key."""


def person_name(text: str) -> str:
    """The name in its one spelling: NFKC, single spaces.

    >>> person_name("  Ａda   Lovelace ")
    'Ada Lovelace'

    Raises:
        InvalidInput: for an empty, overlong or unprintable name; one with something invisible, without a
            letter or digit, with letters of several scripts, or with signs that are no writing; and for one
            that belongs to a rule, a policy or the first start.
    """
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise InvalidInput(f"name: expected 1 to {MAX_NAME} printable characters, got {text[:80]!r}")
    for forbidden, expected in _rules():
        if forbidden.search(unicodedata.normalize("NFD", name)):
            raise InvalidInput(f"name: expected {expected}, got {text[:80]!a}")
    if not _one_script().fullmatch(name):
        raise InvalidInput(
            f"name: expected letters of one script, got {text[:80]!a}",
            remedy="type every letter on the same keyboard: some letters of two scripts look the same",
        )
    if regex.match(_RESERVED, person_key(name)):
        raise InvalidInput(
            f"name: 'policy:', 'rule:' and 'first start' belong to automatic rules, got {name!r}",
            remedy="give the name of a person",
        )
    return name


def person_key(name: str) -> str:
    """What makes a person the same person: the name without regard to case and to signs that look alike.

    >>> person_key("Ana@Corp") == person_key("ana@corp"), person_key("O’Neill") == person_key("O'Neill")
    (True, True)
    """
    key = unicodedata.normalize("NFKC", name).casefold()
    for sign, plain in _FOLDED:
        key = regex.sub(sign, plain, key)
    return " ".join(unicodedata.normalize("NFKC", key).split())


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's."""
    return person_key(one) == person_key(other)


@cache
def _rules() -> tuple[tuple[regex.Pattern[str], str], ...]:
    """What no name contains, taken apart into letters and marks (NFD), and what is expected instead."""
    rules = (
        (r"\p{Default_Ignorable_Code_Point}", "only characters that can be seen"),
        (r"(?:^|[^\p{L}\p{N}\p{M}])\p{M}", "every accent above a letter"),
        (r"(\p{Mn})\1|\p{Mn}{5}|\p{Soft_Dotted}\p{Mn}*\u0307", "no accent that cannot be seen"),
        (r"\p{So}", "letters, digits and punctuation"),
        (r"^[^\p{L}\p{N}]*$", "a letter or a digit"),
    )
    return tuple((regex.compile(forbidden), expected) for forbidden, expected in rules)


@cache
def _one_script() -> regex.Pattern[str]:
    """Matches a name of one script, with what all scripts share: digits, spaces, hyphens, dots."""
    families = (*_MIXTURES, *((script,) for script in _SCRIPTS.split()))
    shared = r"\p{scx=Zyyy}\p{scx=Zinh}"
    choices = ("".join(rf"\p{{scx={script}}}" for script in family) for family in families)
    return regex.compile("|".join(f"[{letters}{shared}]*" for letters in choices))
