"""What goes along with a case's steps in rooms above this one: in the same transaction, whichever door the step was taken at.

    along.ALONG.add("dispatch", follow)      # in the other room's apps.py

`follow(change, before)` is called when the step is done and journalled; `before` is the state that the case was in.
"""

from collections.abc import Callable

from hues.cases.change import Change
from hues.cases.definition import State
from hues.kernel.registry import Registry

Follow = Callable[[Change, State], None]

ALONG: Registry[Follow] = Registry("companion of a case's steps")


def go_along(change: Change, before: State) -> None:
    for _name, follow in ALONG.items():
        follow(change, before)
