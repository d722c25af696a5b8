"""One decision on one case, which its operator can take back for some seconds.

The decision is tried out at once, with everything that it would check and write, and what it wrote is rolled back: whatever is wrong is said
while the case is still open. Then it is written down as a bulk decision of one (`bulk`) and carried out when its window is over. Until then
nothing is done and nobody is told, so that taking it back contradicts nothing that anybody has read.

What must be handled at once and sends somebody out does not wait: seconds count there, and whoever is on the way is called back by a step of
the process, with its own message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases.models import Case
from hues.city.models import Category
from hues.console import access, deciding
from hues.console.bulk import write_down
from hues.console.models import Bulk
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid

_AT_ONCE = (Category.Group.IMMEDIATE, Category.Group.COMMAND)


@dataclass(frozen=True)
class Decision:
    """A decision that was taken: `said` is what is so, or will be when `waits` is over; `waits` is None where it was carried out at once."""

    code: str
    said: str
    waits: Bulk | None


class _TriedOut(Exception):
    """Rolls back what was tried out, and brings out what it would have done."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def start_decision(
    *, actor: Actor, code: str, verb: str, data: Mapping[str, Any], version: int | None = None
) -> Decision:
    """Take a decision on a case; carried out when the undo window is over, or at once where somebody goes out to what cannot wait.

    Raises what `deciding.decide` raises, at once, and then nothing waits.
    """
    access.operator(actor)
    if verb not in deciding.VERBS:
        raise Invalid(_("There is no such decision."), fields={"verb": _("This is not one of the choices.")})
    with transaction.atomic():
        case = deciding.taken(actor, code)
        where = {"from_state": case.state, "from_agency": case.agency_id}
        try:
            with transaction.atomic():
                done = deciding.carry_out(actor=actor, case=case, verb=verb, data=data, version=version)
                said = deciding.outcome(done, verb)
                if not _goes_out_at_once(done, verb):
                    raise _TriedOut(said)
                deciding.settled(actor, case)
                return Decision(case.code, said, None)
        except _TriedOut as tried:
            case = Case.objects.get(pk=case.pk)  # as it still is
            return Decision(case.code, tried.said, write_down(actor, verb, [case], {**data, **where}, tried.said))


def _goes_out_at_once(done: Case, verb: str) -> bool:
    return verb in ("accept", "assign") and done.group in _AT_ONCE
