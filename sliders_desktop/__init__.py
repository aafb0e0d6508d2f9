"""Sliders Desktop: a music player that learns what your words mean."""

__version__ = "0.1.0"
