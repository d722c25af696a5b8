"""What happens by itself: bulk decisions whose undo window is over, holds whose moment has come, cases that nobody touches."""

from datetime import datetime, timedelta

from procrastinate.contrib.django import app

from hues.console import actions
from hues.kernel import clock


@app.task(queue="default", pass_context=False)
def fire_due() -> None:
    """Bulk decisions that are due. Asked for at the moment of each, and every minute besides."""
    actions.fire_bulks()


def carry_out_at(moment: datetime) -> None:
    """Ask for `fire_due` just after a moment, in the transaction of whoever asks; what is lost is caught up within the minute."""
    fire_due.configure(schedule_at=max(moment, clock.now()) + timedelta(milliseconds=200)).defer()


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="console.minute", pass_context=False)
def every_minute(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    actions.fire_bulks()
    actions.wake_holds()
    actions.notice_untouched()
