"""Reads: who somebody is and what they may do, lists for the administrator, one's own sessions."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from hues.city.clock import today
from hues.kernel.actors import CITIZEN, GUEST, Actor, Grant
from hues.kernel.errors import NotFound
from hues.people import vault
from hues.people.models import ApiKey, Membership, Session, User


def valid_on(day: date) -> Q:
    """Memberships that hold on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def with_grants(users: QuerySet[User]) -> QuerySet[User]:
    """Accounts with the roles that they hold today, in the same statement."""
    held = Membership.objects.filter(valid_on(today()), user=OuterRef("pk"))
    return users.annotate(held=ArraySubquery(held.values(grant=JSONObject(role=F("role"), agency=F("agency_id")))))


def account(user_id: UUID | str) -> User | None:
    """The account of a session with its roles; None once it is closed.

    Sample staff, whose passwords are published, exist in the sandbox only.
    """
    try:
        user = with_grants(User.objects.filter(pk=user_id, is_active=True)).first()
    except ValidationError:
        return None
    if user and user.is_sample and user.kind == User.Kind.STAFF and not settings.SANDBOX:
        return None
    return user


def actor_for(user: User | None) -> Actor:
    """What an account may do today; a guest for None. One statement, none if the account came from `account`."""
    if user is None:
        return GUEST
    if user.kind == User.Kind.CITIZEN:
        return Actor("citizen", user.pk, user.name, frozenset({Grant(CITIZEN)}), user.language)
    if hasattr(user, "held"):
        held = [(item["role"], item["agency"]) for item in user.held]
    else:
        held = list(user.memberships.filter(valid_on(today())).values_list("role", "agency_id"))
    grants = frozenset(Grant(role, agency_id) for role, agency_id in held)
    return Actor("staff", user.pk, user.name, grants, user.language)


def actor_for_key(raw: str) -> Actor | None:
    """The program behind an API key, or None if there is no such key (any more). One statement."""
    if not raw.startswith("hues_") or len(raw) > 200:
        return None
    key = ApiKey.objects.filter(key_hash=key_hash(raw), revoked_at=None).only("id", "name", "scopes").first()
    return Actor("key", key.pk, key.name, scopes=frozenset(key.scopes)) if key else None


def key_hash(raw: str) -> str:
    """Keys have 192 random bits: a plain hash is enough, and can be looked up."""
    return sha256(raw.encode()).hexdigest()


def citizen_by_phone(phone: str) -> User | None:
    """The account of an E.164 number."""
    return User.objects.filter(vault__phone_lookup__in=vault.lookups(phone)).first()


def staff(*, search: str = "") -> QuerySet[User]:
    """Members of staff, newest first, with today's roles."""
    users = User.objects.filter(kind=User.Kind.STAFF)
    if search:
        users = users.filter(Q(username__icontains=search) | Q(display_name__icontains=search))
    return with_grants(users).order_by("-id")


def staff_member(user_id: UUID) -> User:
    """Raises NotFound."""
    user = with_grants(User.objects.filter(kind=User.Kind.STAFF, pk=user_id)).first()
    if user is None:
        raise NotFound(_("There is no such account."))
    return user


def memberships(user: User) -> QuerySet[Membership]:
    return user.memberships.select_related("agency").order_by("valid_to", "-valid_from", "role")


def keys() -> QuerySet[ApiKey]:
    return ApiKey.objects.order_by("revoked_at", "-id")


def sessions(user: User, current: str) -> list[dict[str, Any]]:
    """One's own signed-in browsers, the latest first; `current` is the stored key of this one."""
    rows = Session.objects.filter(user=user).defer("session_data").order_by("-seen_at")[:50]
    return [
        {"device": row.device, "signed_in_at": row.signed_in_at, "seen_at": row.seen_at, "current": row.pk == current}
        for row in rows
    ]
