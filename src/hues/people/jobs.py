"""Work behind the pages: handing codes to the SMS provider, and tidying up."""

import logging
from datetime import timedelta
from uuid import UUID

from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hues.kernel import clock
from hues.people import codes, vault
from hues.people.models import Erasure, Export, OneTimeCode, Session
from hues.people.sms import Refused, provider

log = logging.getLogger(__name__)

CODES_KEPT = timedelta(days=1)


def post_code(row_id: UUID, language: str) -> None:
    """Have a code sent. Called in the transaction that makes it: the job exists exactly when the code does."""
    if provider().immediate:
        deliver_code(row_id, language)
    else:
        send_code.defer(row_id=str(row_id), language=language)


@app.task(queue="sms", retry=RetryStrategy(max_attempts=6, exponential_wait=2))
def send_code(row_id: str, language: str) -> None:
    """Arguments hold neither number nor code: both come from the row, as long as it lives."""
    deliver_code(UUID(row_id), language)


def deliver_code(row_id: UUID, language: str) -> None:
    row = OneTimeCode.objects.filter(pk=row_id, used_at=None, expires_at__gt=clock.now()).first()
    if row is None:
        return  # used, replaced or outdated meanwhile
    number = vault.open_sealed(row.sealed_phone, row.id.bytes).decode()
    with translation.override(language or None):
        text = codes.message(codes.code_of(row.id), row.purpose)
    try:
        provider().send(number, text, message_id=row.id)
    except Refused as refused:  # another try would be refused as well; without the number in the line
        log.error("text message %s refused: %s", row.id, refused)


@app.periodic(cron="*/15 * * * *")
@app.task(queue="upkeep", pass_context=False, queueing_lock="people.tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Forget numbers of codes that nobody confirmed, old codes, and ended sessions."""
    now = clock.now()
    OneTimeCode.objects.filter(sent_at__lt=now - codes.RESEND_WITHIN).exclude(sealed_phone=b"").update(sealed_phone=b"")
    OneTimeCode.objects.filter(sent_at__lt=now - CODES_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()


@app.task(queue="upkeep")
def erase(erasure_id: str) -> None:
    """Everything that is left to erase of somebody. Killed in the middle, `keep_promises` goes on with it."""
    erase_now(UUID(erasure_id))


def erase_now(erasure_id: UUID) -> None:
    """Step by step, until nothing is left to do today."""
    from hues.people.actions import erasure  # which defers this job

    try:
        while erasure.go_on(erasure_id):
            pass
    except Exception:
        log.exception("erasing stopped at a step; it is tried again")
        erasure.postpone(erasure_id)


@app.task(queue="upkeep")
def make_export(export_id: str) -> None:
    from hues.people.actions import exports  # which defers this job

    exports.make(UUID(export_id))


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", pass_context=False, queueing_lock="people.promises")
def keep_promises(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """What was promised to people and is due: erasures to go on with, archives to make or to drop, reveals to end or tell,
    what an administrator asked for and nobody decided."""
    from hues.people.actions import erasure, exports, reveals, second_person

    now = clock.now()
    for erasure_id in Erasure.objects.filter(next_at__lte=now).order_by("next_at").values_list("pk", flat=True)[:100]:
        erase_now(erasure_id)
    for export in Export.objects.filter(expires_at__lte=now)[:1000]:
        erasure.drop_export(export)
    for export_id in exports.left_behind():
        exports.make(export_id)
    reveals.end_outdated()
    reveals.tell_reporters()
    second_person.end_outdated()
