"""Asterisk by its REST interface, ARI (docs.asterisk.org, Asterisk REST Interface; Asterisk 18 and newer).

    HUES_CTI_URL=http://user:password@10.0.0.5:8088/ari?app=hues&endpoint=PJSIP/{extension}&context=outbound&queue=Local/queue

The dialplan hands calls to the application (`Stasis(hues)`) or only lets it subscribe to all channels (`subscribeAll=true`
is asked for). Calls are placed by `POST /channels` with our own channel id; events come over the web socket `/events`.

What the caller said to the voice menu comes as a channel variable (`Set(hues_consent=yes)`, `Set(hues_callback=1)`), as
`UserEvent(hues_consent,consent: yes)`, or as a key: `menu=<context>` in HUES_CTI_URL names the context in which keys count,
`consent_key`, `refuse_key` and `callback_key` say which. Without `menu` no key means anything: silence is never consent.

A call of ours is a channel with a caller; the operator's leg is told by the number in `endpoint`. Channel → call: the id of the
first channel (`channel.linkedid` where Asterisk says it, from 16.24 on).
"""

import json
import threading
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _plain
from django.utils.translation import gettext_lazy as _

from hues.hotline import fold
from hues.hotline.plugins import menu, websocket
from hues.hotline.telephony import ADAPTERS, HANG_UP, HOLD, RESUME, TRANSFER, Deliver, NotPlaced

TIMEOUT_SECONDS = 8.0
LISTEN_SECONDS = 5.0  # between looks whether we are to stop

# What ARI calls it → what it means for a call. `ChannelStateChange` depends on the state.
_EVENTS = {
    "ChannelHold": fold.HOLD, "ChannelUnhold": fold.RESUME, "ChannelDestroyed": fold.HANGUP,
    "RecordingFinished": fold.RECORDING, "BridgeBlindTransfer": fold.TRANSFER, "BridgeAttendedTransfer": fold.TRANSFER,
}  # fmt: skip
_STATES = {"Ring": fold.RING, "Ringing": fold.RING, "Up": fold.ANSWER}


@ADAPTERS.register("asterisk")
class Asterisk:
    label = _("Asterisk")
    verbs = frozenset({HANG_UP, HOLD, RESUME, TRANSFER})
    sandbox = False

    def ready(self) -> bool:
        return urlsplit(settings.CTI_URL).scheme in ("http", "https")

    def dial(self, *, ref: str, extension: str, number: str) -> None:
        """Ring the operator; when they answer, the dialplan (`context`) dials the number."""
        query = _query()
        self._ask(
            "POST",
            f"/channels/{quote(ref, safe='')}",
            {
                "endpoint": query.get("endpoint", "PJSIP/{extension}").format(extension=extension),
                "extension": number,
                "context": query.get("context", "outbound"),
                "priority": "1",
                "callerId": query.get("caller_id", ""),
                "timeout": query.get("ring", "30"),
            },
            body={"variables": {"hues_call": ref, "hues_number": number}},
        )

    def control(self, *, ref: str, verb: str, to: str = "") -> None:
        path = f"/channels/{quote(ref, safe='')}"
        if verb == HANG_UP:
            self._ask("DELETE", path, {"reason_code": "16"})
        elif verb == TRANSFER:
            target = _query().get("endpoint", "PJSIP/{extension}").format(extension=to)
            self._ask("POST", f"{path}/redirect", {"endpoint": target})
        else:
            self._ask("POST" if verb == HOLD else "DELETE", f"{path}/hold", {})

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> None:
        base, user, password = _address()
        asked = urlencode({name: value for name, value in query.items() if value})
        try:
            answer = httpx.request(
                method,
                f"{base}{path}?{asked}",
                auth=(user, password),
                json=body,
                timeout=TIMEOUT_SECONDS,
                follow_redirects=False,
            )
        except httpx.HTTPError:  # the error's text may name the number
            raise NotPlaced(_plain("The telephone system does not answer.")) from None
        if answer.status_code == 404:
            raise NotPlaced(_plain("The telephone system does not know this call any more."))
        if not answer.is_success:
            raise NotPlaced(_plain("The telephone system refused: {code}.").format(code=answer.status_code))

    def sound_headers(self, url: str) -> dict[str, str]:
        """Who we are, where a recording lies with this Asterisk: nobody else is told the password."""
        base, user, password = _address()
        if not url.startswith(f"{base}/recordings/stored/"):
            return {}
        return {"authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}

    def listen(self, deliver: Deliver, stop: threading.Event) -> None:
        base, user, password = _address()
        query = urlencode({"app": _query().get("app", "hues"), "subscribeAll": "true", "api_key": f"{user}:{password}"})
        url = f"{'wss' if base.startswith('https') else 'ws'}{base[base.index(':') :]}/events?{query}"
        with websocket.connect(url, headers={}, timeout=LISTEN_SECONDS) as events:
            while not stop.is_set():
                text = events.receive()
                if text is not None and (found := read(text, base=base)) is not None:
                    deliver([found])


def _address() -> tuple[str, str, str]:
    parts = urlsplit(settings.CTI_URL)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    base = f"{parts.scheme}://{host}:{parts.port or 8088}{parts.path.rstrip('/') or '/ari'}"
    return base, unquote(parts.username or ""), unquote(parts.password or "")


def _query() -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(settings.CTI_URL).query).items()}


def read(text: str, *, base: str = "") -> dict[str, Any] | None:
    """An event of ARI as one of ours; None for what says nothing of a call."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    channel = told.get("channel") or told.get("transferer_first_leg") or told.get("replace_channel") or {}
    said = _said(told, channel)
    kind = said.kind if said else _kind(told, channel)
    recording = told.get("recording") or {}
    target = str(recording.get("target_uri", ""))
    call = str(channel.get("linkedid") or channel.get("id") or "")
    if not call and target.startswith("channel:"):  # that of a bridge does not say which call it was
        call = target.removeprefix("channel:")
    if kind is None or not call or not told.get("timestamp"):
        return None
    if kind == fold.HANGUP and channel.get("linkedid") not in (None, channel.get("id")):
        return None  # the operator's leg ended: the call ends with the caller's
    data = said.data if said else _data(kind, told, channel)
    if kind == fold.TRANSFER and (not data["to"] or told.get("result", "Success") != "Success"):
        return None
    if kind == fold.RECORDING:
        data = {"url": f"{base}/recordings/stored/{quote(str(recording.get('name', '')), safe='')}/file"}
    which = f"-{kind}" if said else f"-{recording['name']}" if recording.get("name") else ""
    return {
        "specversion": "1.0", "id": f"{told['type']}{which}-{channel.get('id', '')}-{told['timestamp']}"[:128],
        "source": settings.CTI_SOURCE, "type": f"cti.{kind}", "time": _moment(str(told["timestamp"])), "subject": call, "data": data,
    }  # fmt: skip


def _kind(told: Mapping[str, Any], channel: Mapping[str, Any]) -> str | None:
    if told.get("type") in ("ChannelStateChange", "StasisStart"):
        return _STATES.get(str(channel.get("state", "")))
    return _EVENTS.get(str(told.get("type")))


def _said(told: Mapping[str, Any], channel: Mapping[str, Any]) -> menu.Said | None:
    """What the caller, or the dialplan for them, said to the voice menu."""
    kind = told.get("type")
    if kind == "ChannelVarset":
        return menu.variable(str(told.get("variable", "")), str(told.get("value", "")))
    if kind == "ChannelUserevent":
        given = told.get("userevent") or {}
        name = str(told.get("eventname", ""))
        field = {"hues_consent": "consent", "hues_transcript": "text"}.get(name, "")
        return menu.variable(name, str(given.get(field, "")) if field else "yes")
    if kind == "ChannelDtmfReceived" and channel.get("linkedid") in (None, channel.get("id")):
        context = str((channel.get("dialplan") or {}).get("context", ""))
        return menu.key(_query(), context, str(told.get("digit", "")))
    return None


def _data(kind: str, told: Mapping[str, Any], channel: Mapping[str, Any]) -> dict[str, Any]:
    """Who calls, and at which telephone. A leg that a channel dialled is the operator's."""
    first = channel.get("linkedid") in (None, channel.get("id"))
    leg = str(channel.get("name", "")).partition("-")[0].rpartition("/")[2]
    if kind == fold.TRANSFER:
        target = str((told.get("transfer_target") or {}).get("name", "")).partition("-")[0].rpartition("/")[2]
        return {"to": str(told.get("exten", "")) or target}
    if str(channel.get("id", "")).startswith("hues-"):
        return {"direction": "out", "agent": leg}
    if not first:
        return {"agent": leg}
    caller, dialled = channel.get("caller") or {}, (channel.get("dialplan") or {}).get("exten", "")
    return {"direction": "in", "from": str(caller.get("number", "")), "to": str(dialled)} if kind == fold.RING else {}


def _moment(text: str) -> str:
    """ARI writes the zone without a colon: 2026-11-25T10:04:05.678+0700."""
    if len(text) > 5 and text[-5] in "+-" and text[-4:].isdigit():
        return f"{text[:-2]}:{text[-2:]}"
    return text
