"""Rules of the golden set: when a render enters or leaves it."""
