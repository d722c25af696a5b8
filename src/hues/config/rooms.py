"""What the program consists of: the one table of rooms, bottom to top.

A room that is not named here does not exist. `urls` is the room's URL module, mounted at the root (rooms own distinct prefixes, which
`tests/house` checks); `None` means that the room has no doors to the web.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    name: str
    urls: str | None
    is_app: bool = True

    @property
    def app(self) -> str:
        return f"hues.{self.name}"


ROOMS: tuple[Room, ...] = (
    Room("kernel", "hues.kernel.urls"),
    Room("city", "hues.city.urls"),
    Room("people", "hues.people.urls"),
    Room("notifications", "hues.notifications.urls"),
    Room("duty", "hues.duty.urls"),
    Room("cases", "hues.cases.urls"),
    Room("assist", "hues.assist.urls"),
    Room("dispatch", "hues.dispatch.urls"),
    Room("reports", "hues.reports.urls"),
    Room("hotline", "hues.hotline.urls"),
    Room("orders", "hues.orders.urls"),
    Room("console", "hues.console.urls"),
    Room("command", "hues.command.urls"),
    Room("insights", "hues.insights.urls"),
    Room("wall", "hues.wall.urls"),
    Room("live", None, is_app=False),
    Room("web", "hues.web.urls"),
)
