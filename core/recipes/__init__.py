"""Recipes: every input that fixes a picture, and what a second drawing of one says about the first."""
