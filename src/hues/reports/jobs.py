"""Work behind the doors of reports: photos that others only name, expired drafts, and talking to other cities."""

import logging
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hues.city import pack
from hues.kernel import clock, journal
from hues.people import sms, vault
from hues.reports import actions, checkback
from hues.reports.following import digest, news
from hues.reports.helping import actions as helping
from hues.reports.helping.models import OnBehalf
from hues.reports.open311 import feeding, media

log = logging.getLogger(__name__)


@app.task(queue="remote", retry=RetryStrategy(max_attempts=4, exponential_wait=4))
def fetch_media(case_id: str, url: str) -> None:
    """The photo that an Open311 client named by its address. Deferred in the transaction that opens the case."""
    media.attach_remote_photo(case_id=UUID(case_id), url=url)


@app.periodic(cron="* * * * *")
@app.task(queue="remote", queueing_lock="reports.feed", pass_context=False)
def feed_cities(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Send what waits for other cities, and ask what became of what they have."""
    feeding.send_and_ask()


@app.task(queue="sms", retry=RetryStrategy(max_attempts=6, exponential_wait=2))
def tell_person(behalf_id: str) -> None:
    """The text message to somebody for whom a helper filed: the case's code and a short link. Deferred in the filing's transaction."""
    with transaction.atomic():
        row = OnBehalf.objects.select_for_update(of=("self",)).select_related("case").get(pk=UUID(behalf_id))
        if row.told_at is not None or row.case is None or not row.sealed_phone:
            return
        number = vault.open_sealed(row.sealed_phone, row.id.bytes).decode()
        link = f"{settings.PUBLIC_URL}/t/{helping.new_link(row)}"
        with translation.override(row.language):
            text = _("%(app)s: your report %(code)s was sent. Follow it: %(link)s")
        name = pack.settings()["app_names"].get(row.language, "")
        try:
            sms.provider().send(number, text % {"app": name, "code": row.case.code, "link": link}, message_id=row.id)
        except sms.Refused as refused:  # another try would be refused as well
            log.error("text message %s refused: %s", row.id, refused)
        row.told_at, row.sealed_phone = clock.now(), b""  # it was given for this one message
        row.save(update_fields=["link_hash", "told_at", "sealed_phone"])


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", queueing_lock="reports.tidy", pass_context=False)
def tidy(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Forget drafts that nobody came back to, and consents that came to nothing."""
    helping.purge()
    if forgotten := actions.purge_drafts():
        log.info("%d drafts expired", forgotten)
    news.forget_old()


@app.task(queue="notices", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def spread_news(entry_id: str, after: str) -> None:
    """The rest of those who follow what a journal entry tells of: many people, one job."""
    entry, last = journal.read([UUID(entry_id)])[UUID(entry_id)], UUID(after)
    while (further := news.spread(entry, last)) is not None:
        last = further


@app.periodic(cron="*/10 * * * *")
@app.task(queue="notices", queueing_lock="reports.digest", pass_context=False)
def send_digest(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """The news of the day, once its hour has come."""
    if told := digest.send_due():
        log.info("the day's news told to %d people", told)


@app.periodic(cron="29 * * * *")
@app.task(queue="upkeep", queueing_lock="reports.check_back", pass_context=False)
def check_back(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Weeks after a result: is it still fixed?"""
    if asked := checkback.ask_due():
        log.info("asked about %d cases whether they are still fixed", asked)
