"""`training` is imported before any module here imports diffusers; see `training/__init__.py`."""

import training  # noqa: F401  # imported for what it does to the imports after it
