"""A client of RFC 6455, as much of it as listening to a telephone system takes: text messages, ping and pong, closing.

Blocking, one connection, no extensions: Asterisk sends events and we answer pings.
"""

import base64
import os
import socket
import ssl
import struct
from dataclasses import dataclass
from hashlib import sha1
from types import TracebackType
from urllib.parse import urlsplit

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # §1.3
_CONTINUATION, _TEXT, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x8, 0x9, 0xA
MOST = 1_000_000  # bytes of one message
MOST_HEAD = 16_384


class Closed(OSError):
    """The other side ended the connection, or spoke something else."""


@dataclass
class WebSocket:
    """An open connection: `with connect(url, …) as socket: socket.receive()`."""

    wire: socket.socket
    rest: bytes = b""

    def __enter__(self) -> "WebSocket":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.wire.close()

    def receive(self) -> str | None:
        """The next text message; None when nothing came within the socket's timeout. Raises Closed."""
        parts: list[bytes] = []
        while True:
            try:
                final, kind, payload = self._frame(within=bool(parts))
            except TimeoutError:
                return None
            if kind == _PING:
                self._send(_PONG, payload)
            elif kind == _CLOSE:
                raise Closed("the telephone system closed the connection")
            elif kind in (_TEXT, _CONTINUATION):
                parts.append(payload)
                if sum(map(len, parts)) > MOST:
                    raise Closed("a message of the telephone system is too large")
                if final:
                    return b"".join(parts).decode("utf-8", "replace")

    def _frame(self, *, within: bool) -> tuple[bool, int, bytes]:
        """§5.2. A timeout counts only between messages: within one, what is missing is waited for."""
        head = self._read(2, patient=within)
        final, kind = bool(head[0] & 0x80), head[0] & 0x0F
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._read(2, patient=True))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._read(8, patient=True))
        if head[1] & 0x80 or length > MOST:  # servers do not mask (§5.1)
            raise Closed("the telephone system sent a frame that is not allowed")
        return final, kind, self._read(length, patient=True)

    def _read(self, count: int, *, patient: bool) -> bytes:
        while len(self.rest) < count:
            try:
                piece = self.wire.recv(65_536)
            except TimeoutError:
                if patient or self.rest:
                    continue
                raise
            if not piece:
                raise Closed("the telephone system ended the connection")
            self.rest += piece
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def _send(self, kind: int, payload: bytes) -> None:
        """Clients mask (§5.3). Control frames only: up to 125 bytes."""
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        self.wire.sendall(bytes((0x80 | kind, 0x80 | len(payload))) + mask + masked)


def connect(url: str, *, headers: dict[str, str], timeout: float) -> WebSocket:
    """Open `ws://` or `wss://` (§4.1). Raises OSError; Closed for an answer that is no web socket."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme in ("wss", "https")
    port = parts.port or (443 if secure else 80)
    wire = socket.create_connection((host, port), timeout)
    try:
        if secure:
            wire = ssl.create_default_context().wrap_socket(wire, server_hostname=host)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {parts.path or '/'}?{parts.query} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *(f"{name}: {value}" for name, value in headers.items()),
        ]  # fmt: skip
        wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        head, rest = _head(wire)
        _check(head, key)
    except BaseException:
        wire.close()
        raise
    return WebSocket(wire, rest)


def _head(wire: socket.socket) -> tuple[str, bytes]:
    got = b""
    while b"\r\n\r\n" not in got:
        piece = wire.recv(4096)
        if not piece or len(got) > MOST_HEAD:
            raise Closed("the telephone system did not answer as a web socket")
        got += piece
    head, _end, rest = got.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def _check(head: str, key: str) -> None:
    first, *lines = head.split("\r\n")
    if first.split(" ")[1:2] != ["101"]:
        raise Closed(f"the telephone system refused the connection: {first[:80]}")
    found = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    wanted = base64.b64encode(sha1((key + _GUID).encode()).digest()).decode()  # noqa: S324 - as the standard has it
    if found.get("sec-websocket-accept") != wanted:
        raise Closed("the telephone system did not answer as a web socket")
