"""Extension points: a typed table of plugins, filled by a decorator.

    PROVIDERS: Registry[SmsProvider] = Registry("SMS provider")

    @PROVIDERS.register("sandbox")
    class Sandbox: ...

A class is registered as one instance of it, a function as itself.
"""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

Plugin = TypeVar("Plugin")
Given = TypeVar("Given")


class UnknownPlugin(LookupError):
    """Nothing is registered under that name; the message says what is."""


class Registry(Generic[Plugin]):
    def __init__(self, what: str) -> None:
        self.what = what  # "SMS provider": for messages
        self._plugins: dict[str, Plugin] = {}

    def register(self, name: str) -> Callable[[Given], Given]:
        """Decorates a class (made without arguments) or a function. A name is given once."""

        def keep(given: Given) -> Given:
            self.add(name, given() if isinstance(given, type) else given)  # type: ignore[arg-type]
            return given

        return keep

    def add(self, name: str, plugin: Plugin) -> None:
        known = self._plugins.get(name)
        if known is not None and known is not plugin:
            raise ValueError(f"{self.what} {name!r} is registered twice")
        self._plugins[name] = plugin

    def get(self, name: str) -> Plugin:
        """Raises UnknownPlugin."""
        try:
            return self._plugins[name]
        except KeyError:
            known = ", ".join(sorted(self._plugins)) or "none"
            raise UnknownPlugin(f"there is no {self.what} {name!r}; known: {known}") from None

    def items(self) -> list[tuple[str, Plugin]]:
        """In the order of registration."""
        return list(self._plugins.items())

    def names(self) -> list[str]:
        return sorted(self._plugins)

    def __contains__(self, name: Any) -> bool:
        return name in self._plugins

    def __iter__(self) -> Iterator[str]:
        return iter(self._plugins)

    def __len__(self) -> int:
        return len(self._plugins)
