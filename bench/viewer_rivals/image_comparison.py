"""streamlit-image-comparison as its readme shows it, with two buttons that have shortcuts; one row a vote.

``streamlit run image_comparison.py -- DATABASE FILE…``
"""

import sqlite3
import sys

import streamlit as st
from streamlit_image_comparison import image_comparison

DATABASE, *FILES = sys.argv[1:]
database = sqlite3.connect(DATABASE)
database.execute("PRAGMA synchronous = NORMAL")


def vote(pair: int, outcome: str) -> None:
    """Store a vote; the next run shows the next pair."""
    with database:
        database.execute("INSERT INTO votes VALUES (?, ?)", (pair, outcome))


pair = database.execute("SELECT COUNT(DISTINCT pair) FROM votes").fetchone()[0]
if 2 * pair < len(FILES):
    image_comparison(FILES[2 * pair], FILES[2 * pair + 1], in_memory=True)
    st.button("A is better", shortcut="1", on_click=vote, args=(pair, "a"))
    st.button("B is better", shortcut="2", on_click=vote, args=(pair, "b"))
