"""Going out without being led into our own house."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hues.kernel import outbound
from hues.kernel.outbound import Failed, Refused


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104 - not bound
         "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
        "ff02::1", "192.0.0.8", "198.18.0.1", "203.0.113.5", "64:ff9b:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1", "::7f00:1", "fe80::1%eth0", "not an address",
    ],
)  # fmt: skip
def test_addresses_of_the_house_are_not_public(address: str) -> None:
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "103.97.125.1", "2606:4700::1111"])
def test_addresses_of_the_world_are(address: str) -> None:
    assert outbound.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.org/x", "gopher://x", "//example.org", "http://", "http:///x", "x",
        "http://user:pass@example.org/", "http://exa mple.org/", "http://example.org/\r\nX: y", "http://example.org:0/",
        "http://example.org:99999/", "http://[::1", "http://ví-dụ.vn/",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        outbound.fetch(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "127.1"])
def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises((Refused, Failed)):
        outbound.fetch(f"http://{host}:9/")


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: rows)
    with pytest.raises(Refused):
        outbound.fetch("http://rebinding.example/")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["1.1.1.1", "10.0.0.1"])  # a name server that changes its mind
    reached: list[str] = []

    def resolve(*_args: Any, **_more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 80))]

    def connect(address: tuple[str, int], *_args: Any) -> socket.socket:
        reached.append(address[0])
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Failed):
        outbound.fetch("http://rebinding.example/")
    assert reached == ["1.1.1.1"]


# ── Against a server on this machine, which the operator allows ──────────────────────────────────────────────────────


@pytest.fixture
def other_side(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Answers as its path says."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), OtherSide)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("HUES_OUTBOUND_ALLOW", f"127.0.0.1:{server.server_port}")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class OtherSide(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        match self.path:
            case "/moved":
                self.send_response(302)
                self.send_header("Location", "/hello")
                self.end_headers()
            case "/endless":
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    while True:
                        self.wfile.write(b"x" * 100_000)
            case "/drip":
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    while True:
                        self.wfile.write(b"x")
                        time.sleep(0.05)
            case "/drip-headers":
                with contextlib.suppress(OSError):
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
                    while True:
                        self.wfile.write(b"x")
                        time.sleep(0.05)
            case "/broken":
                self.wfile.write(b"SSH-2.0-OpenSSH\r\n")
            case _:
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.end_headers()
                self.wfile.write(f"{self.path} {self.headers['Host']} {self.headers['X-Key']}".encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(body[::-1])

    def log_message(self, *_args: Any) -> None:
        pass


def test_an_allowed_host_is_asked_by_its_name(other_side: str) -> None:
    answer = outbound.fetch(f"{other_side}/services.json?jurisdiction_id=hue", headers={"X-Key": "k"})
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain")
    assert answer.body.decode() == f"/services.json?jurisdiction_id=hue {other_side.removeprefix('http://')} k"
    assert outbound.fetch(other_side, method="POST", body=b"abc").body == b"cba"


def test_allowing_one_port_allows_no_other(other_side: str) -> None:
    port = int(other_side.rpartition(":")[2])
    with pytest.raises(Refused):
        outbound.fetch(f"http://127.0.0.1:{port + 1}/")


def test_redirects_are_shown_and_not_followed(other_side: str) -> None:
    assert outbound.fetch(f"{other_side}/moved").status == 302


@pytest.mark.parametrize("path", ["/endless", "/drip", "/drip-headers", "/broken"])
def test_an_answer_without_end_is_cut(other_side: str, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(Failed):
        outbound.fetch(other_side + path, timeout=0.6, max_bytes=300_000)
    assert time.monotonic() - began < 3


def test_headers_cannot_smuggle_lines(other_side: str) -> None:
    with pytest.raises(Failed):
        outbound.fetch(other_side, headers={"X-Key": "a\r\nX-Other: b"})
