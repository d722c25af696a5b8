"""Going out without being led into our own house."""

import socket
from typing import Any

import pytest

from hues.kernel import outbound
from hues.kernel.outbound import Failed, Refused


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
        "ff02::1",
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
