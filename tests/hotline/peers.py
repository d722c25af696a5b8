"""Telephone systems for the tests, written from their published protocols: an Asterisk (ARI) and a FreeSWITCH (event socket)."""

import base64
import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from hashlib import sha1
from typing import Any


class Peer:
    """A TCP server on a free port in a thread; `serve` answers one connection."""

    def __init__(self, serve: Callable[["Peer", socket.socket], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked: list[Any] = []  # what the other side wanted
        self.serve, self.open = serve, True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while self.open:
            try:
                wire, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(wire,), daemon=True).start()

    def _one(self, wire: socket.socket) -> None:
        with wire:
            wire.settimeout(5)
            try:
                self.serve(self, wire)
            except (OSError, ValueError):
                return

    def close(self) -> None:
        self.open = False
        self.listener.close()


def until(wire: socket.socket, end: bytes) -> bytes:
    got = b""
    while end not in got:
        piece = wire.recv(1)
        if not piece:
            raise OSError
        got += piece
    return got


def http_request(wire: socket.socket) -> tuple[str, str, dict[str, str], bytes]:
    """Method, path, headers, body."""
    head = until(wire, b"\r\n\r\n").decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    body = b""
    while len(body) < int(headers.get("content-length", 0)):
        body += wire.recv(65_536)
    method, path, _version = first.split(" ")
    return method, path, headers, body


def http_answer(wire: socket.socket, status: int, body: bytes = b"", **headers: str) -> None:
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{k}: {v}" for k, v in headers.items()),
    ]
    wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)


# ── Asterisk: docs.asterisk.org, Asterisk REST Interface; events over RFC 6455 ──


def frame(kind: int, payload: bytes, *, final: bool = True) -> bytes:
    """A server's frame (RFC 6455 §5.2): not masked."""
    first = (0x80 if final else 0) | kind
    if len(payload) < 126:
        return struct.pack("!BB", first, len(payload)) + payload
    if len(payload) < 65_536:
        return struct.pack("!BBH", first, 126, len(payload)) + payload
    return struct.pack("!BBQ", first, 127, len(payload)) + payload


def client_frame(wire: socket.socket) -> tuple[int, bytes]:
    """A client's frame; it must be masked (§5.1)."""
    head = wire.recv(2)
    assert head[1] & 0x80, "a client masks"
    mask = wire.recv(4)
    payload = wire.recv(head[1] & 0x7F) if head[1] & 0x7F else b""
    return head[0] & 0x0F, bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))


def asterisk(events: list[dict[str, Any]], *, status: int = 200) -> Peer:
    """Answers REST with `status`, and streams `events`, the first in two fragments and after a ping that must be answered."""

    def serve(peer: Peer, wire: socket.socket) -> None:
        method, path, headers, body = http_request(wire)
        if "websocket" not in headers.get("upgrade", ""):
            peer.asked.append((method, path, headers.get("authorization", ""), body))
            http_answer(wire, status, b"{}")
            return
        peer.asked.append(("EVENTS", path, "", b""))
        key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(sha1(key.encode()).digest()).decode()  # noqa: S324 - as the standard has it
        wire.sendall(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        wire.sendall(frame(0x9, b"are you there"))
        assert client_frame(wire) == (0xA, b"are you there")
        for place, event in enumerate(events):
            text = json.dumps(event).encode()
            if place == 0:
                wire.sendall(frame(0x1, text[:10], final=False) + frame(0x0, text[10:]))
            else:
                wire.sendall(frame(0x1, text))
        wire.sendall(frame(0x8, b""))

    return Peer(serve)


def channel(
    id: str, state: str, *, linked: str = "", caller: str = "", exten: str = "", name: str = "PJSIP/trunk-0001"
) -> dict[str, Any]:
    return {
        "id": id, "name": name, "state": state, "caller": {"name": "", "number": caller}, "connected": {"name": "", "number": ""},
        "dialplan": {"context": "in", "exten": exten, "priority": 1}, **({"linkedid": linked} if linked else {}),
    }  # fmt: skip


# ── FreeSWITCH: mod_event_socket ──


USUAL = "ClueCon"  # the password of an installation that nobody changed


def freeswitch(events: list[dict[str, str]], *, password: str = USUAL, reply: str = "+OK accepted") -> Peer:
    """Asks for the password, takes commands, and sends `events` once they are subscribed to."""

    def serve(peer: Peer, wire: socket.socket) -> None:
        wire.sendall(b"Content-Type: auth/request\n\n")
        while True:
            line = until(wire, b"\n\n").decode().strip()
            peer.asked.append(line)
            if line.startswith("auth "):
                good = line == f"auth {password}"
                wire.sendall(
                    f"Content-Type: command/reply\nReply-Text: {'+OK accepted' if good else '-ERR invalid'}\n\n".encode()
                )
            elif line.startswith("event json"):
                wire.sendall(b"Content-Type: command/reply\nReply-Text: +OK event listener enabled json\n\n")
                for event in events:
                    body = json.dumps(event).encode()
                    wire.sendall(f"Content-Length: {len(body)}\nContent-Type: text/event-json\n\n".encode() + body)
                notice = b"Disconnected, goodbye.\n"
                wire.sendall(
                    f"Content-Type: text/disconnect-notice\nContent-Length: {len(notice)}\n\n".encode() + notice
                )
                return
            elif line.startswith("api "):
                body = f"{reply}\n".encode()
                wire.sendall(f"Content-Type: api/response\nContent-Length: {len(body)}\n\n".encode() + body)
            elif re.match(r"bgapi ", line):
                wire.sendall(f"Content-Type: command/reply\nReply-Text: {reply}\nJob-UUID: 7f4e\n\n".encode())

    return Peer(serve)


# ── a telephone system that is only a web address ──


def webhook(status: int = 204) -> Peer:
    def serve(peer: Peer, wire: socket.socket) -> None:
        method, path, headers, body = http_request(wire)
        peer.asked.append((method, path, headers, body))
        http_answer(wire, status)

    return Peer(serve)
