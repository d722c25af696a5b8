"""What a step does besides changing the state: the closed vocabulary of `effects` in process definitions.

Effects change the case in memory (the engine saves what changed, once) and write rows beside it. State, clock and timers are the engine's.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import OperationalError
from django.utils.translation import gettext as _

from hues.cases import files, moderation, reference, supports
from hues.cases.change import Change
from hues.cases.models import Case, CaseMessage
from hues.kernel import journal
from hues.kernel.errors import Conflict, Invalid
from hues.kernel.ids import new_id

Effect = Callable[[Change, Any], None]
EFFECTS: dict[str, Effect] = {}
MERGE = "merge"  # where a merged case keeps what it was


def effect(apply: Effect) -> Effect:
    EFFECTS[apply.__name__] = apply
    return apply


# Columns


@effect
def keep(change: Change, columns: Mapping[str, str]) -> None:
    """Store fields in columns of the case; an empty field empties its column."""
    for column, name in columns.items():
        value = change.data.get(name)
        setattr(change.case, column, _blank(column) if value is None else value)


@effect
def clear(change: Change, columns: list[str]) -> None:
    for column in columns:
        setattr(change.case, column, _blank(column))


def _blank(column: str) -> Any:
    found: Any = Case._meta.get_field(column)
    return None if found.null else found.get_default()


@effect
def stamp(change: Change, column: str) -> None:
    """The moment of the step, in a column."""
    setattr(change.case, column, change.at)


# Intake


@effect
def recategorize(change: Change, _parameter: Any) -> None:
    """Another category of the same process, and the priority."""
    case, category = change.case, change.data["category"] or change.category
    if category.process != change.process.code:
        reason = _("This category follows another process. Change the category first, then go on.")
        raise Invalid(reason, fields={"category": reason})
    if category.pk != case.category_id:
        case.category = category
        if change.data["priority"] == str(case.priority):  # left as the former category had it
            change.data["priority"] = str(category.priority)
        if change.data["visibility"] == case.visibility:
            change.data["visibility"] = category.visibility
    case.priority = int(change.data["priority"] or category.priority)


@effect
def reclassify(change: Change, _parameter: Any) -> None:
    """Another category of any process, before acceptance: the case takes that process and its intake clock."""
    case, category = change.case, change.data["category"]
    case.category, case.group = category, category.process_group
    case.priority, case.visibility = category.priority, category.visibility
    change.new_clock = True


@effect
def moderate(change: Change, _parameter: Any) -> None:
    """Decide what the public sees: text, address, point, photos."""
    case, data = change.case, change.data
    before = moderation.shown(case)
    case.visibility = data.get("visibility") or case.visibility
    case.public_body = data.get("public_body") or ""
    case.public_address = data.get("public_address") or ""
    if case.visibility == "masked":
        case.public_address = moderation.street_only(case.public_address)
    moderation.place_for_public(case)
    shown = data.get("public_files") or []
    if shown or case.moderated:
        moderation.show_files(case, shown)
    case.moderated = True
    change.note("centre", before=before, after=moderation.shown(case, shown))


@effect
def assign(change: Change, _parameter: Any) -> None:
    """To the agency that was chosen, else to the one that the routing rules name."""
    agency = change.data.get("agency") or moderation.suggested_agency(change.case)
    if agency is None:
        reason = _("Please choose the agency that handles it.")
        raise Invalid(reason, fields={"agency": reason})
    change.case.agency_id = agency.pk
    change.note(change.step.audience, agency=agency.pk)


@effect
def inherit(change: Change, _parameter: Any) -> None:
    """From the case that this one came back from: who handles it, and what the public may read of it."""
    case, origin = change.case, change.case.origin
    if origin is None:
        raise Conflict(_("It did not come from another report."))
    agency = reference.agencies().get(origin.agency_id or 0)
    if agency is None or agency.valid_to is not None:  # dissolved meanwhile
        agency = moderation.suggested_agency(case)
    if agency is None:
        raise Conflict(_("Please choose the agency that handles it."))
    case.agency_id = agency.pk
    case.visibility, case.moderated = origin.visibility, origin.moderated
    for name in ("public_body", "public_address", "public_lat", "public_lon"):
        setattr(case, name, getattr(origin, name))
    change.note("public", agency=agency.pk)


@effect
def merge(change: Change, _parameter: Any) -> None:
    """Into another open case, which keeps going for both; what this one was is kept, to be restored exactly."""
    case = change.case
    try:
        parent = Case.objects.select_for_update(nowait=True).filter(code=change.data["parent"]).first()
    except OperationalError:  # two operators merge two cases into each other: waiting would be a deadlock
        raise Conflict(_("Somebody is changing the other case right now. Please try again.")) from None
    if parent is None or parent.pk == case.pk or parent.state == "merged" or not parent.is_open or case.merged_count:
        reason = _("It can only be merged into another open case, and nothing may be merged into it.")
        raise Invalid(reason, fields={"parent": reason})
    case.pending[MERGE] = {
        "state": case.state,
        "agency": case.agency_id,
        "officer": str(case.officer_id) if case.officer_id else None,
        "outcome": case.outcome,
    }
    case.parent, case.outcome = parent, "duplicate"
    supports.go_with(case, parent)
    _count_merged(change, parent, 1)


@effect
def unmerge(change: Change, _parameter: Any) -> None:
    """Exactly as it was before the merge, with the time it had left."""
    case = change.case
    before = case.pending.pop(MERGE)
    parent = Case.objects.select_for_update().get(merged=case.pk)
    supports.come_back(case, parent)
    _count_merged(change, parent, -1)
    change.restored_state = before["state"]
    case.parent, case.outcome = None, before["outcome"]
    case.agency_id, case.officer_id = before["agency"], before["officer"]


_JOINED = {
    1: {"vi": "Gộp thêm {code}", "en": "{code} was merged into it"},
    -1: {"vi": "Tách {code}", "en": "{code} was separated"},
}


def _count_merged(change: Change, parent: Case, by: int) -> None:
    """The other case knows how many it answers for, and its history tells of it."""
    Case.objects.filter(pk=parent.pk).update(merged_count=parent.merged_count + by)
    change.told["other"] = parent.code
    change.note("staff", parent=str(parent.pk))
    journal.record(
        actor=change.actor,
        action="case.joined" if by > 0 else "case.left",
        subject_kind="case",
        subject_id=parent.pk,
        topics=[f"case:{parent.pk}", "centre", *([f"agency:{parent.agency_id}"] if parent.agency_id else [])],
        staff={"said": change.say(_JOINED[by]), "case": str(change.case.pk)},
    )


# Handling


@effect
def take(change: Change, _parameter: Any) -> None:
    """Whoever takes the step is the officer in charge; where the centre takes it for somebody, that person."""
    if person_id := change.told.get("taken_for"):
        change.case.officer_id = person_id
    elif not change.roles <= {"operator", "lead"}:
        change.case.officer_id = change.actor.id


@effect
def give(change: Change, _parameter: Any) -> None:
    """To the officer who was chosen."""
    person = change.data["officer"]
    change.case.officer_id = person.pk
    change.told["officer"] = person.name


@effect
def count(change: Change, name: str) -> None:
    """How often this happened to the case."""
    change.case.source_data = {**change.case.source_data, name: int(change.case.source_data.get(name, 0)) + 1}


@effect
def drop_officer(change: Change, _parameter: Any) -> None:
    change.case.officer_id = None


@effect
def pass_on(change: Change, _parameter: Any) -> None:
    """Whoever was sent cannot come: the agency keeps the case, and somebody else is looked for."""
    change.case.officer_id = None
    change.told["passed_on"] = True


@effect
def count_hop(change: Change, _parameter: Any) -> None:
    """Back to the centre: the agency no longer has it."""
    case = change.case
    case.hops += 1
    case.pending["returned"] = {"agency": case.agency_id}
    change.note("staff", agency=case.agency_id)
    change.told["agency_id"] = case.agency_id  # the text tells who returned it
    case.agency_id = None


@effect
def pend(change: Change, fields: list[str]) -> None:
    """Keep fields until somebody decides, with who asked."""
    change.case.pending[change.step.name] = {
        "by": str(change.actor.id) if change.actor.id else None,
        "at": change.at.isoformat(),
        **{name: _plain(change.data.get(name)) for name in fields},
    }


@effect
def unpend(change: Change, step: str | None) -> None:
    """What `step` asked for is settled; without a step, everything is."""
    pending = change.case.pending
    change.case.pending = {key: value for key, value in pending.items() if (step and key != step)}


@effect
def extend_clock(change: Change, step: str) -> None:
    """Grant the days that `step` asked for."""
    days = int(change.case.pending[step]["days"])
    change.told["days"] = days
    change.note(change.step.audience, days=days)
    change.more_days = days


@effect
def new_clock(change: Change, _parameter: Any) -> None:
    """Whoever gets it now has the whole time."""
    change.new_clock = True


@effect
def say(change: Change, name: str) -> None:
    """A field is also a line of the talk through the case."""
    if body := change.data.get(name):
        message = CaseMessage(
            id=new_id(),
            case_id=change.case.pk,
            audience="party",
            author_kind=change.actor.kind,
            author_id=change.actor.id if change.actor.kind == "staff" else None,  # never who the citizen is
            agency_id=change.case.agency_id if "officer" in change.roles else None,
            body=body,
            at=change.at,
        )
        message.save(force_insert=True)
        change.note("party", message=str(message.pk))


@effect
def attach(change: Change, rule: Mapping[str, str]) -> None:
    """The files of a field join the case."""
    if ids := change.data.get(rule["field"]):
        files.attach(change.case.pk, ids, actor=change.actor, role=rule["role"], at=change.at)


# Result and after


@effect
def show_files(change: Change, _parameter: Any) -> None:
    """The chosen photos are public from now on, no others."""
    if change.case.moderated:
        before, files_shown = moderation.shown(change.case), change.data.get("public_files") or []
        moderation.show_files(change.case, files_shown)
        change.note("centre", before=before, after=moderation.shown(change.case, files_shown))


@effect
def count_reopening(change: Change, _parameter: Any) -> None:
    change.case.reopened += 1


@effect
def superior_from(change: Change, time: int) -> None:
    """From its `time`-th reopening on, the agency above handles it."""
    case = change.case
    above = reference.superior_of(case.agency_id)
    if case.reopened >= time and above:
        case.agency_id, case.officer_id = above.pk, None
    change.note("public", agency=case.agency_id)


@effect
def new_round(change: Change, _parameter: Any) -> None:
    """Handled afresh: the former answer, outcome and rating stay in the history only."""
    case = change.case
    case.assigned_at = change.at
    case.started_at = case.answered_at = case.rated_at = case.wake_on = None
    case.due_original_at = case.due_final_at = None
    case.outcome = case.answer = case.legal_ground = case.rating = case.rating_reason = ""
    change.new_clock = True


@effect
def follow_up(change: Change, _parameter: Any) -> None:
    """What remains becomes a case of its own in another process, linked with this one."""
    from hues.cases.opening import open_follow_up  # opening stands on the engine's parts, which stand on effects

    category = change.data["category"]
    if category.process == change.process.code:
        reason = _("Please choose a category that is handled with more time.")
        raise Invalid(reason, fields={"category": reason})
    other = open_follow_up(
        actor=change.actor, origin=change.case, category=category, body=change.data.get("text") or ""
    )
    change.told["other"] = other.code
    change.note("party", follow_up=other.code)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
