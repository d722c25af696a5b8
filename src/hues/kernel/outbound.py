"""Going out: fetching what an address from elsewhere names, without being led into our own house (CWE-918).

The name is resolved once, every address it has must be a public one, and the connection is made to exactly the address
that was checked, so that a second answer of the name server changes nothing. Redirects are checked the same way. Hosts
that an operator trusts inside the house are named in HUES_OUTBOUND_PRIVATE.
"""

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urljoin, urlsplit

from hues import __version__

CONNECT_SECONDS, READ_SECONDS, ALL_SECONDS = 5.0, 15.0, 60.0
MAX_BYTES = 5_000_000
REDIRECTS = 3
_CHUNK = 65_536
_NAT64 = ip_network("64:ff9b::/96")


class Refused(Exception):
    """We do not go there, or do not take what is there: trying again would not help."""


class Unreachable(Exception):
    """Nobody answered as they should; another try may help."""


@dataclass(frozen=True)
class Reply:
    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


def fetch(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    accept: str = "*/*",
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """One request; a GET follows up to three redirects. Answers of any status come back. Raises Refused,
    Unreachable.
    """
    sent = {"User-Agent": f"Hue-S/{__version__}", "Accept": accept, "Accept-Encoding": "identity", **(headers or {})}
    for _hop in range(REDIRECTS + 1):
        reply = _once(_parsed(url), method, body, sent, max_bytes)
        target = reply.headers.get("location")
        if method != "GET" or reply.status not in {301, 302, 303, 307, 308} or not target:
            return reply
        url = urljoin(url, target)
    raise Refused("redirected too often")


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not url.isascii() or any(char <= " " for char in url):
        raise Refused("not a web address")
    return parts


def _once(parts: SplitResult, method: str, body: bytes | None, headers: Mapping[str, str], max_bytes: int) -> Reply:
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _Pinned(host, port, _checked_address(host, port), secure=parts.scheme == "https")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _deadline(connection):
            connection.request(method, target, body=body, headers=dict(headers))
            response = connection.getresponse()
            content = _read(response, max_bytes)
            found = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, content, found)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"{host}: {error or type(error).__name__}") from error
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    chunks, size = [], 0
    while chunk := response.read(min(_CHUNK, max_bytes + 1)):
        size += len(chunk)
        if size > max_bytes:
            raise Refused(f"more than {max_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _checked_address(host: str, port: int) -> str:
    """An address of the host, after all of them were found to be public. Raises Refused, Unreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise Unreachable(f"{host}: {error}") from error
    addresses = [str(row[4][0]) for row in found]
    if not addresses:
        raise Unreachable(f"{host} has no address")
    if host.lower() not in _trusted() and not all(is_public(ip_address(address)) for address in addresses):
        raise Refused(f"{host} is not a public address")
    return addresses[0]


def _trusted() -> frozenset[str]:
    """Hosts inside the house that the operator lets us call."""
    named = os.environ.get("HUES_OUTBOUND_PRIVATE", "").lower().split(",")
    return frozenset(host.strip() for host in named if host.strip())


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Globally reachable, also where an IPv4 address is wrapped in an IPv6 one (mapped, 6to4, Teredo, NAT64)."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return True
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return all(is_public(wrapped) for wrapped in inner if wrapped is not None)


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the name may mean by now; TLS is checked against the name."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        self.default_port = 443 if secure else 80  # what may be left out of the Host header
        super().__init__(host, port, timeout=READ_SECONDS)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), CONNECT_SECONDS)
        self.sock.settimeout(READ_SECONDS)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


@contextmanager
def _deadline(connection: http.client.HTTPConnection) -> Iterator[None]:
    """Ends a conversation that drips: the timeouts of a socket begin anew with every byte."""

    def hang_up() -> None:
        if connection.sock:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    timer = threading.Timer(ALL_SECONDS, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
