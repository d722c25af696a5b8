"""The assistant learns by itself: when a pack brought new phrases, and at night from what operators decided."""

import logging

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from hues.assist.triage import learning, school

log = logging.getLogger("hues.assist")


def queue_training() -> bool:
    """Have the worker train. False if that waits already."""
    try:
        with transaction.atomic():  # a second one must not undo what the caller did
            train.defer()
    except AlreadyEnqueued:
        return False
    return True


@app.task(queue="upkeep", pass_context=False, queueing_lock="assist.train", lock="assist.train")
def train() -> None:
    """Train in a child process. A failure leaves the model in use as it was."""
    try:
        learning.train()
    except school.Failed as failure:
        log.error("the assistant could not learn: %s", failure)


@app.periodic(cron="13 * * * *")
@app.task(queue="upkeep", pass_context=False, queueing_lock="assist.look")
def look_for_new_phrases(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """A newer program, or phrases that came while no relay ran."""
    if settings.ASSIST_LEARNS and learning.is_needed():
        queue_training()


@app.periodic(cron="40 2 * * *")
@app.task(queue="upkeep", pass_context=False, queueing_lock="assist.night")
def learn_at_night(timestamp: int) -> None:  # noqa: ARG001
    """First compare the model with what was decided since, which it has not seen; then learn from it, if it is enough."""
    row = learning.compare_with_practice()
    if settings.ASSIST_LEARNS and row is not None and learning.decisions_since(row.trained_at) >= learning.ENOUGH:
        queue_training()
