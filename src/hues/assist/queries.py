"""What the assistant says of a text, under 5 ms of CPU (`make bench`). All from memory once warm; one statement where layers of assets are
loaded and a place is given: whose road it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from hues.assist.triage import privacy, store
from hues.assist.triage.model import Guess
from hues.city import queries as city
from hues.city import routing
from hues.city.models import Category
from hues.kernel.errors import NotFound

MOST = 3
READ = 4_000  # characters that are looked at, as many as a report may have; of what it is about, the first 800 (triage.words)
KEYWORD_MODEL = "keywords"  # until a model is trained
_IMMEDIATE_FROM = 0.4  # how likely a category of the immediate group must be to call the text urgent


@dataclass(frozen=True)
class Choice:
    """A category that the text may be about. `confidence` between 0 and 1, calibrated; `because`: words of the text, as typed."""

    code: str
    name: str
    confidence: float
    because: tuple[str, ...]


@dataclass(frozen=True)
class Urgency:
    """`level` is immediate or normal; `because`, in words, empty for normal."""

    level: str
    because: str


@dataclass(frozen=True)
class Handler:
    """The agency that the first category would go to at that place."""

    code: str
    name: str
    because: str = ""  # "the city keeps this road"; "" where its category always goes there


@dataclass(frozen=True)
class Suggestion:
    """Everything here is a hint for a person who decides."""

    categories: tuple[Choice, ...]
    urgency: Urgency
    agency: Handler | None
    flags: tuple[tuple[str, str], ...]  # ("private" | "abusive", excerpt)
    model: str


def suggest(
    text: str,
    *,
    lat: float | None = None,
    lon: float | None = None,
    at: datetime | None = None,
    address: str = "",
    language: str = "vi",
) -> Suggestion:
    """What a text may be about, how urgent that is, who would handle it there, and what in it is not for everyone."""
    text = text[:READ]
    version, guesses = _guesses(text, language)
    rows = [(city.category(guess.code), guess) for guess in guesses]
    choices = tuple(Choice(row.code, row.name(language), guess.confidence, guess.because) for row, guess in rows)
    return Suggestion(
        categories=choices,
        urgency=_urgency(text, rows, language),
        agency=_agency(rows[0][0], lat, lon, at, address, language) if rows else None,
        flags=tuple((flag.kind, flag.excerpt) for flag in privacy.flags(text)),
        model=version,
    )


def _guesses(text: str, language: str) -> tuple[str, list[Guess]]:
    model = store.current()
    if model is None:
        return KEYWORD_MODEL, _by_keywords(text, language)
    # A category that is no longer offered may still be in the model.
    return model.version, model.guesses(text, MOST, offered=_offered)


def _by_keywords(text: str, language: str) -> list[Guess]:
    """Before the first model: what the pack's keywords find, the first a little likelier than the next."""
    found = city.search_categories(text, language, MOST)
    return [Guess(row.code, 0.5 / (place + 1), ()) for place, row in enumerate(found)]


def _offered(code: str) -> bool:
    try:
        return bool(city.category(code).active)
    except NotFound:
        return False


def _urgency(text: str, rows: Sequence[tuple[Category, Guess]], language: str) -> Urgency:
    """Words of danger to life make a text urgent, whatever it is about; so does a category that is handled at once."""
    if numbers := city.danger(text):
        with override(language):
            reason = numbers[0].reason(language)
            return Urgency("immediate", reason or _("words of danger to life"))
    for row, guess in rows[:1]:
        if row.process_group == Category.Group.IMMEDIATE and guess.confidence >= _IMMEDIATE_FROM:
            with override(language):
                return Urgency("immediate", _("“%(name)s” is handled at once") % {"name": row.name(language)})
    return Urgency("normal", "")


def _agency(
    row: Category, lat: float | None, lon: float | None, at: datetime | None, address: str, language: str
) -> Handler | None:
    hit = city.unit_at(lat, lon) if lat is not None and lon is not None else None
    unit = city.unit_by_id(hit.unit_id) if hit else None
    found = routing.route(row, unit, address=address, at=at, lat=lat, lon=lon)
    with override(language):
        return Handler(found.agency.code, found.agency.name(language), found.because)
