"""E-mail: text and HTML in one, with a way to unsubscribe at one press (RFC 8058)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.utils.translation import override

from hues.kernel import clock
from hues.notifications.channels import CHANNELS, Outcome, Outgoing, Send
from hues.notifications.channels.sms import app_name
from hues.notifications.mailers import Mail, NotSent, Refused, SendMail, mailer
from hues.notifications.models import Channel, Delivery, MailAddress
from hues.notifications.wishes import kind_of
from hues.people import vault

_NO_ADDRESS = (ValueError, LookupError, AttributeError, MessageError)  # what headerregistry raises for one
UNSUBSCRIBE_SALT = "hues.notices.unsubscribe"


@CHANNELS.register(Channel.MAIL)
class Email:
    batch = 40

    def ready(self) -> bool:
        return mailer().ready()

    @contextmanager
    def open(self) -> Iterator[Send]:
        with mailer().open() as send_mail:
            yield lambda batch: send(send_mail, batch)


def send(send_mail: SendMail, batch: Sequence[Outgoing]) -> list[Outcome]:
    addresses = addresses_of([out.delivery.notice.person_id for out in batch])
    outcomes = []
    for out in batch:
        person = out.delivery.notice.person
        address = addresses.get(person.pk) or person.email
        outcomes.append(_hand(send_mail, out, address) if address else Outcome("suppressed", "no-address"))
    return outcomes


def _hand(send_mail: SendMail, out: Outgoing, address: str) -> Outcome:
    provider = settings.MAIL_PROVIDER
    try:
        message = message_to(address, out)
    except _NO_ADDRESS:  # typed wrong: it must not hold back, or send again, the mails beside it
        return Outcome(Delivery.State.FAILED, "bad address", provider)
    try:
        send_mail(Mail(out.delivery.pk, address, message))
    except Refused as refused:
        return Outcome(Delivery.State.FAILED, f"refused: {refused}", provider)
    except NotSent as not_sent:
        return Outcome(Delivery.State.QUEUED, str(not_sent), provider)
    return Outcome(Delivery.State.SENT, provider=provider, parts=1)


def addresses_of(person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Confirmed addresses of citizens, for sending only."""
    records = MailAddress.objects.filter(person__in=person_ids, confirmed_at__isnull=False)
    return {record.person_id: vault.open_sealed(record.sealed, record.person_id.bytes).decode() for record in records}


def message_to(address: str, out: Outgoing) -> EmailMessage:
    notice = out.delivery.notice
    language = notice.person.language
    kind = kind_of(notice.template)
    token = unsubscribe_token(notice.person_id, kind)
    unsubscribe = f"{settings.PUBLIC_URL}/notices/unsubscribe/{token}"
    link = f"{settings.PUBLIC_URL}/me/notices/{notice.pk}"
    message = compose(
        address, out.told.title, out.told.body.split("\n"), message_id=out.delivery.pk, language=language, link=link, unsubscribe=unsubscribe
    )  # fmt: skip
    message["List-Unsubscribe"] = f"<{unsubscribe}>"  # RFC 2369
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    return message


def compose(
    address: str,
    subject: str,
    lines: Sequence[str],
    *,
    message_id: UUID,
    language: str,
    link: str = "",
    unsubscribe: str = "",
    code: str = "",
) -> EmailMessage:
    """A mail of ours, as text and in the design's colours."""
    name = app_name(language)
    shown = {
        "app": name, "title": subject, "lines": lines, "link": link, "unsubscribe": unsubscribe, "code": code,
        "site": settings.PUBLIC_URL, "language": language,
    }  # fmt: skip
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=settings.MAIL_FROM or f"no-reply@{_host()}")
    message["To"] = Address(addr_spec=address)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{message_id}@{_host()}>"
    message["Content-Language"] = language
    with override(language):
        message.set_content(render_to_string("notifications/mail.txt", shown))
        message.add_alternative(render_to_string("notifications/mail.html", shown), subtype="html")
    return message


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def unsubscribe_token(person_id: UUID, kind: str) -> str:
    return signing.dumps([str(person_id), kind], salt=UNSUBSCRIBE_SALT)


def read_token(token: str) -> tuple[UUID, str]:
    """Whose mails of which kind a link ends. Raises signing.BadSignature."""
    person_id, kind = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    return UUID(person_id), kind
