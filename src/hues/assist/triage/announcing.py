"""New phrases are learned as soon as the relay says that a pack was loaded."""

from django.conf import settings

from hues.kernel import journal


@journal.follower("assist.pack", part="staff")
def new_pack(entry: journal.Entry) -> None:
    """A city pack was loaded: its phrases may be others."""
    if entry.action != "city.loaded" or not settings.ASSIST_LEARNS:
        return
    from hues.assist.triage import jobs, learning  # the relay loads them only for this

    if learning.is_needed():
        jobs.queue_training()
