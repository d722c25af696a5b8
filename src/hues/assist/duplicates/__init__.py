"""Which earlier reports a report may be one more of. It suggests; people decide and merge."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hues.assist.duplicates.nearby import Nearby, near

__all__ = ["Nearby", "near"]


def __getattr__(name: str) -> Any:
    """The part that needs the database comes when it is asked for: evaluation and fitting run without one."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hues.assist.duplicates import nearby

    return getattr(nearby, name)
