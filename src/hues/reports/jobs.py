"""Work behind the doors of reports: photos that others only name, expired drafts, and talking to other cities."""

import logging
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hues.reports import actions
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


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", queueing_lock="reports.tidy", pass_context=False)
def tidy(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Forget drafts that nobody came back to."""
    if forgotten := actions.purge_drafts():
        log.info("%d drafts expired", forgotten)
