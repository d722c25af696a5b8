"""Taking queued deliveries out of the house.

A sender takes a batch (SKIP LOCKED: many can work beside each other) and puts its `due_at` a lease ahead; whoever is
killed meanwhile leaves rows that come due again. Towards providers this is at least once, with the delivery's id as the
message's id in every try; towards the inbox it is exactly once, for the notice was there before.
"""

import logging
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from hues.kernel import clock, metrics
from hues.notifications.channels import CHANNELS, Outcome, Outgoing, Send, in_use
from hues.notifications.models import Channel, Delivery, MessagePart
from hues.notifications.texts import Told, outside
from hues.notifications.wishes import OLD, SMS_WAITS, together

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MOST_TRIES = 8
BACK_OFF = (30, 90, 270, 810, 2430, 7290, 21870)  # seconds before each further try: nine hours in all

_CLAIM = """
update notifications_delivery set tries = tries + 1, due_at = %(lease)s, at = %(now)s where id in (
  select id from notifications_delivery where channel = %(channel)s and state = 'queued' and due_at <= %(now)s
  order by due_at limit %(limit)s for update skip locked
) returning id
"""
_SETTLE = """
update notifications_delivery set state = %s, reason = %s, provider = %s, parts = %s, reached = %s, due_at = %s, at = %s,
  tries = tries - %s where id = %s and state = 'queued'
"""


def send_waiting(seconds: float = 20.0) -> bool:
    """Send what is due, channel by channel, for about so long. Returns whether something was left for another turn."""
    until = time.monotonic() + seconds
    with ExitStack() as stack:
        left = {name: None for name, _plugin in CHANNELS.items() if name in in_use()}
        sends: dict[str, Send] = {}
        while left:
            for name in list(left):
                if time.monotonic() >= until:
                    return True
                batch = claim(name, CHANNELS.get(name).batch)
                if not batch:
                    del left[name]
                    continue
                if name not in sends:
                    sends[name] = stack.enter_context(CHANNELS.get(name).open())
                _send(sends[name], batch)
    return False


def claim(channel: str, limit: int) -> list[Delivery]:
    """Deliveries that are now in our hands, with notice and person."""
    now = clock.now()
    values: dict[str, Any] = {"channel": channel, "now": now, "lease": now + LEASE, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        ids = [row[0] for row in cursor.fetchall()]
    return list(Delivery.objects.filter(pk__in=ids).select_related("notice__person").order_by("pk")) if ids else []


def _send(send: Send, batch: Sequence[Delivery]) -> None:
    now = clock.now()
    settled: list[tuple[Delivery, Outcome]] = []
    going: list[Delivery] = []
    held_back = _held_back(batch, now)
    for delivery in batch:
        outcome = held_back.get(delivery.pk)
        if outcome:
            settled.append((delivery, outcome))
        else:
            going.append(delivery)
    outgoing = [Outgoing(delivery, _words(delivery), delivery.notice.link) for delivery in going]
    try:
        outcomes = send(outgoing)
    except Exception:  # a provider's fault must not stop the others; each delivery has its own number of tries
        log.exception("notices: a channel failed")
        outcomes = [Outcome(Delivery.State.QUEUED, "channel failed")] * len(outgoing)
    for out, outcome in zip(outgoing, outcomes, strict=True):
        settled.append((out.delivery, outcome))
    settle(settled)


def _words(delivery: Delivery) -> Told:
    notice = delivery.notice
    return outside(notice.template, notice.data, link=notice.link, language=notice.person.language)


def _held_back(batch: Sequence[Delivery], now: datetime) -> dict[UUID, Outcome]:
    """What is not sent after all, and why."""
    others: dict[UUID, set[str]] = {}
    texts = [delivery.notice_id for delivery in batch if delivery.channel == Channel.SMS]
    if texts:
        for notice_id, state in (
            Delivery.objects.filter(notice__in=texts).exclude(channel=Channel.SMS).values_list("notice_id", "state")
        ):
            others.setdefault(notice_id, set()).add(state)
    found = {}
    for delivery in batch:
        if outcome := _holding(delivery, others.get(delivery.notice_id, set()), now):
            found[delivery.pk] = outcome
    return found


def _holding(delivery: Delivery, others: set[str], now: datetime) -> Outcome | None:
    """`others`: the states of the same notice in the channels before."""
    state = Delivery.State
    if delivery.notice.read_at is not None:
        return Outcome(state.SUPPRESSED, "read")
    if not delivery.notice.person.is_active:
        return Outcome(state.SUPPRESSED, "closed")
    if now - delivery.notice.at > OLD:
        return Outcome(state.SUPPRESSED, "old")
    if together(delivery.notice.template):
        return None
    if others & {state.SENT, state.DELIVERED}:
        return Outcome(state.SUPPRESSED, "reached")
    if state.QUEUED in others:
        return Outcome(state.QUEUED, "waits", wait=SMS_WAITS.total_seconds(), untouched=True)
    return None


@transaction.atomic
def settle(results: Sequence[tuple[Delivery, Outcome]]) -> None:
    """Write down what became of each; provider's numbers meet receipts that may have been faster."""
    now = clock.now()
    rows, numbers = [], []
    for delivery, outcome in results:
        state, reason, due_at = outcome.state, outcome.reason, delivery.due_at
        if state == Delivery.State.QUEUED:
            if delivery.tries >= MOST_TRIES and not outcome.untouched:
                state, reason = Delivery.State.FAILED, f"gave up: {reason}"[:64]
            else:
                due_at = now + timedelta(seconds=_wait(delivery.tries, outcome))
        metrics.NOTICES.labels(delivery.channel, state).inc()
        untouched = int(outcome.untouched and state == Delivery.State.QUEUED)
        rows.append((state, reason[:64], outcome.provider, outcome.parts, list(outcome.reached), due_at, now, untouched, delivery.pk))  # fmt: skip
        numbers += [(outcome.provider, number, delivery.pk, now) for number in outcome.numbers]
    with connection.cursor() as cursor:
        cursor.executemany(_SETTLE, rows)
    _keep_numbers(numbers)


def _wait(tries: int, outcome: Outcome) -> float:
    """Seconds until the next try, spread a little so that a provider that comes back is not run over."""
    if outcome.untouched:
        return outcome.wait
    usual = BACK_OFF[min(max(tries, 1), len(BACK_OFF)) - 1] * random.uniform(1.0, 1.3)  # noqa: S311
    return max(usual, outcome.wait)


def _keep_numbers(numbers: Sequence[tuple[str, str, UUID, datetime]]) -> None:
    if not numbers:
        return
    sql = """
    insert into notifications_messagepart as p (provider, number, delivery_id, state, at) values (%s, %s, %s, '', %s)
    on conflict (provider, number) do update set delivery_id = excluded.delivery_id
    """
    with connection.cursor() as cursor:
        cursor.executemany(sql, numbers)
    for delivery_id in {delivery_id for _provider, _number, delivery_id, _at in numbers}:
        _apply_receipts(delivery_id)


def take_receipt(provider: str, number: str, state: str) -> None:
    """A provider says what became of a part ("delivered" or "failed"). May come twice, late, or before we know the part."""
    now = clock.now()
    with transaction.atomic():
        part, _new = MessagePart.objects.select_for_update().get_or_create(
            provider=provider, number=number, defaults={"at": now}
        )
        if part.state == state:
            return
        part.state, part.at = state, now
        part.save(update_fields=["state", "at"])
        if part.delivery_id:
            _apply_receipts(part.delivery_id)


def _apply_receipts(delivery_id: UUID) -> None:
    """Delivered when every part was, failed when one was not."""
    states = list(MessagePart.objects.filter(delivery=delivery_id).values_list("state", flat=True))
    if not states or ("failed" not in states and set(states) != {"delivered"}):
        return
    state, reason = (Delivery.State.FAILED, "not delivered") if "failed" in states else (Delivery.State.DELIVERED, "")
    Delivery.objects.filter(pk=delivery_id, state__in=[Delivery.State.SENT, Delivery.State.DELIVERED]).update(
        state=state, reason=reason, at=clock.now()
    )
