"""Grammar and tokenizer agree on what a prompt means, and no prompt is too strange for them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.grammar import loose_prompt_of, parse, prompt_of, random_poster
from training.heldout import heldout_posters
from training.posters import Poster
from training.tokenizer import LENGTH, SPECIAL, VOCABULARY, new_tokenizer

TOKENIZER = new_tokenizer()


def tokens(prompt: str) -> list[str]:
    """The tokens of a prompt less the special ones."""
    ids = TOKENIZER(prompt, padding="max_length", max_length=LENGTH, truncation=True).input_ids
    assert len(ids) == LENGTH
    return [token for token in TOKENIZER.convert_ids_to_tokens(ids) if token not in SPECIAL]


@given(seed=st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_a_poster_survives_the_way_to_a_prompt_and_back(seed):
    poster = random_poster(random.Random(seed))
    assert parse(prompt_of(poster)) == poster


@given(seed=st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_a_loosely_worded_prompt_means_the_same_poster(seed):
    rng = random.Random(seed)
    poster = random_poster(rng)
    assert parse(loose_prompt_of(poster, rng)) == poster


@given(seed=st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_no_prompt_of_the_grammar_is_truncated_or_holds_an_unknown_token(seed):
    poster = random_poster(random.Random(seed))
    ids = TOKENIZER(prompt_of(poster)).input_ids
    assert len(ids) <= LENGTH
    assert VOCABULARY["<unk>"] not in ids


@given(prompt=st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_at_all_becomes_known_tokens_and_a_poster(prompt):
    assert "<unk>" not in tokens(prompt)
    assert isinstance(parse(prompt), Poster)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ('poster, exact text: "SALE NOW", white on teal', "poster < S A L E _ N O W > white on teal"),
        ("", ""),
        ("astronaut riding a horse", ""),
        ("Make a Big POSTER, “Hello wörld”, Golden on Navy", "poster < H E L L O _ W O R > yellow on navy"),
        ('"EXTRAORDINARY" "1234567890"', "< E X T R A O R D I > < 1 2 3 4 5 6 7 8 9 >"),
        ('"A" "B" "C" "D" white on red', "< A > < B > white on red"),
        ('poster "" "  x " a', "poster < X >"),
        ('"A\nB" "C"', "< A B > < C >"),
        ("circle with a ★ <b>", "circle with"),
    ],
)
def test_the_tokenizer_cleans(prompt, expected):
    assert " ".join(tokens(prompt)) == expected


def test_words_outside_quotes_lose_their_capitals_and_quoted_ones_gain_them():
    assert tokens('POSTER "Open" WHITE ON RED') == tokens('poster "OPEN" white on red')


def test_what_is_not_said_is_a_black_on_white_poster():
    assert parse("") == Poster(kind="poster", lines=(), sizes=(), ink="black", ground="white")


def test_heldout_posters_stay_the_same_and_cover_words_and_strings():
    first, again = heldout_posters(24), heldout_posters(24)
    assert first == again
    assert {poster.sizes for poster in first} >= {("large",), ("small",), ("large", "small")}
