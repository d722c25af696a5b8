"""Who listened to what was said in calls."""

from hues.hotline.models import RecordingAccess
from hues.kernel.pages import Page, keyset


def openings(*, after: str | None = None, limit: int = 30) -> Page[RecordingAccess]:
    """The log of openings, newest first; keyset pages. One statement. Whoever asks has been let in by `access.may_read_log`."""
    rows = RecordingAccess.objects.select_related("by", "call")
    return keyset(rows, order=["-at", "-id"], after=after, limit=limit, scope="calls:heard")
