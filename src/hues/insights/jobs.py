"""The counts of the city are at most a minute behind, and compared with the cases every night."""

from procrastinate.contrib.django import app

from hues.insights import actions
from hues.insights.opendata import jobs as open_data  # noqa: F401 - the jobs of open data are found through this module


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="insights.refresh", pass_context=False)
def refresh(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    actions.refresh_tallies()


@app.periodic(cron="37 2 * * *")
@app.task(queue="upkeep", queueing_lock="insights.check", pass_context=False)
def check(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    actions.check_tallies()


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", queueing_lock="insights.brief", pass_context=False)
def tell(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    actions.tell_of_brief()
