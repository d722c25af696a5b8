"""FreeSWITCH by its event socket, ESL (developer.signalwire.com/freeswitch, mod_event_socket; inbound mode, port 8021).

    HUES_CTI_URL=esl://:password@10.0.0.6:8021?agent=user/{extension}&gateway=sofia/gateway/carrier/{number}

The protocol: headers, an empty line, and as many bytes as Content-Length says. We authenticate, subscribe to channel events as
JSON, and send commands by `bgapi`. A call is the UUID of its first leg (`Other-Leg-Unique-ID` says so for the second); for calls
we place it is ours (`origination_uuid`).

What the caller said to the voice menu comes as an event of the dialplan's `event` application (`hues::consent` with
`hues_consent`, `hues::callback`, `hues::transcript` with `hues_transcript`), with the variable `hues_consent` on any later event
of the channel, or as a key in the context that `menu=` names (`consent_key`, `refuse_key`, `callback_key`).
"""

import json
import re
import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _plain
from django.utils.translation import gettext_lazy as _

from hues.hotline import fold
from hues.hotline.plugins import menu
from hues.hotline.telephony import ADAPTERS, HANG_UP, HOLD, RESUME, TRANSFER, Deliver, NotPlaced

TIMEOUT_SECONDS = 8.0
LISTEN_SECONDS = 5.0
MOST = 2_000_000  # bytes of one event
_SAFE = re.compile(r"[A-Za-z0-9_+.*#@:/-]{1,64}")  # what may stand in a command: nothing that begins another

_EVENTS = {
    "CHANNEL_CREATE": fold.RING, "CHANNEL_ANSWER": fold.ANSWER, "CHANNEL_HOLD": fold.HOLD, "CHANNEL_UNHOLD": fold.RESUME,
    "CHANNEL_HANGUP_COMPLETE": fold.HANGUP, "RECORD_STOP": fold.RECORDING,
}  # fmt: skip
_SPOKEN = {"hues::consent": menu.CONSENT, "hues::callback": menu.CALLBACK, "hues::transcript": menu.TRANSCRIPT}


class Wire:
    """An authenticated connection. Raises OSError."""

    def __init__(self, timeout: float) -> None:
        parts = urlsplit(settings.CTI_URL)
        self.wire = socket.create_connection((parts.hostname or "", parts.port or 8021), timeout)
        self.rest = b""
        try:
            if self.read()[0].get("content-type") != "auth/request":
                raise OSError("not an event socket")
            told = self.command(f"auth {unquote(parts.password or 'ClueCon')}")
            if not told.get("reply-text", "").startswith("+OK"):
                raise OSError("the event socket refused the password")
        except BaseException:
            self.wire.close()
            raise

    def command(self, line: str) -> dict[str, str]:
        """Send a command; its reply's headers. Events that come first are passed over."""
        self.wire.sendall(f"{line}\n\n".encode())
        while True:
            head, body = self.read()
            if head.get("content-type") in ("command/reply", "api/response"):
                return head | ({"reply-text": body.decode("utf-8", "replace").strip()} if body else {})

    def read(self) -> tuple[dict[str, str], bytes]:
        """The next message: headers (names in lower case) and body. Raises TimeoutError between messages."""
        head = self._until(b"\n\n")
        found = {
            name.strip().lower(): unquote(value.strip())
            for name, _colon, value in (line.partition(":") for line in head.decode("utf-8", "replace").split("\n"))
        }
        length = int(found.get("content-length", "0") or 0)
        if not 0 <= length <= MOST:
            raise OSError("a message of the event socket is too large")
        while len(self.rest) < length:
            self._more(patient=True)
        body, self.rest = self.rest[:length], self.rest[length:]
        return found, body

    def _until(self, end: bytes) -> bytes:
        while end not in self.rest:
            self._more(patient=bool(self.rest))
        found, _end, self.rest = self.rest.partition(end)
        return found

    def _more(self, *, patient: bool) -> None:
        try:
            piece = self.wire.recv(65_536)
        except TimeoutError:
            if not patient:
                raise
            return
        if not piece or len(self.rest) > MOST:
            raise OSError("the event socket ended the connection")
        self.rest += piece

    def close(self) -> None:
        self.wire.close()


@ADAPTERS.register("freeswitch")
class FreeSwitch:
    label = _("FreeSWITCH")
    verbs = frozenset({HANG_UP, HOLD, RESUME, TRANSFER})
    sandbox = False

    def ready(self) -> bool:
        return urlsplit(settings.CTI_URL).scheme == "esl"

    def dial(self, *, ref: str, extension: str, number: str) -> None:
        query = _query()
        agent = query.get("agent", "user/{extension}").format(extension=_safe(extension))
        target = query.get("gateway", "sofia/gateway/carrier/{number}").format(number=_safe(number))
        said = f"origination_uuid={_safe(ref)},hues_call={_safe(ref)},hues_direction=out,hues_agent={_safe(extension)}"
        self._api(f"originate {{{said}}}{agent} &bridge({target})", later=True)

    def control(self, *, ref: str, verb: str, to: str = "") -> None:
        call = _safe(ref)
        self._api({
            HANG_UP: f"uuid_kill {call} NORMAL_CLEARING", HOLD: f"uuid_hold {call}", RESUME: f"uuid_hold off {call}",
            TRANSFER: f"uuid_transfer {call} {_safe(to) if to else ''}",
        }[verb])  # fmt: skip

    def _api(self, line: str, *, later: bool = False) -> None:
        try:
            wire = Wire(TIMEOUT_SECONDS)
        except OSError:
            raise NotPlaced(_plain("The telephone system does not answer.")) from None
        try:
            said = wire.command(f"{'bgapi' if later else 'api'} {line}").get("reply-text", "")
        except OSError:
            raise NotPlaced(_plain("The telephone system does not answer.")) from None
        finally:
            wire.close()
        if not said.startswith("+OK"):
            raise NotPlaced(_plain("The telephone system refused: {code}.").format(code=said[:40]))

    def listen(self, deliver: Deliver, stop: threading.Event) -> None:
        wire = Wire(TIMEOUT_SECONDS)
        try:
            wire.command(f"event json {' '.join(_EVENTS)} DTMF CUSTOM {' '.join(_SPOKEN)}")
            wire.wire.settimeout(LISTEN_SECONDS)
            while not stop.is_set():
                try:
                    head, body = wire.read()
                except TimeoutError:
                    continue
                if head.get("content-type") == "text/disconnect-notice":
                    raise OSError("the event socket ended the connection")
                if head.get("content-type") == "text/event-json" and (found := read(body)) is not None:
                    deliver([found])
        finally:
            wire.close()


def _safe(text: str) -> str:
    """Raises NotPlaced for what could begin another command."""
    if not _SAFE.fullmatch(text):
        raise NotPlaced(_plain("This cannot be dialled."))
    return text


def _query() -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(settings.CTI_URL).query).items()}


def read(body: bytes) -> dict[str, Any] | None:
    """An event of FreeSWITCH as one of ours; None for what says nothing of a call."""
    try:
        told = json.loads(body)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    said = _said(told)
    kind = said.kind if said else _EVENTS.get(str(told.get("Event-Name")))
    leg = str(told.get("Unique-ID", "")) if kind else ""
    stamp = str(told.get("Event-Date-Timestamp", "")) if kind else ""
    if not leg or not stamp.isdigit():
        return None
    call = str(told.get("variable_hues_call") or told.get("Other-Leg-Unique-ID") or leg)
    second = call != leg
    if kind == fold.HANGUP and second:
        return None  # the operator's leg ended: the call ends with the first
    if (
        kind == fold.ANSWER
        and not second
        and not told.get("variable_hues_call")
        and told.get("Call-Direction") == "inbound"
    ):
        return None  # the machine took it up to play something: nobody has answered yet
    return {
        "specversion": "1.0", "id": str(told.get("Event-UUID") or f"{told['Event-Name']}-{leg}-{stamp}"),
        "source": settings.CTI_SOURCE, "type": f"cti.{kind}", "subject": call,
        "data": said.data if said else _data(str(kind), told, second=second) | _consent(told),
        "time": datetime.fromtimestamp(int(stamp) / 1_000_000, UTC).isoformat(),
    }  # fmt: skip


def _said(told: Mapping[str, Any]) -> menu.Said | None:
    """What the caller, or the dialplan for them, said to the voice menu."""
    if told.get("Event-Name") == "CUSTOM" and (name := _SPOKEN.get(str(told.get("Event-Subclass")))):
        value = (
            told.get(name)
            or told.get(f"variable_{name}")
            or ("yes" if name == menu.CALLBACK else told.get("_body", ""))
        )
        return menu.variable(name, str(value))
    if told.get("Event-Name") == "DTMF" and not told.get("Other-Leg-Unique-ID"):
        return menu.key(_query(), str(told.get("Caller-Context", "")), str(told.get("DTMF-Digit", "")))
    return None


def _consent(told: Mapping[str, Any]) -> dict[str, Any]:
    agreed = menu.consent(str(told.get(f"variable_{menu.CONSENT}", "")))
    return {} if agreed is None else {"consent": agreed}


def _data(kind: str, told: Mapping[str, Any], *, second: bool) -> dict[str, Any]:
    if kind == fold.RECORDING:
        return (
            {"url": str(told.get("variable_hues_recording_url", ""))} if told.get("variable_hues_recording_url") else {}
        )
    if told.get("variable_hues_direction") == "out":
        return {"direction": "out", "agent": str(told.get("variable_hues_agent", ""))}
    if second:
        return {"agent": str(told.get("Caller-Destination-Number", ""))[:64]}
    if kind == fold.RING:
        return {
            "direction": "in", "from": str(told.get("Caller-Caller-ID-Number", "")), "to": str(told.get("Caller-Destination-Number", "")),
            **({"queue": str(told["variable_cc_queue"])[:64]} if told.get("variable_cc_queue") else {}),
        }  # fmt: skip
    return {}
