"""One-time codes: send, send again, confirm. A number without an account gets one on its first confirmation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hues.city.pack import settings as city_settings
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid, TooMany
from hues.kernel.ids import new_code, new_id
from hues.kernel.limits import spend
from hues.people import codes, jobs, phones, sms, vault
from hues.people.actions.citizens import seal_identity
from hues.people.addresses import network
from hues.people.models import OneTimeCode, User, VaultRecord
from hues.people.queries import citizen_by_phone


@dataclass(frozen=True)
class SentCode:
    """What the page may tell: the end of the number, until when the code works, when another one may be asked for."""

    masked_phone: str
    expires_at: datetime
    resend_at: datetime


def send_code(*, phone: str, purpose: str, session_key: str, ip: str = "") -> SentCode:
    """Send a code to `phone` (as typed). The answer is the same whether the number has an account or not.

    Raises Invalid for what is no mobile number, TooMany when the number, the address or the system asked too often,
    Unavailable where no provider is configured.
    """
    region = city_settings()["phone_region"]
    number = phones.normalise(phone, region)
    if purpose not in codes.PURPOSES:
        raise ValueError(purpose)
    return _send(number, purpose, session_key, ip, region)


def resend_code(*, purpose: str, session_key: str, ip: str = "") -> SentCode:
    """Send a new code to where the last one of this browser went; the old one stops working."""
    last = _last_of(session_key, purpose)
    if last is None or not last.sealed_phone or clock.now() - last.sent_at > codes.RESEND_WITHIN:
        raise Invalid(_("Please enter your phone number again."), code="no-code")
    number = vault.open_sealed(last.sealed_phone, last.id.bytes).decode()
    return _send(number, purpose, session_key, ip, city_settings()["phone_region"])


def _send(number: str, purpose: str, session_key: str, ip: str, region: str) -> SentCode:
    sms.provider()
    _check_back_off(_unused(number, purpose))  # before the budgets: whoever is merely impatient uses nothing up
    _spend_budgets(number, ip, region)
    return _make(number, purpose, codes.session_mark(session_key))


def _spend_budgets(number: str, ip: str, region: str) -> None:
    _spend(f"code:phone:{vault.current().lookup(number)}", codes.PER_PHONE)
    if ip:
        _spend(f"code:ip:{network(ip)}", codes.PER_ADDRESS)
    if not phones.is_domestic(number, region):
        _spend(f"code:country:{phones.country(number)}", codes.PER_COUNTRY_ABROAD)
    _spend("code:all", codes.IN_ALL)


def _spend(key: str, budget: codes.Budget) -> None:
    limit, window = budget
    spend(key, limit=limit, window=window)


@transaction.atomic
def _make(number: str, purpose: str, session_hash: str) -> SentCode:
    lookup, now = vault.current().lookup(number), clock.now()
    with connection.cursor() as cursor:  # two requests for one number at once: one after the other
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"code:{lookup}:{purpose}"])
    sent = _unused(number, purpose)
    _check_back_off(sent)
    live = OneTimeCode.objects.filter(phone_lookup=lookup, purpose=purpose, used_at=None, expires_at__gt=now)
    live.update(expires_at=now)  # one live code for a phone and purpose
    row_id = new_id()
    OneTimeCode.objects.create(
        id=row_id,
        phone_lookup=lookup,
        purpose=purpose,
        session_hash=session_hash,
        sealed_phone=vault.seal(number.encode(), row_id.bytes),
        sent_at=now,
        expires_at=now + codes.LIFETIME,
    )
    jobs.post_code(row_id, get_language() or "")
    return SentCode(phones.masked(number), now + codes.LIFETIME, now + _pause(len(sent) + 1))


def _pause(unused: int) -> timedelta:
    return timedelta(seconds=codes.BACK_OFF[min(unused, len(codes.BACK_OFF) - 1)])


def _unused(number: str, purpose: str) -> list[datetime]:
    """When codes went to this number within the hour that nobody used, the latest first."""
    rows = OneTimeCode.objects.filter(phone_lookup=vault.current().lookup(number), purpose=purpose, used_at=None)
    recent = rows.filter(sent_at__gt=clock.now() - timedelta(hours=1)).order_by("-sent_at")
    return list(recent.values_list("sent_at", flat=True))


def _check_back_off(sent: list[datetime]) -> None:
    if not sent:
        return
    seconds = ceil((sent[0] + _pause(len(sent)) - clock.now()).total_seconds())
    if seconds > 0:
        text = ngettext(
            "You can ask for a new code in %(n)s second.", "You can ask for a new code in %(n)s seconds.", seconds
        )
        raise TooMany(text % {"n": seconds}, retry_after=seconds)


def confirm_code(*, code: str, purpose: str, session_key: str, ip: str = "") -> User:
    """The account of the number whose code was typed, made if there was none.

    The code works once, in the browser that asked for it.
    Raises Invalid (field `code`) for a wrong, outdated or used code, Forbidden if the account was closed, TooMany.
    """
    if ip:
        _spend(f"code:confirm:{network(ip)}", codes.CONFIRMATIONS_PER_ADDRESS)
    with transaction.atomic():
        row = _last_of(session_key, purpose, lock=True)
        number, tries_left = _take(row, code)
        user = _citizen(number) if number else None
    # Raised only here: a wrong try must be counted, not rolled back.
    if user is None:
        raise _wrong(tries_left)
    if not user.is_active:
        raise Forbidden(_("This account is closed. Please call the city's information line."))
    return user


def _last_of(session_key: str, purpose: str, *, lock: bool = False) -> OneTimeCode | None:
    rows = OneTimeCode.objects.select_for_update() if lock else OneTimeCode.objects.all()
    return rows.filter(session_hash=codes.session_mark(session_key), purpose=purpose).order_by("-sent_at").first()


def _take(row: OneTimeCode | None, typed: str) -> tuple[str, int]:
    """(number, 0) if this is the code, which is now used up; ("", tries left) otherwise."""
    now = clock.now()
    if row is None or row.used_at or row.expires_at <= now or row.tries >= codes.TRIES:
        return "", 0
    row.tries += 1
    if not codes.is_code(row.id, typed):
        row.save(update_fields=["tries"])
        return "", codes.TRIES - row.tries
    number = vault.open_sealed(row.sealed_phone, row.id.bytes).decode()
    row.used_at, row.sealed_phone = now, b""
    row.save(update_fields=["tries", "used_at", "sealed_phone"])
    return number, 0


def _wrong(tries_left: int) -> Invalid:
    if tries_left:
        text = ngettext(
            "That is not the code. You have %(n)s try left.",
            "That is not the code. You have %(n)s tries left.",
            tries_left,
        )
        return Invalid(_("Please check the code."), fields={"code": text % {"n": tries_left}})
    return Invalid(
        _("This code does not work any more."), fields={"code": _("Please ask for a new code.")}, code="code-outdated"
    )


def _citizen(number: str) -> User:
    with connection.cursor() as cursor:  # two purposes confirmed at once must not make two accounts
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"account:{vault.current().lookup(number)}"]
        )
    return citizen_by_phone(number) or open_account(number=number, language=get_language() or "vi")


def open_account(
    *, number: str, language: str, is_sample: bool = False, name: str = "", user_id: UUID | None = None
) -> User:
    """A new citizen's account for a confirmed E.164 number (also used by sample data)."""
    now = clock.now()
    user = User(
        id=user_id or new_id(),
        kind=User.Kind.CITIZEN,
        username=new_code("", 6).lstrip("-"),
        language=language,
        is_sample=is_sample,
        created_at=now,
    )
    user.set_unusable_password()
    with transaction.atomic():
        user.save(force_insert=True)
        VaultRecord.objects.create(
            user=user,
            key_id=vault.current().id,
            ciphertext=seal_identity(user.pk, phone=number, name=name),
            phone_lookup=vault.current().lookup(number),
            updated_at=now,
        )
        journal.record(
            actor=Actor("citizen", user.pk, language=language),
            action="people.account_opened",
            subject_kind="person",
            subject_id=user.pk,
            topics=[f"person:{user.pk}"],
            audit={"is_sample": is_sample},
        )
    return user
