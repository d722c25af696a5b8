"""The city's numbers for everyone: one page, the definitions, a file."""

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hues.city import queries as city
from hues.insights import board, queries
from hues.insights.catalogue import indicator, indicators
from hues.insights.figures import SHARES
from hues.insights.words import duration, headline, of_short, share_text
from hues.kernel.errors import Invalid

KEPT_SECONDS = 60
ASKED = ("period", "by", "unit", "category", "agency")
COLUMNS = ("answer_rate", "true_resolution", "on_time_original", "on_time_final", "acceptance", "acceptance_worst_case")


@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    errors: dict[str, str] = {}
    try:
        asked = board.read(_asked(request))
    except Invalid as problem:
        errors, asked = dict(problem.fields), board.read({})
    figures = queries.whole(asked.scope).figures()
    trend = board.trend(asked)
    state = queries.state()
    context = {
        "asked": asked,
        "errors": errors,
        "fields": _fields(request, errors),
        "received": figures["received"],
        "open": figures["open"],
        "cards": headline(figures),
        "trend": trend,
        "trend_width": max(len(trend), 1) * 20,
        "lines": [_line(line) for line in board.lines(asked)],
        "columns": [indicator(name) for name in COLUMNS],
        "breakdowns": _breakdowns(asked),
        "query": {name: request.GET.get(name, "") for name in ASKED},
        "counted_at": state.counted_at if state else None,
        "checked_at": state.checked_at if state else None,
        "found": state.found if state else 0,
        "period_text": _period_text(asked),
        "place_text": _place_text(asked),
        "filtered": bool(errors or asked.scope.dimensions),
        "row_name": _row_name(asked.by),
    }
    response = render(request, "insights/numbers.html", context, status=422 if errors else 200)
    response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response


@require_GET
def definitions(request: HttpRequest) -> HttpResponse:
    return render(request, "insights/definitions.html", {"indicators": indicators()})


@require_GET
def numbers_csv(request: HttpRequest) -> HttpResponse:
    """The table as a file: numerators and denominators, so that anybody can add them up."""
    asked = board.read(_asked(request))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["code", "name", "received", "open", *(f"{name}_{part}" for name in SHARES for part in ("of", "over"))]
        + [f"{name}_{part}" for name in ("hours_to_answer", "hours_to_fix") for part in ("p50", "p90")]
    )
    for line in board.lines(asked):
        f = line.figures
        spans = [
            (f[name] or {}).get(part, "") for name in ("hours_to_answer", "hours_to_fix") for part in ("p50", "p90")
        ]
        counts = [f[name][part] for name in SHARES for part in ("of", "over")]
        writer.writerow([_harmless(line.code), _harmless(line.name), f["received"], f["open"], *counts, *spans])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"{asked.scope.since:%Y-%m}_{asked.scope.until:%Y-%m}_{asked.by}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _harmless(text: str) -> str:
    """A spreadsheet takes a cell that begins like a formula for one (OWASP: CSV injection)."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:64] for name in ASKED}


def _fields(request: HttpRequest, errors: dict[str, str]) -> list[dict[str, Any]]:
    language = get_language() or "vi"
    periods = [("12m", _("Last 12 months")), ("3m", _("Last 3 months")), *((str(y), str(y)) for y in board.years())]
    units = [(row["code"], row["name"]) for row in city.units(language)]
    kinds = [(row["code"], row["name"]) for domain in city.categories(language) for row in domain["categories"]]
    agencies = [(row["code"], row["name"]) for row in city.agencies(language)]
    return [
        _select(request, errors, "period", _("Received in"), [*periods, ("all", _("Since the beginning"))]),
        _select(request, errors, "unit", _("Area"), [("", _("Everywhere")), *units]),
        _select(request, errors, "category", _("Kind of report"), [("", _("All kinds")), *kinds]),
        _select(request, errors, "agency", _("Agency"), [("", _("All agencies")), *agencies]),
    ]


def _select(
    request: HttpRequest, errors: dict[str, str], name: str, label: str, options: list[tuple[str, str]]
) -> dict[str, Any]:
    chosen = request.GET.get(name, "") or options[0][0]
    return {
        "name": name,
        "label": label,
        "kind": "select",
        "value": chosen,
        "required": True,
        "error": errors.get(name, ""),
        "options": [{"value": value, "label": text} for value, text in options],
    }


def _breakdowns(asked: board.Asked) -> list[dict[str, Any]]:
    names = {
        "unit": _("By area"),
        "category": _("By kind"),
        "agency": _("By agency"),
        "month": _("By month"),
        "channel": _("By channel"),
    }
    return [
        {"by": by, "name": name, "current": by == asked.by}
        for by, name in names.items()
        if board.can_break_down(asked, by)
    ]


def _line(line: board.Line) -> dict[str, Any]:
    f = line.figures
    return {
        "code": line.code,
        "name": line.name,
        "drill": line.drill,
        "received": f["received"],
        "cells": [
            {"name": indicator(name).name, "text": share_text(f[name]), "of": of_short(f[name])} for name in COLUMNS
        ],
        "fix": duration((f["hours_to_fix"] or {}).get("p50"), "hours"),
    }


def _row_name(by: str) -> str:
    names = {
        "unit": _("Area"),
        "category": _("Kind of report"),
        "agency": _("Agency"),
        "month": _("Month"),
        "channel": _("Channel"),
    }
    return names[by]


def _place_text(asked: board.Asked) -> str:
    one = asked.unit or asked.category or asked.agency
    return one.name(get_language() or "vi") if one else _("the whole city, all kinds of report")


def _period_text(asked: board.Asked) -> str:
    since, until = f"{asked.scope.since:%m/%Y}", f"{asked.scope.until:%m/%Y}"
    return since if since == until else _("{since} to {until}").format(since=since, until=until)
