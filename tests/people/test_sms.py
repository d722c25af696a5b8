"""Text messages through a gateway: a real HTTP server on the other side, which shares no code with ours."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from hues.people import actions, codes, jobs
from hues.people.models import OneTimeCode, SandboxMessage
from hues.people.sms import PROVIDERS, NotSent, Refused

KEY = "a key that both sides know"


class Gateway:
    """Takes messages as a provider would: checks the signature by hand, sends an id once, fails on demand."""

    def __init__(self) -> None:
        self.requests: list[dict[str, str]] = []
        self.sent: dict[str, dict[str, str]] = {}
        self.answers: list[int] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gateway.take(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/messages"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.requests.append(dict(request.headers.items()))
        signed = request.headers["X-Hues-Timestamp"].encode() + b"." + body
        expected = "sha256=" + hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()
        status = self.answers.pop(0) if self.answers else 202
        if request.headers["X-Hues-Signature"] != expected:
            status = 401
        message = json.loads(body)
        if status < 300 and message["id"] == request.headers["Idempotency-Key"]:
            self.sent[message["id"]] = message
        request.send_response(status)
        request.end_headers()


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[Gateway]:
    server = Gateway()
    settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_KEY = "gateway", server.url, KEY
    yield server
    server.server.shutdown()
    server.server.server_close()


def test_a_code_travels_by_a_job_that_holds_neither_number_nor_code(gateway: Gateway) -> None:
    actions.send_code(phone="0905123456", purpose="sign-in", session_key="s")
    job = ProcrastinateJob.objects.get(task_name="hues.people.jobs.send_code")
    row = OneTimeCode.objects.get()
    assert not gateway.requests, "nothing leaves before the transaction is over"
    assert codes.code_of(row.id) not in str(job.args).replace(str(row.id), "") and "905123456" not in str(job.args)

    jobs.send_code(**job.args)
    (message,) = gateway.sent.values()
    assert message["to"] == "+84905123456" and codes.code_of(row.id) in message["text"]
    assert message["id"] == str(row.id)


def test_a_message_that_is_tried_again_is_sent_once(gateway: Gateway) -> None:
    actions.send_code(phone="0905123456", purpose="sign-in", session_key="s")
    args = ProcrastinateJob.objects.get(task_name="hues.people.jobs.send_code").args
    gateway.answers = [503, 429]
    for _ in range(2):
        with pytest.raises(NotSent):  # the job fails and comes again
            jobs.send_code(**args)
    jobs.send_code(**args)
    jobs.send_code(**args)
    assert len(gateway.requests) == 4 and len(gateway.sent) == 1


def test_a_refusal_is_not_tried_again_and_does_not_name_the_number(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    actions.send_code(phone="0905123456", purpose="sign-in", session_key="s")
    gateway.answers = [400]
    jobs.send_code(**ProcrastinateJob.objects.get(task_name="hues.people.jobs.send_code").args)
    assert "refused" in caplog.text and "905123456" not in caplog.text


def test_a_gateway_that_is_away_means_try_again(gateway: Gateway, settings: LazySettings) -> None:
    settings.SMS_URL = "http://127.0.0.1:9/"
    with pytest.raises(NotSent) as failed:
        PROVIDERS.get("gateway").send("+84905123456", "x", message_id=uuid4())
    assert "905123456" not in str(failed.value)


def test_a_gateway_with_another_key_refuses(gateway: Gateway, settings: LazySettings) -> None:
    settings.SMS_KEY = "not the key"
    with pytest.raises(Refused):
        PROVIDERS.get("gateway").send("+84905123456", "x", message_id=uuid4())


def test_nothing_is_sent_for_a_code_that_is_over(gateway: Gateway) -> None:
    actions.send_code(phone="0905123456", purpose="sign-in", session_key="s")
    args = ProcrastinateJob.objects.get(task_name="hues.people.jobs.send_code").args
    row = OneTimeCode.objects.get()
    actions.confirm_code(code=codes.code_of(row.id), purpose="sign-in", session_key="s")
    jobs.send_code(**args)
    assert not gateway.requests


@pytest.mark.parametrize("provider", ["gateway", "sandbox"])
def test_a_city_without_a_way_to_send_says_so_and_makes_no_code(
    settings: LazySettings, client: Client, provider: str
) -> None:
    settings.SMS_PROVIDER, settings.SMS_URL, settings.SANDBOX = provider, "", False
    answer = client.post("/login", {"phone": "0905123456"})
    assert answer.status_code == 503 and "chưa gửi được tin nhắn" in answer.text
    assert not OneTimeCode.objects.exists() and not SandboxMessage.objects.exists()


def test_without_a_gateway_nobody_pretends_to_send(settings: LazySettings) -> None:
    settings.SMS_URL = ""
    with pytest.raises(Refused):
        PROVIDERS.get("gateway").send("+84905123456", "x", message_id=uuid4())


def test_the_sandbox_provider_refuses_outside_the_sandbox(settings: LazySettings) -> None:
    settings.SANDBOX = False
    with pytest.raises(Refused):
        PROVIDERS.get("sandbox").send("+84905123456", "x", message_id=uuid4())
