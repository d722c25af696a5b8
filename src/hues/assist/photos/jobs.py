"""Work behind the photos. Stored files announce themselves; once a minute somebody looks for what was forgotten."""

from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from hues.assist.photos import waiting

# One of each at a time: they are what needs most of the machine. Later than anything that somebody waits for.
_MASK, _FILM = "photos.mask", "photos.film"


@app.task(queue="photos", lock=_MASK, queueing_lock=_MASK, priority=-5, pass_context=False)
def mask_photos() -> None:
    """A batch; the next one is a job of its own, so that others get their turn."""
    if waiting.mask_some() == waiting.BATCH:
        announce(None, False)


@app.task(queue="photos", lock=_FILM, queueing_lock=_FILM, priority=-10, pass_context=False)
def encode_film() -> None:
    if waiting.encode_one():
        announce(None, True)
        announce(None, False)  # its still


@app.periodic(cron="* * * * *")
@app.task(queue="photos", queueing_lock="photos.look", pass_context=False)
def look_for_waiting(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Whatever was stored without a job, or whose worker was killed."""
    if waiting.photos_wait():
        announce(None, False)
    if waiting.films_wait():
        announce(None, True)


def announce(_file_id: UUID | None, is_video: bool) -> None:
    """See to it that somebody looks. Called after every stored photo or video (kernel.files.WHEN_STORED)."""
    task = encode_film if is_video else mask_photos
    try:
        task.defer()
    except AlreadyEnqueued:
        return  # whoever comes first takes all
