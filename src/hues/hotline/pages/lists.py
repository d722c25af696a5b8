"""Calls that were, call-backs that are owed, and the numbers of the hotline."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.city.clock import today
from hues.hotline import actions, queries, telephony
from hues.hotline import numbers as phone_numbers
from hues.hotline.models import Call, CallBackTry
from hues.hotline.pages.frame import DESK, actor_of, desk_only, doing, frame, readers_only, refused
from hues.hotline.policy import policy
from hues.kernel.errors import Conflict, Forbidden, Invalid

BACKS = f"{DESK}/callbacks"


@require_GET
@desk_only
def all_calls(request: HttpRequest) -> HttpResponse:
    """Calls that ended, newest first."""
    asked = {name: request.GET.get(name, "")[:8] for name in ("direction", "result", "mine")}
    page = queries.calls(
        actor_of(request), after=request.GET.get("after"), mine=asked["mine"] == "1", direction=asked["direction"],
        result=asked["result"],
    )  # fmt: skip
    filters = [
        ("", "", "", _("All")), ("in", "answered", "", _("Somebody answered")), ("in", "lost", "", _("Not answered")),
        ("out", "", "", _("Outgoing")), ("", "", "1", _("Mine")),
    ]  # fmt: skip
    chips = [
        {"direction": d, "result": r, "mine": m, "name": name, "current": (d, r, m) == tuple(asked.values())}
        for d, r, m, name in filters
    ]
    return render(request, "hotline/all.html", frame(request, "all") | {"page": page, "chips": chips})


# ── call-backs ──


@require_GET
@desk_only
def callbacks(request: HttpRequest) -> HttpResponse:
    """Who is to be called, by what was promised."""
    ended = request.GET.get("ended") == "1"
    context = frame(request, "callbacks")
    if not context["answers"] and not context["reads"]:
        return render(request, "hotline/over.html", context)
    page = queries.call_backs(actor_of(request), after=request.GET.get("after"), ended=ended)
    results = [one for one in CallBackTry.Result if one != CallBackTry.Result.FAILED]
    context |= {"page": page, "ended": ended, "results": [{"value": one.value, "label": one.label} for one in results]}
    return render(request, "hotline/callbacks.html", context)


@require_POST
@desk_only
def take_callback(request: HttpRequest, callback_id: UUID) -> HttpResponse:
    """Mine to call; where no telephone system dials, the number is shown, and that is written down."""
    actor = actor_of(request)
    try:
        actions.take_callback(actor=actor, callback_id=callback_id)
        if telephony.adapter() is not None:
            return doing(request, lambda: None, to=BACKS)
        number = actions.number_to_dial(actor=actor, callback_id=callback_id)
    except (Invalid, Conflict, Forbidden) as problem:
        return refused(request, problem, to=BACKS)
    context = frame(request, "callbacks") | {
        "shown": phone_numbers.shown(number),
        "number": number,
        "callback_id": callback_id,
    }
    answer = render(request, "hotline/dial.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@desk_only
def dial_callback(request: HttpRequest, callback_id: UUID) -> HttpResponse:
    """Click to call."""
    try:
        call = actions.dial_callback(actor=actor_of(request), callback_id=callback_id)
    except (Invalid, Conflict, Forbidden, telephony.NotPlaced) as problem:
        return refused(request, problem, to=BACKS)
    return doing(request, lambda: None, _("Your telephone rings first."), to=f"{DESK}/{call.pk}")


@require_POST
@desk_only
def note_try(request: HttpRequest, callback_id: UUID) -> HttpResponse:
    result, note = request.POST.get("result", "")[:16], request.POST.get("note", "")[:400]
    deed = lambda: actions.note_try(actor=actor_of(request), callback_id=callback_id, result=result, note=note)  # noqa: E731
    return doing(request, deed, _("Noted."), to=BACKS)


@require_POST
@desk_only
def give_up(request: HttpRequest, callback_id: UUID) -> HttpResponse:
    note = request.POST.get("note", "")[:400]
    deed = lambda: actions.give_up(actor=actor_of(request), callback_id=callback_id, note=note)  # noqa: E731
    return doing(request, deed, _("Noted."), to=BACKS)


@require_POST
@desk_only
def call_reporter(request: HttpRequest, code: str) -> HttpResponse:
    """From a case: put its sender on the list."""
    reason, words = request.POST.get("reason", "")[:8], request.POST.get("words", "")[:400]
    deed = lambda: actions.call_reporter(actor=actor_of(request), code=code, reason=reason, words=words)  # noqa: E731
    return doing(request, deed, _("On the list of calls to make."), to=f"/desk/cases/{code}")


# ── numbers ──


PERIODS = ("7d", "30d", "12m", "all")


@require_GET
@readers_only
def numbers(request: HttpRequest) -> HttpResponse:
    """How the hotline does, by the hour and by what calls were about."""
    asked = request.GET.get("period", "30d")
    asked = asked if asked in PERIODS else "30d"
    first, last = _span(asked)
    found = queries.figures(first, last)
    hours = queries.by_hour(first, last)
    names = {"7d": _("7 days"), "30d": _("30 days"), "12m": _("12 months"), "all": _("Since the beginning")}
    context = frame(request, "numbers") | {
        "figures": found,
        "cards": _cards(found),
        "first": first,
        "last": last,
        "hours": _bars(hours),
        "trend": _trend(first, last),
        "codes": queries.by_code(first, last),
        "definitions": [{"id": key, "name": name, "text": text} for key, (name, text) in queries.DEFINITIONS.items()],
        "periods": [{"value": one, "name": names[one], "current": one == asked} for one in PERIODS],
        "policy": policy(),
        "period_words": f"{first:%d/%m/%Y} – {last:%d/%m/%Y}",  # an order keeps which days the figure was of
    }
    return render(request, "hotline/numbers.html", context)


def _span(period: str) -> tuple[date, date]:
    last = today()
    days = {"7d": 6, "30d": 29, "12m": 364}.get(period)
    if days is not None:
        return last - timedelta(days=days), last
    oldest = Call.objects.order_by("rang_at").values_list("local_day", flat=True).first()
    return oldest or last, last


def _cards(found: queries.Figures) -> list[dict[str, Any]]:
    """Four cards: each value says what it is a share of."""
    rules = policy()
    f = found
    early = _("{n} of them within {s} s").format(n=f.early, s=rules.early_s)
    soon = _("no second call within {n} days").format(n=rules.repeat.days)
    left = _("{n} still open").format(n=f.callbacks_open)
    fast = _("Answered within {n} s").format(n=rules.answer_within_s)
    return [
        _card("answered_fast", fast, share=f.answered_fast_share, of=f.fast, over=f.calls_in),
        _card(
            "abandoned",
            _("Given up before an answer"),
            share=f.abandoned_share,
            of=f.abandoned,
            over=f.calls_in,
            note=early,
        ),
        _card("wait", _("Average wait"), seconds=f.average_wait_s, over=f.answered),
        _card("handle", _("Average handling"), seconds=f.average_handle_s, over=f.timed),
        _card(
            "first_call",
            _("Solved by the first call"),
            share=f.first_call_share,
            of=f.known - f.again,
            over=f.known,
            note=soon,
        ),
        _card(
            "callbacks",
            _("Call-backs made in time"),
            share=f.callbacks_share,
            of=f.callbacks_kept,
            over=f.callbacks,
            note=left,
        ),
    ]


def _card(
    key: str,
    name: str,
    *,
    share: float | None = None,
    seconds: float | None = None,
    of: int = 0,
    over: int = 0,
    note: str = "",
) -> dict[str, Any]:
    value = seconds_text(seconds) if seconds is not None else ""
    return {
        "id": key, "name": name, "share": share, "seconds": value, "of": of, "over": over, "note": note,
        "part": round(share * 100) if share is not None else None,
    }  # fmt: skip


def seconds_text(seconds: float) -> str:
    """`8 s`, `3:05`."""
    whole = round(seconds)
    return _("{n} s").format(n=whole) if whole < 60 else f"{whole // 60}:{whole % 60:02}"


HEIGHT = 100


def _bars(hours: list[queries.Hour]) -> list[dict[str, Any]]:
    """By hour of the day: what came in, and of it what was answered."""
    most = max((one.calls for one in hours), default=0) or 1
    return [
        {
            "hour": one.hour, "x": one.hour * 20 + 2, "calls": one.calls, "answered": one.answered,
            "height": (tall := round(one.calls / most * HEIGHT)), "top": HEIGHT - tall + 4,
            "part": (part := round(one.answered / most * HEIGHT)), "part_top": HEIGHT - part + 4,
            "wait": seconds_text(one.average_wait_s) if one.average_wait_s is not None else "–", "fast": one.fast_share,
        }
        for one in hours
    ]  # fmt: skip


def _trend(first: date, last: date) -> dict[str, Any]:
    rows = list(queries.by_day(first, last))
    most = max((row["calls"] for row in rows), default=0) or 1
    bars = [
        {
            "at": row["at"], "x": place * 20 + 2, "calls": row["calls"], "answered": row["answered"],
            "height": (tall := round(row["calls"] / most * HEIGHT)), "top": HEIGHT - tall + 4,
            "part": (part := round(row["answered"] / most * HEIGHT)), "part_top": HEIGHT - part + 4,
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return {"bars": bars, "width": max(len(bars), 1) * 20, "monthly": (last - first).days > 92}
