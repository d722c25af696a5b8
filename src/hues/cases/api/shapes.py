"""What the JSON API of cases sends and takes, as OpenAPI describes it."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field


class Named(Schema):
    code: str
    name: str


class CaseRow(Schema):
    code: str
    state: str
    stage: str
    phase: str
    is_open: bool
    group: str
    category: Named
    unit: Named | None
    agency: Named | None
    body: str
    address: str
    received_at: datetime
    due_at: datetime | None
    published_at: datetime | None
    outcome: str
    rating: str
    photo: UUID | None = Field(description="GET /files/{photo}/thumb")


class PublicRow(CaseRow):
    lat: float | None
    lon: float | None
    merged_count: int
    support_count: int = Field(description="People who said “me too”")
    is_sample: bool


class OwnRow(CaseRow):
    updated_at: datetime


class DeskRow(CaseRow):
    version: int
    priority: int
    visibility: str
    late: bool
    hops: int
    reopened: int


class PublicPage(Schema):
    items: list[PublicRow]
    next: str | None


class OwnPage(Schema):
    items: list[OwnRow]
    next: str | None


class DeskPage(Schema):
    items: list[DeskRow]
    next: str | None
    counts: dict[str, int]


class FileRef(Schema):
    id: UUID
    role: str
    caption: str = Field(description="What somebody wrote about it")
    alt: str = Field(description="What it shows: the caption, or what the case tells")
    kind: Literal["photo", "video"] = Field(description="Of a video, the pictures are a still out of it")
    state: Literal["waiting", "done", "failed"] = Field(
        description="Whether the public sees it: only when done, masked"
    )
    duration_s: float | None
    width: int | None
    height: int | None


class EventOut(Schema):
    at: datetime
    action: str
    who: str
    text: str


class MessageOut(Schema):
    id: UUID
    at: datetime
    from_reporter: bool
    audience: str
    body: str


class FieldOut(Schema):
    name: str
    type: str
    label: str
    required: bool
    options: list[list[str]]


class StepOut(Schema):
    name: str
    label: str
    danger: bool
    fields: list[FieldOut]


class PublicCase(PublicRow):
    visibility: str
    reporter: str = Field(
        description="The pseudonym where its owner chose to show it, else “A citizen”; never who it is"
    )
    answer: str
    legal_ground: str
    updated_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    wake_on: date | None
    reopened: int
    merged_into: str
    files: list[FileRef]
    timeline: list[EventOut]


class FullCase(CaseRow):
    """A case as its reporter or its staff sees it."""

    version: int
    priority: int
    visibility: str
    lat: float | None
    lon: float | None
    answers: dict[str, Any]
    answer: str
    reporter: str = Field(description="The pseudonym; never who it is")
    state_name: str
    files: list[FileRef]
    messages: list[MessageOut]
    timeline: list[EventOut]
    steps: list[StepOut]


class MessageIn(Schema):
    model_config = ConfigDict(extra="forbid")

    body: str = Field("", max_length=4000)
    file_ids: list[UUID] = Field(default_factory=list, max_length=4)
    audience: Literal["party", "staff"] = "party"


class MessageSent(Schema):
    id: UUID | None = Field(description="None where the message was the reply that the process waited for")
    state: str


class StepIn(Schema):
    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] = Field(
        default_factory=dict, description="The step's fields, as `steps` of the case lists them"
    )
    version: int | None = Field(
        None, ge=0, le=2**31 - 1, description="Of the case as it was seen; an older one is refused (409)"
    )


class StepTaken(Schema):
    code: str
    state: str
    version: int
    due_at: datetime | None


class Filters(Schema):
    unit: str = Field("", max_length=64)
    category: str = Field("", max_length=64)
    domain: str = Field("", max_length=64)
    group: str = Field("", max_length=16)
    state: Literal["", "open", "done", "resolved", "planned", "late"] = ""
    text: str = Field("", max_length=200)


class DeskFilters(Schema):
    unit: str = Field("", max_length=64)
    category: str = Field("", max_length=64)
    agency: str = Field("", max_length=64)
    group: str = Field("", max_length=16)
    priority: str = Field("", max_length=1)
    text: str = Field("", max_length=200)


class Supported(Schema):
    code: str
    supporters: int
    mine: bool
