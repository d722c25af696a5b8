"""The writes that people ask of the assistant: learn now. Those about photos are in `photos/actions.py`; what it learns by itself is in
`triage/learning.py`."""

from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from hues.kernel import journal
from hues.kernel.actors import LEAD, Actor
from hues.kernel.errors import Forbidden


def subject() -> UUID:
    """The journal's subject of what happens to the assistant as a whole."""
    return uuid5(NAMESPACE_URL, f"hues:assist:{settings.CITY}")


def may_train(actor: Actor) -> bool:
    """Leads answer for what the centre is told."""
    return actor.has(LEAD)


def ask_to_train(*, actor: Actor) -> None:
    """Queue a training; one that waits already is enough. Raises Forbidden."""
    from hues.assist.triage.jobs import queue_training

    if not may_train(actor):
        raise Forbidden(_("Only a lead has the assistant learn."))
    with transaction.atomic():
        journal.record(
            actor=actor,
            action="assist.training_asked",
            subject_kind="assist",
            subject_id=subject(),
            topics=["centre"],
            centre={"city": settings.CITY},
        )
        queue_training()
