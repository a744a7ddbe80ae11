"""The app's own routes beside Streamlit's: images, the review desk, health. Parse, call the Store, answer."""

from __future__ import annotations

from starlette.routing import BaseRoute

from pages.routes import assets, gallery, health, images, places, reviews
from pages.routes.context import AppContext


def all_routes(app_context: AppContext) -> list[BaseRoute]:
    """Every route, ready for ``st.App``."""
    parts = (images, places, reviews, gallery, health)
    return [*assets.routes(), *(route for part in parts for route in part.routes(app_context))]
