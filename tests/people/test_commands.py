"""`hues user …` and `hues key …`: what an operator types before there is anybody who could sign in."""

import argparse
import io
from collections.abc import Callable
from types import ModuleType

import pytest

from hues.cli import key as key_command
from hues.cli import user as user_command
from hues.kernel.errors import Conflict, Invalid
from hues.people import mfa, queries
from hues.people.models import User
from hues.runtime.trouble import Trouble
from tests.people.conftest import PASSWORD, actor, totp


def run(command: ModuleType, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    return int(command.run(parser.parse_args(words)))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that comes through a pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))


def test_the_first_administrator(typed: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(user_command, "user", "create", "quan.tri", "--role", "administrator", "--name", "Nguyễn Quản Trị") == 0
    user = User.objects.get(username="quan.tri")
    assert user.check_password(PASSWORD) and actor(user).has("administrator") and user.name == "Nguyễn Quản Trị"
    assert PASSWORD not in "".join(capsys.readouterr())


def test_an_officer_belongs_to_an_agency(typed: None) -> None:
    run(user_command, "user", "create", "can.bo", "--role", "officer", "--agency", "HEP")
    assert actor(User.objects.get(username="can.bo")).agency_ids


def test_account_and_role_come_together_or_not_at_all(typed: None) -> None:
    with pytest.raises(Invalid):
        run(user_command, "user", "create", "can.bo", "--role", "officer", "--agency", "NOWHERE")
    assert not User.objects.filter(username="can.bo").exists()


def test_a_password_can_be_made_up_and_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    run(user_command, "user", "create", "can.bo", "--role", "operator", "--generate")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1 and User.objects.get(username="can.bo").check_password(printed.strip())
    with pytest.raises(Conflict):
        run(user_command, "user", "create", "can.bo", "--role", "operator", "--generate")


def test_a_key_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(key_command, "key", "create", "--scope", "open311", "--scope", "reports", "Xe buýt") == 0
    printed = capsys.readouterr().out
    found = queries.actor_for_key(printed.strip())
    assert printed.count("\n") == 1 and found and found.scopes == {"open311", "reports"} and found.name == "Xe buýt"
    with pytest.raises(Invalid):
        run(key_command, "key", "create", "--scope", "everything", "Xe buýt")


def test_a_lost_telephone_can_be_reset_on_the_machine(
    make_staff: Callable[..., User], capsys: pytest.CaptureFixture[str]
) -> None:
    lead, secret = make_staff("truong.ca", "lead"), mfa.new_secret()
    assert mfa.activate(lead, secret, totp(secret))
    assert run(user_command, "user", "reset-factor", "Truong.Ca") == 0
    assert not mfa.has_totp(lead) and "truong.ca" in capsys.readouterr().out
    with pytest.raises(Trouble):
        run(user_command, "user", "reset-factor", "khong.co")
