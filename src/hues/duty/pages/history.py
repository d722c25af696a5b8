"""What became of a shift, told from the journal."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hues.duty.models import Shift, Swap
from hues.kernel import journal
from hues.kernel.journal import Entry
from hues.people.models import User

_WORDS = {
    "shift_added": _("put on duty by hand"),
    "shift_called_off": _("called off"),
    "shift_handed_over": _("given to somebody else"),
    "called_in": _("called in from standby"),
    "swap_asked": _("asked for a swap"),
    "swap_accepted": _("agreed to the swap"),
    "swap_done": _("the swap was done"),
    "swap_declined": _("declined the swap"),
    "swap_refused": _("did not approve the swap"),
    "swap_withdrawn": _("withdrew the swap"),
    "swap_expired": _("the swap ran out"),
}


@dataclass(frozen=True)
class Happened:
    at: datetime
    what: str | Promise
    who: str  # who did it; "" for the system


def history(shift: Shift) -> list[Happened]:
    """Oldest first. Three statements, and one for each swap."""
    swaps = list(Swap.objects.filter(shift=shift).values_list("pk", flat=True))
    entries = [entry for subject in (shift.pk, *swaps) for entry in journal.entries(subject, for_viewer=journal.STAFF)]
    people = {entry.actor_id for entry in entries if entry.actor_id}
    names: dict[UUID, str] = {user.pk: user.name for user in User.objects.filter(pk__in=people)} if people else {}
    return [_told(entry, names) for entry in sorted(entries, key=lambda entry: entry.id) if _verb(entry) in _WORDS]


def _verb(entry: Entry) -> str:
    return entry.action.removeprefix("duty.")


def _told(entry: Entry, names: dict[UUID, str]) -> Happened:
    return Happened(entry.at, _WORDS[_verb(entry)], names.get(entry.actor_id, "") if entry.actor_id else "")
