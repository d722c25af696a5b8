"""`/privacy`: who sees what, in plain words, with the law, the times and the numbers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hues.city.clock import today
from hues.people import queries
from hues.people.grounds import GROUNDS


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    year = today().year
    opened = queries.opened_identities(year)
    seers = [_("You"), _("Everyone"), _("The agency in charge"), _("The centre"), _("Administrators"), _("Auditors")]
    return render(
        request,
        "people/privacy.html",
        {
            "seers": seers,
            "rows": [{"what": row["what"], "cells": zip(seers, row["who"], strict=True)} for row in _rows()],
            "kept": _kept(),
            "year": year,
            "opened": sum(opened.values()),
            "opened_by": [{"name": GROUNDS[code].name, "n": n} for code, n in opened.items() if code in GROUNDS],
        },
    )  # fmt: skip


def _rows() -> list[dict[str, Any]]:
    """What × who: (yes, no, or a condition) for you, everyone, agency, centre, administrators, auditors."""
    yes, no = ("yes", _("yes")), ("no", _("no"))

    def some(text: str) -> tuple[str, str]:
        return "some", text

    return [
        {"what": _("Your phone number and name"), "who": [
            yes, no, no, some(_("only by law, two people")), no, some(_("only by law, two people"))]},
        {"what": _("Your random name, such as “Resident 7K3M-Q2”"), "who": [
            yes, some(_("only if you choose so")), no, yes, no, yes]},
        {"what": _("What you wrote"), "who": [
            yes, some(_("the version that the centre lets through")), some(_("of its own cases")), yes, no, yes]},
        {"what": _("Your photos"), "who": [
            yes, some(_("faces and number plates hidden")), some(_("of its own cases; the original is logged")),
            some(_("the original is logged")), no, yes]},
        {"what": _("The place"), "who": [
            yes, some(_("the street; the house only if it is no secret")), yes, yes, no, yes]},
        {"what": _("Messages between you and the agency"), "who": [yes, no, some(_("of its own cases")), yes, no, yes]},
        {"what": _("Reports about a person, violence, drugs"), "who": [
            yes, no, some(_("only those in charge")), yes, no, yes]},
        {"what": _("Who looked at what, and when"), "who": [
            some(_("openings of your identity")), no, no, no, no, yes]},
    ]  # fmt: skip


def _kept() -> list[dict[str, str]]:
    return [
        {"what": _("Number and name"), "how_long": _("until you delete the account")},
        {"what": _("Public reports"), "how_long": _("for good; without you once you have left")},
        {
            "what": _("Reports that are not public, messages, original photos"),
            "how_long": _("until you delete the account"),
        },
        {"what": _("A report that rests on a fine"), "how_long": _("90 days after the decision, even if you leave")},
        {
            "what": _("An identity that was opened by law"),
            "how_long": _("30 days after it was opened, even if you leave"),
        },
        {"what": _("Codes by text message"), "how_long": _("3 minutes; that one was sent: 1 day")},
        {"what": _("Signed-in devices"), "how_long": _("30 days of silence, 180 days at most")},
        {"what": _("A copy of your data that you asked for"), "how_long": _("24 hours")},
        {"what": _("Drafts on our side"), "how_long": _("7 days")},
        {"what": _("Backups"), "how_long": _("35 days at most")},
    ]
