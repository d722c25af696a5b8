"""Housekeeping: once an hour or a day, whatever is no longer needed goes."""

from procrastinate.contrib.django import app

from hues.kernel import files, idempotency, limits


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="forget-old")
def forget_old(timestamp: int) -> None:  # noqa: ARG001  # procrastinate says for when
    """Expired idempotency keys and rate counters."""
    idempotency.forget_old()
    limits.forget_old()


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="sweep-files")
def sweep_files(timestamp: int) -> None:  # noqa: ARG001
    """Photos that were sent and used nowhere."""
    files.sweep()
