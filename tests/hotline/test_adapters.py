"""Telephone systems of each kind, against a peer that speaks their published protocol."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings

from hues.hotline import actions, jobs, listening, signing, telephony
from hues.hotline.models import Call, CallBack, CallBackTry, Recording
from hues.hotline.plugins import asterisk as ari
from hues.hotline.plugins import freeswitch as esl
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden
from tests.hotline import peers
from tests.hotline.conftest import CALLER, SECRET, START, event, ring, tell


@pytest.fixture
def use(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., peers.Peer]]:
    """Connect the city to a peer."""
    made: list[peers.Peer] = []

    def connect(name: str, url: str, peer: peers.Peer) -> peers.Peer:
        made.append(peer)
        settings.CTI_ADAPTER, settings.CTI_SOURCE = name, "pbx"
        settings.CTI_URL = url.format(port=peer.port)
        monkeypatch.setenv("HUES_OUTBOUND_ALLOW", f"127.0.0.1:{peer.port}")
        return peer

    yield connect
    for peer in made:
        peer.close()


@pytest.fixture
def owed() -> CallBack:
    """A call that nobody answered."""
    tell(ring("lost"), event("hangup", "lost", at=40))
    return CallBack.objects.get()


ARI = "http://hues:geheim@127.0.0.1:{port}/ari?app=hues&endpoint=PJSIP/{{extension}}&context=outbound"
ESL = "esl://:ClueCon@127.0.0.1:{port}?agent=user/{{extension}}&gateway=sofia/gateway/carrier/{{number}}"
WEB = "http://127.0.0.1:{port}/hues?city=hue"


def test_click_to_call_by_asterisk(use: Callable[..., peers.Peer], seated: Actor, owed: CallBack) -> None:
    peer = use("asterisk", ARI, peers.asterisk([]))
    call = actions.dial_callback(actor=seated, callback_id=owed.pk)
    (method, path, authorization, body) = peer.asked[0]
    assert method == "POST" and path.startswith(f"/ari/channels/{call.source_id}?")
    assert "endpoint=PJSIP%2F2001" in path and "extension=%2B84905123456" in path and "context=outbound" in path
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"hues:geheim"
    assert json.loads(body)["variables"]["hues_call"] == call.source_id
    assert (call.direction, call.operator_id, call.callback_id, call.source) == ("out", seated.id, owed.pk, "pbx")


def test_click_to_call_by_freeswitch(use: Callable[..., peers.Peer], seated: Actor, owed: CallBack) -> None:
    peer = use("freeswitch", ESL, peers.freeswitch([]))
    call = actions.dial_callback(actor=seated, callback_id=owed.pk)
    assert peer.asked[0] == "auth ClueCon"
    assert peer.asked[1].startswith("bgapi originate {origination_uuid=" + call.source_id)
    assert peer.asked[1].endswith("}user/2001 &bridge(sofia/gateway/carrier/+84905123456)")


def test_click_to_call_by_a_signed_webhook(use: Callable[..., peers.Peer], seated: Actor, owed: CallBack) -> None:
    peer = use("webhook", WEB, peers.webhook())
    call = actions.dial_callback(actor=seated, callback_id=owed.pk)
    method, path, headers, body = peer.asked[0]
    assert (method, path) == ("POST", "/hues?city=hue")
    assert json.loads(body) == {"type": "call.dial", "call": call.source_id, "extension": "2001", "number": CALLER}
    assert signing.verify({"pbx": (SECRET,)}, headers, body)[0] == "pbx"


def test_a_webhook_inside_our_network_is_not_asked(
    use: Callable[..., peers.Peer], seated: Actor, owed: CallBack, monkeypatch: Any
) -> None:
    peer = use("webhook", WEB, peers.webhook())
    monkeypatch.setenv("HUES_OUTBOUND_ALLOW", "")
    with pytest.raises(telephony.NotPlaced):
        actions.dial_callback(actor=seated, callback_id=owed.pk)
    assert peer.asked == []


@pytest.mark.parametrize(
    ("name", "url", "peer"),
    [("asterisk", ARI, lambda: peers.asterisk([], status=500)), ("freeswitch", ESL, lambda: peers.freeswitch([], reply="-ERR USER_NOT_REGISTERED")),
     ("freeswitch", ESL, lambda: peers.freeswitch([], password="other")), ("webhook", WEB, lambda: peers.webhook(503)),
     ("asterisk", "http://a:b@127.0.0.1:1/ari", lambda: peers.webhook())],
)  # fmt: skip
def test_what_was_not_placed_is_said_and_kept_as_an_attempt(
    name: str, url: str, peer: Callable[[], peers.Peer], use: Callable[..., peers.Peer], seated: Actor, owed: CallBack
) -> None:
    use(name, url, peer())
    with pytest.raises(telephony.NotPlaced) as problem:
        actions.dial_callback(actor=seated, callback_id=owed.pk)
    assert "905" not in problem.value.detail
    assert CallBackTry.objects.get().result == "failed"
    assert not Call.objects.filter(direction="out").exists()
    owed.refresh_from_db()
    assert (owed.state, owed.taken_by) == ("open", None)


def test_the_number_of_a_sender_goes_to_the_telephone_system_and_to_nobody_else(
    use: Callable[..., peers.Peer], seated: Actor, citizen: Any
) -> None:
    from hues.cases.actions import open_case
    from hues.people import queries

    case = open_case(actor=queries.actor_for(citizen), category="DT01", body="Đèn tắt", lat=16.4637, lon=107.5909)
    row = actions.call_reporter(actor=seated, code=case.code, reason="quality")
    with pytest.raises(Conflict):
        actions.call_reporter(actor=seated, code=case.code, reason="question")
    with pytest.raises(Forbidden):
        actions.number_to_dial(actor=seated, callback_id=row.pk)
    peer = use("webhook", WEB, peers.webhook())
    call = actions.dial_callback(actor=seated, callback_id=row.pk)
    assert json.loads(peer.asked[0][3])["number"] == CALLER
    assert not call.sealed_number and not call.number_end and call.case_id == case.pk
    tell({**event("ring", call.source_id, direction="out", to=CALLER, agent="2001")})
    call.refresh_from_db()
    assert not call.number_end, "not even when the telephone system says it"


@pytest.mark.parametrize(
    ("verb", "wanted"),
    [("hold", ("POST", "/hold")), ("resume", ("DELETE", "/hold")), ("hang_up", ("DELETE", "?reason_code=16")),
     ("transfer", ("POST", "/redirect?endpoint=PJSIP%2F2002"))],
)  # fmt: skip
def test_what_the_desk_does_with_a_call_asterisk_does(
    verb: str, wanted: tuple[str, str], use: Callable[..., peers.Peer], answered: Callable[..., Call], seated: Actor
) -> None:
    peer = use("asterisk", ARI, peers.asterisk([]))
    call = answered("1732503845.17")
    actions.control_call(actor=seated, call_id=call.pk, verb=verb, to="2002")
    method, path, *_rest = peer.asked[0]
    assert method == wanted[0] and path.startswith("/ari/channels/1732503845.17") and wanted[1] in path
    call.refresh_from_db()
    assert call.state == "talking", "what was done is told by events"


@pytest.mark.parametrize(
    ("verb", "line"),
    [("hold", "api uuid_hold c1"), ("resume", "api uuid_hold off c1"), ("hang_up", "api uuid_kill c1 NORMAL_CLEARING"),
     ("transfer", "api uuid_transfer c1 2002")],
)  # fmt: skip
def test_what_the_desk_does_with_a_call_freeswitch_does(
    verb: str, line: str, use: Callable[..., peers.Peer], answered: Callable[..., Call], seated: Actor
) -> None:
    peer = use("freeswitch", ESL, peers.freeswitch([]))
    actions.control_call(actor=seated, call_id=answered().pk, verb=verb, to="2002")
    assert peer.asked[1] == line


@pytest.mark.parametrize("to", ["2002 \nbgapi system rm", "2002;reboot", "a b", "x" * 90, "2002\n\nexit"])
def test_nothing_typed_becomes_another_command(to: str) -> None:
    with pytest.raises(telephony.NotPlaced):
        esl._safe(to)


# ── listening ──


def stamped(seconds: float) -> str:
    """As ARI writes a moment in Huế."""
    from datetime import timedelta

    return (START + timedelta(seconds=seconds, hours=7)).strftime("%Y-%m-%dT%H:%M:%S.000+0700")


def test_asterisk_tells_of_a_call_over_its_web_socket(use: Callable[..., peers.Peer], seated: Actor) -> None:
    caller = channel_of("1732503845.17", "Ring", linked="1732503845.17", caller="0905123456", exten="19001075")
    leg = channel_of("1732503846.18", "Up", linked="1732503845.17", name="PJSIP/2001-00000002")
    story = [
        {"type": "StasisStart", "timestamp": stamped(0), "channel": caller},
        {"type": "ChannelStateChange", "timestamp": stamped(1), "channel": {**leg, "state": "Ringing"}},
        {"type": "ChannelVarset", "timestamp": stamped(1), "channel": leg, "variable": "X", "value": "é" * 70_000},
        {"type": "ChannelStateChange", "timestamp": stamped(9), "channel": leg},
        {"type": "ChannelHold", "timestamp": stamped(30), "channel": leg},
        {"type": "ChannelUnhold", "timestamp": stamped(40), "channel": leg},
        {"type": "ChannelDestroyed", "timestamp": stamped(99), "channel": leg},
        {"type": "ChannelDestroyed", "timestamp": stamped(100), "channel": {**caller, "state": "Up"}},
    ]
    peer = use("asterisk", ARI, peers.asterisk(story))
    listening.run(threading.Event(), once=True)
    assert "app=hues" in peer.asked[0][1] and "api_key=hues%3Ageheim" in peer.asked[0][1]
    call = Call.objects.get(source="pbx", source_id="1732503845.17")
    assert (call.state, call.result, call.wait_s, call.talk_s, call.hold_s) == ("ended", "answered", 9, 81, 10)
    assert (call.extension, call.operator_id, call.number_end) == ("2001", seated.id, "456")


channel_of = peers.channel


def fs(name: str, leg: str, at: float, **more: str) -> dict[str, str]:
    from datetime import timedelta

    moment = int((START + timedelta(seconds=at)).timestamp() * 1_000_000)
    return {
        "Event-Name": name,
        "Unique-ID": leg,
        "Event-Date-Timestamp": str(moment),
        "Event-UUID": str(uuid4()),
        **more,
    }


def test_freeswitch_tells_of_a_call_over_its_event_socket(use: Callable[..., peers.Peer], seated: Actor) -> None:
    first, second = str(uuid4()), str(uuid4())
    b = {"Other-Leg-Unique-ID": first, "Caller-Destination-Number": "2001", "Call-Direction": "outbound"}
    a = {"Caller-Caller-ID-Number": "0905123456", "Caller-Destination-Number": "19001075", "Call-Direction": "inbound"}
    story = [
        fs("CHANNEL_CREATE", first, 0, **a), fs("CHANNEL_ANSWER", first, 1, **a), fs("CHANNEL_CREATE", second, 2, **b),
        fs("CHANNEL_ANSWER", second, 12, **b), fs("CHANNEL_HOLD", first, 20, **a), fs("CHANNEL_UNHOLD", first, 25, **a),
        fs("CHANNEL_HANGUP_COMPLETE", second, 71, **b), fs("CHANNEL_HANGUP_COMPLETE", first, 72, **a), {"Event-Name": "HEARTBEAT"},
    ]  # fmt: skip
    peer = use("freeswitch", ESL, peers.freeswitch(story))
    listening.run(threading.Event(), once=True)
    assert peer.asked[1].startswith("event json CHANNEL_CREATE")
    call = Call.objects.get(source="pbx", source_id=first)
    assert (call.result, call.wait_s, call.talk_s, call.hold_s, call.extension) == ("answered", 12, 55, 5, "2001")
    assert (call.operator_id, call.number_end) == (seated.id, "456")


MENU = "&menu=welcome&consent_key=2&refuse_key=9&callback_key=1"


def said_to_asterisk(by: str, **more: Any) -> dict[str, Any]:
    """What a caller told the voice menu, as ARI tells it."""
    caller = channel_of("c1", "Up", linked="c1", caller="0905123456", exten="19001075")
    caller["dialplan"]["context"] = "welcome"
    return {"type": by, "timestamp": stamped(3), "channel": caller, **more}


SPOKEN = [
    ({"by": "ChannelVarset", "variable": "hues_consent", "value": "yes"}, "given"),
    ({"by": "ChannelVarset", "variable": "hues_consent", "value": "no"}, "refused"),
    ({"by": "ChannelVarset", "variable": "hues_consent", "value": ""}, ""),
    ({"by": "ChannelVarset", "variable": "consent", "value": "yes"}, ""),
    ({"by": "ChannelUserevent", "eventname": "hues_consent", "userevent": {"consent": "yes"}}, "given"),
    ({"by": "ChannelUserevent", "eventname": "hues_consent", "userevent": {}}, ""),
    ({"by": "ChannelDtmfReceived", "digit": "2"}, "given"),
    ({"by": "ChannelDtmfReceived", "digit": "9"}, "refused"),
    ({"by": "ChannelDtmfReceived", "digit": "5"}, ""),
]


@pytest.mark.parametrize(("spoken", "consent"), SPOKEN)
def test_asterisk_tells_who_agreed_and_silence_is_no_consent(
    spoken: dict[str, Any], consent: str, use: Callable[..., peers.Peer]
) -> None:
    begin = {**said_to_asterisk("StasisStart"), "timestamp": stamped(0)}
    begin["channel"] = {**begin["channel"], "state": "Ring"}
    use("asterisk", ARI + MENU, peers.asterisk([begin, said_to_asterisk(**spoken)]))
    listening.run(threading.Event(), once=True)
    assert Call.objects.get(source_id="c1").consent == consent


def test_keys_of_another_menu_or_of_no_menu_mean_nothing(settings: LazySettings) -> None:
    settings.CTI_URL = ARI.format(port=1)
    key = said_to_asterisk("ChannelDtmfReceived", digit="2")
    assert ari.read(json.dumps(key)) is None, "no menu is named"
    settings.CTI_URL += MENU
    assert ari.read(json.dumps(key)) is not None
    key["channel"]["dialplan"]["context"] = "queue"
    assert ari.read(json.dumps(key)) is None, "typed while talking"
    pressed = fs("DTMF", "c1", 3, **{"DTMF-Digit": "2", "Caller-Context": "welcome"})
    assert esl.read(json.dumps(pressed).encode()) is not None
    assert esl.read(json.dumps({**pressed, "Caller-Context": "default"}).encode()) is None


@pytest.mark.parametrize(
    "spoken",
    [{"by": "ChannelVarset", "variable": "hues_callback", "value": "1"}, {"by": "ChannelDtmfReceived", "digit": "1"},
     {"by": "ChannelUserevent", "eventname": "hues_callback", "userevent": {"eventname": "hues_callback"}}],
)  # fmt: skip
def test_asterisk_tells_who_wants_to_be_called_back(spoken: dict[str, Any], use: Callable[..., peers.Peer]) -> None:
    begin = {**said_to_asterisk("StasisStart"), "timestamp": stamped(0)}
    begin["channel"] = {**begin["channel"], "state": "Ring"}
    gone = {**said_to_asterisk("ChannelDestroyed"), "timestamp": stamped(5)}
    use("asterisk", ARI + MENU, peers.asterisk([begin, said_to_asterisk(**spoken), gone]))
    listening.run(threading.Event(), once=True)
    assert [(row.reason, row.number_end) for row in CallBack.objects.filter(state="open")] == [("promised", "456")]


def test_asterisk_hands_over_a_recording_to_who_proves_who_they_are(
    use: Callable[..., peers.Peer], over: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    call = over(consent=True)
    finished = {"type": "RecordingFinished", "timestamp": stamped(189),
                "recording": {"name": "hues c1", "format": "wav", "state": "done", "target_uri": "channel:c1"}}  # fmt: skip
    words = said_to_asterisk("ChannelUserevent", eventname="hues_transcript", userevent={"text": "Tôi ở kiệt 12"})
    bridge = {**finished, "recording": {**finished["recording"], "target_uri": "bridge:b1"}}
    peer = use("asterisk", ARI, peers.asterisk([finished, words, bridge]))
    listening.run(threading.Event(), once=True)
    assert Call.objects.count() == 1, "the recording of a bridge does not say of which call it is"
    assert Recording.objects.get(call=call, kind="transcript").state == "stored"
    row = Recording.objects.get(call=call, kind="sound")
    assert row.fetch_url.endswith("/ari/recordings/stored/hues%20c1/file")
    jobs.fetch_recording(str(row.pk))  # `{}` of the peer is no sound, but it was asked, and with the password
    method, path, authorization, _body = peer.asked[-1]
    assert (method, path) == ("GET", "/ari/recordings/stored/hues%20c1/file")
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"hues:geheim"
    assert telephony.sound_headers("https://elsewhere.example/ari/recordings/stored/x/file") == {}


@pytest.mark.parametrize(
    "told",
    [{"type": "BridgeBlindTransfer", "result": "Success", "exten": "2002", "channel": "LEG"},
     {"type": "BridgeAttendedTransfer", "result": "Success", "transferer_first_leg": "LEG", "transferer_second_leg": {},
      "transfer_target": {"id": "9.9", "name": "PJSIP/2002-0000000c"}}],
)  # fmt: skip
def test_asterisk_tells_of_a_transfer(
    told: dict[str, Any], use: Callable[..., peers.Peer], answered: Callable[..., Call]
) -> None:
    answered("1732503845.17")
    leg = channel_of("1732503846.18", "Up", linked="1732503845.17", name="PJSIP/2001-00000002")
    given = {name: leg if value == "LEG" else value for name, value in told.items()} | {"timestamp": stamped(60)}
    use("asterisk", ARI, peers.asterisk([{**given, "result": "Fail", "timestamp": stamped(50)}, given]))
    listening.run(threading.Event(), once=True)
    call = Call.objects.get()
    assert (call.extension, call.state, call.events.filter(kind="transfer").count()) == ("2002", "talking", 1)


def test_freeswitch_tells_consent_call_back_recording_transcript_and_transfer(
    use: Callable[..., peers.Peer], seated: Actor
) -> None:
    first, second, third = str(uuid4()), str(uuid4()), str(uuid4())
    a = {"Caller-Caller-ID-Number": "0905123456", "Caller-Destination-Number": "19001075", "Call-Direction": "inbound"}
    b, c = (
        {"Other-Leg-Unique-ID": first, "Caller-Destination-Number": n, "Call-Direction": "outbound"}
        for n in ("2001", "2002")
    )
    story = [
        fs("CHANNEL_CREATE", first, 0, **a), fs("CUSTOM", first, 2, **a, **{"Event-Subclass": "hues::consent", "hues_consent": "yes"}),
        fs("CUSTOM", first, 2, **a, **{"Event-Subclass": "hues::callback"}),
        fs("CUSTOM", first, 2, **a, **{"Event-Subclass": "other::thing", "hues_consent": "no"}),
        fs("CHANNEL_CREATE", second, 3, **b), fs("CHANNEL_ANSWER", second, 10, **b), fs("CHANNEL_HANGUP_COMPLETE", second, 40, **b),
        fs("CHANNEL_CREATE", third, 41, **c), fs("CHANNEL_ANSWER", third, 45, **c),
        fs("RECORD_STOP", first, 90, **a, variable_hues_recording_url="https://pbx.example/c1.wav"),
        fs("CUSTOM", first, 91, **a, **{"Event-Subclass": "hues::transcript", "_body": "Tôi ở kiệt 12"}),
        fs("CHANNEL_HANGUP_COMPLETE", first, 92, **a),
    ]  # fmt: skip
    peer = use("freeswitch", ESL, peers.freeswitch(story))
    listening.run(threading.Event(), once=True)
    assert "CUSTOM hues::consent hues::callback hues::transcript" in peer.asked[1]
    call = Call.objects.get()
    assert (call.consent, call.extension, call.result) == ("given", "2002", "answered")
    assert CallBack.objects.get().reason == "promised"
    kept = {row.kind: (row.state, row.fetch_url) for row in Recording.objects.all()}
    assert kept == {"sound": ("waiting", "https://pbx.example/c1.wav"), "transcript": ("stored", "")}


@pytest.mark.parametrize(("value", "consent"), [("true", "given"), ("no", "refused"), ("", ""), ("maybe", "")])
def test_freeswitch_may_say_consent_with_any_event_of_the_channel(
    value: str, consent: str, use: Callable[..., peers.Peer]
) -> None:
    first = str(uuid4())
    story = [fs("CHANNEL_CREATE", first, 0), fs("CHANNEL_HANGUP_COMPLETE", first, 9, variable_hues_consent=value)]
    use("freeswitch", ESL, peers.freeswitch(story))
    listening.run(threading.Event(), once=True)
    assert Call.objects.get().consent == consent


def test_what_callers_of_this_city_hear_asks_them_to_agree() -> None:
    from hues.hotline.policy import policy

    told = policy().announcement
    assert "chỉ được ghi âm khi quý vị đồng ý" in told["vi"] and "only if you agree" in told["en"]
    assert "Nếu không đồng ý" not in told["vi"] and "If you do not agree" not in told["en"]


def test_a_call_that_we_place_is_found_again_by_its_events(
    use: Callable[..., peers.Peer], seated: Actor, owed: CallBack
) -> None:
    use("asterisk", ARI, peers.asterisk([]))
    call = actions.dial_callback(actor=seated, callback_id=owed.pk)
    ours = channel_of(call.source_id, "Ringing", name="PJSIP/2001-0000000a")
    sent = [
        ari.read(
            json.dumps({"type": "ChannelStateChange", "timestamp": stamped(n), "channel": {**ours, "state": state}})
        )
        for n, state in ((590, "Ringing"), (595, "Up"))
    ]
    listening.take([one for one in sent if one])
    call.refresh_from_db()
    assert (call.state, call.direction, call.callback_id, call.operator_id) == ("talking", "out", owed.pk, seated.id)


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "{}", '{"type": "ChannelHold"}', '{"type": "ChannelHold", "channel": {"id": "x"}}', "\x00"]
)
def test_what_says_nothing_of_a_call_is_passed_over(text: str) -> None:
    assert ari.read(text) is None and esl.read(text.encode()) is None


def test_a_telephone_system_that_is_not_there_stops_nothing(
    use: Callable[..., peers.Peer], caplog: pytest.LogCaptureFixture
) -> None:
    use("asterisk", "http://a:b@127.0.0.1:1/ari", peers.webhook())
    listening.run(threading.Event(), once=True)
    assert "not reached" in caplog.text


def test_every_adapter_is_in_the_registry_and_says_what_it_is() -> None:
    assert set(telephony.ADAPTERS) == {"asterisk", "freeswitch", "webhook", "sandbox"}
    assert [name for name, one in telephony.ADAPTERS.items() if one.sandbox] == ["sandbox"]
