"""Designers judge blind pairs, one after the other. The desk does the work; this page only lays it out."""

from pages.components.viewer import review_desk

review_desk()
