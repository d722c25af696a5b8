"""What happened to a case, from the journal, as far as the viewer may know it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import access, reference
from hues.cases.definition import pick
from hues.cases.models import Case
from hues.kernel import journal
from hues.kernel.actors import GUEST, Actor
from hues.people.models import User

_OF_ANYBODY = frozenset({"case.confirmed", "case.denied", "case.thanked"})  # neighbours, too, say so
_NOT_SHOWN = frozenset({"case.message"})  # the talk has its own place


@dataclass(frozen=True)
class Event:
    """One line of the history. `facts` are the values that were entered and that this viewer may see."""

    id: UUID
    at: datetime
    action: str  # the step's name, or opened, read, timer, moderated, joined, left
    who: str  # a person for staff, an office or "the reporter" for everyone else
    text: str
    state: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    of_parent: bool = False  # happened to the case that this one was merged into


def timeline(actor: Actor, case: Case) -> list[Event]:
    """The history that this viewer may see, oldest first. At most three statements: journal, the other case's journal, names."""
    entries = [(entry, False) for entry in journal.entries(case.pk, for_viewer=access.parts_for(actor, case))]
    if case.parent_id:
        entries += [(entry, True) for entry in journal.entries(case.parent_id, for_viewer=journal.PUBLIC)]
        entries.sort(key=lambda pair: pair[0].id)
    return events([pair for pair in entries if pair[0].action not in _NOT_SHOWN], actor)


def public_timeline(case_id: UUID) -> list[Event]:
    """The history that everyone may see. One statement."""
    found = journal.entries(case_id, for_viewer=journal.PUBLIC)
    return events([(entry, False) for entry in found if entry.action not in _NOT_SHOWN], GUEST)


def events(entries: Collection[tuple[journal.Entry, bool]], viewer: Actor) -> list[Event]:
    language = get_language() or viewer.language
    names = _names(entry for entry, _other in entries) if viewer.kind == "staff" else {}
    return [_event(entry, of_parent, names, language) for entry, of_parent in entries]


def _names(entries: Iterable[journal.Entry]) -> Mapping[UUID, str]:
    """Names of staff who acted: for colleagues only. One statement."""
    ids = {entry.actor_id for entry in entries if entry.actor_kind == "staff" and entry.actor_id}
    users = User.objects.filter(pk__in=ids).only("display_name", "username", "kind") if ids else ()
    return {user.pk: user.name for user in users}


def _event(entry: journal.Entry, of_parent: bool, names: Mapping[UUID, str], language: str) -> Event:
    facts = dict(entry.data)
    return Event(
        id=entry.id,
        at=entry.at,
        action=entry.action.removeprefix("case."),
        who=_who(names.get(entry.actor_id or entry.id) or _office(entry, facts, language), facts),
        text=pick(facts.pop("said", {}), language),
        state=str(facts.pop("state", "")),
        facts=facts,
        of_parent=of_parent,
    )


def _who(name: str, facts: dict[str, Any]) -> str:
    """Whoever acted, and for whom, where a deputy stood in for the head."""
    absent = facts.pop("stands_in_for", "")
    return _("{deputy}, for {head}").format(deputy=name, head=absent) if absent else name


def _office(entry: journal.Entry, facts: Mapping[str, Any], language: str) -> str:
    if entry.actor_kind == "system":
        return _("The system")
    if entry.actor_kind == "citizen":
        return _("A resident") if entry.action in _OF_ANYBODY else _("The reporter")
    agency = reference.agencies().get(facts.get("agency_of_actor", 0))
    return agency.name(language) if agency else _("The operations centre")
