"""A copy of one's own data: asked for, made by a job, fetched by its owner, gone after a day."""

from datetime import timedelta
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import NotFound
from hues.kernel.limits import spend
from hues.people import exporting, jobs, queries
from hues.people.access import id_of
from hues.people.actions.citizens import open_vault
from hues.people.models import Export, Restriction, Reveal, User

KEPT = timedelta(hours=24)
A_DAY = 5
STUCK = timedelta(minutes=10)  # a job that was killed is made again


def ask_export(*, actor: Actor) -> Export:
    """Have a copy made. One that is being made or ready is the answer to a second wish. Raises TooMany."""
    if actor.kind != "citizen" or actor.id is None:
        raise NotFound(_("There is no such account."))
    now = clock.now()
    current = latest(actor)
    if current and current.state == Export.State.MAKING:
        return current
    spend(f"export:{actor.id}", limit=A_DAY, window=86400)
    with transaction.atomic():
        export = Export.objects.create(user_id=actor.id, asked_at=now, expires_at=now + KEPT)
        _note(actor, "people.export_asked", export)
        jobs.make_export.defer(export_id=str(export.pk))
    return export


def make(export_id: UUID) -> None:
    """Write the archive and tell its owner. Idempotent: made twice, it is the same file."""
    export = Export.objects.select_related("user").filter(pk=export_id, state=Export.State.MAKING).first()
    if export is None or export.expires_at <= clock.now() or export.user.erased_at:
        return
    size = exporting.write_archive(export.pk, export.user, _account(export.user))
    with transaction.atomic():
        ready = Export.objects.filter(pk=export.pk, state=Export.State.MAKING)
        if ready.update(state=Export.State.READY, size=size, expires_at=clock.now() + KEPT):
            told = journal.Notify(export.user_id, "people.export_ready", "/me/settings#data", {})
            _note(queries.actor_for(export.user), "people.export_ready", export, [told])
    if not Export.objects.filter(pk=export.pk).exists():  # erased meanwhile
        exporting.delete_archive(export.pk)


def left_behind() -> list[UUID]:
    rows = Export.objects.filter(state=Export.State.MAKING, asked_at__lt=clock.now() - STUCK)
    return list(rows.values_list("pk", flat=True)[:20])


def latest(actor: Actor) -> Export | None:
    return Export.objects.filter(user_id=id_of(actor), expires_at__gt=clock.now()).order_by("-asked_at").first()


def fetch_export(*, actor: Actor, export_id: UUID) -> IO[bytes]:
    """The archive, for its owner alone. Raises NotFound."""
    export = Export.objects.filter(
        pk=export_id, user_id=id_of(actor), state=Export.State.READY, expires_at__gt=clock.now()
    ).first()
    if export is None or actor.kind != "citizen":
        raise NotFound(_("This copy is gone. You can ask for a new one."))
    archive = exporting.open_archive(export.pk)
    with transaction.atomic():
        _note(actor, "people.export_fetched", export)
    return archive


def _account(user: User) -> dict[str, Any]:
    """What this room keeps."""
    identity = open_vault(actor=queries.actor_for(user), user=user, purpose="own export")
    return {
        "pseudonym": user.username,
        "phone": identity.phone,
        "name": identity.name,
        "language": user.language,
        "created_at": user.created_at,
        "sessions": list(user.sessions.values("device", "signed_in_at", "seen_at")),
        "passkeys": list(user.passkeys.values("name", "created_at", "last_used_at")),
        "restrictions": list(
            Restriction.objects.filter(user=user).values(
                "kind", "reason", "evidence", "placed_at", "ends_at", "lifted_at",
                "appeal__text", "appeal__at", "appeal__granted", "appeal__answer",
            )
        ),
        "identity_opened": list(  # only what they have been told of
            Reveal.objects.filter(person_id=user.pk, told_at__isnull=False).values(
                "number", "subject_code", "ground", "issued_by", "opened_at"
            )
        ),
    }  # fmt: skip


def _note(actor: Actor, action: str, export: Export, notify: list[journal.Notify] | None = None) -> None:
    journal.record(
        actor=actor, action=action, subject_kind="person", subject_id=export.user_id,
        topics=[f"person:{export.user_id}"], audit={"export": str(export.pk)}, notify=notify or [],
    )  # fmt: skip
