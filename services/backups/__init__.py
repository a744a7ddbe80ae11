"""A home in a folder of its own: made while it is at work, restored elsewhere, whole or not at all.

``manifest`` is what a backup says of itself, ``folders`` writes folders that appear whole, ``making`` and
``restoring`` are the two verbs. A backup looks like a home, with ``manifest.json`` beside.
"""
