"""Spatial plans measured from layers, scored against their targets, published as maps."""

__version__ = "0.1.0"
