"""One task for whoever goes, and one case for whoever sends."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from hues.cases import access as case_access
from hues.cases import engine, processes
from hues.cases.models import Case, CaseFile
from hues.dispatch import access, held, steps
from hues.dispatch.models import State, Task
from hues.dispatch.queries.calls import CallRow, call_list
from hues.dispatch.queries.climbing import Ladder, ladders_of
from hues.dispatch.queries.log import Line, log_of
from hues.dispatch.queries.suggesting import Suggestion, suggestions
from hues.kernel.actors import Actor


@dataclass(frozen=True)
class TaskView:
    """The officer's page."""

    task: Task
    case: Case
    parties: list[Task]
    ladders: list[Ladder]
    log: list[Line]
    photos: list[UUID]
    related: list[tuple[str, str]]  # what remains, what it came from: (how, code)
    goes: bool  # may act
    writes: bool
    has_case: bool  # may open the case at the desk
    outcomes: list[tuple[str, dict[str, str]]]
    may_follow_up: bool


@dataclass(frozen=True)
class CaseView:
    """The centre's page of one case, and the panel at the desk."""

    case: Case
    parties: list[Task]
    ladders: list[Ladder]
    log: list[Line]
    suggestions: list[Suggestion]
    calls: list[tuple[Task, list[CallRow]]] = field(default_factory=list)
    may_send: bool = False
    may_recall: bool = False
    related: list[tuple[str, str]] = field(default_factory=list)


def task_view(actor: Actor, task_id: UUID) -> TaskView:
    """At most sixteen statements. Raises NotFound."""
    rows = Task.objects.filter(access.visible_to(actor), pk=task_id)
    task = rows.select_related("case", "team", "taken_by").first()
    if task is None:
        raise held.no_task()
    case = case_access.hide(task.case, actor)
    tasks = tasks_of(case)
    goes = access.goes(actor, task)
    process = processes.process(case.process_id)
    done = process.steps.get(steps.TO["done"])
    outcomes = done.fields["outcome"].options if done and "outcome" in done.fields else {}
    follow = process.steps.get(steps.FOLLOW_UP)
    roles = case_access.roles(actor, case)
    shown = task.state not in (State.DECLINED, State.CANCELLED) or actor.in_centre or case.agency_id in actor.agency_ids
    return TaskView(
        task=task,
        case=case,
        parties=tasks,
        ladders=ladders_of(case, tasks),
        log=log_of(case) if shown else [],
        photos=photos_of(case) if shown else [],
        related=related(case),
        goes=goes,
        writes=shown and access.may_write(actor, task),
        has_case=case_access.sees_all(actor) or case.agency_id in case_access.agencies_of(actor),
        outcomes=[(code, dict(words)) for code, words in outcomes.items()],
        may_follow_up=bool(follow and case.state in follow.source and roles.intersection(follow.by)),
    )


def case_view(actor: Actor, code: str, *, brief: bool = False) -> CaseView:
    """`brief`: without log and call lists, for the panel. At most twenty statements. Raises NotFound."""
    case = (
        Case.objects.filter(case_access.visible_to(actor), code=engine.normal_code(code)).first()
        if engine.is_code(code)
        else None
    )
    if case is None:
        raise engine.no_case()
    return view_of(actor, case_access.hide(case, actor), brief=brief)


def view_of(actor: Actor, case: Case, *, brief: bool = False) -> CaseView:
    tasks = tasks_of(case)
    process = processes.process(case.process_id)
    state = process.states.get(case.state)
    at = state.task if state else ""
    sendable = process.sends and (at not in ("", State.DONE) or case.phase == "intake")
    may_send = sendable and access.may_send(actor, case)
    only = None if actor.in_centre else case.agency_id
    recall = process.steps.get(steps.RECALL)
    waiting = [task for task in tasks if task.state == State.SENT]
    return CaseView(
        case=case,
        parties=tasks,
        ladders=ladders_of(case, tasks),
        log=[] if brief else log_of(case),
        suggestions=suggestions(case, tasks, only=only) if may_send else [],
        calls=[] if brief else [(task, call_list(actor, task)) for task in waiting if actor.in_centre],
        may_send=may_send,
        may_recall=bool(recall and actor.in_centre and case.state in recall.source),
        related=related(case),
    )


def tasks_of(case: Case) -> list[Task]:
    """All parties there ever were: the open ones first, the lead before support. One statement."""
    rows = Task.objects.filter(case=case.pk).select_related("team", "taken_by").order_by("sent_at", "pk")
    return sorted(rows, key=lambda task: (not task.is_open, task.role != Task.Role.LEAD, task.sent_at))


def photos_of(case: Case) -> list[UUID]:
    """What the reporter and the parties showed. One statement."""
    rows = CaseFile.objects.filter(case=case.pk, role__in=(CaseFile.Role.BEFORE, CaseFile.Role.MESSAGE))
    return list(rows.order_by("pk").values_list("file_id", flat=True)[:8])


def related(case: Case) -> list[tuple[str, str]]:
    """What remains of it, and what it remains of. One statement."""
    both = Q(origin=case.pk) | Q(pk=case.origin_id) if case.origin_id else Q(origin=case.pk)
    rows = Case.objects.filter(both).order_by("pk").values_list("pk", "code")[:20]
    return [("origin" if pk == case.origin_id else "follow_up", code) for pk, code in rows]
