"""Background work of the assistant, part by part."""

from hues.assist.photos import jobs as photos  # noqa: F401 - registers its tasks
from hues.assist.triage import jobs as triage  # noqa: F401
