"""Why a video could not be kept, for whoever sent it."""

from django.utils.translation import gettext as _


def video_problem(code: str) -> str:
    """By the word that the re-encoding left: "too-long", "no-picture", "missing", anything else."""
    return {
        "too-long": _("The video is longer than 60 seconds and was not kept. Please send a shorter one, or photos."),
        "no-picture": _("There is no picture in this video, so it was not kept. Please send photos."),
        "missing": _("The video did not arrive whole. Please send it again."),
    }.get(code, _("This video could not be read and was not kept. Please send it again, or photos."))
