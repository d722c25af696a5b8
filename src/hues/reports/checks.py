"""Whatever may arrive in a report, checked value by value; each complaint is in the reader's language, by field.

Nothing here trusts a type: the JSON API, the web form, Open311 and imports all come through with whatever they were
sent.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from hues.kernel.errors import Invalid
from hues.kernel.text import clean

MAX_BODY = 4_000  # characters; the same as GeoReport v2 allows in a description
MAX_ADDRESS = 300
MAX_FILES = 4
MAX_ASSET = 40  # characters of what is written on a lamp post or a bin
PLACE_SOURCES = frozenset({"photo", "device", "map", "address"})


class Checker:
    """Checks one submission, gathering all complaints so that a person can mend them in one go."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def complain(self, name: str, text: str) -> None:
        self.fields.setdefault(name, text)

    def finish(self) -> None:
        """Raises Invalid with every complaint, if there is one."""
        if self.fields:
            raise Invalid(_("Some of it needs mending."), fields=self.fields)

    def text(self, name: str, value: Any, *, limit: int, lines: bool = False) -> str:
        if value is None:
            value = ""
        if not isinstance(value, str):
            self.complain(name, _("This must be text."))
            return ""
        try:
            return clean(value, max_length=limit, multiline=lines, field=name)
        except Invalid as error:
            self.complain(name, error.fields[name])
            return ""

    def choice(self, name: str, value: Any, options: Iterable[str], *, default: str) -> str:
        if value is None or value == "":
            return default
        if not isinstance(value, str) or value not in options:
            self.complain(name, _("Choose one of: %(options)s.") % {"options": ", ".join(sorted(options))})
            return default
        return value

    def truth(self, name: str, value: Any, *, default: bool) -> bool:
        if value is None:
            return default
        if not isinstance(value, bool):
            self.complain(name, _("Choose yes or no."))
            return default
        return value

    def degrees(self, name: str, value: Any, bound: float) -> float | None:
        """A latitude (bound 90) or longitude (bound 180); None where none was given."""
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.complain(name, _("This must be a number of degrees."))
            return None
        try:
            degrees = float(value)
        except OverflowError:
            degrees = math.inf
        if not math.isfinite(degrees) or abs(degrees) > bound:
            self.complain(name, _("There is no such place on Earth."))
            return None
        return degrees

    def point(self, lat: Any, lon: Any) -> tuple[float, float] | None:
        """A place, which takes both numbers; whether it is in the city is for others to say."""
        latitude, longitude = self.degrees("lat", lat, 90), self.degrees("lon", lon, 180)
        if (latitude is None) != (longitude is None):
            self.complain("lon" if longitude is None else "lat", _("A place needs both latitude and longitude."))
        if latitude is None or longitude is None:
            return None
        return latitude, longitude

    def ids(self, name: str, values: Any, *, limit: int) -> list[UUID]:
        """Distinct UUIDs in order."""
        if values is None:
            return []
        if not isinstance(values, list | tuple):
            self.complain(name, _("This must be a list of file numbers."))
            return []
        if len(values) > limit:
            self.complain(name, _("At most %(limit)d photos.") % {"limit": limit})
            return []
        found: dict[UUID, None] = {}
        for value in values:
            try:
                found[value if isinstance(value, UUID) else UUID(value)] = None
            except (ValueError, AttributeError, TypeError):
                self.complain(name, _("This must be a list of file numbers."))
        return list(found)

    def mapping(self, name: str, value: Any) -> Mapping[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            self.complain(name, _("These must be answers by question."))
            return {}
        return value
