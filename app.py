"""The ASGI entry, for ``sidegrade up`` and ``streamlit run app.py``: Streamlit's frame and our own routes."""

from pathlib import Path

import streamlit as st

from pages.components import session
from pages.routes import all_routes
from pages.routes.tokens import secret_of
from pages.routes.visits import Office

office = Office(store=session.store, secret=lambda: secret_of(session.settings()), now=session.now)
app = st.App(Path(__file__).parent / "pages" / "frame.py", routes=all_routes(office))
