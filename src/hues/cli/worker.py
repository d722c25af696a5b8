"""The worker process: jobs from the queue, and timers of cases and tasks when they are due."""

import asyncio
import logging
import threading
import time

log = logging.getLogger("hues.worker")

_RESCUE_EVERY = 30.0  # seconds


def main() -> None:
    """Work until SIGTERM; a job under way is finished. Losing the database ends the process, and the supervisor starts
    it again.
    """
    stop = threading.Event()
    timers = threading.Thread(target=fire_due_timers, args=(stop,), name="timers", daemon=True)
    timers.start()
    try:
        asyncio.run(_work())
    finally:
        stop.set()
        timers.join(timeout=10)


async def _work() -> None:
    from procrastinate.contrib.django import app, django_connector

    assert isinstance(app.connector, django_connector.DjangoConnector)  # noqa: S101 - for the type
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        async with worker.open_async():
            rescue = asyncio.create_task(_rescue_stalled_jobs())
            try:
                await worker.run_worker_async(
                    name="hues", concurrency=3, delete_jobs="successful", shutdown_graceful_timeout=20
                )
            finally:
                rescue.cancel()


async def _rescue_stalled_jobs() -> None:
    """What a killed worker had in its hands goes back into the queue. Jobs are idempotent."""
    while True:
        await rescue_stalled_jobs()
        await asyncio.sleep(_RESCUE_EVERY)


async def rescue_stalled_jobs() -> None:
    """Once. A job that exists once only, and waits again already, is let go: its lock would hold up the other for ever."""
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
    from procrastinate.jobs import Status

    for job in await app.job_manager.get_stalled_jobs():
        try:
            await app.job_manager.retry_job(job)
        except (AlreadyEnqueued, UniqueViolation):
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        log.warning("job %s (%s) lost its worker; queued again", job.id, job.task_name)


def fire_due_timers(stop: threading.Event) -> None:
    """Once a second. Trouble is logged once when it begins, and once when it is over."""
    from django.db import close_old_connections

    from hues.cases.actions import fire_timers
    from hues.dispatch.actions import fire_task_timers, straighten_ladders

    failing, looked = False, 0.0
    while not stop.wait(1.0):
        try:
            if time.monotonic() - looked > 60:  # by a clock that nobody sets
                looked = time.monotonic()
                straighten_ladders()
            for fire in (fire_timers, fire_task_timers):
                while fire(limit=200) == 200 and not stop.is_set():
                    pass
            if failing:
                log.warning("timers fire again")
            failing = False
        except Exception:
            if not failing:
                log.exception("timers do not fire")
            failing = True
        finally:
            close_old_connections()
