"""Work behind the pages: shifts ahead, gaps, swaps that ran out, positions whose time is over."""

from procrastinate.contrib.django import app

from hues.duty import actions


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", pass_context=False, queueing_lock="duty.ahead")
def look_ahead(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Rosters six weeks ahead, and a word to the heads where somebody is missing."""
    actions.lay_ahead()
    actions.check_coverage()


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", pass_context=False, queueing_lock="duty.tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Positions are erased within a minute of the end of a shift; swaps end when their shift begins."""
    actions.sweep_positions()
    actions.expire_swaps()
