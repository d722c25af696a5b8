"""The journal: `record` runs in the transaction of the change; everything that leaves the system is derived from it.

What an entry tells is kept in parts, by who may see it:

    public   anyone who may see the subject
    party    also its parties: the reporter, and staff that handles it
    staff    staff that handles it
    centre   the operations centre
    audit    auditors
    notify   nobody: who is to be told what. Followers read it, no reader is ever shown it

A part that is given but empty says that something happened and nothing more. A part that is not given is not there:
whoever sees none of an entry's parts does not see the entry.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from hues.kernel import clock
from hues.kernel.actors import AUDITOR, Actor
from hues.kernel.errors import Forbidden, NotFound
from hues.kernel.ids import new_id
from hues.kernel.registry import Registry

Parts = Mapping[str, Any]

PUBLIC = ("public",)
PARTY = ("public", "party")
STAFF = ("public", "party", "staff")
CENTRE = ("public", "party", "staff", "centre")
AUDIT = ("public", "party", "staff", "centre", "audit")

_INSERT = """
insert into kernel_journalentry (id, at, actor_kind, actor_id, action, subject_kind, subject_id, parts, topics, salt)
values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
"""


@dataclass(frozen=True)
class Notify:
    """Tell a person: `template` names the text, rendered in the reader's language from `data` when it is shown."""

    person_id: UUID
    template: str
    link: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """An entry as one kind of viewer may see it: `parts` holds only that viewer's parts."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: UUID
    parts: dict[str, Any]
    topics: list[str]

    @property
    def data(self) -> dict[str, Any]:
        """All visible parts in one, the more private one winning."""
        return {key: value for name in AUDIT for key, value in self.parts.get(name, {}).items()}


# Whoever derives something from the journal: called by the relay for every entry, in order, at least once; must be
# idempotent. A follower that reads one part only says so, and is not called for other entries.
Follower = Callable[[Entry], None]


@dataclass(frozen=True)
class Following:
    follow: Follower
    part: str = ""  # call only for entries with this part; "" for all


FOLLOWERS: Registry[Following] = Registry("journal follower")


def follower(name: str, *, part: str = "") -> Callable[[Follower], Follower]:
    """Decorates a function that the relay is to call with entries (with every part, `notify` included)."""

    def keep(follow: Follower) -> Follower:
        FOLLOWERS.add(name, Following(follow, part))
        return follow

    return keep


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
    notify: Iterable[Notify] = (),
) -> UUID:
    """Write one entry, with one INSERT, inside the transaction of the change it tells of. Returns the entry's id."""
    if not connection.in_atomic_block:
        raise RuntimeError("journal.record belongs inside the transaction of the change")
    given = {"public": public, "party": party, "staff": staff, "centre": centre, "audit": audit}
    parts: dict[str, Any] = {name: dict(part) for name, part in given.items() if part is not None}
    if notices := [asdict(notice) for notice in notify]:
        parts["notify"] = notices
    entry_id = new_id()
    row = (
        entry_id, clock.now(), actor.kind, actor.id, action, subject_kind, subject_id,
        json.dumps(parts, ensure_ascii=False, allow_nan=False, default=str), sorted(set(topics)), os.urandom(16),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
    return entry_id


def entries(
    subject_id: UUID, *, for_viewer: Collection[str] = PUBLIC, after: UUID | None = None, limit: int = 500
) -> list[Entry]:
    """The entries of a subject that a viewer of these parts (PUBLIC, PARTY, STAFF, CENTRE, AUDIT) may see, oldest
    first.

    One statement. `after` is the id of the last entry already read.
    """
    shown = [name for name in for_viewer if name in AUDIT]
    sql = """
    select id, at, actor_kind, actor_id, action, subject_kind, subject_id,
      (select jsonb_object_agg(key, value) from jsonb_each(parts) where key = any(%(shown)s))::text, topics
    from kernel_journalentry
    where subject_id = %(subject)s and parts ?| %(shown)s and (%(after)s::uuid is null or id > %(after)s)
    order by id limit %(limit)s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"subject": subject_id, "shown": shown, "after": after, "limit": limit})
        return [_entry(row) for row in cursor.fetchall()]


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(*row[:7], parts=json.loads(row[7]), topics=row[8])  # type: ignore[misc]  # the head is seven values


def read(entry_ids: Collection[UUID]) -> dict[UUID, Entry]:
    """Whole entries by id, with every part: for followers and auditors' tools, never for a page."""
    sql = """
    select id, at, actor_kind, actor_id, action, subject_kind, subject_id, parts::text, topics
    from kernel_journalentry where id = any(%s)
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(entry_ids)])
        return {row[0]: _entry(row) for row in cursor.fetchall()}


@transaction.atomic
def erase_entry(*, actor: Actor, entry_id: UUID, ground: str) -> None:
    """Take the content and the salt out of an entry (PDP Law 91/2025: erasure), leaving who, when, which and the proof.

    The one change of an entry that the database lets through, and only together with the entry that tells of it. The
    leaf in the log stays; without the salt nothing can be guessed from it. `ground` names the decision.
    """
    if not (actor.has(AUDITOR) or actor.kind == "system"):
        raise Forbidden(_("Only an auditor may erase the content of a journal entry."))
    with connection.cursor() as cursor:
        cursor.execute("select set_config('hues.erasing', %s, true)", [str(entry_id)])
        cursor.execute("update kernel_journalentry set parts = '{}', salt = '' where id = %s", [entry_id])
        if not cursor.rowcount:
            raise NotFound(_("There is no such entry."))
        cursor.execute("select set_config('hues.erasing', '', true)")
    record(actor=actor, action="journal.erased", subject_kind="entry", subject_id=entry_id,
           public={}, audit={"ground": ground})  # fmt: skip
