"""How a case looks: sign, word and tone of its state, its clock, its process group, its outcome. Colour is never the only sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hues.kernel import clock
from hues.web.words import moment, span


@dataclass(frozen=True)
class Look:
    """An icon of the sprite, a word, and a tone: "" (neutral), good, warn, bad, info, purple."""

    icon: str
    word: Any
    tone: str = ""


STAGES: dict[str, Look] = {
    "received": Look("inbox", _("Received"), "info"),
    "assigned": Look("agency", _("Assigned"), "purple"),
    "handling": Look("tool", _("Being handled"), "purple"),
    "checking": Look("eye", _("Being checked"), "warn"),
    "done": Look("check", _("Done"), "good"),
}

# The same under the dots of the stepper, where there is little room.
STEPS: dict[str, Any] = {
    "received": pgettext_lazy("step", "Received"),
    "assigned": pgettext_lazy("step", "Assigned"),
    "handling": pgettext_lazy("step", "Handling"),
    "checking": pgettext_lazy("step", "Checking"),
    "done": pgettext_lazy("step", "Done"),
}

# State of any process → public stage. The definitions in the city pack name a `phase`, from which unknown states get theirs.
STATE_STAGE = {
    "triage": "received",
    "asked": "received",
    "assigned": "assigned",
    "dispatched": "assigned",
    "accepted": "assigned",
    "in_progress": "handling",
    "on_the_way": "handling",
    "on_scene": "handling",
    "waiting_citizen": "handling",
    "extension_requested": "handling",
    "planned": "handling",
    "active": "handling",
    "answered": "checking",
    "done": "checking",
    "published": "done",
    "closed": "done",
    "stood_down": "done",
    "rejected": "done",
    "redirected": "done",
    "merged": "done",
}
PHASE_STAGE = {"intake": "received", "handling": "handling", "checking": "checking", "done": "done"}

# What citizens read where the stage alone would not say it.
PUBLIC_STATES: dict[str, Look] = {
    "asked": Look("chat", _("Waiting for more information"), "warn"),
    "waiting_citizen": Look("chat", _("Waiting for more information"), "warn"),
    "planned": Look("calendar", _("Planned"), "info"),
    "rejected": Look("close", _("Not accepted")),
    "redirected": Look("external", _("Passed on")),
    "merged": Look("merge", _("Joined with another report")),
    "on_the_way": Look("truck", _("On the way"), "purple"),
    "on_scene": Look("pin", _("On the scene"), "purple"),
}

STAFF_STATES: dict[str, Look] = {
    "triage": Look("inbox", _("Waiting for intake"), "info"),
    "asked": Look("chat", _("Waiting for the citizen"), "warn"),
    "assigned": Look("agency", _("Assigned"), "purple"),
    "dispatched": Look("agency", _("Dispatched"), "purple"),
    "accepted": Look("check", pgettext_lazy("state", "Accepted"), "purple"),
    "on_the_way": Look("truck", _("On the way"), "purple"),
    "on_scene": Look("pin", _("On the scene"), "purple"),
    "in_progress": Look("tool", _("Being handled"), "purple"),
    "waiting_citizen": Look("chat", _("Waiting for the citizen"), "warn"),
    "extension_requested": Look("calendar", _("Extension asked"), "warn"),
    "planned": Look("calendar", _("Planned"), "info"),
    "active": Look("command", _("Active"), "purple"),
    "answered": Look("eye", _("Waiting for the check"), "warn"),
    "done": Look("eye", _("Done, to be checked"), "warn"),
    "published": Look("globe", pgettext_lazy("state", "Published"), "good"),
    "closed": Look("check", _("Closed"), "good"),
    "stood_down": Look("check", _("Stood down"), "good"),
    "rejected": Look("close", _("Not accepted")),
    "redirected": Look("external", _("Passed on")),
    "merged": Look("merge", _("Merged")),
}

GROUPS: dict[str, Look] = {
    "immediate": Look("bolt", _("immediate"), "bad"),
    "timed": Look("clock", _("timed"), "purple"),
    "command": Look("command", _("command"), "info"),
}

OUTCOMES: dict[str, Look] = {
    "fixed_with_evidence": Look("check", _("Fixed, with evidence"), "good"),
    "enforcement_done": Look("check", _("Enforced"), "good"),
    "temporary_fix": Look("tool", _("Temporary fix"), "warn"),
    "planned_with_date": Look("calendar", _("Planned, with a date"), "info"),
    "no_violation_found": Look("eye", _("No violation found")),
    "not_our_jurisdiction": Look("external", _("Not the city's to decide")),
    "explained_with_legal_ground": Look("note", _("Explained, with its legal ground")),
    "duplicate": Look("merge", _("Joined with another report")),
}

CLOCKS: dict[str, Look] = {
    "ok": Look("clock", _("On time"), ""),
    "soon": Look("clock-alert", _("Due soon"), "warn"),
    "late": Look("warning", pgettext_lazy("clock", "Late"), "bad"),
    "paused": Look("pause", _("Clock paused"), "info"),
}


def read(thing: Any, name: str, default: Any = None) -> Any:
    """A value of a model, a row object or a dict: queries are free in what they return."""
    if isinstance(thing, Mapping):
        return thing.get(name, default)
    return getattr(thing, name, default)


def stage_of(case: Any) -> str:
    """The public stage of a case (or of a state's name)."""
    if isinstance(case, str):
        return case if case in STAGES else STATE_STAGE.get(case, "handling")
    state = read(case, "state", "")
    return read(case, "stage") or STATE_STAGE.get(state) or PHASE_STAGE.get(read(case, "phase", ""), "handling")


def public_look(case: Any) -> Look:
    state = case if isinstance(case, str) else read(case, "state", "")
    return PUBLIC_STATES.get(state) or STAGES[stage_of(case)]


def staff_look(case: Any) -> Look:
    state = case if isinstance(case, str) else read(case, "state", "")
    return STAFF_STATES.get(state) or STAGES[stage_of(case)]


def clock_state(case: Any, now: datetime | None = None) -> str:
    """ok, soon (less than a fifth of the time is left), late, paused, or "" where nothing runs."""
    given = read(case, "clock_state")
    if given:
        return str(given)
    due = read(case, "due_at")
    if due is None:
        return "paused" if read(case, "state") in ("waiting_citizen", "asked", "planned") else ""
    now = now or clock.now()
    if now > due:
        return "late"
    start = read(case, "assigned_at") or read(case, "received_at") or due - timedelta(days=1)
    return "soon" if (due - now) <= (due - start) / 5 else "ok"


def clock_words(case: Any, style: str = "near") -> str:
    """When it is due, or by how much it is over."""
    due = read(case, "due_at")
    if due is None:
        return ""
    late_by = clock.now() - due
    return span(late_by) if late_by > timedelta(0) and style == "near" else moment(due, style)
