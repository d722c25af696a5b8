"""Why somebody may hear what was said in a call."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SHORTEST_REASON = 10
GROUNDS: dict[str, str | Promise] = {
    "report": _("To complete or correct the report"),
    "complaint": _("A complaint about the call"),
    "quality": _("Quality of our own work"),
    "danger": _("Somebody is in danger"),
    "law": _("A written request by law"),
}
