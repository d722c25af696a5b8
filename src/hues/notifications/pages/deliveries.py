"""`/admin/deliveries`: what left the house today and what did not. No names, no numbers, no words."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hues.city.clock import start_of_day, today
from hues.kernel.actors import ADMINISTRATOR, LEAD
from hues.notifications import channels, queries
from hues.notifications.models import Channel, Delivery
from hues.people.decorators import STAFF_DOOR, allowing

may_look = allowing(lambda actor: actor.kind == "staff" and actor.has(ADMINISTRATOR, LEAD), STAFF_DOOR)


@never_cache
@may_look
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    counted, waiting, open_ = queries.counts(start_of_day(today())), queries.waiting(), channels.in_use()
    page = queries.failures(request.GET.get("after"))
    context = {
        "ways": [_way(name, counted, waiting.get(name, 0), name in open_) for name in Channel.values],
        "states": _states(),
        "rows": [{"delivery": each, "channel": _names()[each.channel]} for each in page],
        "page": page,
        "looks_after_notices": True,
        "administers": request.actor.has(ADMINISTRATOR),  # type: ignore[attr-defined]
    }
    return render(request, "notifications/deliveries.html", context)


def _way(name: str, counted: list[queries.Count], waiting: int, in_use: bool) -> dict[str, Any]:
    mine = [count for count in counted if count.channel == name]
    by_provider: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for count in mine:
        by_provider[count.provider][count.state] = count.count
    parts = sum(count.parts for count in mine) if name == Channel.SMS else 0
    providers = [
        {"name": provider or "–", "cells": [of.get(state, 0) for state in _STATES], "total": sum(of.values())}
        for provider, of in by_provider.items()
    ]
    return {
        "name": _names()[name], "icon": {"push": "bell", "mail": "send", "sms": "chat"}[name], "in_use": in_use,
        "waiting": waiting, "providers": providers, "parts": parts, "cost": parts * settings.SMS_PRICE,
        "total": sum(count.count for count in mine),
    }  # fmt: skip


_STATES = [state.value for state in Delivery.State]


def _states() -> list[str]:
    return [_("waiting"), _("handed over"), _("delivered"), _("failed"), _("held back")]


def _names() -> dict[str, str]:
    return {"push": _("Web push"), "mail": _("E-mail"), "sms": _("Text messages")}
