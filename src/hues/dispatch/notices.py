"""The titles of what telephones say of tasks; the texts come with each notice (hues.dispatch.texts)."""

from django.utils.translation import gettext_lazy as _

from hues.notifications.texts import Text

ORDERS = {
    "task.sent": Text(_("URGENT: you are sent"), _("{code}: {title}"), "bolt"),
    "task.cancelled": Text(_("Turn back"), _("{code}: {title}"), "undo"),
    "task.declined": Text(_("A party cannot come"), _("{code}: {title}"), "warning"),
    "task.log": Text(_("Shared log of {code}"), _("{code}: {title}"), "chat"),
}
