"""Work behind the pages. Timers are fired by the worker process itself, once a second (hues.cases.firing)."""

from procrastinate.contrib.django import app

from hues.cases.promising import settle_promises
from hues.cases.upkeep import merge_map_cells


@app.periodic(cron="*/2 * * * *")
@app.task(queue="upkeep", pass_context=False, queueing_lock="cases.map")
def tidy_map(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """The map's counts are kept as additions; this adds them up."""
    merge_map_cells()


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", pass_context=False, queueing_lock="cases.promises")
def keep_promises(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Reminders before promised days, and what follows when one has passed with nothing done."""
    settle_promises()
