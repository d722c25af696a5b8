"""The interpreter of process definitions: one step of one case, in one transaction.

Lock, see, may, can, check, do, tell: the order in which a step is refused is the order in which a person learns what is wrong. What a
stranger must not know exists is NotFound; what is not theirs to do is Forbidden; what somebody else did first is Conflict; what they entered
is Invalid.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import access, along, clockwork, fields, guards, processes, rungs, standing_in, turns
from hues.cases.change import Change
from hues.cases.definition import BEFORE, Process, State, pick
from hues.cases.effects import EFFECTS
from hues.cases.models import LISTED_VISIBILITIES, Case, office_of
from hues.city.clock import time_text
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people.models import User

_CODE = re.compile(r"[A-Z0-9]{1,8}(-[A-Z0-9]{1,8}){0,3}", re.ASCII)
# Not changes that could get in somebody's way.
_ASIDE = (
    "case.read",
    "case.message",
    "case.timer",
    "case.retimed",
    "case.joined",
    "case.left",
    "case.supported",
    "case.unsupported",
    "case.taken_over",
    "case.held",
    "case.taken_back",
    "case.taken_up",
    "case.woken",
)


def take_step(
    *, actor: Actor, code: str, step: str, data: Mapping[str, Any] | None = None, version: int | None = None
) -> Case:
    """Take one step of the case's process and return the case as it is afterwards.

    `data` holds the step's fields (UUIDs for files, codes for agencies and categories, ISO dates); `version` is that of the case as the
    person saw it, where a page can know. Raises NotFound, Forbidden, Conflict, Invalid (with `fields`).
    """
    with transaction.atomic():
        change = begin(actor, lock(actor, code), step, version)
        fill(change, data or {})
        complete(change)
    return access.hide(change.case, actor)


def lock(actor: Actor, code: str) -> Case:
    """The case, locked until the transaction ends. Raises NotFound for whoever may not see it."""
    case = None
    if is_code(code):
        rows = Case.objects.select_for_update(of=("self",)).filter(access.visible_to(actor))
        case = rows.filter(code=normal_code(code)).first()
    if case is None:
        raise no_case()
    return case


def is_code(code: object) -> bool:
    return isinstance(code, str) and len(code) <= 16 and _CODE.fullmatch(normal_code(code)) is not None


def normal_code(code: str) -> str:
    return code.strip().upper()


def no_case() -> NotFound:
    return NotFound(_("There is no such report."))


def begin(
    actor: Actor, case: Case, name: str, version: int | None = None, *, told: Mapping[str, Any] | None = None
) -> Change:
    """A step that this actor may take now, before anything is entered. Raises Invalid, Forbidden, Conflict."""
    process = processes.process(case.process_id)
    step = process.steps.get(name) if isinstance(name, str) else None
    if step is None:
        raise Invalid(_("There is no such step."), fields={"step": _("There is no such step.")})
    roles = access.roles(actor, case)
    if not roles.intersection(step.by):
        raise Forbidden(_("This step is for somebody else."))
    if case.state not in step.source or (version is not None and version != case.version):
        raise Conflict(what_happened(actor, case, process))
    turns.check(actor, case)
    change = Change(actor, case, process, step, roles, clock.now(), told=dict(told or {}))
    if reason := guards.refusal(change, step.guards, late=False):
        raise Conflict(reason)
    return change


def fill(change: Change, data: Mapping[str, Any]) -> None:
    """What was entered, checked. Raises Invalid."""
    if not isinstance(data, Mapping):
        raise Invalid(_("The fields of a step must be given by name."))
    change.data = fields.check(change, data)


def what_happened(actor: Actor, case: Case, process: Process) -> str:
    """Who did what when, for somebody who came second."""
    language = get_language() or actor.language
    known = process.states.get(case.state)
    state = pick(known.names, language) if known else case.state
    entries = JournalEntry.objects.filter(subject_id=case.pk).exclude(action__in=_ASIDE)
    last = entries.filter(action__startswith="case.").order_by("-id").first()
    if last is None or last.action == "case.opened":
        return _("That is not possible now. The report is in the state “{state}”.").format(state=state)
    step = process.steps.get(last.action.removeprefix("case."))
    return _("Somebody was faster. {time}, {who}: “{what}”. Now the report is in the state “{state}”.").format(
        who=_who(actor, last),
        time=time_text(last.at),
        what=pick(step.verbs, language) if step else last.action,
        state=state,
    )


def _who(viewer: Actor, entry: JournalEntry) -> str:
    if entry.actor_id == viewer.id and viewer.id:
        return _("You")
    if entry.actor_kind == "citizen":
        return _("The reporter")
    if entry.actor_kind == "system":
        return _("The system")
    colleague = User.objects.filter(pk=entry.actor_id).first() if viewer.kind == "staff" and entry.actor_id else None
    return colleague.name if colleague else _("The staff")


def complete(change: Change) -> None:
    """Apply effects, state, clock, timers, and tell the journal. Raises Conflict and Invalid."""
    case, step = change.case, change.step
    if reason := guards.refusal(change, step.guards):
        raise Conflict(reason)
    before = _values(case)
    state_before = change.process.states[case.state]
    agency_before = case.agency_id
    for name, parameter in step.effects:
        EFFECTS[name](change, parameter)
    _follow_category(change)
    state = _enter(change, _target(change))
    if state.name != before["state"] or change.new_clock or change.more_days:
        clockwork.turn(case, state, change.at, afresh=change.new_clock, more_days=change.more_days)
    case.version += 1
    case.updated_at = change.at
    after = _values(case)
    case.save(update_fields=[name for name, value in after.items() if value != before[name]])
    if any(getattr(case, name) != before[name] for name in ("state", "clock", "wake_on")):
        clockwork.set_timers(case, change.process, change.at)
    _tell(change, agency_before)
    along.go_along(change, state_before)


def _values(case: Case) -> dict[str, Any]:
    return {field.attname: copy.deepcopy(getattr(case, field.attname)) for field in Case._meta.concrete_fields}


def _follow_category(change: Change) -> None:
    """A case that got a category of another process begins that process."""
    if change.category.process != change.process.code:
        change.case.process_id, change.process = processes.latest(change.category.process)
        change.case.state = change.process.initial


def _target(change: Change) -> str:
    for target in change.step.targets:
        if not guards.refusal(change, target.when):
            return change.restored_state if target.state == BEFORE else target.state
    return change.case.state


def _enter(change: Change, name: str) -> State:
    case, state = change.case, change.process.states[name]
    if state.terminal and case.state != name:
        case.closed_at = change.at
    elif not state.terminal:
        case.closed_at = None
    case.state, case.phase, case.is_open = name, state.phase, state.open
    return state


# Telling


def _tell(change: Change, agency_before: int | None) -> None:
    case, step = change.case, change.step
    change.note(step.audience, said=change.say(step.done), state=case.state, agency_of_actor=_agency_of_actor(change))
    if "head" in change.roles and (absent := standing_in.whom(change.actor, case.agency_id)):
        change.note("staff", stands_in_for=absent)
    for name, field in step.fields.items():
        if field.type != "position" and (value := plain(change.data.get(name))) not in (None, "", []):
            change.note(field.audience, **{name: value})
    merged = list(Case.objects.filter(parent_id=case.pk).only("id", "code", "reporter_id")) if case.merged_count else []
    journal.record(
        actor=change.actor,
        action=f"case.{step.name}",
        subject_kind="case",
        subject_id=case.pk,
        topics=topics(case, agency_before, merged),
        public=change.parts.get("public"),
        party=change.parts.get("party"),
        staff=change.parts.get("staff"),
        centre=change.parts.get("centre"),
        notify=rungs.notices(
            case,
            {rung: change.say(texts) for rung, texts in step.notify.items()},
            template=f"case.{step.name}",
            actor=change.actor,
            merged=merged,
        ),
    )


def _agency_of_actor(change: Change) -> int | None:
    """The office that acted, where it was an agency: the public is told the office, never the person."""
    if "officer" in change.roles:
        return change.case.agency_id
    if "department" in change.roles and not change.actor.in_centre:
        return next(iter(change.actor.agency_ids), None)
    return None


def topics(case: Case, agency_before: int | None = None, merged: list[Case] | None = None) -> list[str]:
    """The live streams that a change of a case touches."""
    found = [f"case:{case.pk}", "centre"]
    found += [f"agency:{agency_id}" for agency_id in {case.agency_id, agency_before, office_of(case)} if agency_id]
    found += [f"case:{other.pk}" for other in merged or ()]
    found += [f"person:{one.reporter_id}" for one in (case, *(merged or ())) if one.reporter_id]
    if case.moderated and case.visibility in LISTED_VISIBILITIES:
        found.append(f"public:{case.pk}")
    return found


def plain(value: Any) -> Any:
    """A field's value for the journal: codes and texts, never objects."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, UUID) or hasattr(value, "isoformat"):
        return str(value)
    return str(value.pk) if isinstance(value, User) else getattr(value, "code", value)
