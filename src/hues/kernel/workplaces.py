"""Where staff work: the strip of places at the top of every page of the desk, which rooms fill without knowing each other.

    workplaces.add("calls", 40, label=_("Calls"), icon="phone", url="/desk/calls", shown=lambda actor: actor.in_centre)   # in apps.py

The lowest order comes first. `label` is a lazy translation, `url` the prefix of the place's pages.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from hues.kernel.actors import Actor
from hues.kernel.registry import Registry


@dataclass(frozen=True)
class Workplace:
    name: str
    order: int
    label: str | Promise
    icon: str
    url: str
    shown: Callable[[Actor], bool]


_PLACES: Registry[Workplace] = Registry("workplace")


def add(name: str, order: int, *, label: str | Promise, icon: str, url: str, shown: Callable[[Actor], bool]) -> None:
    _PLACES.add(name, Workplace(name, order, label, icon, url, shown))


def of(actor: Actor) -> list[Workplace]:
    """The places of somebody among the staff; nothing for anybody else."""
    if actor.kind != "staff":
        return []
    return sorted((place for _, place in _PLACES.items() if place.shown(actor)), key=lambda place: place.order)


def at(path: str, places: list[Workplace]) -> str:
    """The name of the place that a page belongs to: the longest prefix of its path."""
    fits = [p for p in places if path == p.url or path.startswith((f"{p.url}/", f"{p.url}?"))]
    return max(fits, key=lambda place: len(place.url)).name if fits else ""
