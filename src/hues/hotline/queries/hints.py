"""What the number on the display reminds of: a hint for the operator, and nothing that anybody is told on the strength of it.

Earlier calls of the number, and the cases that were filed or linked in them. Of the account with that number only open cases
that everybody may read, while the telephone rings or somebody talks, and never for a number that the desk typed in itself:
otherwise whoever knows a neighbour's number could ask what they reported.
"""

from dataclasses import dataclass
from uuid import UUID

from hues.cases.models import LISTED, Case
from hues.hotline import sources
from hues.hotline.models import Call, CallBack, CallLink
from hues.hotline.queries.desk import CallRow, _read, _rows
from hues.kernel.actors import Actor
from hues.people import vault
from hues.people.models import VaultRecord

MOST = 5


@dataclass(frozen=True)
class Hint:
    """`confirmed`: the caller read out the code, so these are their own cases, whatever may be read of them."""

    confirmed: bool
    earlier: list[CallRow]
    linked: list[Case]
    cases: list[Case]
    callbacks: int  # that we owe this number

    def __bool__(self) -> bool:
        return bool(self.earlier or self.linked or self.cases or self.callbacks)


NOTHING = Hint(confirmed=False, earlier=[], linked=[], cases=[], callbacks=0)


def hint(actor: Actor, call: Call) -> Hint:
    """At most five statements. Nothing for volunteers and auditors, and nothing for a withheld number."""
    if not actor.in_centre or not (call.number_lookup or call.person_id):
        return NOTHING
    same = Call.objects.none()
    if call.number_lookup:
        same = Call.objects.filter(number_lookup=call.number_lookup, rang_at__lt=call.rang_at).exclude(pk=call.pk)
    earlier = _rows(_read().filter(pk__in=same.order_by("-rang_at").values("pk")[:MOST]).order_by("-rang_at"))
    links = CallLink.objects.filter(call_id__in=[row.id for row in earlier]).select_related("case__category")
    linked = list({link.case_id: link.case for link in links.order_by("-at")}.values())
    return Hint(
        confirmed=call.person_id is not None,
        earlier=earlier,
        linked=linked,
        cases=_cases(call, {case.pk for case in linked}),
        callbacks=_owed(call),
    )


def _cases(call: Call, known: set[UUID]) -> list[Case]:
    person = call.person_id or _shown_by_number(call)
    if person is None:
        return []
    rows = Case.objects.filter(reporter_id=person, is_open=True).exclude(pk__in=known)
    if call.person_id is None:
        rows = rows.filter(LISTED)
    return list(rows.select_related("category").order_by("-received_at")[:MOST])


def _shown_by_number(call: Call) -> UUID | None:
    """The account with this number, as long as the call runs and a telephone system said the number."""
    if not call.is_open or call.source == sources.DESK or call.direction != Call.Direction.IN:
        return None
    lookups = {call.number_lookup}
    if len(vault.keyring()) > 1:
        lookups.update(vault.lookups(vault.open_sealed(call.sealed_number, call.id.bytes).decode()))
    return VaultRecord.objects.filter(phone_lookup__in=lookups).values_list("user_id", flat=True).first()


def _owed(call: Call) -> int:
    if not call.number_lookup:
        return 0
    rows = CallBack.objects.filter(number_lookup=call.number_lookup, state=CallBack.State.OPEN)
    return rows.exclude(call=call).count()
