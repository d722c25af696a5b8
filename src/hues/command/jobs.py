"""Periods of incidents begin at most a minute late."""

from procrastinate.contrib.django import app

from hues.command.actions import begin_due_periods


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="command.periods", pass_context=False)
def begin_periods(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    begin_due_periods()
