"""`shell`: what every template may ask of the deployment and the viewer. All of it lazy: a page that does not ask pays nothing."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from hues.city import pack
from hues.kernel import workplaces
from hues.kernel.actors import GUEST, Actor
from hues.notifications import queries as notices
from hues.people.pages.staff import home_of
from hues.reports.helping.actions import may_help

TABS = (("/report", "report"), ("/map", "map"), ("/cases", "map"), ("/me", "me"), ("/login", "me"))
THEMES = ("light", "dark")


def _pack() -> Mapping[str, Any]:
    """The city's settings; nothing before they are loaded, so that an error can still be shown."""
    try:
        return pack.settings()
    except pack.PackMissing:
        return {}


class City:
    """The city pack's texts in the reader's language."""

    def __init__(self) -> None:
        self.pack = _pack()
        self.language = get_language() or settings.LANGUAGE_CODE

    def text(self, value: Any) -> str:
        """A text of the pack, which may be given by language."""
        if isinstance(value, Mapping):
            return str(value.get(self.language) or next(iter(value.values()), ""))
        return str(value or "")

    @property
    def name(self) -> str:
        return self.text(self.pack.get("names"))

    @property
    def short_name(self) -> str:
        return self.text(self.pack.get("short_names")) or self.name

    @property
    def app_name(self) -> str:
        return self.text(self.pack.get("app_names")) or "Hue-S"

    @cached_property
    def texts(self) -> dict[str, str]:
        """The pack's own sentences: tagline, welcome, thanks, identity, …"""
        return {name: self.text(value) for name, value in (self.pack.get("texts") or {}).items()}

    @property
    def tagline(self) -> str:
        return self.texts.get("tagline", "")

    @property
    def greeting(self) -> tuple[str, str]:
        """The welcome as greeting and question: "Chào anh/chị." and what follows."""
        greeting, _dot, question = self.texts.get("welcome", "").partition(". ")
        return (greeting, question) if question else ("", greeting)

    @property
    def hotline(self) -> str:
        return str(self.pack.get("hotline") or "")

    @cached_property
    def emergency(self) -> list[dict[str, str]]:
        """[{"number", "name", "text": when to call it}], as the law of the land has them."""
        rows = self.pack.get("emergency_numbers") or []
        return [
            {
                "number": str(row["number"]),
                "name": self.text(row.get("names") or row.get("name")),
                "text": self.text(row.get("texts")),
            }
            for row in rows
        ]

    @property
    def advice(self) -> list[dict[str, Any]]:
        """[{"code", "icon", "name", "steps"}]: what to do in a flood, a storm, a fire."""
        return [
            {"code": row["code"], "icon": row["icon"], "name": self.text(row["names"]), "steps": self._steps(row)}
            for row in self.pack.get("advice") or []
        ]

    def _steps(self, row: Mapping[str, Any]) -> list[str]:
        return list(row["steps"].get(self.language) or next(iter(row["steps"].values())))

    @property
    def bounds_text(self) -> str:
        return _joined(self.pack.get("bounds"))

    @property
    def center_text(self) -> str:
        return _joined(self.pack.get("center"))


def _joined(values: Any) -> str:
    """Numbers for a data attribute, whatever the reader's decimal sign. Bounds: west, south, east, north; a centre: lat, lon."""
    if isinstance(values, Mapping):
        order = ("west", "south", "east", "north") if "west" in values else ("lat", "lon")
        values = [values[key] for key in order]
    return ",".join(repr(float(value)) for value in values or ())


class Shell:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def city(self) -> City:
        return City()

    @cached_property
    def actor(self) -> Actor:
        return getattr(self.request, "actor", GUEST)

    @cached_property
    def unread(self) -> int:
        """Notices that the viewer has not read. One statement, only where it is shown."""
        actor = self.actor
        return notices.unread_count(actor.id) if actor.id and actor.kind in ("citizen", "staff") else 0

    @property
    def signed_in(self) -> bool:
        return self.actor.kind in ("citizen", "staff")

    @property
    def person(self) -> str:
        """By this the phone tells its users apart (see `person_mark`)."""
        return person_mark(self.actor)

    @property
    def is_staff(self) -> bool:
        return self.actor.kind == "staff"

    @property
    def work(self) -> str:
        """Where this member of staff begins: the way back from a page of the citizens' app."""
        return home_of(self.actor) if self.is_staff else ""

    @property
    def may_help(self) -> bool:
        return may_help(self.actor)

    @cached_property
    def workplaces(self) -> list[workplaces.Workplace]:
        """Where this member of staff works (the strip at the top of the desk)."""
        return workplaces.of(self.actor)

    @property
    def workplace(self) -> str:
        return workplaces.at(self.request.path, self.workplaces)

    @property
    def sandbox(self) -> bool:
        return bool(settings.SANDBOX)

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @property
    def tab(self) -> str:
        path = self.request.path
        return next((tab for prefix, tab in TABS if path.startswith(prefix)), "home" if path == "/" else "")

    @property
    def live_url(self) -> str:
        """The event-stream server's door: as configured, else this host, one port above."""
        if settings.LIVE_URL:
            return f"{settings.LIVE_URL}/stream"
        here = urlsplit(f"//{self.request.get_host()}")
        port = (here.port or (443 if self.request.is_secure() else 80)) + 1
        return f"{self.request.scheme}://{here.hostname if ':' not in (here.hostname or '') else f'[{here.hostname}]'}:{port}/stream"


def person_mark(actor: Actor) -> str:
    """A keyed hash of who uses the browser: whose drafts and saved copies are whose on a shared phone. "" for a guest;
    c… a citizen, s… staff, of whose pages no copy is kept.
    """
    if actor.kind not in ("citizen", "staff") or not actor.id:
        return ""
    return actor.kind[0] + salted_hmac("hues.web.person", str(actor.id)).hexdigest()[:16]


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": Shell(request)}
