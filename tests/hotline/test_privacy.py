"""What is kept of callers is sealed, handed out to whom it belongs, and forgotten."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from hues.hotline import actions, bridging, numbers, signing, sources
from hues.hotline.models import Call, CallBack, CallEvent
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.people import erasing, vault
from hues.people.models import User
from hues.runtime.trouble import Trouble
from tests.hotline.conftest import CALLER, NOW, SECRET, event, ring, tell


def test_who_leaves_takes_number_and_notes_along_and_the_figures_stay(
    over: Callable[..., Call], seated: Actor, citizen: User
) -> None:
    from hues.hotline import queries

    call, other = over("mine"), over("other", "0905000999", 1)
    actions.write_notes(actor=seated, call_id=call.pk, notes="Bà Lan ở kiệt 12")
    tell(ring("lost", at=300), event("hangup", "lost", at=360))
    before = queries.figures(call.local_day, call.local_day)
    assert erasing.ERASERS.get("calls")(citizen.pk) == {"calls": 2, "recordings": 0, "callbacks": 1}
    call.refresh_from_db()
    assert (bytes(call.sealed_number), call.number_lookup, call.number_end, call.notes) == (b"", "", "", "")
    assert not CallEvent.objects.filter(call=call).exclude(sealed_number=b"").exists()
    assert CallBack.objects.get().state == "withdrawn" and not bytes(CallBack.objects.get().sealed_number)
    after = queries.figures(call.local_day, call.local_day)
    assert (after.calls_in, after.known, after.again) == (before.calls_in, before.known, before.again)
    other.refresh_from_db()
    assert other.number_end == "999"
    assert erasing.ERASERS.get("calls")(citizen.pk)["calls"] == 0, "a second call finds nothing"


def test_a_copy_of_ones_data_tells_fully_only_of_calls_that_were_confirmed(
    over: Callable[..., Call], seated: Actor, citizen: User
) -> None:
    shown, confirmed = over("a"), over("b", at=1)
    for call in (shown, confirmed):
        actions.write_notes(actor=seated, call_id=call.pk, notes="Hỏi về đèn đường")
    Call.objects.filter(pk=confirmed.pk).update(person=citizen)
    first, second = erasing.EXPORTERS.get("calls")(citizen.pk)
    assert not first["confirmed_by_code"] and "notes" not in first
    assert second["confirmed_by_code"] and second["notes"] == "Hỏi về đèn đường"


def test_numbers_are_forgotten_in_time_and_calls_stay(over: Callable[..., Call]) -> None:
    call = over()
    with clock.at(NOW + timedelta(days=729)):
        assert actions.forget_old() == 0
    with clock.at(NOW + timedelta(days=731)):
        assert actions.forget_old() == 1
    call.refresh_from_db()
    assert not call.sealed_number and call.known and call.talk_s == 180


def test_everything_moves_to_the_new_key(over: Callable[..., Call], monkeypatch: pytest.MonkeyPatch) -> None:
    old_key = vault.current()
    monkeypatch.setenv("HUES_VAULT_KEY", "old")
    call = over()
    tell(ring("lost", "0905000999", at=1), event("hangup", "lost", at=60))
    monkeypatch.setenv("HUES_VAULT_KEY", "new")
    monkeypatch.setenv("HUES_VAULT_OLD_KEYS", "old")
    assert vault.current().id != old_key.id
    assert tell(ring("again", CALLER, at=400)).number_lookup != call.number_lookup
    assert vault.RESEALERS.get("calls")() >= 4
    assert vault.RESEALERS.get("calls")() == 0
    monkeypatch.setenv("HUES_VAULT_OLD_KEYS", "")
    call.refresh_from_db()
    assert numbers.unseal(call.sealed_number, call.id) == CALLER
    assert Call.objects.filter(number_lookup=vault.current().lookup(CALLER)).count() == 2


# ── how a city is set up ──


def test_without_configuration_there_is_one_source_with_a_secret_of_its_own(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.CTI_KEYS = ""
    monkeypatch.setenv("HUES_DATA_DIR", str(tmp_path))
    ((name, (secret,)),) = sources.secrets().items()
    assert name == "pbx" and len(signing.key_of(secret)) == 32
    assert sources.secret_for("pbx") == secret == sources.secrets()["pbx"][0]
    monkeypatch.setenv("HUES_CTI_KEY", SECRET)
    assert sources.secrets() == {"pbx": (SECRET,)}


@pytest.mark.parametrize(
    "text", ["pbx", "pbx:", "pbx:short", f"P BX:{SECRET}", f"desk:{SECRET}", f"sandbox:{SECRET}", "pbx:whsec_AAAA"]
)
def test_a_mistake_in_the_secrets_is_said_without_them(text: str, settings: LazySettings) -> None:
    settings.CTI_KEYS = text
    with pytest.raises(Trouble) as problem:
        sources.secrets()
    assert "whsec_MfKQ" not in str(problem.value)


def test_the_bridge_asks_again_and_gives_up_on_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([503, 429, 202, 422])
    bodies: list[bytes] = []
    monkeypatch.setattr(bridging.time, "sleep", lambda _seconds: None)

    def post(body: bytes, headers: dict[str, str]) -> int:
        assert signing.verify({"pbx": (SECRET,)}, headers, body)[0] == "pbx"
        bodies.append(body)
        return next(answers)

    lines = [
        '3(12) ALERT: <script>: CTI {"kind": "ring", "call": "a@b", "at": 1764039845.123456, "from": "0905123456"}',
        "no event at all", "CTI {broken", 'CTI {"kind": "ring"}', 'CTI {"kind": "hangup", "call": "a@b", "at": "x"}',
        'CTI {"kind": "dance", "call": "a@b", "at": 1764039846.5}',
    ]  # fmt: skip
    assert bridging.follow(lines, source="pbx", secret=SECRET, post=post) == 1
    assert len(bodies) == 4 and len(set(bodies)) == 2
    assert bridging.read(lines[0], "pbx") == bridging.read(lines[0], "pbx"), "a line read twice is one event"
