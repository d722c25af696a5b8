"""The console in words: rows, an open case, views, choices."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hues.assist.duplicates.panel import LIKELY
from hues.cases import processes, reference
from hues.cases.assets.history import history
from hues.cases.assets.panel import named_by
from hues.cases.definition import pick
from hues.cases.models import Case
from hues.cases.pages.words import answers, channel, lines, pending, place, talk
from hues.cases.queries.timeline import timeline
from hues.city.memory import remembered
from hues.console import holding, plan, queries, sieve
from hues.console.models import Bulk, SavedFilter, Untouched
from hues.console.pages.marking import folded, marked
from hues.console.queries import COUNT_MOST, Lost, Open, Row
from hues.console.sieve import Sieve
from hues.kernel import clock
from hues.kernel.actors import LEAD, Actor
from hues.kernel.errors import Invalid


def language() -> str:
    return get_language() or "vi"


def row_words(row: Row) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in Row.__dataclass_fields__},
        "title": row.category.name(language()),
        "where": place(row.address, row.unit),
        "urgent": row.group != "timed",
        "channel_name": channel(row.channel) if row.channel != "web" else "",
        "unit_code": row.unit.code if row.unit else "",
    }


def lost_words(one: Lost) -> dict[str, Any]:
    """A line of what surfaced: what it is, why, for how long."""
    row, case = one.untouched, one.case
    agency = one.agency.name(language()) if one.agency else ""
    state = ""
    if case is not None:
        known = processes.process(case.process_id).states.get(case.state)
        state = pick(known.names, language()) if known else case.state
    return {
        "kind": row.kind,
        "why": str(Untouched.Kind(row.kind).label),
        "since": row.since,
        "case": case,
        "url": _lost_url(one),
        "title": reference.categories()[case.category_id].name(language())
        if case
        else agency or _("Handover of the shift"),
        "where": place(case.address, reference.units().get(case.unit_id or 0)) if case else "",
        "agency": agency if case else "",
        "state": state,
        "cases": row.cases,
        "cases_text": ngettext("{n} open report", "{n} open reports", row.cases).format(n=row.cases)
        if row.cases
        else "",
        "priority": row.priority,
    }


def _lost_url(one: Lost) -> str:
    """Where something is done about it: the case in this list, the page of the agency, the handover."""
    if one.case is not None:
        return f"/desk/triage?list=untouched&case={one.case.code}"
    if one.untouched.handover_id:
        return f"/desk/handover#h-{one.untouched.handover_id}"
    return f"/desk/agency?agency={one.agency.code}" if one.agency else "/desk/agency"


def case_words(actor: Actor, found: Open, planned: plan.Plan) -> dict[str, Any]:
    case = found.case
    title = case.category.name(language())
    return {
        "case": case,
        "title": title,
        "urgent": case.group != "timed",
        "where": place(case.address, case.unit),
        "channel": channel(case.channel),
        "body": marked(case.body, planned.because, planned.private),
        "photos": found.photos,
        "answers": answers(case.category.questions, case.answers),
        **_asset_words(actor, case),
        "pending": pending(case),
        "events": lines(timeline(actor, case))[-4:] if case.hops or case.reopened or not planned.step else [],
        "talk": talk([one for one in found.messages if one.audience == "party"], actor),
        "notes": talk([one for one in found.messages if one.audience == "staff"], actor),
        "reporter_words": reporter_words(found),
        "plan": planned,
        "plan_words": plan_words(planned),
        "twins": [_twin(other, number, found) for number, other in enumerate(found.cluster, 1)],
        "likely": found.likely,
        "same_as": found.same_as,
        "lease": found.lease,
        "hold": found.hold,
        "waiting": found.waiting,
        "waiting_mine": found.waiting is not None and found.waiting.by_id == actor.id,
        "sends": _sends(planned, case),
        "points": json.dumps(points(found)),
        "past": not planned.step,
        "can_ask": bool(case.reporter_id),
        "longest_hold": int(holding.longest(case) / timedelta(minutes=1)),
    }


def _sends(planned: plan.Plan, case: Case) -> bool:
    """Whether somebody goes out for it: then the page of its dispatch is one key away."""
    if planned.step:
        return processes.latest(planned.category.process)[1].sends
    return processes.process(case.process_id).sends


def _asset_words(actor: Actor, case: Case) -> dict[str, Any]:
    """The thing that the report names, and what was reported about it before. No statement where it names none; else three."""
    named = named_by(case)
    return {"asset": named, "history": history(actor, named, without=case.code, limit=2) if named else None}


def points(found: Open) -> list[dict[str, Any]]:
    """For the map: the case, and what may be the same."""
    case = found.case
    shown = [
        {"lat": other.lat, "lon": other.lon, "title": f"{n} · {other.code}", "code": other.code, "stage": "checking"}
        for n, other in enumerate(found.cluster, 1)
    ]
    if case.lat is not None:
        title = case.category.name(language())
        shown.append({"lat": case.lat, "lon": case.lon, "title": title, "code": case.code, "stage": "handling"})
    return shown


def reporter_words(found: Open) -> str:
    """What is said of the sender: a number, never who."""
    if not found.case.reporter_id:
        return _("Sent without an account")
    if not found.reporter_open:
        return _("No other open report of the sender")
    return ngettext(
        "{n} other open report of the sender", "{n} other open reports of the sender", found.reporter_open
    ).format(n=found.reporter_open)


def plan_words(planned: plan.Plan) -> dict[str, Any]:
    return {
        "category": planned.category.name(language()),
        "agency": planned.agency.name(language()) if planned.agency else "",
        "percent": round(planned.confidence * 100) if planned.confidence is not None else None,
        "others": [
            {"code": one.code, "name": one.name, "percent": round(one.confidence * 100)} for one in planned.others[:3]
        ],
        "urgent": planned.urgent or planned.category.process_group != "timed",
        "group": planned.category.process_group,
    }


def _twin(other: Any, number: int, found: Open) -> dict[str, Any]:
    known = _state_name(found, other.state)
    return {
        "other": other,
        "number": number,
        "likely": other.score >= LIKELY,
        "state": known,
        "chosen": number == 1 and other.score >= LIKELY,
    }


def _state_name(found: Open, state: str) -> str:
    known = processes.process(found.case.process_id).states.get(state)
    return pick(known.names, language()) if known else ""


# Choices that stand once on the page


def category_options() -> list[dict[str, str]]:
    found = sorted((c for c in reference.categories().values() if c.active), key=lambda c: c.position)
    return [
        {
            "value": one.code,
            "label": one.name(language()),
            "hint": one.domain_names.get(language(), ""),
            "fold": folded(one.code, one.name("vi"), one.name(language()), *one.keywords.get("vi", [])[:30]),
        }
        for one in found
    ]


def agency_options() -> list[dict[str, str]]:
    current = [one for one in reference.agencies().values() if one.valid_to is None]
    return [
        {"value": one.code, "label": one.name(language()), "hint": "", "fold": folded(one.code, one.name(language()))}
        for one in sorted(current, key=lambda one: (one.unit_id is not None, one.sort_key))
    ]


@remembered
def _step_options() -> dict[str, dict[str, dict[str, str]]]:
    """The choices of rejecting and redirecting, which the processes share."""
    found: dict[str, dict[str, dict[str, str]]] = {"reject": {}, "redirect": {}}
    for process in processes.known().values():
        for step, name in (("reject", "reason"), ("redirect", "to")):
            known = process.steps.get(step)
            if known and name in known.fields:
                found[step] |= {value: dict(texts) for value, texts in known.fields[name].options.items()}
    return found


def choices(step: str) -> list[tuple[str, str]]:
    return [(value, pick(texts, language())) for value, texts in _step_options()[step].items()]


def wake_options() -> list[dict[str, Any]]:
    """When something that is put aside is looked at again."""
    labels = {
        "15": _("in 15 minutes"),
        "30": _("in 30 minutes"),
        "60": _("in an hour"),
        "180": _("in three hours"),
        "morning": _("when the offices open next"),
    }
    now = clock.now()
    return [
        {"value": name, "label": labels[name], "at": at, "minutes": round((at - now) / timedelta(minutes=1))}
        for name, at in holding.wake_choices()
    ]


# Views


def views(actor: Actor, view: Sieve) -> list[dict[str, Any]]:
    """The side of the page: the lists that everybody has, then saved views, each with how many it holds. Three statements."""
    saved = queries.saved_filters(actor)
    fixed = [
        (Sieve("intake"), _("To decide"), "inbox"),
        (Sieve("intake", {"urgency": "now"}), _("At once"), "bolt"),
        (Sieve("waiting"), _("Waiting for the sender"), "chat"),
        (Sieve("mine"), _("Put aside by me"), "pause"),
        (Sieve("held"), _("Put aside by all"), "clock"),
    ]
    own = [(_sieve(one), one.name, "filter") for one in saved]
    known = [*fixed, *own]
    numbers = queries.counts(actor, [one[0] for one in known])
    shown = [_view(one, label, icon, number, view) for (one, label, icon), number in zip(known, numbers, strict=True)]
    for saved_one, line in zip(saved, shown[len(fixed) :], strict=True):
        line |= {"id": saved_one.pk, "shared": saved_one.shared, "removable": _removable(actor, saved_one)}
    surfaced = queries.untouched_count()
    lost = _view(Sieve("untouched"), _("Surfaced by themselves"), "warning", surfaced, view)
    lost["tone"] = "bad" if surfaced else ""
    return [*shown[: len(fixed)], lost, *shown[len(fixed) :]]


def _removable(actor: Actor, one: SavedFilter) -> bool:
    return one.owner_id == actor.id or actor.has(LEAD)


def _sieve(one: SavedFilter) -> Sieve:
    """A saved view; what it names may be gone by now, then it is empty rather than broken."""
    try:
        return sieve.read(one.query)
    except Invalid:
        return Sieve("intake", {"text": "?"})


def _view(one: Sieve, label: str, icon: str, number: int, current: Sieve) -> dict[str, Any]:
    return {
        "address": one.address,
        "label": label,
        "icon": icon,
        "count": f"{COUNT_MOST:,}+".replace(",", ".") if number > COUNT_MOST else str(number) if number else "",
        "tone": "bad" if icon == "bolt" and number else "",
        "here": one == current,
    }


def ages() -> Sequence[tuple[str, str]]:
    return [
        ("30", _("over 30 minutes")), ("60", _("over an hour")), ("240", _("over 4 hours")), ("1440", _("over a day")),
        ("4320", _("over 3 days")),
    ]  # fmt: skip


def waiting(bulks: Sequence[Bulk]) -> list[dict[str, Any]]:
    """Decisions that can still be taken back: what each will do, and the seconds that are left. `code` of one alone."""
    return [
        {
            "id": one.pk,
            "left": seconds_left(one.due_at),
            "said": one.said,
            "code": next(item.case.code for item in one.items.all()) if one.alone else "",
            "n": len(one.items.all()),
        }
        for one in bulks
    ]


def seconds_left(due_at: Any) -> int:
    return max(0, int((due_at - clock.now()) / timedelta(seconds=1)))
