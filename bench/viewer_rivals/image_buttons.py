"""What a Streamlit user writes first: two ``st.image`` and two buttons with shortcuts; one row a vote.

``streamlit run image_buttons.py -- DATABASE FILE…``
"""

import sqlite3
import sys

import streamlit as st

DATABASE, *FILES = sys.argv[1:]
database = sqlite3.connect(DATABASE)
database.execute("PRAGMA synchronous = NORMAL")


def vote(pair: int, outcome: str) -> None:
    """Store a vote; the next run shows the next pair."""
    with database:
        database.execute("INSERT INTO votes VALUES (?, ?)", (pair, outcome))


st.set_page_config(layout="wide")
pair = database.execute("SELECT COUNT(DISTINCT pair) FROM votes").fetchone()[0]
if 2 * pair < len(FILES):
    left, right = st.columns(2)
    left.image(FILES[2 * pair])
    right.image(FILES[2 * pair + 1])
    left.button("A is better", shortcut="1", on_click=vote, args=(pair, "a"))
    right.button("B is better", shortcut="2", on_click=vote, args=(pair, "b"))
