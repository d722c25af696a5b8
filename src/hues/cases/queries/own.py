"""A citizen's own cases."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from hues.cases import reference
from hues.cases.models import Case
from hues.cases.queries.rows import first_photos, stage_of
from hues.city.models import Agency, Category, Unit
from hues.kernel.pages import Page, keyset

_COLUMNS = (
    "id", "code", "process_id", "state", "phase", "is_open", "group", "category_id", "unit_id", "agency_id", "body", "address",
    "received_at", "updated_at", "assigned_at", "due_at", "published_at", "first_read_at", "outcome", "rating", "wake_on", "reopened",
)  # fmt: skip


@dataclass(frozen=True)
class OwnRow:
    id: UUID
    code: str
    state: str
    phase: str
    stage: str
    is_open: bool
    group: str
    category: Category
    unit: Unit | None
    agency: Agency | None
    body: str
    address: str
    received_at: datetime
    updated_at: datetime
    assigned_at: datetime | None
    due_at: datetime | None
    published_at: datetime | None
    first_read_at: datetime | None
    outcome: str
    rating: str
    wake_on: date | None
    reopened: int
    photo: UUID | None


def mine(person_id: UUID, after: str | None = None, limit: int = 20) -> Page[OwnRow]:
    """The reporter's cases, newest first. Two statements."""
    rows = Case.objects.filter(reporter_id=person_id).values_list(*_COLUMNS, named=True)
    page = keyset(rows, order=("-received_at", "-id"), after=after, limit=limit, scope=f"mine:{person_id}")
    photos = first_photos((row.id for row in page.items), senders=True)
    return Page([_row(row._asdict(), photos.get(row.id)) for row in page.items], page.next)


def waiting_for(person_id: UUID, limit: int = 5) -> list[OwnRow]:
    """The reporter's cases that wait for a word of theirs: a question, or a result that they have not rated. Two statements."""
    asked = Q(state="waiting_citizen") | Q(state="published", rating="")
    rows = Case.objects.filter(asked, reporter_id=person_id).order_by("-received_at", "-id")
    found = list(rows.values_list(*_COLUMNS, named=True)[:limit])
    photos = first_photos((row.id for row in found), senders=True)
    return [_row(row._asdict(), photos.get(row.id)) for row in found]


def _row(values: dict[str, Any], photo: UUID | None) -> OwnRow:
    return OwnRow(
        stage=stage_of(values.pop("process_id"), values["state"], values["phase"]),
        category=reference.categories()[values.pop("category_id")],
        unit=reference.units().get(values.pop("unit_id")),
        agency=reference.agencies().get(values.pop("agency_id")),
        photo=photo,
        **values,
    )
