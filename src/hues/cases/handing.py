"""A head gives work to the people of the agency, one case or many: each is a step of its own, with its own entry in the journal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import engine
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, Problem

GIVE = "give"
MOST = 100


@dataclass
class HandedOut:
    """Which cases have somebody else in charge now, and why others do not."""

    done: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def hand_out(*, actor: Actor, codes: Sequence[str], officer_id: UUID) -> HandedOut:
    """Give each of these cases to an officer of its agency. What cannot be given now is named with the reason; the others go on.

    Raises Invalid where nothing or too much is chosen.
    """
    chosen = list(dict.fromkeys(codes))
    if not chosen or len(chosen) > MOST:
        wrong = _("Please choose between 1 and {n} cases.").format(n=MOST)
        raise Invalid(wrong, fields={"codes": wrong})
    result = HandedOut()
    for code in chosen:
        try:
            with transaction.atomic():
                case = engine.take_step(actor=actor, code=code, step=GIVE, data={"officer": str(officer_id)})
            result.done.append(case.code)
        except Problem as problem:
            result.refused[code] = next(iter(problem.fields.values()), problem.detail)
    return result
