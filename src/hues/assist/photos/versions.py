"""What was hidden in a photo, version by version: the changes by hand are in the journal of its case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hues.kernel import journal
from hues.people.models import User


@dataclass(frozen=True)
class Version:
    number: int
    at: datetime | None  # None: found by itself
    who: str
    regions: list[dict[str, Any]]


def versions_of(case_id: UUID, file_id: UUID) -> list[Version]:
    """Oldest first: what was found by itself, then each change. None where nobody changed anything. At most two
    statements."""
    entries = [
        entry
        for entry in journal.entries(case_id, for_viewer=journal.STAFF)
        if entry.action == "file.masked" and entry.data.get("file") == str(file_id)
    ]
    ids = {entry.actor_id for entry in entries if entry.actor_id}
    people = User.objects.filter(pk__in=ids).only("display_name", "username", "kind") if ids else ()
    names = {user.pk: user.name for user in people}
    found = [
        Version(entry.data["version"], entry.at, names.get(entry.actor_id, ""), entry.data["regions"])  # type: ignore[arg-type]
        for entry in entries
    ]
    if entries:
        first = entries[0]
        found.insert(0, Version(first.data["version"] - 1, None, "", first.data["before"]))
    return found
