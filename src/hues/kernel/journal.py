"""The journal: `record` runs in the transaction of the change; everything that leaves the system is derived from it."""

import os
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.ids import new_id
from hues.kernel.models import JournalEntry

Parts = Mapping[str, Any]


def record(
    *,
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: UUID,
    topics: Iterable[str] = (),
    public: Parts | None = None,
    party: Parts | None = None,
    staff: Parts | None = None,
    centre: Parts | None = None,
    audit: Parts | None = None,
) -> UUID:
    """Write one entry; must be called inside the transaction of the change it tells of. Returns the entry's id.

    The parts say what changed, by who may see it: anyone who may see the subject, its parties, staff that handle it, the centre, auditors.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("journal.record belongs inside the transaction of the change")
    parts = {"public": public, "party": party, "staff": staff, "centre": centre, "audit": audit}
    entry = JournalEntry(
        id=new_id(),
        at=clock.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        parts={key: dict(value) for key, value in parts.items() if value},
        topics=sorted(set(topics)),
        salt=os.urandom(16),
    )
    entry.save(force_insert=True)
    return entry.id
