"""The whole sample city: six years, generated as rows that are shaped like the engine's and loaded with COPY."""

from hues.cli.demo.years.load import build_city

__all__ = ["build_city"]
