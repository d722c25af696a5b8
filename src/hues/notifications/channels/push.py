"""Web push: to every browser of a person that is not reached yet."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.templatetags.static import static

from hues.kernel import clock
from hues.notifications.channels import CHANNELS, Outcome, Outgoing, Send
from hues.notifications.models import Channel, Delivery, PushSubscription
from hues.notifications.push.encryption import LONGEST
from hues.notifications.push.sender import Message, Result, Sender, topic_of
from hues.notifications.wishes import AT_ONCE, step_of

PROVIDER = "webpush"
KEPT = timedelta(days=2)  # by the push service, while a telephone is off
KEPT_URGENT = timedelta(hours=4)  # help on its way is no news any more
_SHOWN_TEXT = 1000  # characters: no system shows more


@CHANNELS.register(Channel.PUSH)
class Push:
    batch = 200

    def ready(self) -> bool:
        return True

    @contextmanager
    def open(self) -> Iterator[Send]:
        with Sender() as sender:
            yield lambda batch: send(sender, batch)


def send(sender: Sender, batch: Sequence[Outgoing]) -> list[Outcome]:
    devices = _devices({out.delivery.notice.person_id for out in batch})
    messages: list[Message] = []
    spans: list[tuple[int, int]] = []
    for out in batch:
        wanted = [d for d in devices[out.delivery.notice.person_id] if d.pk not in out.delivery.reached]
        spans.append((len(messages), len(messages) + len(wanted)))
        messages += [message_to(device, out) for device in wanted]
    results = sender.send(messages)
    _note(results)
    return [outcome_of(out.delivery, results[start:end]) for out, (start, end) in zip(batch, spans, strict=True)]


def _devices(person_ids: set[UUID]) -> defaultdict[UUID, list[PushSubscription]]:
    found: defaultdict[UUID, list[PushSubscription]] = defaultdict(list)
    for subscription in PushSubscription.objects.filter(person__in=person_ids):
        found[subscription.person_id].append(subscription)
    return found


def message_to(device: PushSubscription, out: Outgoing) -> Message:
    urgent = step_of(out.delivery.notice.template) in AT_ONCE or bool(out.delivery.notice.data.get("urgent"))
    plain = payload(out)
    return Message(
        subscription_id=device.pk,
        endpoint=device.endpoint,
        public_key=bytes(device.public_key),
        auth=bytes(device.auth),
        plain=plain if len(plain) <= LONGEST else payload(out, short=True),
        short=payload(out, short=True),
        topic=topic_of(out.link or str(out.delivery.pk)),
        urgent=urgent,
        ttl=int((KEPT_URGENT if urgent else KEPT).total_seconds()),
    )


def payload(out: Outgoing, *, short: bool = False) -> bytes:
    """What the service worker shows. Of the same case a later one takes the place of the earlier (`tag`)."""
    notice = out.delivery.notice
    shown: dict[str, Any] = {
        "id": str(notice.pk),
        "title": out.told.title[:120],
        "tag": out.link or str(notice.pk),
        "link": f"/me/notices/{notice.pk}",
        "lang": notice.person.language,
        "at": int(notice.at.timestamp() * 1000),
    }
    if not short:
        shown |= {"body": out.told.body[:_SHOWN_TEXT], "icon": static("vendor/icons/icon-192.png")}
    return orjson.dumps(shown)


def outcome_of(delivery: Delivery, results: Sequence[Result]) -> Outcome:
    """One browser is enough to call it sent; those that were not to be had are tried again."""
    reached = (*delivery.reached, *(result.subscription_id for result in results if result.answer == "taken"))
    answers = {result.answer for result in results}
    if "later" in answers:
        wait = max((result.wait for result in results if result.answer == "later"), default=0.0)
        return Outcome(Delivery.State.QUEUED, "later", PROVIDER, parts=len(reached), wait=wait, reached=reached)
    if reached:
        return Outcome(Delivery.State.SENT, provider=PROVIDER, parts=len(reached), reached=reached)
    if not answers or answers == {"gone"}:
        return Outcome(Delivery.State.SUPPRESSED, "no-device", PROVIDER)
    return Outcome(Delivery.State.FAILED, f"refused {results[0].status}", PROVIDER)


def _note(results: Sequence[Result]) -> None:
    """Browsers that are gone are forgotten; of the others, when they were last reached."""
    gone = [result.subscription_id for result in results if result.answer == "gone"]
    taken = [result.subscription_id for result in results if result.answer == "taken"]
    if gone:
        PushSubscription.objects.filter(pk__in=gone).delete()
    if taken:
        PushSubscription.objects.filter(pk__in=taken).update(taken_at=clock.now())
