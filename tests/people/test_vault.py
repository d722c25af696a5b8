"""The vault: what lies in the database says nothing."""

import json
import secrets
from collections.abc import Callable

import pytest

from hues.kernel.errors import NotFound
from hues.kernel.models import JournalEntry
from hues.people import actions, mfa, queries, vault
from hues.people.models import OneTimeCode, Session, User, VaultRecord
from tests.people.conftest import actor, totp


def use_keys(monkeypatch: pytest.MonkeyPatch, current: str, *old: str) -> None:
    monkeypatch.setenv("HUES_VAULT_KEY", current)
    monkeypatch.setenv("HUES_VAULT_OLD_KEYS", ",".join(old))


def everything_stored() -> str:
    """Every row of every table that may hold something of a person, as text, blobs decoded."""
    tables = (VaultRecord, OneTimeCode, User, Session, JournalEntry)
    values = (value for model in tables for row in model._default_manager.values_list() for value in row)
    return "\n".join(str(bytes(value)) if isinstance(value, memoryview) else str(value) for value in values)


def test_a_number_and_a_name_are_nowhere_in_the_database(citizen: User) -> None:
    actions.set_name(actor=actor(citizen), user=citizen, name="Tôn Nữ Hương Giang")
    actions.send_code(phone="0905123456", purpose="report", session_key="s")
    stored = everything_stored()
    for trace in ("905123456", "123456", "905 123 456", "Hương Giang", "Giang"):
        assert trace not in stored
    assert json.dumps("Giang")[1:-1] not in stored


def test_a_record_of_one_person_does_not_open_for_another() -> None:
    sealed = vault.seal("bí mật".encode(), b"person-a")
    assert vault.open_sealed(sealed, b"person-a").decode() == "bí mật"
    with pytest.raises(vault.Unreadable):
        vault.open_sealed(sealed, b"person-b")
    with pytest.raises(vault.Unreadable):
        vault.open_sealed(sealed[:-1] + bytes([sealed[-1] ^ 1]), b"person-a")


def test_sealing_the_same_thing_twice_never_gives_the_same_blob() -> None:
    assert len({vault.seal(b"0", b"a") for _ in range(200)}) == 200


def test_only_the_person_may_open_it_and_every_opening_is_recorded(
    citizen: User, administrator: User, make_staff: Callable[..., User]
) -> None:
    lead = make_staff("truong.ca", "lead")
    for curious in (administrator, lead):
        with pytest.raises(NotFound):
            actions.open_vault(actor=actor(curious), user=citizen, purpose="curiosity")
    identity = actions.open_vault(actor=actor(citizen), user=citizen, purpose="own profile")
    assert identity.phone == "+84905123456"
    entries = JournalEntry.objects.filter(action="people.vault_opened")
    assert [(e.subject_id, e.actor_id, e.parts) for e in entries] == [
        (citizen.pk, citizen.pk, {"audit": {"purpose": "own profile"}})
    ]


def test_a_rotation_moves_everything_to_the_new_key_and_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, newest_code: Callable[[], str], make_staff: Callable[..., User]
) -> None:
    before, after = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    use_keys(monkeypatch, before)
    people = {}
    for n in range(5):
        number = f"+8490512340{n}"
        actions.send_code(phone=number, purpose="sign-in", session_key=number)
        people[number] = actions.confirm_code(code=newest_code(), purpose="sign-in", session_key=number)
    officer, secret = make_staff("can.bo"), mfa.new_secret()
    assert mfa.activate(officer, secret, totp(secret))
    codes = mfa.recovery_codes(officer)

    use_keys(monkeypatch, after, before)
    assert queries.citizen_by_phone("+84905123403") == people["+84905123403"]  # found while the old key still seals it
    assert actions.rotate_vault(batch=2) == 5 + 2
    assert actions.rotate_vault(batch=2) == 0

    use_keys(monkeypatch, after)  # the old key is gone for good
    assert set(VaultRecord.objects.values_list("key_id", flat=True)) == {vault.current().id}
    for number, user in people.items():
        assert queries.citizen_by_phone(number) == user
        assert actions.open_vault(actor=actor(user), user=user, purpose="test").phone == number
    assert mfa.recovery_codes(officer) == codes


def test_nobody_gets_a_second_account_in_the_middle_of_a_rotation(
    monkeypatch: pytest.MonkeyPatch, newest_code: Callable[[], str]
) -> None:
    before, after = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    use_keys(monkeypatch, before)
    actions.send_code(phone="0905123456", purpose="sign-in", session_key="a")
    first = actions.confirm_code(code=newest_code(), purpose="sign-in", session_key="a")
    use_keys(monkeypatch, after, before)
    actions.send_code(phone="0905123456", purpose="sign-in", session_key="b")
    assert actions.confirm_code(code=newest_code(), purpose="sign-in", session_key="b") == first


def test_without_the_key_nothing_opens(monkeypatch: pytest.MonkeyPatch, citizen: User) -> None:
    use_keys(monkeypatch, secrets.token_urlsafe(32))
    with pytest.raises(vault.Unreadable):
        actions.open_vault(actor=actor(citizen), user=citizen, purpose="test")


def test_a_pseudonym_says_nothing_and_is_said_in_the_reader_s_language(citizen: User) -> None:
    from django.utils import translation

    assert not any(part in citizen.username for part in ("905", "123456"))
    with translation.override("en"):
        assert queries.actor_for(citizen).name == f"Resident {citizen.username}"
