"""The forms of the board: what each asks for, with what was typed where it was refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hues.cases import reference
from hues.city.clock import city_zone
from hues.command import access, area, hands
from hues.command.models import Incident, IncidentTask, LogLine
from hues.command.playbooks import playbook
from hues.command.queries.board import Board, people_choices
from hues.kernel import clock
from hues.kernel.errors import Invalid
from hues.kernel.text import whole_number

Spec = dict[str, Any]
WITHIN = (15, 30, 60, 120, 180, 360, 720, 1440, 2880, 4320)  # minutes


@dataclass
class Refused:
    """A form that was sent and not taken: its verb, what was typed, what is wrong."""

    verb: str = ""
    sent: QueryDict = field(default_factory=QueryDict)
    errors: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass
class Form:
    verb: str
    label: str
    fields: list[Spec]
    key: str = ""
    submit: str = ""
    danger: bool = False
    open: bool = False
    error: str = ""
    hint: str = ""


def make(verb: str, label: str, fields: list[Spec], refused: Refused, **more: Any) -> Form:
    """A form; one that was refused is open and holds what was typed. Its fields carry the verb before their name: ids are unique."""
    again = refused.verb == verb
    for spec in fields:
        plain, spec["name"] = spec["name"], f"{verb}__{spec['name']}"
        if again:
            sent = refused.sent
            spec["error"] = refused.errors.get(plain, "")
            spec["value"] = sent.getlist(spec["name"]) if spec["kind"] == "checks" else sent.get(spec["name"], "")
    return Form(verb, label, fields, open=again, error=refused.detail if again else "", **more)


def text_field(name: str, label: str, *, long: bool = False, **more: Any) -> Spec:
    return {"name": name, "label": label, "kind": "textarea" if long else "text", "required": False, **more}


def select(name: str, label: str, options: Iterable[tuple[Any, str]], **more: Any) -> Spec:
    shown = [{"value": str(value), "label": text} for value, text in options]
    return {"name": name, "label": label, "kind": "select", "options": shown, "required": False, **more}


def checks(name: str, label: str, options: Iterable[tuple[Any, str]], **more: Any) -> Spec:
    shown = [{"value": str(value), "label": text} for value, text in options]
    return {"name": name, "label": label, "kind": "checks", "options": shown, "required": False, "value": [], **more}


def agency_options(found: Board, *, ours_first: bool = True) -> list[tuple[Any, str]]:
    """Every agency, those that take part on top."""
    ours = found.agencies() if ours_first else []
    here = {one.pk for one in ours}
    rest = [one for one in reference.agencies().values() if one.valid_to is None and one.pk not in here]
    rest.sort(key=lambda one: (one.unit_id is not None, one.sort_key))
    return [(one.pk, one.name(found.language)) for one in [*ours, *rest]]


def within_options() -> list[tuple[Any, str]]:
    def shown(minutes: int) -> str:
        if minutes < 60:
            return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
        if minutes < 1440:
            return ngettext("{n} hour", "{n} hours", minutes // 60).format(n=minutes // 60)
        return ngettext("{n} day", "{n} days", minutes // 1440).format(n=minutes // 1440)

    return [(minutes, shown(minutes)) for minutes in WITHIN]


# By part of the board


def of_head(found: Board, refused: Refused) -> dict[str, Form]:
    incident, on = found.incident, found.on
    forms: list[Form] = []
    top = access.highest(on.actor)
    if incident.state == Incident.State.OPEN and top >= incident.level:
        book = playbook().levels
        levels = [
            (n, _of(level.names, found.language)) for n, level in book.items() if n <= top and n != incident.level
        ]
        if levels:
            asked = [select("level", _("New level"), levels, required=True), text_field("why", _("Why"), required=True)]
            forms.append(make("level", _("Level"), asked, refused, key="n", submit=_("Set the level")))
    if on.commands and incident.state != Incident.State.CLOSED:
        people = people_choices(found)
        asked = [
            select("person", _("Who commands from now on"), people, required=True),
            text_field("note", _("What they have to know"), long=True, rows=3),
        ]
        forms.append(make("hand-over", _("Hand over"), asked, refused, key="b", submit=_("Hand over the command")))
        deputies = [str(pk) for pk in incident.deputies.values_list("pk", flat=True)]
        asked = [checks("people", _("Who stands in"), people, value=deputies)]
        forms.append(make("deputies", _("Deputies"), asked, refused, submit=_("Save")))
    if on.commands and incident.state == Incident.State.OPEN:
        why = [text_field("why", _("How it ended"), long=True, rows=3, required=True)]
        forms.append(make("stand-down", _("Stand down"), why, refused, submit=_("Stand down"), danger=True))
        why = [text_field("why", _("Why it is none"), required=True)]
        hint = _("Its reports go on by themselves; the history keeps that they belonged to it.")
        forms.append(
            make("demote", _("It is no incident"), why, refused, submit=_("Take it back"), danger=True, hint=hint)
        )
    if on.commands and incident.state == Incident.State.STANDING_DOWN:
        why = [text_field("why", _("Why it goes on"), required=True)]
        forms.append(make("resume", _("Resume"), why, refused, submit=_("Begin a new period")))
    return {form.verb: form for form in forms}


def of_plan(found: Board, refused: Refused) -> dict[str, Form]:
    """Objectives, sectors, agencies, forces."""
    incident, on = found.incident, found.on
    if incident.state != Incident.State.OPEN:
        return {}
    forms = []
    sectors = [(one.pk, f"{one.number}. {one.name}") for one in found.sectors()]
    if on.commands or on.sectors:
        own = sectors if on.commands else [pair for pair in sectors if pair[0] in on.sectors]
        asked = [text_field("text", _("What is to be reached"), required=True)]
        if own:
            asked.append(select("sector", _("Sector"), own))
        forms.append(make("objective", _("New objective"), asked, refused, key="o", submit=_("Add")))
    if on.commands:
        agencies = agency_options(found)
        asked = [
            text_field("name", _("Its name"), required=True),
            select("agency", _("Body"), agencies),
            select("leader", _("Leader"), people_choices(found)),
            checks("units", _("Units"), _unit_options(found)),
        ]
        forms.append(make("sector", _("New sector"), asked, refused, submit=_("Add")))
    if on.works:
        asked = [select("agency", _("Agency"), agency_options(found, ours_first=False), required=True)]
        forms.append(make("call-in", _("Call in an agency"), asked, refused, submit=_("Call in")))
    forms += _of_forces(found, sectors, refused)
    return {form.verb: form for form in forms}


def _of_forces(found: Board, sectors: list[tuple[Any, str]], refused: Refused) -> list[Form]:
    on, incident = found.on, found.incident
    taking_part = {one.pk for one in found.agencies()}
    whose = taking_part if on.works else taking_part & on.agencies
    if not whose:
        return []
    busy = set(incident.commitments.filter(until=None, team_id__isnull=False).values_list("team_id", flat=True))
    teams = [team for team in hands.teams(whose) if team.pk not in busy]
    where = select("sector", _("Sector"), sectors)
    gear = text_field("gear", _("Gear"), placeholder=_("2 boats, 1 pump truck"))
    forms = []
    if teams:
        options = [(team.pk, f"{team.name} · {team.agency.name(found.language)}") for team in teams]
        asked = [select("team", _("Team on the roster"), options, required=True), gear.copy(), where.copy()]
        forms.append(make("commit", _("Commit a team"), asked, refused, submit=_("Commit")))
    agencies = [pair for pair in agency_options(found) if pair[0] in whose]
    asked = [
        select("agency", _("Whose"), agencies, required=True),
        text_field("name", _("Its name"), required=True),
        {
            "name": "people",
            "label": _("How many people"),
            "kind": "number",
            "min": 0,
            "max": 9999,
            "value": "",
            "required": True,
        },
        gear,
        where,
    ]
    forms.append(make("force", _("Another force"), asked, refused, submit=_("Commit")))
    return forms


def _unit_options(found: Board) -> list[tuple[Any, str]]:
    here = set(found.incident.unit_ids)
    units = [unit for unit in reference.units().values() if unit.valid_to is None and (not here or unit.pk in here)]
    return [(unit.code, unit.name(found.language)) for unit in sorted(units, key=lambda unit: unit.sort_key)]


def of_tasks(found: Board, refused: Refused) -> dict[str, Form]:
    incident, on = found.incident, found.on
    if incident.state != Incident.State.OPEN or not on.works:
        return {}
    ways = [(IncidentTask.Way.IMMEDIATE, _("At once: a party is sent"))]
    if on.commands:
        ways.insert(0, (IncidentTask.Way.ORDER, _("By a deadline")))
    linked = [
        (row["code"], f"{row['code']} · {row['title']} · {row['where']}"[:90]) for row in found.cases() if row["open"]
    ]
    goals = [(goal.pk, f"{goal.number}. {goal.text}"[:90]) for goal in found.objectives() if goal.state == "open"]
    sectors = [(one.pk, f"{one.number}. {one.name}") for one in found.sectors()]
    asked = [
        text_field("title", _("What is to be done"), required=True, maxlength=160),
        select("agency", _("To whom"), agency_options(found), required=True),
        select("way", _("How"), ways, required=True),
        select("within", _("Within"), within_options(), value="120", required=True),
        text_field("text", _("More about it"), long=True, rows=2),
        select("case", _("About the report"), linked),
        select("objective", _("Serves the objective"), goals),
        select("sector", _("Sector"), sectors),
    ]
    forms = [make("task", _("Give a task"), asked, refused, key="t", submit=_("Give the task"))]
    if first := first_tasks(found):
        asked = [checks("tasks", _("Tasks of the playbook"), first)]
        forms.append(make("first-tasks", _("First tasks"), asked, refused, key="f", submit=_("Give those chosen")))
    return {form.verb: form for form in forms}


def first_tasks(found: Board) -> list[tuple[str, str]]:
    """Tasks of the playbook for this level that nobody was given yet."""
    given = set(found.incident.tasks.values_list("title", flat=True))
    units = area.units(found.incident)
    shown = []
    for task in found.kind.tasks:
        title = _of(task.titles, found.language)
        if task.from_level > found.incident.level or given & set(task.titles.values()):
            continue
        known = reference.agencies_by_code().get(task.agency)
        to = (
            known.name(found.language)
            if known
            else ngettext("each of {n} unit", "each of {n} units", len(units)).format(n=len(units))
        )
        way = _("at once") if task.way == "immediate" else _("within {time}").format(time=_minutes(task.minutes))
        shown.append((task.code, f"{title} → {to} ({way})"))
    return shown


def _minutes(minutes: int) -> str:
    return next((text for value, text in within_options() if value == minutes), f"{minutes}′")


def _of(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


def of_log(found: Board) -> list[tuple[str, str, str, bool]]:
    """Kinds of line that the viewer may write: value, word, key, chosen."""
    words = {
        LogLine.Kind.NOTE: (_("Note"), "l"),
        LogLine.Kind.RADIO: (_("Radio"), "r"),
        LogLine.Kind.PHONE: (_("Phone"), "p"),
        LogLine.Kind.DECISION: (_("Decision"), "d"),
    }
    if not found.on.commands:
        words.pop(LogLine.Kind.DECISION)
    return [(kind.value, word, key, kind == LogLine.Kind.NOTE) for kind, (word, key) in words.items()]


# Reading what was sent


class Sent:
    """What a form of the board sent: its fields carry the verb before their name, those of a single row do not."""

    def __init__(self, request: HttpRequest, verb: str) -> None:
        self.post, self.verb = request.POST, verb

    def get(self, name: str, default: str = "") -> str:
        return self.post.get(f"{self.verb}__{name}", self.post.get(name, default)).strip()

    def many(self, name: str) -> list[str]:
        return [*self.post.getlist(f"{self.verb}__{name}"), *self.post.getlist(name)]

    def number(self, name: str) -> int | None:
        given = self.get(name)
        found = whole_number(given) if given else None
        if given and found is None:
            raise _wrong(name, _("This is not a number."))
        return found

    def uuid(self, name: str) -> UUID | None:
        return _uuid(name, given) if (given := self.get(name)) else None

    def uuids(self, name: str) -> list[UUID]:
        return [_uuid(name, one) for one in self.many(name)]

    def needed_number(self, name: str) -> int:
        found = self.number(name)
        if found is None:
            raise _wrong(name, _("Please choose from the list."))
        return found

    def needed_uuid(self, name: str) -> UUID:
        found = self.uuid(name)
        if found is None:
            raise _wrong(name, _("Please choose from the list."))
        return found

    def within(self) -> datetime:
        minutes = self.number("within")
        if minutes not in WITHIN:
            raise _wrong("within", _("Please choose from the list."))
        return clock.now() + timedelta(minutes=minutes or 0)

    def day(self, name: str) -> datetime | None:
        """The close of work on a day that was chosen, in the city."""
        given = self.get(name)
        if not given:
            return None
        try:
            return datetime.combine(datetime.fromisoformat(given[:10]).date(), time(17, 0), city_zone())
        except (ValueError, OverflowError):
            raise _wrong(name, _("This is not a day.")) from None


def _uuid(name: str, given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise _wrong(name, _("Please choose from the list.")) from None


def _wrong(name: str, reason: str) -> Invalid:
    return Invalid(reason, fields={name: reason})
