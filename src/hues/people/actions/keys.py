"""API keys of programs."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.text import clean
from hues.people.access import require_administrator
from hues.people.models import ApiKey
from hues.people.queries import key_hash
from hues.people.scopes import SCOPES

LONGEST_NAME = 120


@transaction.atomic
def create_key(*, actor: Actor, name: str, scopes: Iterable[str], is_sample: bool = False, raw: str = "") -> str:
    """A new key, `hues_<prefix>_<secret>`: returned once, never to be seen again. `raw` (sample data only) fixes it."""
    require_administrator(actor)
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        text = _("Choose from: %(scopes)s.") % {"scopes": ", ".join(sorted(SCOPES))}
        raise Invalid(_("Please check the scopes."), fields={"scopes": text})
    name = clean(name, max_length=LONGEST_NAME, field="name")
    if not name:
        raise Invalid(_("Please name the key."), fields={"name": _("Say who will use it.")})
    raw = raw or f"hues_{secrets.token_hex(4)}_{secrets.token_urlsafe(24).replace('_', '-')}"
    key = ApiKey.objects.create(
        name=name,
        prefix=raw.split("_")[1][:12],
        key_hash=key_hash(raw),
        scopes=wanted,
        created_at=clock.now(),
        is_sample=is_sample,
    )
    _note(actor, "people.key_created", key, {"name": name, "scopes": wanted})
    return raw


@transaction.atomic
def revoke_key(*, actor: Actor, key_id: UUID) -> None:
    """From now on the key opens nothing."""
    require_administrator(actor)
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise NotFound(_("There is no such key."))
    if key.revoked_at:
        return
    key.revoked_at = clock.now()
    key.save(update_fields=["revoked_at"])
    _note(actor, "people.key_revoked", key, {"name": key.name})


def _note(actor: Actor, action: str, key: ApiKey, audit: dict[str, object]) -> None:
    journal.record(actor=actor, action=action, subject_kind="key", subject_id=key.pk, audit=audit)
