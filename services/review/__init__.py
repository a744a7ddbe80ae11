"""Blind review, one verb each, for every entrance: the desk, the verdict, the names, labels for many pairs.

The rules are :mod:`core.review`; each page, route or command that names a model for a picture, or takes a
verdict, comes here.
"""
