"""From a journal entry to its leaf."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from hues.kernel.log.tree import leaf_hash

# The columns that a leaf binds, in this order, then the salt. `parts` as text: numbers keep their digits.
COLUMNS = (
    "e.id, e.at, e.actor_kind, e.actor_id, e.action, e.subject_kind, e.subject_id, e.parts::text, e.topics, e.salt"
)


def canonical(row: Sequence[Any]) -> bytes:
    """The entry as UTF-8 JSON with sorted keys and no spaces; the time in UTC with microseconds. `row`: COLUMNS."""
    entry_id, at, actor_kind, actor_id, action, subject_kind, subject_id, parts, topics = row[:9]
    entry = {
        "id": str(entry_id),
        "at": _moment(at),
        "actor_kind": actor_kind,
        "actor_id": _name(actor_id),
        "action": action,
        "subject_kind": subject_kind,
        "subject_id": str(subject_id),
        "parts": json.loads(parts),
        "topics": topics,
    }
    return json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def leaf_of(row: Sequence[Any]) -> bytes:
    """SHA-256(0x00 ‖ SHA-256(salt ‖ canonical entry)). `row`: COLUMNS."""
    return leaf_hash(sha256(bytes(row[9]) + canonical(row)).digest())


def is_erased(row: Sequence[Any]) -> bool:
    return not bytes(row[9])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _name(value: UUID | None) -> str | None:
    return str(value) if value else None
