"""What can hang on a wall: panes by name, and the arrangements that come with the program."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from hues.wall.models import Layout

MAP = "map"
CENTRE: Mapping[str, Any] = {
    MAP: _("Map of what is open"),
    "decisions": _("Immediate tasks, with their clocks"),
    "usual": _("Today against usual"),
}
PANES: Mapping[str, Any] = {
    "numbers": _("Four numbers"),
    "decisions": _("Immediate tasks, with their clocks"),
    "alerts": _("Alerts"),
    "queues": _("What waits"),
    "incidents": _("Incidents"),
    "calls": _("Hotline"),
    "usual": _("Today against usual"),
    "late": _("Where most is late"),
}  # fmt: skip


@dataclass(frozen=True)
class Arrangement:
    """A layout as it is shown: `id` of a saved one, or the name of one that comes with the program."""

    id: str
    name: str
    centre: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    seconds: int

    @property
    def panes(self) -> set[str]:
        return {self.centre, *self.left, *self.right}


_BUILT_IN = (
    ("situation", _("Situation"), MAP, ("numbers", "decisions"), ("alerts", "incidents"), 60),
    ("immediate", _("Immediate"), "decisions", ("numbers", "alerts"), ("queues", "calls"), 30),
    ("day", _("The day"), "usual", ("queues", "late"), ("incidents", "calls"), 30),
)


def arrangements() -> list[Arrangement]:
    """What the wall goes through: what was saved, else what comes with the program. One statement."""
    saved = [
        Arrangement(str(one.pk), one.name, one.centre, tuple(one.left), tuple(one.right), one.seconds)
        for one in Layout.objects.order_by("created_at")
    ]
    return saved or built_in()


def built_in() -> list[Arrangement]:
    return [
        Arrangement(name, str(label), centre, left, right, seconds)
        for name, label, centre, left, right, seconds in _BUILT_IN
    ]


def is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
