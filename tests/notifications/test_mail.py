"""E-mail: through an independent SMTP server, with addresses that were confirmed."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from django.db import connection
from django.test import Client, override_settings

from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound, TooMany
from hues.kernel.http.problems import Unavailable
from hues.notifications import actions
from hues.notifications.channels import Outgoing
from hues.notifications.channels.mail import compose, message_to, unsubscribe_token
from hues.notifications.mailers import MAILERS, Mail, NotSent, Refused
from hues.notifications.models import Delivery, MailAddress, Notice, Preferences, SandboxMail
from hues.notifications.texts import told
from hues.people.actions import open_account
from hues.people.models import User
from hues.runtime.postgres import free_port
from tests.notifications.peers import certificate

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


class Inbox:
    """An SMTP server's handler that keeps what comes; `refuse` answers instead."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], EmailMessage, bool]] = []
        self.refuse: list[str] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        read = message_from_bytes(envelope.content, policy=policy.default)
        self.got.append((envelope.mail_from, envelope.rcpt_tos, read, session.ssl is not None))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Inbox, str]]:
    """A relay that wants TLS and a password."""
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    inbox = Inbox()

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and (given.login, given.password) == (b"hues", b"p@ss")
        return AuthResult(success=good)

    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=check,
    )
    controller.start()
    port = controller.server.sockets[0].getsockname()[1]
    yield inbox, f"smtp://hues:p%40ss@localhost:{port}"
    controller.stop()


@pytest.fixture
def hương() -> User:
    return open_account(number="+84905123456", language="vi")


def outgoing(person: User) -> Outgoing:
    notice = Notice.objects.create(
        person=person, entry_id=uuid4(), template="case.publish", data={"code": "PA-1"}, link="/me/cases/PA-1", at=NOW
    )
    delivery = Delivery.objects.create(notice=notice, channel="mail", due_at=NOW, at=NOW)
    return Outgoing(delivery, told("case.publish", notice.data, link=notice.link, language="vi"), notice.link)


SENDING = {"MAIL_FROM": "hues@hue.example", "MAIL_BOUNCE": "bounces@hue.example", "PUBLIC_URL": "https://hue.example"}


def test_a_mail_arrives_over_tls_with_all_that_a_reader_s_program_needs(hương: User, relay: tuple[Inbox, str]) -> None:
    inbox, url = relay
    with override_settings(SMTP_URL=url, **SENDING), MAILERS.get("smtp").open() as send:
        out = outgoing(hương)
        for _ in range(2):
            send(Mail(out.delivery.pk, "huong@mail.example", message_to("huong@mail.example", out)))
    (sender, recipients, mail, encrypted), (_s, _r, again, _e) = inbox.got
    assert encrypted and sender == "bounces@hue.example" and recipients == ["huong@mail.example"]
    assert mail["From"] == "Hue-S <hues@hue.example>" and mail["Subject"] == "Phản ánh của bạn đã có kết quả"
    assert mail["Message-ID"] == again["Message-ID"] == f"<{out.delivery.pk}@hue.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"].startswith("<https://hue.example/notices/unsubscribe/")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for body in (text, html):
        assert "PA-1" in body and f"https://hue.example/me/notices/{out.delivery.notice_id}" in body
    assert 'lang="vi"' in html and "#5B2A86" in html


@pytest.mark.parametrize(("answer", "error"), [("550 no such user", Refused), ("451 try later", NotSent)])
def test_what_a_relay_says_of_an_address_is_understood(
    hương: User, relay: tuple[Inbox, str], answer: str, error: type[Exception]
) -> None:
    inbox, url = relay
    inbox.refuse = [answer]
    with override_settings(SMTP_URL=url, **SENDING), MAILERS.get("smtp").open() as send:
        out = outgoing(hương)
        mail = Mail(out.delivery.pk, "huong@mail.example", message_to("huong@mail.example", out))
        with pytest.raises(error):
            send(mail)
        send(mail)  # the line still serves
    assert len(inbox.got) == 1


def test_the_next_relay_is_asked_when_one_cannot_be_reached(hương: User, relay: tuple[Inbox, str]) -> None:
    inbox, url = relay
    with override_settings(SMTP_URL=f"smtp://localhost:1, {url}", **SENDING), MAILERS.get("smtp").open() as send:
        out = outgoing(hương)
        send(Mail(out.delivery.pk, "huong@mail.example", message_to("huong@mail.example", out)))
    assert len(inbox.got) == 1


@pytest.mark.parametrize("change", [("p%40ss", "wrong"), ("smtp:", "smtps:")])
def test_nothing_is_sent_where_we_are_not_let_in(
    hương: User, relay: tuple[Inbox, str], change: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hues.notifications.plugins.smtp.TIMEOUT_SECONDS", 2)  # it answers a wrong password slowly
    inbox, url = relay
    with override_settings(SMTP_URL=url.replace(*change), **SENDING), MAILERS.get("smtp").open() as send:
        out = outgoing(hương)
        with pytest.raises(NotSent):
            send(Mail(out.delivery.pk, "huong@mail.example", message_to("huong@mail.example", out)))
    assert not inbox.got


def test_no_password_goes_to_a_relay_that_is_not_who_it_says(
    hương: User, relay: tuple[Inbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    inbox, url = relay
    with override_settings(SMTP_URL=url, **SENDING), MAILERS.get("smtp").open() as send:
        out = outgoing(hương)
        with pytest.raises(NotSent):
            send(Mail(out.delivery.pk, "huong@mail.example", message_to("huong@mail.example", out)))
    assert not inbox.got


def test_nobody_puts_a_header_into_a_mail(hương: User) -> None:
    mail = compose("a@b.example", "Xin chào\r\nBcc: all@hue.example", ["x"], message_id=uuid4(), language="vi")
    assert mail["Bcc"] is None and mail["Subject"] == "Xin chào Bcc: all@hue.example"


# ── One's own address ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sandbox() -> Iterator[None]:
    with override_settings(SANDBOX=True, MAIL_PROVIDER="sandbox"):
        yield


def me(person: User) -> Actor:
    return Actor("citizen", person.pk)


def code_for(address: str) -> str:
    mail = SandboxMail.objects.filter(to=address).latest("at")
    return next(line for line in mail.text.splitlines() if line.isdigit() and len(line) == 6)


def test_an_address_counts_once_its_code_was_typed_and_lies_sealed(sandbox: None, hương: User) -> None:
    actions.set_address(actor=me(hương), address=" Huong@mail.example ", language="vi")
    assert actions.address_of(hương.pk) == ("", "Huong@mail.example")
    code = code_for("Huong@mail.example")
    actions.confirm_address(actor=me(hương), code=f"{code[:3]} {code[3:]}")
    assert actions.address_of(hương.pk) == ("Huong@mail.example", "")
    with connection.cursor() as cursor:
        cursor.execute("select sealed, waiting from notifications_mailaddress")
        assert not any(b"mail.example" in bytes(blob) for blob in cursor.fetchone())
    actions.forget_address(actor=me(hương))
    assert actions.address_of(hương.pk) == ("", "") and not MailAddress.objects.exists()


def test_another_address_replaces_the_first_only_when_it_is_confirmed(sandbox: None, hương: User) -> None:
    for address in ("a@mail.example", "b@mail.example"):
        actions.set_address(actor=me(hương), address=address, language="vi")
        if address[0] == "a":
            actions.confirm_address(actor=me(hương), code=code_for(address))
    assert actions.address_of(hương.pk) == ("a@mail.example", "b@mail.example")
    actions.confirm_address(actor=me(hương), code=code_for("b@mail.example"))
    assert actions.address_of(hương.pk) == ("b@mail.example", "")


def test_a_code_is_not_guessed_and_grows_old(sandbox: None, hương: User) -> None:
    with clock.at(NOW):
        actions.set_address(actor=me(hương), address="a@mail.example", language="vi")
        code = code_for("a@mail.example")
        for _ in range(5):
            with pytest.raises(Invalid):
                actions.confirm_address(actor=me(hương), code=f"{(int(code) + 1) % 1_000_000:06}")
        with pytest.raises(Invalid, match="hết hạn"):
            actions.confirm_address(actor=me(hương), code=code)
        actions.set_address(actor=me(hương), address="a@mail.example", language="vi")
    with clock.at(NOW + timedelta(minutes=16)), pytest.raises(Invalid, match="hết hạn"):
        actions.confirm_address(actor=me(hương), code=code_for("a@mail.example"))


def test_nobody_is_flooded_with_codes(sandbox: None, hương: User) -> None:
    with override_settings(LIMITS=True):
        for _ in range(5):
            actions.set_address(actor=me(hương), address="a@mail.example", language="vi")
        with pytest.raises(TooMany):
            actions.set_address(actor=me(hương), address="a@mail.example", language="vi")


@pytest.mark.parametrize(
    "typed", ["", "huong", "a@b", "a@b.example\r\nBcc: c@d.example", "hương@mail.example", f"{'a' * 250}@b.example"]
)
def test_what_is_no_address_is_said_so(sandbox: None, hương: User, typed: str) -> None:
    with pytest.raises(Invalid):
        actions.set_address(actor=me(hương), address=typed, language="vi")


def test_without_a_mail_server_nobody_is_told_that_a_mail_comes(hương: User) -> None:
    with override_settings(MAIL_PROVIDER="smtp", SMTP_URL=""), pytest.raises(Unavailable):
        actions.set_address(actor=me(hương), address="a@mail.example", language="vi")


def test_staff_have_their_address_from_the_administrator(sandbox: None, hương: User) -> None:
    with pytest.raises(NotFound):
        actions.set_address(actor=Actor("staff", hương.pk), address="a@mail.example", language="vi")


def test_rotating_keys_brings_addresses_along(sandbox: None, hương: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUES_VAULT_KEY", "old key of this test")
    actions.set_address(actor=me(hương), address="a@mail.example", language="vi")
    actions.confirm_address(actor=me(hương), code=code_for("a@mail.example"))
    monkeypatch.setenv("HUES_VAULT_OLD_KEYS", "old key of this test")
    monkeypatch.setenv("HUES_VAULT_KEY", "new key of this test")
    assert actions.reseal_addresses() == 1 and actions.reseal_addresses() == 0
    monkeypatch.delenv("HUES_VAULT_OLD_KEYS")
    assert actions.address_of(hương.pk) == ("a@mail.example", "")


# ── Unsubscribing ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_press_in_the_mail_program_ends_such_mails(hương: User) -> None:
    """RFC 8058: a POST without cookies."""
    url = f"/notices/unsubscribe/{unsubscribe_token(hương.pk, 'case')}"
    outside = Client(enforce_csrf_checks=True)
    assert outside.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Preferences.objects.get().channels == {"case": {"mail": False}}


def test_looking_at_the_page_ends_nothing(hương: User) -> None:
    url = f"/notices/unsubscribe/{unsubscribe_token(hương.pk, 'case')}"
    page = Client().get(url)
    assert page.status_code == 200 and "<form" in page.text and not Preferences.objects.exists()


@pytest.mark.parametrize("token", ["x", "a:b:c"])
def test_only_our_own_links_end_anything(token: str) -> None:
    assert Client().post(f"/notices/unsubscribe/{token}").status_code == 404
