"""Work behind the desk: calls that end by themselves, recordings to fetch and to delete, text messages, the question of surge."""

import logging
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hues.city import pack
from hues.hotline import numbers, telephony
from hues.hotline.actions import forgetting, reporting, said, surge, taking
from hues.hotline.models import Call, CallLink, Recording
from hues.kernel import clock, outbound
from hues.kernel.errors import Problem
from hues.kernel.ids import new_id
from hues.people import sms

log = logging.getLogger(__name__)

FETCH_SECONDS = 60.0


@app.periodic(cron="* * * * *")
@app.task(queue="timers", queueing_lock="hotline.minute", pass_context=False)
def each_minute(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Late rather than never: calls without a hangup, and the question whether to switch surge mode on."""
    if closed := taking.close_silent():
        log.warning("%d calls ended by themselves: no hangup came", closed)
    surge.suggest_surge()


@app.periodic(cron="23 3 * * *")
@app.task(queue="upkeep", queueing_lock="hotline.night", pass_context=False)
def each_night(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """What has been kept long enough goes."""
    gone, forgotten = said.delete_due(), forgetting.forget_old()
    if gone or forgotten:
        log.info("%d recordings deleted, the numbers of %d calls forgotten", gone, forgotten)


@app.task(queue="remote", retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def fetch_recording(recording_id: str) -> None:
    """The sound of a call from the telephone system, where the caller agreed. Deferred in the transaction of the event."""
    row = Recording.objects.select_related("call").filter(pk=UUID(recording_id)).first()
    if (
        row is None
        or row.state != Recording.State.WAITING
        or row.call.consent != Call.Consent.GIVEN
        or not row.fetch_url
    ):
        return
    answer = outbound.fetch(
        row.fetch_url, headers=telephony.sound_headers(row.fetch_url), timeout=FETCH_SECONDS, max_bytes=said.MOST_BYTES
    )
    if answer.status >= 500 or answer.status in (404, 408, 425, 429):
        raise outbound.Failed(_("The other side could not be reached."))  # not written to its end yet, perhaps
    try:
        if answer.status != 200:
            raise Problem(f"answered {answer.status}")
        said.store_sound(recording_id=row.pk, content=answer.body)
    except Problem as problem:
        log.error("recording %s cannot be kept: %s", row.pk, problem.detail)
        with transaction.atomic():
            said.wipe(row, Recording.State.FAILED)


@app.task(queue="sms", retry=RetryStrategy(max_attempts=6, exponential_wait=2))
def tell_caller(link_id: int) -> None:
    """The text message to a caller: the case's code and a short link. Deferred in the transaction that files it."""
    with transaction.atomic():
        rows = CallLink.objects.select_for_update(of=("self",)).select_related("call", "case")
        link = rows.filter(pk=link_id, tell=True, told_at=None).first()
        if link is None or not link.call.sealed_number:
            return
        number = numbers.unseal(link.call.sealed_number, link.call.id)
        address = f"{settings.PUBLIC_URL}/c/{reporting.new_token(link)}"
        with translation.override(link.call.language):
            text = _("%(app)s: your report %(code)s was sent. Follow it: %(link)s")
        name = pack.settings()["app_names"].get(link.call.language, "")
        try:
            sms.provider().send(
                number, text % {"app": name, "code": link.case.code, "link": address}, message_id=new_id()
            )
        except sms.Refused as refused:  # another try would be refused as well
            log.error("text message of call %s refused: %s", link.call_id, refused)
        link.told_at = clock.now()
        link.save(update_fields=["link_hash", "told_at"])
