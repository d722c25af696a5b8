"""Web push: the encryption read back by an independent decoder, who we say we are, and what push services answer."""

import base64
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import http_ece
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hues.kernel import clock, outbound
from hues.notifications.push import vapid
from hues.notifications.push.encryption import (
    LONGEST,
    Unusable,
    base64url,
    encrypt,
    encrypt_with,
    from_base64url,
    read_keys,
)
from hues.notifications.push.network import parse
from hues.notifications.push.sender import Message, Sender, result_of, topic_of
from tests import loops
from tests.notifications.peers import Browser, PushService

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_the_example_of_rfc_8291_comes_out_byte_for_byte() -> None:
    """§5: keys, salt and plain text as given there."""
    private = int.from_bytes(from_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = encrypt_with(
        b"When I grow up, I want to be a watermelon",
        from_base64url("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        from_base64url("BTBZMqHH6r4Tts7J_aSIgg"),
        own=ec.derive_private_key(private, ec.SECP256R1()),
        salt=from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert base64url(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("length", [0, 1, 200, LONGEST])
def test_a_browser_reads_what_we_encrypt(length: int) -> None:
    browser = Browser()
    plain = ("Huế 🌧️" * length).encode()[:length]
    body = encrypt(plain, browser.public, browser.auth)
    assert browser.read(body) == plain and len(body) <= 4096


def test_each_message_has_its_own_key_and_salt() -> None:
    browser = Browser()
    bodies = [encrypt(b"x", browser.public, browser.auth) for _ in range(20)]
    assert len({body[:16] for body in bodies}) == len({body[21:86] for body in bodies}) == 20


def test_nobody_else_reads_it() -> None:
    browser, other = Browser(), Browser()
    with pytest.raises(http_ece.ECEException):
        other.read(encrypt(b"x", browser.public, browser.auth))


BAD_KEYS = [
    ("", ""), ("AAAA", "BBBB"), ("not base64 ☂", "x"), (base64url(b"\x04" + b"\x01" * 64), base64url(b"a" * 16)),
    (base64url(Browser().public), base64url(b"short")), (base64url(b"\x00" * 65), base64url(b"a" * 16)),
]  # fmt: skip


@pytest.mark.parametrize(("p256dh", "auth"), BAD_KEYS, ids=range(len(BAD_KEYS)))
def test_what_is_no_key_is_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(Unusable):
        read_keys(p256dh, auth)


def test_a_text_that_does_not_fit_is_no_message() -> None:
    browser = Browser()
    with pytest.raises(ValueError, match="too long"):
        encrypt(b"x" * (LONGEST + 1), browser.public, browser.auth)


# ── Who we are ───────────────────────────────────────────────────────────────────────────────────────────────────────


def claims_of(header: str) -> dict[str, Any]:
    """Check the signature as a push service does (RFC 8292 §4.2), and read the claims."""
    fields = dict(part.strip().split("=", 1) for part in header.removeprefix("vapid ").split(","))
    head, body, signature = fields["t"].split(".")
    raw = from_base64url(signature)
    assert len(raw) == 64 and json.loads(from_base64url(head)) == {"typ": "JWT", "alg": "ES256"}
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(fields["k"]))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    claims: dict[str, Any] = json.loads(from_base64url(body))
    return claims


def test_a_push_service_can_check_who_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUES_PUSH_CONTACT", "mailto:it@hue.example")
    vapid._kept.clear()
    with clock.at(NOW):
        claims = claims_of(vapid.authorization("https://push.example:8443/send/abc?x=1"))
    assert claims["aud"] == "https://push.example:8443" and claims["sub"] == "mailto:it@hue.example"
    assert NOW.timestamp() < claims["exp"] <= NOW.timestamp() + 24 * 3600
    assert f"k={vapid.public_key()}" in vapid.authorization("https://push.example/")


def test_a_token_serves_a_push_service_for_half_a_day() -> None:
    vapid._kept.clear()
    with clock.at(NOW):
        first = vapid.authorization("https://push.example/a")
        assert vapid.authorization("https://push.example/b") == first
        assert vapid.authorization("https://other.example/a") != first
    with clock.at(NOW + timedelta(hours=10)):
        assert vapid.authorization("https://push.example/a") == first
    with clock.at(NOW + timedelta(hours=11, minutes=30)):
        assert vapid.authorization("https://push.example/a") != first


def test_the_key_is_the_deployment_s_or_one_that_was_brought_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUES_VAPID_KEY", "a secret of this deployment")
    first = vapid.public_key()
    assert len(from_base64url(first)) == 65 and vapid.public_key() == first
    monkeypatch.setenv("HUES_VAPID_KEY", "another secret")
    assert vapid.public_key() != first
    own = ec.generate_private_key(ec.SECP256R1())
    monkeypatch.setenv("HUES_VAPID_KEY", base64url(own.private_numbers().private_value.to_bytes(32, "big")))
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert vapid.public_key() == base64url(point)
    vapid._kept.clear()


# ── Push services ────────────────────────────────────────────────────────────────────────────────────────────────────


def message(endpoint: str, browser: Browser, **more: Any) -> Message:
    return Message(
        uuid4(), endpoint, browser.public, browser.auth, b'{"title":"a","body":"b"}', b'{"title":"a"}', **more
    )


def test_a_message_arrives_sealed_with_everything_a_push_service_needs(service: PushService) -> None:
    browser = Browser()
    topic = topic_of("/me/cases/PA-7K3M-Q2")
    with Sender() as sender:
        [result] = sender.send([message(service.url("a"), browser, topic=topic, urgent=True, ttl=60)])
    assert (result.answer, result.status) == ("taken", 201)
    [(path, headers, body)] = service.got
    assert path == "/a" and browser.read(body) == b'{"title":"a","body":"b"}'
    assert headers["ttl"] == "60" and headers["urgency"] == "high" and headers["content-encoding"] == "aes128gcm"
    assert (
        headers["topic"] == topic
        and len(topic) == 32
        and set(topic)
        <= set(base64.b64encode(sha256(b"").digest()).decode())
        | set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    )
    assert claims_of(headers["authorization"])["aud"] == f"https://localhost:{service.port}"


def test_many_go_out_over_few_connections_each_to_its_own_browser(service: PushService) -> None:
    browsers = [Browser() for _ in range(60)]
    with Sender() as sender:
        results = sender.send([message(service.url(str(n)), browser) for n, browser in enumerate(browsers)])
    assert [result.answer for result in results] == ["taken"] * 60
    for path, _headers, body in service.got:
        assert browsers[int(path[1:])].read(body)


def test_what_push_services_say_is_heard(service: PushService) -> None:
    service.answers = {
        "404": [(404, {})], "410": [(410, {})], "429": [(429, {"Retry-After": "120"})], "503": [(503, {})],
        "400": [(400, {})], "moved": [(307, {"Location": service.url("elsewhere")})],
    }  # fmt: skip
    with Sender() as sender:
        results = sender.send([message(service.url(path), Browser()) for path in service.answers])
    said = dict(zip(service.answers, results, strict=True))
    assert {path: result.answer for path, result in said.items()} == {
        "404": "gone", "410": "gone", "429": "later", "503": "later", "400": "refused", "moved": "refused",
    }  # fmt: skip
    assert said["429"].wait == 120 and "/elsewhere" not in [path for path, _h, _b in service.got]


def test_nobody_keeps_us_reading(service: PushService) -> None:
    service.answers = {"a": [(201, {"Content-Length": "99999999999"})]}
    with Sender() as sender:
        [result] = sender.send([message(service.url("a"), Browser())])
    assert result.answer == "taken", "what it says is enough; the page without end is not waited for"


def test_what_is_too_large_goes_out_shorter(service: PushService) -> None:
    service.answers = {"a": [(413, {})]}
    browser = Browser()
    with Sender() as sender:
        [result] = sender.send([message(service.url("a"), browser)])
    assert result.answer == "taken" and [browser.read(body) for _p, _h, body in service.got] == [
        b'{"title":"a","body":"b"}', b'{"title":"a"}',
    ]  # fmt: skip


def test_retry_after_may_be_a_date_and_has_an_end() -> None:
    with clock.at(NOW):
        assert result_of(uuid4(), 503, format_datetime(NOW + timedelta(seconds=90), usegmt=True)).wait == 90
        assert result_of(uuid4(), 429, "99999999999").wait == 3600
        assert result_of(uuid4(), 429, "soon").wait == 0


def test_nobody_is_reached_whose_certificate_is_not_good(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with Sender() as sender:
        [result] = sender.send([message(service.url("a"), Browser())])
    assert result.answer == "later" and not service.got


REFUSED = [
    "https://127.0.0.1:9/x", "https://10.0.0.5:9/x", "http://push.example/x", "https://user:pw@push.example/x", "https://push.example:22/x",
    "ftp://push.example/x", "//x", "", "https://2130706433/x",
]  # fmt: skip


@pytest.mark.parametrize("endpoint", REFUSED)
def test_there_are_addresses_that_we_do_not_go_to(endpoint: str) -> None:
    with pytest.raises(outbound.Refused):
        parse(endpoint)
    with Sender() as sender:
        assert sender.send([message(endpoint, Browser())])[0].answer == "gone"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.5", "[::1]", "169.254.169.254"])
def test_nobody_leads_us_into_our_own_network(host: str) -> None:
    with Sender() as sender:
        [result] = sender.send([message(f"https://{host}/x", Browser())])
    assert result.answer in ("gone", "later") and result.status == 0


def test_whoever_calls_may_have_a_loop_of_their_own(settings: Any) -> None:
    async def call() -> list[Any]:
        with Sender() as sender:
            return sender.send([])

    assert loops.run(call()) == []
