"""A dossier by its code: for confirmed callers only, from a register with a web address."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from hues.hotline.models import Call
from hues.kernel.actors import Actor
from hues.kernel.models import JournalEntry
from hues.people.models import User
from tests.hotline import peers
from tests.hotline.conftest import at_desk

CODE = "000.00.15.H57-250926-0012"
KNOWN = {
    "code": CODE,
    "title": "Cấp giấy phép xây dựng",
    "state": "Đang thẩm định",
    "office": "Phường Thuận Hóa",
    "due": "2026-12-01",
}


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[peers.Peer]:
    """A register that knows one dossier and answers nonsense for another."""

    def serve(peer: peers.Peer, wire: socket.socket) -> None:
        method, path, headers, _body = peers.http_request(wire)
        peer.asked.append((method, path, headers.get("authorization")))
        known = {CODE: json.dumps(KNOWN).encode(), "WRONG-1111": json.dumps(KNOWN).encode(), "BROKEN-1111": b"<html>"}
        body = known.get(path.rpartition("/")[2])
        peers.http_answer(wire, 200 if body else 404, body or b"")

    peer = peers.Peer(serve)
    monkeypatch.setenv("HUES_DOSSIERS", "http")
    monkeypatch.setenv("HUES_DOSSIERS_URL", f"http://127.0.0.1:{peer.port}/dossiers/")
    monkeypatch.setenv("HUES_DOSSIERS_KEY", "geheim")
    monkeypatch.setenv("HUES_OUTBOUND_ALLOW", f"127.0.0.1:{peer.port}")
    yield peer
    peer.close()


def test_a_number_opens_no_dossier_and_a_confirmed_caller_does(
    register: peers.Peer, answered: Callable[..., Call], seated: Actor, colleague: Actor, citizen: User
) -> None:
    call = answered()
    desk, door = at_desk(seated), f"/desk/calls/{call.pk}"
    assert 'id="dossier"' not in desk.get(door).content.decode()
    desk.post(f"{door}/dossier", {"dossier": CODE})
    assert register.asked == [], "the number on the display is nobody's proof"
    Call.objects.filter(pk=call.pk).update(person=citizen)
    at_desk(colleague).post(f"{door}/dossier", {"dossier": CODE})
    assert register.asked == [], "somebody else has this call"
    answer = desk.post(f"{door}/dossier", {"dossier": f" {CODE.lower()} "})
    page = answer.content.decode()
    assert "Đang thẩm định" in page and "Phường Thuận Hóa" in page and "no-store" in answer["Cache-Control"]
    assert register.asked == [("GET", f"/dossiers/{CODE}", "Bearer geheim")]
    entry = JournalEntry.objects.get(action="call.dossier_asked")
    assert entry.actor_id == seated.id and CODE not in str(entry.parts)
    assert "Đang thẩm định" not in desk.get(door).content.decode(), "shown once, kept nowhere"


@pytest.mark.parametrize("typed", ["000.00.15.H57-250926-9999", "WRONG-1111", "BROKEN-1111", "../../etc", "", "x"])
def test_what_is_not_known_or_not_right_is_said(
    typed: str, register: peers.Peer, answered: Callable[..., Call], seated: Actor, citizen: User
) -> None:
    call = answered()
    Call.objects.filter(pk=call.pk).update(person=citizen)
    answer = at_desk(seated).post(f"/desk/calls/{call.pk}/dossier", {"dossier": typed}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200 and 'id="dossier"' in page and "Cấp giấy phép" not in page
    assert len(register.asked) == (typed[:1] in "0WB" and bool(typed))


def test_nobody_tries_codes_one_after_another(
    register: peers.Peer, answered: Callable[..., Call], seated: Actor, citizen: User
) -> None:
    call = answered()
    Call.objects.filter(pk=call.pk).update(person=citizen)
    told = [
        at_desk(seated).post(f"/desk/calls/{call.pk}/dossier", {"dossier": f"000.00.15.H57-250926-{n:04}"}).status_code
        for n in range(7)
    ]
    assert len(register.asked) == 5 and told[-1] == 429


def test_the_sandbox_says_that_it_is_made_up(answered: Callable[..., Call], seated: Actor, citizen: User) -> None:
    call = answered()
    Call.objects.filter(pk=call.pk).update(person=citizen)
    page = at_desk(seated).post(f"/desk/calls/{call.pk}/dossier", {"dossier": CODE}).content.decode()
    assert "hồ sơ này là bịa" in page and CODE in page
