"""The inbox, one's choices and devices as JSON."""

from datetime import datetime, time
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from hues.kernel import limits
from hues.kernel.actors import Actor
from hues.kernel.http import client_address
from hues.notifications import actions, channels, queries
from hues.notifications.models import Preferences, PushSubscription
from hues.notifications.push import vapid
from hues.notifications.texts import told
from hues.notifications.wishes import KINDS, USUAL, Wishes
from hues.people.addresses import network
from hues.people.auth import signed_in
from hues.people.sessions import device_of

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


# ── What one wants ───────────────────────────────────────────────────────────────────────────────────────────────────


class ChoicesOut(Schema):
    """`channels` says for each kind of notice which ways it takes besides the inbox; alerts always take all."""

    channels: dict[str, dict[str, bool]]
    in_use: list[str]  # ways that this city has at all
    quiet: bool
    quiet_from: time
    quiet_until: time
    plain_sms: bool


class ChoicesIn(Schema):
    """What is not given stays as it is."""

    channels: dict[str, dict[str, bool]] | None = None
    quiet: bool | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    plain_sms: bool | None = None


@router.get("/notices/choices", response=ChoicesOut, summary="What I want to be told, and how")
def choices(request: HttpRequest) -> ChoicesOut:
    return _choices(queries.preferences(_me(request)))


@router.patch("/notices/choices", response=ChoicesOut, summary="Change what I want to be told, and how")
def change_choices(request: HttpRequest, body: ChoicesIn) -> ChoicesOut:
    return _choices(actions.save_preferences(actor=request.actor, **body.model_dump(exclude_none=True)))  # type: ignore[attr-defined]


def _choices(row: Preferences) -> ChoicesOut:
    wishes = Wishes(channels=row.channels)
    return ChoicesOut(
        channels={kind: {channel: wishes.wants(kind, channel) for channel in USUAL[kind]} for kind in KINDS},
        in_use=sorted(channels.in_use()),
        quiet=row.quiet,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        plain_sms=row.plain_sms,
    )


# ── Devices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Keys(Schema):
    p256dh: str = Field(max_length=100)
    auth: str = Field(max_length=40)


class SubscriptionIn(Schema):
    """A PushSubscription as the browser writes it (`toJSON()`)."""

    endpoint: str = Field(max_length=1500)
    keys: Keys


class DeviceIn(SubscriptionIn):
    again: bool = Field(
        default=False, description="Nobody asked for it now: 404 if it was removed on another device since"
    )


class ChangedIn(SubscriptionIn):
    old_endpoint: str = Field(max_length=1500)


class EndpointIn(Schema):
    endpoint: str = Field(max_length=1500)


class DeviceOut(Schema):
    id: UUID
    device: str
    created_at: datetime
    taken_at: datetime | None  # when its push service last took something


class DevicesOut(Schema):
    key: str  # `applicationServerKey` of a subscription; empty where the city sends no web push
    items: list[DeviceOut]


@router.get("/devices", response=DevicesOut, summary="Browsers that show my notices")
def devices(request: HttpRequest) -> DevicesOut:
    key = vapid.public_key() if "push" in channels.in_use() else ""
    return DevicesOut(key=key, items=[_device(device) for device in queries.devices(_me(request))])


@router.post("/devices", response=DeviceOut, summary="Show my notices in this browser")
def add_device(request: HttpRequest, body: DeviceIn) -> DeviceOut:
    device = actions.add_device(
        actor=request.actor,  # type: ignore[attr-defined]
        endpoint=body.endpoint,
        p256dh=body.keys.p256dh,
        auth=body.keys.auth,
        device=device_of(request.headers.get("User-Agent", "")),
        session_key=request.session.session_key or "",
        again=body.again,
    )
    return _device(device)


@router.post("/devices/remove", response={204: None}, summary="Show my notices in a browser no more")
def remove_device(request: HttpRequest, body: EndpointIn) -> Status[None]:
    actions.remove_device(actor=request.actor, endpoint=body.endpoint)  # type: ignore[attr-defined]
    return Status(204, None)


@router.post("/devices/changed", response={204: None}, auth=None, summary="A browser renewed its subscription")
def change_device(request: HttpRequest, body: ChangedIn) -> Status[None]:
    """For service workers, which have no page to take a token from: knowing the old address is the permission."""
    limits.spend(f"push-changed:{network(client_address(request))}", limit=60, window=3600)
    actions.change_device(
        old_endpoint=body.old_endpoint, endpoint=body.endpoint, p256dh=body.keys.p256dh, auth=body.keys.auth
    )
    return Status(204, None)


def _device(row: PushSubscription) -> DeviceOut:
    return DeviceOut(id=row.pk, device=row.device, created_at=row.created_at, taken_at=row.taken_at)


def _me(request: HttpRequest) -> UUID:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.id is not None  # noqa: S101 - the router lets signed-in people in only
    return actor.id
