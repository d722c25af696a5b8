"""On which legal grounds an identity may be opened. National law, so in the code; each needs two people."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Ground:
    code: str
    name: str | Promise
    written: bool  # a numbered, dated document must be at hand
    may_delay: bool  # the reporter may be told later, where telling now would defeat the purpose
    saves_life: bool = False


GROUNDS = {
    ground.code: ground
    for ground in (
        Ground("rescue", _("Rescue: somebody's life or health is in danger now"), False, False, saves_life=True),
        Ground("investigation", _("Written request of an investigating body in a criminal case"), True, True),
        Ground("procuracy", _("Written request of a procuracy"), True, True),
        Ground("court", _("Decision or written request of a court"), True, True),
        Ground("sanction", _("Written request of a body that handles an administrative violation"), True, False),
        Ground("inspection", _("Written request of an inspectorate, or in a complaint or denunciation"), True, False),
    )
}
NEEDS = {"phone": _("The phone number"), "name": _("The name, if one was given")}

DECIDE_WITHIN = timedelta(hours=72)  # unanswered requests end by themselves
OPEN_WITHIN = timedelta(hours=72)  # after the approval
READABLE = timedelta(minutes=15)  # from the first look
LONGEST_DELAY = 180  # days until the reporter is told at the latest
HELD_AFTER = timedelta(days=30)  # an identity that was opened is not erased before
