"""Background work. The deliveries are the queue; a job only wakes a sender, so none can be lost with a job."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from procrastinate import RetryStrategy, exceptions
from procrastinate.contrib.django import app

from hues.kernel import clock

PARTS_KEPT = timedelta(days=7)
DELIVERIES_KEPT = timedelta(days=180)


@app.periodic(cron="* * * * *")
@app.task(queue="notices", queueing_lock="notices.send")
def send_notices(timestamp: int = 0) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """What is due. Once a minute by itself: what waited for the morning, for another try, or lost its sender."""
    from hues.notifications import sending
    from hues.people import sms

    sms.attend()
    if sending.send_waiting():
        ring()


def ring() -> None:
    """There is something to send now. One waiting job is enough, however often it rings."""
    try:
        with transaction.atomic():
            send_notices.defer()
    except exceptions.AlreadyEnqueued:
        pass


@app.task(queue="sms", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def send_address_code(person_id: str, code_id: str, language: str) -> None:
    """Arguments hold neither address nor code: both come from the row, as long as it lives."""
    from hues.notifications.actions import post_code

    post_code(UUID(person_id), UUID(code_id), language)


@app.periodic(cron="41 2 * * *")
@app.task(queue="upkeep", queueing_lock="notices.tidy", pass_context=False)
def tidy(timestamp: int) -> None:  # noqa: ARG001
    """Forget numbers of text messages, the log of half a year ago, and addresses that nobody confirmed."""
    from hues.notifications.models import Delivery, MailAddress, MessagePart

    now = clock.now()
    MessagePart.objects.filter(at__lt=now - PARTS_KEPT).delete()
    Delivery.objects.filter(at__lt=now - DELIVERIES_KEPT).exclude(state=Delivery.State.QUEUED).delete()
    MailAddress.objects.filter(confirmed_at=None, code_until__lt=now - timedelta(days=1)).delete()
    MailAddress.objects.filter(code_until__lt=now - timedelta(days=1)).exclude(waiting=b"").update(
        waiting=b"", code_id=None
    )
