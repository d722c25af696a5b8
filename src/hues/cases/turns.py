"""Whose turn it is: what other rooms ask before somebody takes a step of a case, without this room knowing them.

turns.register("console", mind)     # in the other room's apps.py; `mind(actor, case)` raises Conflict where it is somebody else's turn
"""

from collections.abc import Callable

from hues.cases.models import Case
from hues.kernel.actors import Actor
from hues.kernel.registry import Registry

Mind = Callable[[Actor, Case], None]

_MINDS: Registry[Mind] = Registry("check of whose turn it is")


def register(name: str, mind: Mind) -> None:
    _MINDS.add(name, mind)


def check(actor: Actor, case: Case) -> None:
    """Raises Conflict where somebody else is at it. The case is locked."""
    for _name, mind in _MINDS.items():
        mind(actor, case)
