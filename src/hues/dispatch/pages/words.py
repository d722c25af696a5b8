"""The words of tasks, ladders and the log, for pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from hues.cases.arrival import spoken
from hues.city.clock import time_text
from hues.dispatch import texts
from hues.dispatch.ladders import ARRIVAL
from hues.dispatch.models import Call, State, Task
from hues.dispatch.queries import Ladder, Line, Rung

RUNGS: Mapping[str, str | Promise] = {
    "on_duty": gettext_lazy("on duty"),
    "team_chief": gettext_lazy("team chief"),
    "shift_lead": gettext_lazy("shift lead"),
    "leader": gettext_lazy("leader"),
    "chair": gettext_lazy("chairman's office"),
    "centre": gettext_lazy("centre"),
    "officer": gettext_lazy("officers"),
    "heads": gettext_lazy("heads"),
    "leads": gettext_lazy("shift leads"),
    "department": gettext_lazy("department"),
}
STATES: Mapping[str, tuple[str, str]] = {  # icon, tone
    "waiting": ("warning", "bad"), "sent": ("bolt", "warn"), "accepted": ("check", "info"), "on_way": ("truck", "purple"),
    "arrived": ("pin", "purple"), "done": ("check", "good"), "declined": ("close", "bad"), "cancelled": ("undo", ""),
}  # fmt: skip
_HAPPENED: Mapping[str, str | Promise] = {
    "sent": gettext_lazy("Sent: {party}"),
    "accepted": gettext_lazy("{party} accepted"),
    "on_way": gettext_lazy("{party} set out"),
    "arrived": gettext_lazy("{party} is on the scene"),
    "done": gettext_lazy("{party} is done"),
    "resumed": gettext_lazy("{party} must do more"),
    "declined": gettext_lazy("{party} cannot come"),
    "cancelled": gettext_lazy("{party} was called back"),
    "called": gettext_lazy("{name} was called: {result}"),
    "climbed": gettext_lazy("Nobody in time: told {to}"),
    "follow_up": gettext_lazy("What remains goes on as {code}"),
}


def state(name: str) -> dict[str, str]:
    """A chip's icon, tone and word."""
    icon, tone = STATES[name]
    return {"icon": icon, "tone": tone, "word": str(State(name).label) if name != "waiting" else _("Nobody sent")}


def rungs_to(names: Iterable[str]) -> str:
    return ", ".join(str(RUNGS.get(name, name)) for name in names)


def ladder(one: Ladder) -> dict[str, Any]:
    """A ladder as the strip shows it."""
    language = get_language() or "vi"
    return {
        "title": _title(one),
        "party": texts.party_of(one.task, language) if one.task else "",
        "support": one.task is not None and one.task.role == Task.Role.SUPPORT,
        "since": one.since,
        "until": one.until,
        "running": one.running,
        "next": one.next,
        "climbed": one.climbed,
        "rungs": [_rung(rung, one) for rung in one.rungs],
    }


def _title(one: Ladder) -> str:
    if one.name == ARRIVAL:
        return _("Until they are there")
    return _("Until somebody accepts")


def _rung(rung: Rung, one: Ladder) -> dict[str, Any]:
    how = {
        "done": _("told at %(time)s") % {"time": time_text(rung.fired_at)} if rung.fired_at else "",
        "next": _("next"),
        "later": "",
        "spared": _("not needed"),
    }[rung.how]
    after = _("%(n)s min") % {"n": rung.minutes} if one.name != ARRIVAL else f"{rung.percent}%"
    return {"how": rung.how, "after": after, "to": rungs_to(rung.to[:2]), "due_at": rung.due_at, "says": how}


def happened(line: Line) -> str:
    """What a line of the log tells, "" where somebody said something."""
    if line.kind not in _HAPPENED:
        return ""
    facts = dict(line.facts)
    if "result" in facts:
        facts["result"] = str(Call.Result(facts["result"]).label)
    facts["to"] = rungs_to(facts.get("to", ()))
    said = str(_HAPPENED[line.kind]).format_map(_Facts({"party": line.party, **facts}))
    if line.kind == "arrived" and "metres" in facts:
        said += f" ({spoken(float(facts['metres']))})"
    if line.kind == "climbed" and "late_minutes" in facts:
        late = _("%(n)s minutes late, because the server or its clock had stopped") % {"n": facts["late_minutes"]}
        said += f" – {late}"
    return said


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def lines(log: Iterable[Line], actor_id: object) -> list[dict[str, Any]]:
    return [
        {
            "said": line.kind in ("said", "photo"),
            "mine": line.author_id is not None and line.author_id == actor_id,
            "title": happened(line),
            "body": line.body,
            "who": " · ".join(filter(None, (line.who, line.office))) or _("The system"),
            "file": line.file_id,
            "at": line.at,
            "came_at": line.came_at,
            "kind": line.kind,
        }
        for line in log
    ]


def party(task: Task) -> dict[str, Any]:
    """A party in the list beside a task."""
    language = get_language() or "vi"
    return {
        "task": task,
        "name": texts.party_of(task, language),
        "chip": state(task.state),
        "who": task.taken_by.name if task.taken_by else "",
        "lead": task.role == Task.Role.LEAD,
        "metres": spoken(task.arrived_m) if task.arrived_m is not None else "",
        "from_afar": task.arrived_by == "photo" and task.arrived_m is not None,  # a photo, sent from somewhere else
        "late_mark": task.marks.get("arrived") or task.marks.get("done"),
    }
