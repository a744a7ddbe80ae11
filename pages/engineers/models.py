"""Models: what models.toml declares, what each model promises, how far the checks can be trusted."""

import streamlit as st

from core.config.models import load_models
from pages.components import catalogue, session

store, settings, now = session.store(), session.settings(), session.now()
models = load_models(settings.models_file)

st.title("Models", anchor=False)
st.write(f"Declared in `{settings.models_file.name}`; a run compares two of them.")
records = {record.model: record for record in store.insights.models()}
for spec in models.values():
    catalogue.model(spec, settings.models_file, records.get(spec.name))

st.header("The checks on this machine", anchor=False)
catalogue.self_tests(store.selftests.latest(), now)
