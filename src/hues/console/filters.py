"""Saved views of the work: one's own, and those that the centre shares."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hues.console import access, sieve
from hues.console.models import SavedFilter
from hues.kernel import clock, journal, text
from hues.kernel.actors import LEAD, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound

MOST = 30
NAME_MAX = 60


def save_filter(*, actor: Actor, name: str, query: Mapping[str, Any], shared: bool = False) -> SavedFilter:
    """Keep a view under a name; the same name of one's own is replaced. Raises Forbidden, Invalid, Conflict."""
    me = access.operator(actor)
    name = text.clean(name, max_length=NAME_MAX, field="name")
    if not name:
        raise Invalid(_("This is needed."), fields={"name": _("This is needed.")})
    view = sieve.read(query)
    with transaction.atomic():
        own = SavedFilter.objects.select_for_update().filter(owner_id=actor.id)
        kept = own.filter(name=name).first()
        if kept is None and own.count() >= MOST:
            raise Conflict(_("You keep {most} views already. Please remove one first.").format(most=MOST))
        kept = kept or SavedFilter(owner_id=me, name=name)
        told = shared or kept.shared
        kept.query, kept.shared, kept.at = view.query, shared, clock.now()
        try:
            with transaction.atomic():
                kept.save()
        except IntegrityError:
            raise Conflict(_("You have a view of this name already.")) from None
        if told:
            _tell(actor, kept, "shared")
    return kept


def remove_filter(*, actor: Actor, filter_id: UUID) -> None:
    """Raises NotFound, Forbidden (a shared one goes by its owner or a lead)."""
    with transaction.atomic():
        kept = SavedFilter.objects.select_for_update().filter(pk=filter_id).first()
        if kept is None or (kept.owner_id != actor.id and not kept.shared) or not actor.in_centre:
            raise NotFound(_("There is no such view."))
        if kept.owner_id != actor.id and not actor.has(LEAD):
            raise Forbidden(_("Only whoever made it or a shift lead removes a shared view."))
        if kept.shared:
            _tell(actor, kept, "removed")
        kept.delete()


def _tell(actor: Actor, kept: SavedFilter, what: str) -> None:
    journal.record(
        actor=actor,
        action=f"filter.{what}",
        subject_kind="filter",
        subject_id=kept.pk,
        topics=["centre"],
        centre={"name": kept.name, "query": kept.query},
    )
