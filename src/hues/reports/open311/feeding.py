"""Feeding another city: a case that the centre redirects goes there, and what they make of it comes back into the case.

Which redirections feed which city is data (`RemoteCity.feed_on`, `services_out`); they are followed in the journal, so
none is missed and none counts twice.
"""

import logging
from datetime import timedelta

from django.db import transaction

from hues.cases.actions import send_message
from hues.cases.models import LISTED_VISIBILITIES, Case
from hues.city.clock import city_zone
from hues.kernel import clock, outbound
from hues.kernel.actors import SYSTEM
from hues.kernel.errors import Problem
from hues.kernel.journal import Entry, follower
from hues.people import vault
from hues.reports.models import RemoteCase, RemoteCity
from hues.reports.open311.client import Endpoint, RemoteError, RemoteRefused
from hues.reports.open311.requests import photos_of
from hues.reports.queries import remote_cases_due

log = logging.getLogger(__name__)

ASK_EVERY = timedelta(minutes=30)
GIVE_UP_AFTER = 12  # tries, the last about a day after the first
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
LEASE = timedelta(minutes=10)
News = tuple[str, str]  # status and its notes


def endpoint_of(city: RemoteCity) -> Endpoint:
    """Raises vault.Unreadable if the key was sealed under a secret that is gone."""
    key = vault.open_sealed(city.sealed_key, city.name.encode()).decode() if city.sealed_key else ""
    return Endpoint(city.url, city.jurisdiction_id, key, city_zone())


@follower("open311")
def queue_redirected(entry: Entry) -> None:
    """Note a case that was redirected to a city that we feed; noting it twice changes nothing."""
    if entry.action != "case.redirect":
        return
    case = Case.objects.filter(pk=entry.subject_id).select_related("category").first()
    if case is None or case.source or not case.redirected_to:
        return
    cities = RemoteCity.objects.filter(feed_on=case.redirected_to, services_out__has_key=case.category.code)
    rows = [RemoteCase(city=city, case=case, next_try_at=clock.now()) for city in cities]
    RemoteCase.objects.bulk_create(rows, ignore_conflicts=True)


def send_and_ask(limit: int = 100) -> int:
    """Take the turn of every case whose turn it is. Returns how many.

    No transaction is open while we wait for the other city: the relay would wait with us. A turn is taken by putting
    the next one off; whoever dies in the middle is followed by another after LEASE.
    """
    turns = _claim(limit)
    for row in turns:
        news = _take_turn(row)
        with transaction.atomic():
            row.save()
            if news:
                _tell(row, *news)
    return len(turns)


def _claim(limit: int) -> list[RemoteCase]:
    now = clock.now()
    with transaction.atomic():
        due = list(remote_cases_due(now, limit))
        RemoteCase.objects.filter(pk__in=[row.pk for row in due]).update(next_try_at=now + LEASE)
    return due


def _take_turn(row: RemoteCase) -> News | None:
    """Talk to the other city and note on `row` what came of it; returns what the case should be told."""
    try:
        news = _ask(row) if row.remote_id else _ask_for_number(row) if row.token else _send(row)
        row.tries, row.error = 0, ""
        return news
    except (RemoteRefused, outbound.Refused, vault.Unreadable) as error:
        row.error, row.next_try_at = (str(error) or type(error).__name__)[:500], None
        log.warning("case %s is not taken by %s: %s", row.case_id, row.city.name, error)
    except (RemoteError, outbound.Failed) as error:
        row.tries += 1
        row.error = str(error)[:500]
        wait = min(FIRST_WAIT * 2 ** min(row.tries, 20), LONGEST_WAIT)
        row.next_try_at = clock.now() + wait if row.tries < GIVE_UP_AFTER else None
    return None


def _send(row: RemoteCase) -> News | None:
    """POST requests: what the public may see, never who reported. The key makes a repetition after a lost answer
    harmless where the other server honours it."""
    receipt = endpoint_of(row.city).post(fields_of(row.case, row.city), idempotency_key=f"hues-{row.case_id}")
    row.remote_id, row.token, row.sent_at = receipt.request_id[:128], receipt.token[:128], clock.now()
    row.next_try_at = row.sent_at + ASK_EVERY
    return ("open", "") if row.remote_id else None


def _ask_for_number(row: RemoteCase) -> News | None:
    row.remote_id = endpoint_of(row.city).number_of(row.token)[:128]
    row.next_try_at = clock.now() + ASK_EVERY
    return ("open", "") if row.remote_id else None


def _ask(row: RemoteCase) -> News | None:
    """What became of it; not asked any more once it is closed there."""
    found = [request for request in endpoint_of(row.city).by_ids([row.remote_id]) if request.id == row.remote_id]
    row.checked_at = clock.now()
    row.next_try_at = row.checked_at + ASK_EVERY
    if not found:
        return None
    said = found[0]
    row.remote_updated_at = said.updated_at
    if not said.is_open:
        row.next_try_at = None
    news = (said.status.lower()[:32], said.status_notes[:4000])
    return news if news != (row.status, row.status_notes) else None


def fields_of(case: Case, city: RemoteCity) -> dict[str, str]:
    """The case as the fields of POST requests."""
    fields = {
        "service_code": str(city.services_out[case.category.code]),
        "description": (case.public_body if case.moderated else case.body)[:4000],
        "address_string": case.public_address if case.moderated else case.address,
    }
    if case.lat is not None and case.lon is not None:
        fields |= {"lat": f"{case.lat:.6f}", "long": f"{case.lon:.6f}"}
    if case.moderated and case.visibility in LISTED_VISIBILITIES and (photos := photos_of([case.id]).get(case.id)):
        fields["media_url"] = photos[0]
    return {name: value for name, value in fields.items() if value}


def _tell(row: RemoteCase, status: str, notes: str) -> None:
    """A line in the talk of the case, for the reporter and for staff."""
    RemoteCase.objects.filter(pk=row.pk).update(status=status, status_notes=notes)
    text = f"{row.city.name} {row.remote_id}: {status}" + (f"\n{notes}" if notes else "")
    try:
        send_message(actor=SYSTEM, code=row.case.code, body=text[:2000])
    except Problem as problem:
        log.warning("news of case %s could not be told: %s", row.case_id, problem.code)
