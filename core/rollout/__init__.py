"""Rules of a rollout: the decision as a fold over its events, and its headline."""
