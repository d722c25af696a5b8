"""Open data are published every night, and soon after a city has begun."""

from procrastinate.contrib.django import app

from hues.insights.opendata import actions


@app.periodic(cron="11 3 * * *")
@app.task(queue="upkeep", queueing_lock="open-data.publish", pass_context=False)
def publish(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    actions.publish()


@app.periodic(cron="*/15 * * * *")
@app.task(queue="upkeep", queueing_lock="open-data.due", pass_context=False)
def publish_if_due(timestamp: int) -> None:  # noqa: ARG001 - as above
    actions.publish_if_due()
