"""How a case stands, for its pages: one sentence that is true, the line of its stages with dates, and the promise.

"Answered" and "fixed" are different words, and stay so: only a repair or an enforcement with proof is called one.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from hues.cases import processes
from hues.cases.definition import pick
from hues.cases.models import RESOLVED, Outcome
from hues.city.clock import day_text, moment_text
from hues.kernel import clock
from hues.reports.words import language

ENDS = {"rejected", "redirected", "merged"}  # states that end it before anybody handled it


def standing(case: Any, agency: str, *, own: bool = False, proof: bool = False) -> dict[str, Any]:
    """The card at the top: icon, tone, title, text. `case` is the sender's (`own`) or the public's; `proof`: the viewer sees
    a photo of the result."""
    icon, tone, title, text = _sentence(case, agency, own, proof)
    return {"icon": icon, "tone": tone, "title": title, "text": text}


def _sentence(case: Any, agency: str, own: bool, proof: bool) -> tuple[str, str, str, str]:
    due = _due(case)
    match case.state:
        case "rejected":
            return "close", "", _("Not taken on"), _choice(case, "reject", "reason", "reject_reason")
        case "redirected":
            other = _choice(case, "redirect", "to", "redirected_to")
            return "external", "info", _("Passed on"), other
        case "merged":
            return "merge", "info", _("Joined with the same report"), _("Both are answered together.")
        case "planned" if case.wake_on:
            when = day_text(case.wake_on, language())
            return (
                "calendar", "info", _("Promised for {date}").format(date=when),
                _("It stays open until then, and wakes by itself on that day."),
            )  # fmt: skip
        case "waiting_citizen" if own:
            return "chat", "warn", _("They wait for your answer"), _("The clock stands still meanwhile.")
        case "waiting_citizen":
            return "chat", "warn", _("Waiting for an answer of the sender"), _("The clock stands still meanwhile.")
        case "extension_requested":
            return "tool", "purple", _("{agency} is handling it").format(agency=agency), due
        case "on_the_way":
            return "truck", "purple", _("{agency} is on the way").format(agency=agency), due
        case "on_scene":
            return "pin", "purple", _("{agency} is on the scene").format(agency=agency), due
    if case.published_at and case.phase == "done":
        return _ended(case, proof)
    match case.stage:
        case "received":
            text = (
                _("Read and passed on by {when} at the latest.").format(when=moment_text(case.due_at))
                if case.due_at
                else ""
            )
            return "inbox", "info", _("Received. The centre is reading it."), text
        case "assigned":
            return "agency", "purple", _("{agency} has it").format(agency=agency), due
        case "checking":
            return "eye", "warn", _("The centre is checking the result"), _("Before everyone sees it.")
        case "done":
            return "check", "", _("Closed"), ""
    return "tool", "purple", _("{agency} is handling it").format(agency=agency or _("Somebody")), due


def _ended(case: Any, proof: bool) -> tuple[str, str, str, str]:
    when = moment_text(case.published_at)
    label = str(Outcome(case.outcome).label) if case.outcome else ""
    match case.outcome:
        case Outcome.FIXED:
            return "check", "good", _("Fixed"), _("With photos as proof, {when}").format(when=when) if proof else when
        case Outcome.ENFORCED:
            return "check", "good", _("The violation was dealt with"), when
        case Outcome.TEMPORARY:
            return "tool", "warn", _("Fixed for the time being"), _("Not for good yet, {when}").format(when=when)
    return "note", "info", pgettext("result", "Answered"), " · ".join(part for part in (label, when) if part)


def _due(case: Any) -> str:
    if case.due_at is None:
        return ""
    if case.due_at < clock.now():
        return _("Was due {when}: it is late.").format(when=moment_text(case.due_at))
    return _("Due {when}").format(when=moment_text(case.due_at))


def _choice(case: Any, step: str, field: str, column: str) -> str:
    """What was chosen in a step, in the words of the case's own process; nothing for the public, which is not told."""
    code, process_id = getattr(case, column, ""), getattr(case, "process_id", None)
    taken = processes.process(process_id).steps.get(step) if code and process_id else None
    options = taken.fields[field].options if taken and field in taken.fields else {}
    return pick(options[code], language()) if code in options else ""


def stage_line(case: Any) -> list[dict[str, Any]]:
    """The stages with the day each was reached; shorter where nobody was to handle it."""
    if case.state in ENDS:
        ended = case.closed_at or case.updated_at
        words = {"rejected": _("Not taken on"), "redirected": _("Passed on"), "merged": _("Joined")}
        return [_stage(pgettext("step", "Received"), case.received_at, "done"), _stage(words[case.state], ended, "end")]
    names = ["received", "assigned", "handling", "checking", "done"]
    at = names.index(case.stage) if case.stage in names else 2
    moments = [case.received_at, case.assigned_at, case.started_at, case.answered_at, case.published_at]
    words = {
        "received": pgettext("step", "Received"),
        "assigned": pgettext("step", "Assigned"),
        "handling": _("Planned") if case.state == "planned" else pgettext("step", "Handling"),
        "checking": pgettext("step", "Checking"),
        "done": _last_word(case),
    }
    done = case.stage == "done"
    return [
        _stage(words[name], moments[n] if n <= at else None, "done" if done or n < at else "now" if n == at else "next")
        for n, name in enumerate(names)
    ]


def _last_word(case: Any) -> str:
    if case.stage != "done" or not case.outcome:
        return pgettext("step", "Done")
    return pgettext("step", "Fixed") if case.outcome in RESOLVED else pgettext("step", "Answered")


def _stage(word: str, at: datetime | None, mark: str) -> dict[str, Any]:
    return {"word": word, "at": at, "mark": mark}


def promise(case: Any) -> dict[str, Any] | None:
    """The date that was promised; both where it was extended, and how it was kept."""
    first, final = case.due_original_at, case.due_final_at
    if first is None:
        return None
    extended = final if final and final != first else None
    return {"first": first, "extended": extended, "answered": case.answered_at, "kept": on_time_text(case)}


def on_time_text(case: Any) -> str:
    """Both readings side by side: against the first date, and against the extended one."""
    if not case.answered_at or not case.due_original_at:
        return ""
    if case.answered_at <= case.due_original_at:
        return _("on time")
    if case.due_final_at and case.answered_at <= case.due_final_at:
        return _("after the first date, within the extension")
    return _("late")


def people_text(case: Any) -> str:
    """How many people met it: its sender, those whose reports were joined, those who said "me too"."""
    people = 1 + case.merged_count + (getattr(case, "support_count", 0) or 0)
    return ngettext("{n} person met this", "{n} people met this", people).format(n=people) if people > 1 else ""


def tally_text(fixed: int, broken: int) -> str:
    parts = [
        ngettext("{n} person confirms that it is fixed", "{n} people confirm that it is fixed", fixed).format(n=fixed)
        if fixed
        else "",
        ngettext("{n} not", "{n} not", broken).format(n=broken) if broken else "",
    ]
    return " · ".join(part for part in parts if part)


def thanks_text(n: int) -> str:
    return (
        ngettext("{n} word of thanks to those who did it", "{n} words of thanks to those who did it", n).format(n=n)
        if n
        else ""
    )
