"""The people of these stories."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import LazySettings
from django.test import Client

from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.people import actions, queries
from hues.people.models import SandboxMessage, User

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = "mưa dầm thấm đất Huế"


@pytest.fixture(autouse=True)
def sandbox(settings: LazySettings, db: None) -> None:
    """A sandbox with its text messages on a page, and limits that count."""
    settings.SANDBOX = True
    settings.SMS_PROVIDER = "sandbox"
    settings.LIMITS = True
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",  # of sample accounts that other tests made: their hash is kept
    ]  # quick: test_roles checks the real one


@pytest.fixture
def newest_text() -> Callable[[], SandboxMessage]:
    return lambda: SandboxMessage.objects.order_by("-id")[0]


@pytest.fixture
def newest_code(newest_text: Callable[[], SandboxMessage]) -> Callable[[], str]:
    """The six digits of the last text message."""
    return lambda: re.findall(r"#(\d{6})", newest_text().text)[0]


@pytest.fixture
def citizen(newest_code: Callable[[], str]) -> User:
    actions.send_code(phone="0905 123 456", purpose="sign-in", session_key="fixture")
    return actions.confirm_code(code=newest_code(), purpose="sign-in", session_key="fixture")


@pytest.fixture
def make_staff() -> Callable[..., User]:
    def make(username: str, *roles: tuple[str, str] | str, sample: bool = False) -> User:
        user = actions.create_staff(
            actor=SYSTEM, username=username, password=PASSWORD, display_name=username.title(), is_sample=sample
        )
        for role in roles:
            name, agency = role if isinstance(role, tuple) else (role, "")
            actions.grant_role(actor=SYSTEM, user_id=user.pk, role=name, agency=agency)
        return user

    return make


@pytest.fixture
def administrator(make_staff: Callable[..., User]) -> User:
    return make_staff("quan.tri", "administrator")


def actor(user: User) -> Actor:
    return queries.actor_for(queries.account(user.pk))


def totp(secret: str, at: datetime | None = None) -> str:
    """What an authenticator app shows at a moment."""
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int((at or clock.now()).timestamp()) // 30))


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client
