"""Hue-S: the digital bridge of a city."""

__version__ = "0.1.0"
