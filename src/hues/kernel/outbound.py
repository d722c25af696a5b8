"""Fetching from addresses that a user or another city gave us, without being led into our own network.

The name is resolved once, every address is checked, and the connection goes to the checked address: what the name says a
moment later does not matter. No redirects, few ports, limits on size and time. Hosts in HUES_OUTBOUND_ALLOW ("host" or "host:port",
comma-separated) are the operator's own word: neither address nor port of theirs is checked.
"""

import contextlib
import http.client
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from hues.kernel.errors import Invalid, Problem

PORTS = frozenset({80, 443, 8080, 8443})
MAX_BYTES = 5_000_000
TIMEOUT = 15.0  # seconds for the whole exchange

# IANA special-purpose registries. ipaddress.is_global is no help: it is true for NAT64 and 6to4 forms of 127.0.0.1.
_FORBIDDEN_V4 = tuple(map(ip_network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
)))  # fmt: skip
_GLOBAL_V6 = ip_network("2000::/3")  # all that is given out; outside of it are mapped, NAT64, local and multicast
_FORBIDDEN_V6 = tuple(map(ip_network, (
    "2001::/23",  # IETF protocols, Teredo among them
    "2001:db8::/32", "3fff::/20",  # documentation
    "2002::/16",  # 6to4: any IPv4 address inside
)))  # fmt: skip
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_NUMERIC = re.compile(r"(0x[0-9a-f]*|\d+)")
_UNSAFE = re.compile(r"[^\x21-\x7e]|\\")


class Refused(Invalid):
    """We do not go there. The detail says why."""

    code = "address-refused"


class Failed(Problem):
    """The other side could not be reached, or did not answer as it should."""

    status, code = 502, "other-side-failed"


@dataclass(frozen=True)
class Target:
    scheme: str
    host: str  # ASCII
    port: int
    path: str  # with the query
    trusted: bool  # by HUES_OUTBOUND_ALLOW


@dataclass(frozen=True)
class Answer:
    """Whatever status it has; redirects are not followed."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
) -> Answer:
    """One request. Raises Refused for an address we do not go to, Failed when there is no usable answer in time."""
    target = parse(url)
    connection = _Pinned(target, resolve(target), timeout)
    deadline = time.monotonic() + timeout
    expiry = threading.Timer(timeout, connection.cut)  # a timeout of the socket starts anew with every byte
    expiry.daemon = True
    expiry.start()
    try:
        connection.request(
            method, target.path, body, {"User-Agent": "Hue-S", "Accept-Encoding": "identity", **(headers or {})}
        )
        with connection.getresponse() as response:
            content = response.read(max_bytes + 1)
            if time.monotonic() > deadline:  # cut: what came is not the whole answer
                raise Failed(_("The other side took too long."))
            if len(content) > max_bytes:
                raise Failed(_("The other side's answer is too large."))
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
    except (
        OSError,
        http.client.HTTPException,
        ValueError,
        AttributeError,
    ) as error:  # AttributeError: cut in the middle
        raise Failed(_("The other side could not be reached.")) from error
    finally:
        expiry.cancel()
        connection.close()


def parse(url: str) -> Target:
    """A web address, strictly: no user, no tricks of writing. Raises Refused."""
    if _UNSAFE.search(url) or len(url) > 2000:
        raise refused()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise refused() from None
    host = (parts.hostname or "").lower().removesuffix(".")
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or parts.password is not None:
        raise refused()
    if not (_HOST.fullmatch(host) or _is_v6(host)) or _is_disguised(host):
        raise refused()
    port = (443 if parts.scheme == "https" else 80) if port is None else port
    trusted = not _allowed().isdisjoint({host, f"{host}:{port}"})
    if port not in PORTS and not trusted:
        raise refused()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, trusted)


def target(host: str, port: int) -> Target:
    """Where a connection is to go that carries more than one request; `parse` looked at each address before."""
    return Target("https", host, port, "/", not _allowed().isdisjoint({host, f"{host}:{port}"}))


def resolve(target: Target) -> list[str]:
    """The addresses to connect to. Raises Refused if any address of the name is not for us, Failed if there is none."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Failed(_("The other side could not be reached.")) from None
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    if not target.trusted and not all(is_public(address) for address in addresses):
        raise refused()
    return addresses


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public Internet's, in no disguise."""
    try:
        address = ip_address(text)
    except ValueError:  # with a scope: link-local
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _FORBIDDEN_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _FORBIDDEN_V6)


def refused() -> Refused:
    return Refused(_("This address cannot be used."))


def _is_v6(host: str) -> bool:
    try:
        return isinstance(ip_address(host), IPv6Address)
    except ValueError:
        return False


def _is_disguised(host: str) -> bool:
    """Numbers that only the resolver takes for an address: 2130706433, 0x7f.1, 127.1, 0177.0.0.1."""
    if not _NUMERIC.fullmatch(host.rpartition(".")[2]):
        return False
    try:
        return str(ip_address(host)) != host
    except ValueError:
        return True


def _allowed() -> frozenset[str]:
    return frozenset(
        part.strip().lower() for part in os.environ.get("HUES_OUTBOUND_ALLOW", "").split(",") if part.strip()
    )


class _Pinned(http.client.HTTPConnection):
    """Goes to checked addresses only, and speaks to the host by its name."""

    def __init__(self, target: Target, addresses: list[str], timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self.addresses = addresses
        self.wire: socket.socket | None = (
            None  # as `sock`, which the library forgets while an answer is still being read
        )
        self.tls = ssl.create_default_context() if target.scheme == "https" else None
        self.default_port = 443 if self.tls else 80  # no port in the Host header

    def connect(self) -> None:
        self.sock = self.wire = self._reach()
        if self.tls:
            secured = self.tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self.wire = secured  # before the handshake: it, too, can be cut when time is up
            secured.do_handshake()

    def _reach(self) -> socket.socket:
        *others, last = self.addresses
        for address in others:
            try:
                found = socket.create_connection((address, self.port), 3.0)
                found.settimeout(self.timeout)
                return found
            except OSError:
                continue
        return socket.create_connection((last, self.port), self.timeout)

    def cut(self) -> None:
        """End it from another thread: whoever reads gets an error or the end of the stream."""
        if self.wire is not None:
            with contextlib.suppress(OSError):
                self.wire.shutdown(socket.SHUT_RDWR)
