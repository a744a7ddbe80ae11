"""What is kept beside the events, because a page or a gate would have to read all of them: made anew.

With each event these rows follow in its transaction, each in its own module. All of them are made here where
there are none: in a home that was written without them.
"""

from __future__ import annotations

from sqlalchemy import Connection

from db.ballots import fill_ballots
from db.kept_pairs import fill_kept
from db.pictures_met import fill_met
from db.run_sums import fill_sums
from db.suites import fill_names


def fill_projections(connection: Connection) -> None:
    """Let the rows kept beside the events be those of all events, read in pages."""
    fill_names(connection)
    fill_met(connection)
    fill_kept(connection)
    fill_ballots(connection)
    fill_sums(connection)
