"""What several entrances do, one verb each: runs, review, rollouts, golden set, insights.

A service reads through the Store, asks the rules of :mod:`core` and appends events. It imports no Streamlit,
no Starlette, no Typer and no torch.
"""
