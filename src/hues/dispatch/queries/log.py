"""The log that all parties of a case share, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from hues.cases import reference
from hues.cases.models import Case
from hues.dispatch import texts
from hues.dispatch.models import LogLine
from hues.people.models import User

MOST = 200


@dataclass(frozen=True)
class Line:
    id: UUID
    kind: str
    who: str  # a member of staff; "" for the system
    office: str  # their agency; "" for the centre
    party: str  # whose task it is about
    body: str
    facts: Mapping[str, Any]
    file_id: UUID | None
    at: datetime  # when it happened
    came_at: datetime | None  # where that was later
    author_id: UUID | None


def log_of(case: Case, *, limit: int = MOST) -> list[Line]:
    """One statement, and one for names that were called."""
    rows = LogLine.objects.filter(case=case.pk).select_related("author", "task__team").order_by("-pk")[:limit]
    lines = list(rows)
    language = get_language() or "vi"
    called = {UUID(row.facts["person"]) for row in lines if row.kind == "called" and row.facts.get("person")}
    names = {user.pk: user.name for user in User.objects.filter(pk__in=called)} if called else {}
    return [_line(row, names, language) for row in lines]


def _line(row: LogLine, names: Mapping[UUID, str], language: str) -> Line:
    agency = reference.agencies().get(row.agency_id or 0)
    facts = dict(row.facts)
    if facts.get("person"):
        facts["name"] = names.get(UUID(facts["person"]), "")
    return Line(
        id=row.pk,
        kind=row.kind,
        who=row.author.name if row.author else "",
        office=agency.name(language) if agency else "",
        party=texts.party_of(row.task, language) if row.task else "",
        body=row.body,
        facts=facts,
        file_id=row.file_id,
        at=row.happened_at or row.at,
        came_at=row.at if row.happened_at else None,
        author_id=row.author_id,
    )
