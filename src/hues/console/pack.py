"""What the city pack says of the console: `cities/<city>/console.yaml`. A city without the file has the defaults and no canned replies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import yaml
from django.conf import settings

from hues.city.memory import remembered
from hues.city.pack import folder_of

PRIORITIES = ("1", "2", "3", "4")
_SPAN = re.compile(r"(\d+) (working )?(minute|hour|day)s?")
VERBS = ("reject", "redirect", "ask")


@dataclass(frozen=True)
class Span:
    """A length of time: on the wall, or of the city's working time."""

    minutes: float
    days: int = 0  # working days; then `minutes` is 0
    working: bool = False


@dataclass(frozen=True)
class CannedReply:
    """A reply of the city pack, in the languages it has."""

    code: str
    verb: str
    choice: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class ConsolePack:
    undo: timedelta = timedelta(seconds=20)
    longest_hold: timedelta = timedelta(days=30)
    hold_limits: Mapping[tuple[str, str], timedelta] = field(
        default_factory=dict
    )  # (group, priority), shorter than the longest
    forgotten: Span = Span(30)
    untaken: Span = Span(30)  # a handover that nobody took
    untouched: Mapping[tuple[str, str, str], Span] = field(default_factory=dict)  # (group, state, priority)
    silent: Mapping[str, Span] = field(default_factory=dict)  # by state
    exempt: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (group, state): why it never surfaces
    replies: tuple[CannedReply, ...] = ()


class ConsolePackError(ValueError):
    """A mistake in console.yaml; says where."""


@remembered
def console() -> ConsolePack:
    """The console's part of the pack of this city. Read once, and again when the pack was loaded anew."""
    path = folder_of(settings.CITY) / "console.yaml"
    if not path.is_file():
        return ConsolePack()
    return parse(yaml.safe_load(path.read_text("utf-8")), path.name)


def parse(raw: Mapping[str, Any], where: str = "console.yaml") -> ConsolePack:
    """Raises ConsolePackError naming the first mistake."""
    unknown = set(raw) - {"undo_seconds", "hold", "handover", "untouched", "exempt", "silent", "replies"}
    if unknown:
        raise ConsolePackError(f"{where}: unknown {sorted(unknown)}")
    hold = raw.get("hold", {})
    untouched = {
        (group, state, priority): _span(spans[priority] if isinstance(spans, Mapping) else spans, f"{where}: {state}")
        for group, states in raw.get("untouched", {}).items()
        for state, spans in states.items()
        for priority in PRIORITIES
        if not isinstance(spans, Mapping) or priority in spans
    }
    return ConsolePack(
        undo=timedelta(seconds=float(raw.get("undo_seconds", 20))),
        longest_hold=timedelta(days=float(hold.get("longest_days", 30))),
        forgotten=_span(hold.get("forgotten", "30 minutes"), f"{where}: hold"),
        hold_limits=_limits(hold.get("limits", {}), f"{where}: hold"),
        untaken=_span(raw.get("handover", {}).get("untaken", "30 minutes"), f"{where}: handover"),
        untouched=untouched,
        exempt=_exempt(raw.get("exempt", {}), f"{where}: exempt"),
        silent={state: _span(span, f"{where}: {state}") for state, span in raw.get("silent", {}).items()},
        replies=tuple(_reply(one, where) for one in raw.get("replies", ())),
    )


def _limits(raw: Mapping[str, Any], where: str) -> dict[tuple[str, str], timedelta]:
    """How long at most something of a group, or of a priority of it, is put aside: minutes on the wall clock."""
    return {
        (group, priority): timedelta(
            minutes=_span(spans[priority] if isinstance(spans, Mapping) else spans, where).minutes
        )
        for group, spans in raw.items()
        for priority in PRIORITIES
        if not isinstance(spans, Mapping) or priority in spans
    }


def _exempt(raw: Mapping[str, Mapping[str, str]], where: str) -> dict[tuple[str, str], str]:
    found = {(group, state): str(why or "") for group, states in raw.items() for state, why in states.items()}
    for (group, state), why in found.items():
        if len(why) < 10:
            raise ConsolePackError(f"{where}: say why {group}.{state} never surfaces")
    return found


def _span(text: Any, where: str) -> Span:
    found = _SPAN.fullmatch(str(text))
    if not found:
        raise ConsolePackError(f"{where}: {text!r} is not a time like “30 minutes” or “2 working days”")
    amount, working, unit = int(found[1]), bool(found[2]), found[3]
    if working and unit == "day":
        return Span(0, amount, working=True)
    return Span(amount * {"minute": 1, "hour": 60, "day": 1440}[unit], working=working)


def _reply(one: Mapping[str, Any], where: str) -> CannedReply:
    if one.get("verb") not in VERBS or not one.get("texts") or not one.get("titles"):
        raise ConsolePackError(f"{where}: reply {one.get('code')!r} needs a verb of {VERBS}, titles and texts")
    return CannedReply(str(one["code"]), one["verb"], str(one.get("choice", "")), one["titles"], one["texts"])
