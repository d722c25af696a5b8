"""What an import brings: one case of another system in our words, before it is stored."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class BadRow(ValueError):
    """A row that cannot become a case; the text says why, for whoever runs the import."""


@dataclass(slots=True)
class Incoming:
    source_id: str  # its number in the other system
    category: str  # code of ours
    received_at: datetime
    state: str = ""  # of the category's process; "" is where it starts
    due_at: datetime | None = None
    closed_at: datetime | None = None
    updated_at: datetime | None = None
    agency: str = ""  # code of ours; "": as the category routes
    unit: str = ""  # code of ours; "": by the point
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    body: str = ""
    answer: str = ""
    outcome: str = ""
    reject_reason: str = ""
    language: str = ""
    data: dict[str, Any] = field(default_factory=dict)  # kept as source_data
    line: int = 0  # where it stands in the file
