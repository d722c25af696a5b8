"""Which earlier reports a report may be one more of. It suggests; people decide and merge."""

from hues.assist.duplicates.nearby import Nearby, near

__all__ = ["Nearby", "near"]
