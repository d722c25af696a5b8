"""Text messages, through the providers of the people room. They cost money: one notice is one short sentence."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from hues.city import pack
from hues.kernel import limits
from hues.kernel.errors import TooMany
from hues.notifications import texts, wishes
from hues.notifications.channels import CHANNELS, Outcome, Outgoing, Send
from hues.notifications.models import Channel, Delivery, Preferences
from hues.people import gsm, sms
from hues.people.sms import Chain, NotSent, Refused

A_DAY = 8  # text messages to one person
AT_ONCE = 8  # under way to a provider


@CHANNELS.register(Channel.SMS)
class Sms:
    batch = 40

    def ready(self) -> bool:
        return bool(sms.ready())

    @contextmanager
    def open(self) -> Iterator[Send]:
        chain = sms.provider()
        with ThreadPoolExecutor(1 if chain.immediate else AT_ONCE, thread_name_prefix="sms") as pool:
            yield lambda batch: send(chain, pool, batch)


def send(chain: Chain, pool: ThreadPoolExecutor, batch: Sequence[Outgoing]) -> list[Outcome]:
    people = {out.delivery.notice.person_id for out in batch}
    numbers = sms.numbers_of(people)
    accents = set(Preferences.objects.filter(person__in=people, plain_sms=False).values_list("person", flat=True))
    handed: list[Outcome | Future[Outcome]] = []
    for out in batch:
        person_id = out.delivery.notice.person_id
        if person_id not in numbers:
            handed.append(Outcome(Delivery.State.SUPPRESSED, "no-number"))
        elif out.delivery.tries == 1 and not _is_order(out) and not _may(person_id):
            handed.append(Outcome(Delivery.State.SUPPRESSED, "limit"))
        else:
            text = text_of(out, plain=person_id not in accents)
            if chain.immediate:  # writes to our own database: in this thread, on this connection
                handed.append(_hand(chain, numbers[person_id], text, out.delivery.pk))
            else:
                handed.append(pool.submit(_hand, chain, numbers[person_id], text, out.delivery.pk))
    return [each if isinstance(each, Outcome) else each.result() for each in handed]


def text_of(out: Outgoing, *, plain: bool) -> str:
    language = out.delivery.notice.person.language
    if _is_order(out):
        words = texts.order(out.told, f"{settings.PUBLIC_URL}{out.link}", app=app_name(language))
        return gsm.plain(words) if plain else words
    code = "" if out.delivery.notice.data.get("restricted") else str(out.delivery.notice.data.get("code") or "")
    text = texts.short(out.told, code, app=app_name(language), language=language)
    return gsm.plain(text) if plain else text


def _is_order(out: Outgoing) -> bool:
    """To staff on duty: as many as it takes, and with the way to the task."""
    return wishes.kind_of(out.delivery.notice.template) == wishes.TASK


def app_name(language: str) -> str:
    names = pack.settings().get("app_names") or {}
    return str(names.get(language) or next(iter(names.values()), "") or "Hue-S")


def _hand(chain: Chain, number: str, text: str, message_id: UUID) -> Outcome:
    try:
        taken = chain.send(number, text, message_id=message_id)
    except Refused as refused:
        return Outcome(Delivery.State.FAILED, f"refused: {refused}")
    except NotSent as not_sent:
        return Outcome(Delivery.State.QUEUED, str(not_sent))
    parts = gsm.measure(text).parts
    return Outcome(Delivery.State.SENT, provider=taken.provider, parts=parts, numbers=taken.numbers)


def _may(person_id: UUID) -> bool:
    try:
        limits.spend(f"notice-sms:{person_id}", limit=A_DAY, window=timedelta(days=1))
    except TooMany:
        return False
    return True
