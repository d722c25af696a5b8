"""A provider that speaks SMPP 3.4 with a carrier or an aggregator: the way text messages travel between companies.

    HUES_SMPP_URL=smpp://system-id:password@host:2775      (smpps: over TLS, its certificate checked)
    HUES_SMPP_PER_SECOND=20                                 what the contract allows; no answer yet counts too

One connection a process, bound as transceiver and kept by a thread of its own: it sends what others hand in, reads answers
and delivery receipts, asks "are you there" in silence, and binds anew after a fall. SMPP knows no message ids of ours: a
message whose answer never came is Unsure, and tried again it may arrive twice (docs/operations.md).
"""

import logging
import re
import secrets
import select
import socket
import ssl
import threading
import time
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections
from smpplib import consts, exceptions
from smpplib.client import Client
from smpplib.smpp import make_pdu

from hues.people import gsm, sms
from hues.people.sms import PROVIDERS, Handed, NotSent, Refused, Unsure

log = logging.getLogger(__name__)
logging.getLogger("hues.smpp").setLevel(logging.WARNING)  # the library would write down whole messages

NAME = "smpp"
ANSWER_SECONDS = 10.0  # for a submit_sm
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 30.0  # then enquire_link; as long again without a word, and the connection is given up
WINDOW = 10  # messages without an answer at a time (SMPP 3.4 §2.9 leaves it to the parties)
PAUSE_SECONDS = 1.0  # after "throttling error"
_BACK_OFF = (0.5, 1, 2, 5, 10, 30)  # seconds before each further attempt to bind

_THROTTLED = {consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL}
_LATER = _THROTTLED | {consts.SMPP_ESME_RSYSERR, consts.SMPP_ESME_RSUBMITFAIL, consts.SMPP_ESME_RX_T_APPN}
# The state in a receipt (SMPP 3.4, appendix B); others are not final.
_FINAL = {"DELIVRD": "delivered", "EXPIRED": "failed", "DELETED": "failed", "UNDELIV": "failed", "REJECTD": "failed"}
_IS_RECEIPT = 0x04  # in esm_class (SMPP 3.4 §5.2.12)
_RECEIPT = re.compile(rb"id:\s*(\S+).*?stat:\s*([A-Z]+)", re.DOTALL)


@dataclass
class _Part:
    """A submit_sm on its way. The future gets the carrier's message id."""

    arguments: dict[str, Any]
    answer: "Future[str]" = field(default_factory=Future)


@PROVIDERS.register(NAME)
class Smpp:
    immediate = False

    def ready(self) -> bool:
        return bool(settings.SMPP_URL)

    def send(self, to: str, text: str, *, message_id: UUID) -> Handed:  # noqa: ARG002 - SMPP has no ids of ours
        if not self.ready():
            raise Refused("HUES_SMPP_URL is not set")
        parts = [_Part(arguments) for arguments in submissions(to, text)]
        line = _line(settings.SMPP_URL)
        line.submit(parts)
        deadline = time.monotonic() + ANSWER_SECONDS
        numbers: list[str] = []
        for part in parts:
            try:
                numbers.append(part.answer.result(timeout=max(0.1, deadline - time.monotonic())))
            except NoAnswer:
                if part.answer.cancel():  # still in our own hands
                    raise _after(numbers, NotSent("the carrier is busy")) from None
                raise Unsure("no answer from the carrier") from None
            except NotSent as error:
                raise _after(numbers, error) from None
        return Handed(NAME, tuple(numbers))

    def attend(self) -> None:
        """Be bound, so that receipts can come."""
        if self.ready():
            _line(settings.SMPP_URL).begin()


def _after(taken: list[str], error: NotSent) -> NotSent:
    """Once a part was taken, nobody else may send the message."""
    return Unsure(*error.args) if taken else error


def submissions(to: str, text: str) -> list[dict[str, Any]]:
    """The arguments of each submit_sm: GSM-7 where every character fits, else UCS-2, joined by a header (TS 23.040 §9.2.3.24.1)."""
    alphabet, parts = gsm.segments(text)
    common = {
        "source_addr_ton": consts.SMPP_TON_ALNUM if not settings.SMS_SENDER.isdigit() else consts.SMPP_TON_NWSPEC,
        "source_addr_npi": consts.SMPP_NPI_UNK,
        "source_addr": settings.SMS_SENDER,
        "dest_addr_ton": consts.SMPP_TON_INTL,
        "dest_addr_npi": consts.SMPP_NPI_ISDN,
        "destination_addr": to.removeprefix("+"),
        "data_coding": consts.SMPP_ENCODING_DEFAULT if alphabet == gsm.GSM7 else consts.SMPP_ENCODING_ISO10646,
        "registered_delivery": 1,  # a receipt, whatever becomes of it
    }
    if len(parts) == 1:
        return [{**common, "short_message": parts[0]}]
    reference = secrets.randbelow(256)
    headers = (bytes([5, 0, 3, reference, len(parts), number]) for number in range(1, len(parts) + 1))
    return [
        {**common, "esm_class": consts.SMPP_GSMFEAT_UDHI, "short_message": header + part}
        for header, part in zip(headers, parts, strict=True)
    ]


@lru_cache(maxsize=1)
def _line(url: str) -> "Line":
    return Line(url)


class Line:
    """The connection to the carrier."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smpp", "smpps") or not parts.hostname:
            raise ValueError("HUES_SMPP_URL must be an smpp:// or smpps:// address")
        self.host, self.port = parts.hostname, parts.port or (3550 if parts.scheme == "smpps" else 2775)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.tls = parts.scheme == "smpps"
        self._waiting: deque[_Part] = deque()
        self._under_way: dict[int, _Part] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._bell, self._ear = socket.socketpair()  # wakes the thread from its waiting
        self._bell.setblocking(False)
        self._next_at = 0.0
        self.stopping = threading.Event()

    def submit(self, parts: list[_Part]) -> None:
        self._waiting.extend(parts)
        self.begin()
        with suppress(BlockingIOError):
            self._bell.send(b"!")

    def begin(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="smpp", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """For tests: leave properly."""
        self.stopping.set()
        with suppress(OSError):
            self._bell.send(b"!")
        if self._thread is not None:
            self._thread.join(timeout=5)

    # ── In the thread ────────────────────────────────────────────────────────────────────────────────────────────

    def _keep(self) -> None:
        """Bind, serve, and bind anew. Told once when it fails, and once when it is over."""
        failures = 0
        while not self.stopping.is_set():
            client: Client | None = None
            try:
                client = self._bound()
                if failures:
                    log.warning("smpp: bound again")
                failures = 0
                self._serve(client)
            except (exceptions.ConnectionError, exceptions.PDUError, OSError, ValueError) as error:
                if not failures:
                    log.error("smpp: the line is down: %s", error or type(error).__name__)
                failures += 1
                self._fail_waiting(NotSent("the carrier cannot be reached"))
            except Exception:
                log.exception("smpp: begins anew")
                failures += 1
            finally:
                if client is not None:
                    self._leave(client)
                close_old_connections()
            if failures:
                self._rest(_BACK_OFF[min(failures, len(_BACK_OFF)) - 1])

    def _rest(self, seconds: float) -> None:
        """Before binding again. Whoever hands in something meanwhile is told at once, and may ask another provider."""
        until = time.monotonic() + seconds
        while not self.stopping.is_set() and (left := until - time.monotonic()) > 0:
            readable, _writable, _odd = select.select([self._ear], [], [], left)
            if readable:
                self._ear.recv(4096)
                self._fail_waiting(NotSent("the carrier cannot be reached"))

    def _bound(self) -> Client:
        raw: socket.socket = socket.create_connection((self.host, self.port), CONNECT_SECONDS)
        client: Client | None = None
        try:
            if self.tls:
                raw = ssl.create_default_context().wrap_socket(raw, server_hostname=self.host)
            client = Client(
                self.host, self.port, timeout=CONNECT_SECONDS, allow_unknown_opt_params=True, logger_name="hues.smpp"
            )
            # The library makes IPv4 sockets, and TLS that checks no name: it is given a socket of ours.
            client._socket, client.state = raw, consts.SMPP_CLIENT_STATE_OPEN
            client.set_message_sent_handler(self._taken)
            client.set_error_pdu_handler(self._refused)
            client.set_message_received_handler(self._received)
            client.bind_transceiver(system_id=self.user, password=self.password, system_type="")
        except BaseException:
            raw.close()
            if client is not None:
                client._socket = None
            raise
        return client

    def _serve(self, client: Client) -> None:
        heard = asked = time.monotonic()
        while not self.stopping.is_set():
            pause = self._send_some(client)
            if self._readable(client, pause):
                client.read_once(auto_send_enquire_link=False)
                heard = asked = time.monotonic()
            now = time.monotonic()
            if now - heard > 2 * SILENCE_SECONDS:
                raise exceptions.ConnectionError("silence")
            if now - asked > SILENCE_SECONDS:
                client.send_pdu(make_pdu("enquire_link", client=client))
                asked = now

    def _readable(self, client: Client, pause: float) -> bool:
        wire = client._socket
        if isinstance(wire, ssl.SSLSocket) and wire.pending():
            return True
        readable, _writable, _odd = select.select([wire, self._ear], [], [], pause)
        if self._ear in readable:
            self._ear.recv(4096)
        return wire in readable

    def _send_some(self, client: Client) -> float:
        """Send what may go now. Returns for how long to listen before the next look, in seconds."""
        rest = min(1.0, SILENCE_SECONDS / 4)
        while self._waiting and len(self._under_way) < WINDOW:
            wait = self._next_at - time.monotonic()
            if wait > 0:
                return min(wait, rest)
            part = self._waiting.popleft()
            if not part.answer.set_running_or_notify_cancel():
                continue  # whoever handed it in waited long enough
            self._next_at = max(self._next_at, time.monotonic() - 1.0) + 1.0 / settings.SMPP_PER_SECOND
            try:
                pdu = client.send_message(**part.arguments)
            except BaseException:
                part.answer.set_exception(Unsure("the line fell"))
                raise
            self._under_way[pdu.sequence] = part
        return rest

    def _taken(self, pdu: Any) -> None:
        part = self._under_way.pop(pdu.sequence, None)
        if part is not None:
            part.answer.set_result(_text(pdu.message_id))

    def _refused(self, pdu: Any) -> None:
        """An answer with an error: to a submit_sm, or to anything else."""
        status = int(pdu.status)
        part = self._under_way.pop(pdu.sequence, None)
        if part is None:
            log.warning("smpp: %s: status %s", pdu.command, status)
            return
        if status in _THROTTLED:
            self._next_at = time.monotonic() + PAUSE_SECONDS
        part.answer.set_exception(
            NotSent(f"the carrier answered {status}") if status in _LATER else Refused(f"the carrier answered {status}")
        )

    def _received(self, pdu: Any) -> int | None:
        """A receipt; what people answer to us is not read. Its answer goes out afterwards: a receipt that we could not
        keep is sent again."""
        if not pdu.esm_class & _IS_RECEIPT:
            return None
        number, state = receipt_of(pdu)
        if number and state in _FINAL:
            try:
                close_old_connections()
                sms.note_receipt(NAME, number, _FINAL[state])
            except Exception:
                log.exception("smpp: a receipt could not be kept")
                close_old_connections()
                return int(consts.SMPP_ESME_RSYSERR)
        return None

    def _fail_waiting(self, error: NotSent) -> None:
        while self._waiting:
            part = self._waiting.popleft()
            if part.answer.set_running_or_notify_cancel():
                part.answer.set_exception(error)

    def _leave(self, client: Client) -> None:
        """End the connection; of what was under way nobody knows."""
        with suppress(exceptions.ConnectionError, exceptions.PDUError, OSError, ValueError):
            if self.stopping.is_set():
                client.unbind()
        with suppress(OSError):
            if client._socket is not None:
                client._socket.close()
        client._socket, client.state = None, consts.SMPP_CLIENT_STATE_CLOSED
        under_way, self._under_way = self._under_way, {}
        for part in under_way.values():
            part.answer.set_exception(Unsure("the line fell"))


def receipt_of(pdu: Any) -> tuple[str, str]:
    """The carrier's id and the state that a receipt names: by its optional fields, else in its text (appendix B)."""
    found = _RECEIPT.search(pdu.short_message or b"")
    number = _text(getattr(pdu, "receipted_message_id", None)) or (_text(found[1]) if found else "")
    state = found[2].decode() if found else ""
    code = getattr(pdu, "message_state", None)
    if not state and code is not None:  # SMPP 3.4 §5.2.28
        number_of = int.from_bytes(code, "big") if isinstance(code, bytes) else int(code)
        state = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD"}.get(number_of, "")
    return number[:64], state


def _text(raw: Any) -> str:
    if raw is None:
        return ""
    return raw.decode("latin-1").rstrip("\x00") if isinstance(raw, bytes) else str(raw)
