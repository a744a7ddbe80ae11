"""The ASGI entry, for ``sidegrade up`` and ``streamlit run app.py``: Streamlit's frame and our own routes."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.components import session
from pages.routes import all_routes
from pages.routes.context import AppContext
from pages.web.border import Border

app_context = AppContext(
    store=session.store, secret=session.secret, now=session.process_now, dated=session.now
)
app = st.App(
    Path(__file__).parent / "pages" / "frame.py",
    routes=all_routes(app_context),
    middleware=[Middleware(Border, listed=lambda: session.settings().hosts)],
)
