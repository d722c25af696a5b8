"""What a situation report says before anybody writes a word: figures, and sections drafted from the journal, the log and the tasks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hues.cases import reference
from hues.city.clock import moment_text, time_text
from hues.command import area
from hues.command.models import Incident, LinkedCase, LogLine, Objective, Sitrep
from hues.command.playbooks import playbook
from hues.command.queries.offers import offered_count
from hues.command.queries.tasks import TaskRow, task_rows
from hues.kernel import clock
from hues.kernel.models import JournalEntry

# In the order of the paper. Each is a text that may be changed until it is signed.
SECTIONS = {
    "situation": gettext_lazy("General situation"),
    "changes": gettext_lazy("What changed since the last report"),
    "decisions": gettext_lazy("Decisions"),
    "late": gettext_lazy("Tasks that are late"),
    "gaps": gettext_lazy("Gaps and difficulties"),
    "next": gettext_lazy("Next period"),
    "requests": gettext_lazy("What is asked of those above"),
}
FIGURES = {
    "cases": gettext_lazy("Linked cases"),
    "cases_open": gettext_lazy("of these still open"),
    "cases_new": gettext_lazy("Linked since the last report"),
    "calls": gettext_lazy("Linked calls"),
    "tasks": gettext_lazy("Tasks given"),
    "tasks_open": gettext_lazy("Tasks not yet done"),
    "tasks_late": gettext_lazy("Tasks that are late"),
    "forces": gettext_lazy("Forces at work"),
    "people": gettext_lazy("People at work"),
    "objectives_reached": gettext_lazy("Objectives reached"),
    "objectives": gettext_lazy("Objectives"),
}
NOT_ACCEPTED_FOR = timedelta(minutes=15)
_TOLD = ("level", "area", "handed_over", "called_in", "let_go", "resumed")
_MOST = 12  # lines of a list


@dataclass(frozen=True)
class Figure:
    code: str
    label: str
    now: int
    before: int | None  # in the report before this one; None for the first

    @property
    def change(self) -> int | None:
        return None if self.before is None else self.now - self.before

    @property
    def change_text(self) -> str:
        change = self.change
        return "" if change is None else f"{change:+d}" if change else "±0"


def figures(incident: Incident, since: datetime, until: datetime) -> dict[str, Any]:
    """As things stand now. Eight statements."""
    linked = incident.cases.filter(state=LinkedCase.State.LINKED)
    cases = linked.aggregate(
        cases=Count("pk"),
        cases_open=Count("pk", filter=Q(case__is_open=True)),
        cases_new=Count("pk", filter=Q(**within("at", since, until, first=since == incident.opened_at))),
    )
    tasks = task_rows(incident, "vi")
    forces = incident.commitments.filter(until=None).aggregate(forces=Count("pk"), people=Sum("people"))
    goals = incident.objectives.exclude(state=Objective.State.DROPPED)
    counted = goals.aggregate(all=Count("pk"), reached=Count("pk", filter=Q(state=Objective.State.REACHED)))
    return {
        **cases,
        "calls": incident.calls.filter(ended_at=None).count(),
        "tasks": len(tasks),
        "tasks_open": sum(task.open for task in tasks),
        "tasks_late": sum(task.late for task in tasks),
        "forces": forces["forces"],
        "people": forces["people"] or 0,
        "objectives": counted["all"],
        "objectives_reached": counted["reached"],
        "by_category": _top(linked, "case__category_id", reference.categories()),
        "by_unit": _top(linked, "case__unit_id", reference.units()),
    }


def _top(linked: Any, field: str, known: Mapping[int, Any]) -> list[list[Any]]:
    rows = linked.exclude(**{field: None}).values_list(field).annotate(n=Count("pk")).order_by("-n", field)[:8]
    return [[known[key].code, n] for key, n in rows if key in known]


def compared(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[Figure]:
    """The figures of a report beside those of the one before."""
    return [Figure(code, str(label), int(now.get(code, 0)), _before(code, before)) for code, label in FIGURES.items()]


def _before(code: str, before: Mapping[str, Any] | None) -> int | None:
    """What is new since the last report is compared with nothing."""
    return None if before is None or code == "cases_new" else int(before.get(code, 0))


def within(field: str, since: datetime, until: datetime, *, first: bool) -> dict[str, datetime]:
    """The span of a report, as a filter: what happened at the moment of the last one was told there; the first begins with the opening."""
    return {f"{field}__{'gte' if first else 'gt'}": since, f"{field}__lte": until}


def drafted(
    incident: Incident, since: datetime, until: datetime, now: Mapping[str, Any], last: Sitrep | None, language: str
) -> dict[str, str]:
    """The sections in a language, as a draft that somebody goes over."""
    with translation.override(language):
        tasks = task_rows(incident, language)
        return {
            "situation": _situation(incident, now, language),
            "changes": _changes(incident, since, until, now, last, language),
            "decisions": _decisions(incident, within("at", since, until, first=last is None)),
            "late": _lines(_late(task, language) for task in tasks if task.late),
            "gaps": _lines(_gaps(incident, tasks)),
            "next": _lines(
                _("Objective {n}: {text}").format(n=goal.number, text=goal.text)
                for goal in incident.objectives.filter(state=Objective.State.OPEN).order_by("number")
            ),
            "requests": "",
        }


def _lines(rows: Iterable[str]) -> str:
    found = list(rows)
    more = [_("… and {n} more").format(n=len(found) - _MOST)] if len(found) > _MOST else []
    return "\n".join(f"- {row}" for row in [*found[:_MOST], *more])


def _situation(incident: Incident, now: Mapping[str, Any], language: str) -> str:
    level = playbook().levels[incident.level].names.get(language, str(incident.level))
    first = _("{name}. {level}. Area: {area}. Running since {moment}; period {n}.").format(
        name=incident.name,
        level=level,
        area=area.named(incident, language),
        moment=moment_text(incident.opened_at, language),
        n=incident.period_number,
    )
    kinds, units = reference.categories_by_code(), reference.units_by_code()
    what = "; ".join(f"{kinds[code].name(language)}: {n}" for code, n in now["by_category"] if code in kinds)
    where = "; ".join(f"{units[code].name(language)}: {n}" for code, n in now["by_unit"] if code in units)
    counted = _("{n} reports belong to it, {open} of them open.").format(n=now["cases"], open=now["cases_open"])
    parts = [
        first,
        counted,
        _("By kind: {list}.").format(list=what) if what else "",
        where and _("By place: {list}.").format(list=where),
    ]
    return "\n".join(filter(None, parts))


def _changes(
    incident: Incident, since: datetime, until: datetime, now: Mapping[str, Any], last: Sitrep | None, language: str
) -> str:
    rows = [
        f"{figure.label}: {figure.now} ({figure.change_text})"
        for figure in compared(now, last.figures if last else None)
        if figure.change
    ]
    told = JournalEntry.objects.filter(
        subject_id=incident.pk,
        action__in=[f"incident.{name}" for name in _TOLD],
        **within("at", since, until, first=last is None),
    ).order_by("pk")
    for entry in told:
        said = entry.parts.get("staff", {}).get("said", {})
        rows.append(f"{time_text(entry.at)} {said.get(language) or next(iter(said.values()), '')}")
    for goal in incident.objectives.filter(
        state=Objective.State.REACHED, **within("changed_at", since, until, first=last is None)
    ):
        rows.append(_("Objective {n} reached: {text}").format(n=goal.number, text=goal.text))
    return _lines(rows)


def _decisions(incident: Incident, span: Mapping[str, datetime]) -> str:
    """Decisions of the span; one that was corrected in its last words."""
    lines = incident.log.filter(kind=LogLine.Kind.DECISION, inside=False, **span)
    rows = list(lines.select_related("by", "corrects").order_by("number"))
    mended = {row.corrects_id for row in rows if row.corrects_id}
    return _lines(f"{time_text(row.at)} {row.body}" for row in rows if row.pk not in mended)


def _late(task: TaskRow, language: str) -> str:
    due = moment_text(task.due_at, language) if task.due_at else ""
    return _("Task {n}, {agency}: {title}; was due {due}, {state}").format(
        n=task.number, agency=task.agency, title=task.title, due=due, state=task.word.lower()
    )


def _gaps(incident: Incident, tasks: list[TaskRow]) -> list[str]:
    """What is missing, as far as the system can know."""
    now = clock.now()
    found = [
        _("Nobody has accepted task {n} ({agency}) for {minutes} minutes").format(
            n=task.number, agency=task.agency, minutes=int((now - task.given_at).total_seconds() // 60)
        )
        for task in tasks
        if task.state == "given" and now - task.given_at >= NOT_ACCEPTED_FOR
    ]
    found += [
        _("Task {n} was returned by {agency}").format(n=task.number, agency=task.agency)
        for task in tasks
        if task.state == "returned"
    ]
    for sector in incident.sectors.filter(ended_at=None, leader=None).order_by("number"):
        found.append(_("Sector {n}, {name}, has no leader").format(n=sector.number, name=sector.name))
    busy = {task.objective_id for task in tasks}
    for goal in incident.objectives.filter(state=Objective.State.OPEN).order_by("number"):
        if busy - {None} and goal.pk not in busy:
            found.append(_("No task serves objective {n}").format(n=goal.number))
    if waiting := offered_count(incident):
        found.append(_("{n} reports in the area are not yet looked at").format(n=waiting))
    if not incident.commitments.filter(until=None).exists():
        found.append(_("No force is recorded as at work"))
    return found
