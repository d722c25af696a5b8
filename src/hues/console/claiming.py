"""Getting the next case: the most urgent that nobody has before them, leased in the same breath."""

from collections.abc import Collection
from uuid import UUID

from hues.console import access, leases, queries
from hues.console.sieve import Sieve
from hues.kernel.actors import Actor


def claim_next(*, actor: Actor, view: Sieve, skip: Collection[UUID] = (), ahead: bool = False) -> str | None:
    """The code of the next case of a view, leased to this operator; None where nothing is left. `skip`: cases that they have already, or have
    passed over. Of two operators who ask at the same moment each gets another case. Raises Forbidden, Invalid."""
    access.operator(actor)
    passed = set(skip)
    for _round in range(3):  # others took what we saw: look again
        found = queries.candidates(actor, view, passed)
        for case_id, code in found:
            if leases.take(actor, case_id, ahead=ahead):
                return code
            passed.add(case_id)
        if not found:
            return None
    return None
