"""The frame around every request, and errors as answers."""

import json
import logging
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DataError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from hues.kernel.errors import Invalid, Problem, TooMany
from hues.kernel.http import client_address, problem_of, read_json, wants_json
from hues.kernel.http.frame import RequestFrame
from hues.kernel.http.policy import content_security_policy, live_origin
from hues.kernel.http.problems import ProblemResponses
from hues.kernel.logs import JsonLines, scrub

JSON = {"Accept": "application/json"}


def through(view: Any, request: HttpRequest | None = None) -> HttpResponse:
    """A request through the frame and the problem responses to a view."""
    problems = ProblemResponses(view)

    def inner(request: HttpRequest) -> Any:
        try:
            return problems(request)
        except Exception as error:
            response = problems.process_exception(request, error)
            if response is None:
                raise
            return response

    response = RequestFrame(inner)(request or RequestFactory().get("/", headers=JSON))
    assert isinstance(response, HttpResponse)
    return response


def raises(error: BaseException) -> Any:
    def view(_request: HttpRequest) -> HttpResponse:
        raise error

    return view


# ── Headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_allow_no_inline_script_no_frame_and_no_foreign_origin() -> None:
    headers = through(lambda _request: HttpResponse("ok")).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "*" not in policy
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
                 "worker-src 'self' blob:", "img-src 'self' blob: data:"):  # fmt: skip
        assert rule in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-cache" in headers["Cache-Control"]
    assert "Strict-Transport-Security" not in headers


def test_a_view_may_say_otherwise() -> None:
    response = through(lambda _request: HttpResponse("ok", headers={"Cache-Control": "public, max-age=60"}))
    assert response["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("http", "127.0.0.1:8000", "http://127.0.0.1:8001"),
        ("http", "hue.example", "http://hue.example:81"),
        ("https", "hue.example", "https://hue.example:444"),
        ("http", "[::1]:8000", "http://[::1]:8001"),
    ],
)
def test_pages_may_listen_to_the_event_stream_one_port_above(scheme: str, host: str, origin: str) -> None:
    assert live_origin(scheme, host) == origin
    assert f"connect-src 'self' {origin};" in content_security_policy(origin, https=False)


def test_over_tls_browsers_are_told_to_stay_there(settings: Any) -> None:
    settings.HTTPS, settings.LIVE_URL = True, "https://live.hue.example/x"
    headers = through(lambda _request: HttpResponse("ok")).headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "connect-src 'self' https://live.hue.example;" in headers["Content-Security-Policy"]
    assert "upgrade-insecure-requests" in headers["Content-Security-Policy"]


# ── Who is there ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "found"),
    [
        ([], "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        (["10.0.0.0/8"], "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.7", "1.2.3.4"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", "[2001:db8::5]:443", "2001:db8::5"),
        (["unix"], "", "1.2.3.4:5678", "1.2.3.4"),
    ],
)
def test_only_named_proxies_say_who_the_client_is(
    settings: Any, trusted: list[str], peer: str, forwarded: str, found: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)) == found


def test_only_named_proxies_say_that_tls_was_used(settings: Any) -> None:
    seen: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.is_secure())
        return HttpResponse()

    for settings.TRUSTED_PROXIES in ([], ["127.0.0.1"]):
        through(view, RequestFactory().get("/", HTTP_X_FORWARDED_PROTO="https"))
    assert seen == [False, True]


# ── Problems ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_program_gets_a_problem_document() -> None:
    response = through(raises(Invalid("Thiếu địa điểm.", fields={"lat": "Cần có."})))
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    body = json.loads(response.content)
    assert body["detail"] == "Thiếu địa điểm."
    assert body["fields"] == {"lat": "Cần có."}
    assert body["status"] == 422
    assert body["instance"] == f"urn:request:{response['X-Request-ID']}"


@pytest.mark.django_db
def test_a_person_gets_a_page_in_their_language() -> None:
    request = RequestFactory().get("/", headers={"Accept": "text/html"})
    pages = {}
    for language in ("vi", "en"):
        with translation.override(language):
            response = through(raises(Problem("<b>x</b>")), request)
            pages[language] = response.content.decode()
            assert response["Content-Language"] == language
    assert "&lt;b&gt;x" in pages["vi"] and "<b>x</b>" not in pages["vi"]
    assert pages["vi"] != pages["en"]


def test_a_page_that_cannot_be_drawn_is_still_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> str:
        raise OperationalError

    monkeypatch.setattr("hues.kernel.http.problems.render_to_string", broken)
    response = through(raises(OperationalError("gone")), RequestFactory().get("/", headers={"Accept": "text/html"}))
    assert response.status_code == 503
    assert b"<h1>" in response.content


def test_whoever_asks_too_often_is_told_when_to_come_again() -> None:
    response = through(raises(TooMany("Chậm lại.", retry_after=40)))
    assert (response.status_code, response["Retry-After"]) == (429, "40")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestDataTooBig("x"), 413),
        (TooManyFieldsSent("x"), 400),
        (OperationalError("gone"), 503),
        (DataError("integer out of range"), 400),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), 400),
        (ValueError("A string literal cannot contain NUL (0x00) characters."), 400),
    ],
)
def test_what_a_client_can_cause_is_never_our_fault(error: Exception, status: int) -> None:
    assert through(raises(error)).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["a\x00b", "\ud800", 2**70])
def test_the_net_below_all_checks_holds_with_the_real_database(value: Any) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("select %s::text" if isinstance(value, str) else "select %s::bigint", [value])
        return HttpResponse("ok")

    assert through(view).status_code == 400


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("ours"), AssertionError()])
def test_our_own_faults_are_not_dressed_up(error: Exception) -> None:
    assert problem_of(error) is None


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b"[Infinity]"], ids=lambda b: repr(b[:8])
)
def test_a_body_that_is_no_json_is_the_senders_problem(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_json(RequestFactory().post("/", body, content_type="application/json"))
    assert refused.value.status == 400


@given(st.text(max_size=40))
def test_any_accept_header_is_survived(accept: str) -> None:
    wants_json(RequestFactory().get("/", HTTP_ACCEPT=accept))


# ── Through the whole city ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/a%00b", "/?q=%00", "/cases?q=a%00", "/%ff%fe", "/?%ff=%fe", "/nowhere", "/log/proof/x"]
)
def test_odd_addresses_get_a_clear_answer(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code < 500
    assert "Content-Security-Policy" in response.headers
    assert "X-Request-ID" in response.headers


@pytest.mark.django_db
def test_a_program_gets_problems_even_where_no_door_is(client: Client) -> None:
    response = client.get("/api/v1/nowhere")
    assert response.status_code == 404
    assert json.loads(response.content)["code"] == "not-found"
    assert client.get("/nowhere", headers={"Accept": "text/html"})["Content-Type"].startswith("text/html")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("8.8.8.8", {}, 404),
        ("10.1.2.3", {"X-Forwarded-For": "10.9.9.9"}, 404),
        ("8.8.8.8", {"Authorization": "Bearer right"}, 200),
        ("8.8.8.8", {"Authorization": "Bearer wrong"}, 404),
    ],
)
def test_measurements_are_for_the_machine_and_those_with_the_key(
    client: Client, monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], status: int
) -> None:
    monkeypatch.setenv("HUES_METRICS_KEY", "right")
    response = client.get("/metrics", REMOTE_ADDR=address, headers=headers)
    assert response.status_code == status
    if status == 200:
        text = response.content.decode()
        assert "hues_http_requests_total" in text and "hues_outbox_entries" in text


# ── Logs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    ["0905123456", "0905 123 456", "+84 905-123-456", "(0234) 3822 999", "nguyen.van.a+x@hue.gov.vn", "046203001234",
     "4111 1111 1111 1111"],
)  # fmt: skip
def test_numbers_and_addresses_of_people_stay_out_of_logs(text: str) -> None:
    assert text not in scrub(f"failed for {text}, sorry")
    assert "[number]" in scrub(text) or "[e-mail]" in scrub(text)


@pytest.mark.parametrize(
    "text", ["01a2041e-885f-7f68-8ffa-ecc19e3d554a", "2026-11-22 15:54:51", "took 12345 ms", "PA-7K3M-Q2", "port 55432"]
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert text in scrub(f"about {text}, see above")


def test_the_access_log_knows_routes_and_no_texts(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hues.access"):
        through(
            lambda _request: HttpResponse("ok"),
            RequestFactory().get("/cases/PA-SECRET?q=0905123456", REMOTE_ADDR="203.0.113.7"),
        )
    line = JsonLines().format(caplog.records[-1])
    told = json.loads(line)
    assert {"method", "route", "status", "ms", "client"} <= set(told)
    assert not any(secret in line for secret in ("SECRET", "0905", "203.0.113.7"))
