"""servicerequestupdates: mySociety's extension, by which systems tell each other what happened to a request.

GET gives what the journal tells the public of listed cases, and to a system with a key also what it tells the reporter
of the cases which that system sent. POST takes what the other system's user writes: it joins the talk of the case. Its
`status` is kept, and moves nothing: what happens to a case is decided here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils.translation import gettext as _

from hues.cases.access import source_of
from hues.cases.actions import send_message
from hues.cases.models import Case
from hues.city.clock import city_zone
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.reports.models import RemoteUpdate
from hues.reports.open311 import params
from hues.reports.open311.filing import BadFields
from hues.reports.open311.formats import w3
from hues.reports.open311.requests import Reader, extended_status, words_of

STATUSES = frozenset(
    {
        "OPEN", "CLOSED", "FIXED", "IN_PROGRESS", "ACTION_SCHEDULED", "INVESTIGATING", "DUPLICATE",
        "NOT_COUNCILS_RESPONSIBILITY", "NO_FURTHER_ACTION", "INTERNAL_REFERRAL", "REOPEN", "FOR_TRIAGE",
    }
)  # fmt: skip

# Entries are found by their ids, which begin with the time (UUIDv7): the journal needs no other index.
_UPDATES = """
select e.id, e.at, e.action, case when %(source)s <> '' and c.source = %(source)s then coalesce(e.parts -> 'party',
'{}') else '{}' end
       || coalesce(e.parts -> 'public', '{}') as told,
       c.code, c.outcome, c.reopened
from kernel_journalentry e join cases_case c on c.id = e.subject_id
where e.subject_kind = 'case' and e.id >= %(first)s and e.id <= %(last)s
  and ((c.moderated and c.visibility in ('public', 'masked') and e.parts ? 'public')
       or (%(source)s <> '' and c.source = %(source)s and (e.parts ? 'public' or e.parts ? 'party')))
  and (%(codes)s::text[] is null or c.code = any(%(codes)s))
order by e.id limit %(limit)s offset %(skip)s
"""


def request_updates(values: Mapping[str, str], reader: Reader) -> list[dict[str, Any]]:
    """GET servicerequestupdates: the first 1000 updates of the window (the last 90 days by default), oldest first.
    Raises BadArgument.
    """
    zone, now = city_zone(), clock.now()
    window = params.window(values, "start_date", "end_date", zone) or params.Window(now - params.MAX_SPAN, now)
    codes = [code.upper() for code in params.comma_list(values, "service_request_id")]
    size = params.whole_number(values, "page_size", default=params.MAX_ROWS, low=1, high=params.MAX_ROWS)
    page = params.whole_number(values, "page", default=1, low=1, high=params.MAX_OFFSET // size)
    parameters: dict[str, Any] = {
        "first": id_at(window.start),
        "last": id_at(window.end + timedelta(milliseconds=1)),
        "source": source_of(reader.actor) if reader.actor else "",
        "codes": codes or None,
        "limit": size,
        "skip": (page - 1) * size,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPDATES, parameters)
        return [_update(*row) for row in cursor.fetchall()]


def id_at(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment (RFC 9562 §5.7)."""
    milliseconds = max(0, min(int(moment.timestamp() * 1000), 2**48 - 1))
    return UUID(int=milliseconds << 80)


def _update(
    entry: UUID, at: datetime, action: str, told: str, code: str, outcome: str, reopened: int
) -> dict[str, Any]:
    parts = orjson.loads(told)
    state = str(parts.get("state") or "")
    return {
        "update_id": str(entry),
        "service_request_id": code,
        "status": extended_status(state, state not in CLOSING, outcome if state in CLOSING else "", reopened),
        "updated_datetime": w3(at, city_zone()),
        "description": words_of(parts) or action.partition(".")[2].replace("_", " "),
        "media_url": None,
    }


CLOSING = frozenset({"rejected", "redirected", "merged", "published", "closed", "stood_down"})


def receive_update(values: Mapping[str, str], actor: Actor) -> list[dict[str, Any]]:
    """POST servicerequestupdates: once for each update_id of a key. Raises BadArgument, and NotFound for cases of
    others.
    """
    update_id = params.text(values, "update_id") or params.text(values, "update_id_ext")
    code = params.text(values, "service_request_id").upper()
    missing = [name for name, value in (("update_id", update_id), ("service_request_id", code)) if not value]
    if missing:
        raise params.BadArgument(_("%(names)s is missing.") % {"names": ", ".join(missing)})
    if len(update_id) > 128 or not update_id.isprintable():
        raise params.BadArgument(_("update_id: at most 128 visible characters."))
    status = params.text(values, "status").upper()
    if status and status not in STATUSES:
        raise params.BadArgument(_("status: one of %(options)s.") % {"options": ", ".join(sorted(STATUSES))})
    at = params.moment(values, "updated_datetime", city_zone())
    if at and at > clock.now() + timedelta(minutes=15):
        raise params.BadArgument(_("updated_datetime lies in the future."))
    with transaction.atomic():
        _receive(actor, update_id, code, status, values.get("description") or "")
    return [{"update_id": update_id}]


def _receive(actor: Actor, update_id: str, code: str, status: str, description: str) -> None:
    case = Case.objects.filter(code=code, source=source_of(actor)).only("id").first()
    if case is None or actor.id is None:
        raise NotFound(_("service_request_id %(code)s was not found.") % {"code": code[:40]})
    _update_row, new = RemoteUpdate.objects.get_or_create(
        key_id=actor.id, update_id=update_id, defaults={"case": case, "status": status, "at": clock.now()}
    )
    if not new:
        return
    try:
        send_message(actor=actor, code=code, body=description)
    except Invalid as error:
        raise BadFields(error.detail, fields={"description": error.fields.get("body", error.detail)}) from error
