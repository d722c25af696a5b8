"""The inbox as JSON."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from hues.kernel.actors import Actor
from hues.notifications import actions, queries
from hues.notifications.texts import told
from hues.people.auth import signed_in

router = Router(tags=["notices"], auth=signed_in)


class NoticeOut(Schema):
    id: UUID
    at: datetime
    title: str
    body: str
    link: str
    read: bool


class NoticesOut(Schema):
    unread: int
    items: list[NoticeOut]
    next: str | None


class ReadIn(Schema):
    ids: list[UUID] | None = None  # none: all


class ReadOut(Schema):
    read: int


@router.get("/notices", response=NoticesOut, summary="My notices, newest first")
def notices(request: HttpRequest, after: str | None = None, limit: int = Query(30, ge=1, le=100)) -> NoticesOut:
    person_id = _me(request)
    page = queries.notices(person_id, after, limit)
    items = []
    for notice in page:
        words = told(notice.template, notice.data, link=notice.link)
        items.append(
            NoticeOut(
                id=notice.pk,
                at=notice.at,
                title=words.title,
                body=words.body,
                link=notice.link,
                read=notice.read_at is not None,
            )
        )
    return NoticesOut(unread=queries.unread_count(person_id), items=items, next=page.next)


@router.post("/notices/read", response=ReadOut, summary="Mark notices as read")
def read(request: HttpRequest, body: ReadIn) -> ReadOut:
    return ReadOut(read=actions.mark_read(actor=request.actor, notice_ids=body.ids))  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> UUID:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.id is not None  # noqa: S101 - the router lets signed-in people in only
    return actor.id
