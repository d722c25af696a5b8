"""What an API key may open. A room that puts a door behind a key adds its scope here."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCOPES: dict[str, str | Promise] = {
    "open311": _("File reports and read public ones through Open311"),
    "reports": _("File reports through the JSON API"),
    "metrics": _("Read the measurements of the running system"),
}
