"""Reads: who somebody is and what they may do, lists for the administrator, one's own sessions."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from hues.city.clock import start_of_day, today
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, CITIZEN, GUEST, LEAD, Actor, Grant
from hues.kernel.errors import NotFound
from hues.people import vault
from hues.people.models import ApiKey, Appeal, Membership, Restriction, Reveal, Session, User


def valid_on(day: date) -> Q:
    """Memberships that hold on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def with_grants(users: QuerySet[User]) -> QuerySet[User]:
    """Accounts with the roles that they hold today, in the same statement."""
    held = Membership.objects.filter(valid_on(today()), user=OuterRef("pk"))
    return users.annotate(held=ArraySubquery(held.values(grant=JSONObject(role=F("role"), agency=F("agency_id")))))


def _restricted() -> Exists:
    return Exists(in_force().filter(user=OuterRef("pk")))


def in_force() -> QuerySet[Restriction]:
    """Limits and locks that hold now."""
    return Restriction.objects.filter(ends_at__gt=clock.now(), lifted_at=None)


def account(user_id: UUID | str) -> User | None:
    """The account of a session with its roles; None once it is closed.

    Sample staff, whose passwords are published, exist in the sandbox only.
    """
    try:
        user = with_grants(User.objects.filter(pk=user_id, is_active=True)).annotate(restricted=_restricted()).first()
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
        restricted = user.restricted if hasattr(user, "restricted") else in_force().filter(user=user).exists()
        grants = frozenset({Grant(CITIZEN)})
        return Actor("citizen", user.pk, user.name, grants, user.language, restricted=restricted)
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


def leads_except(user_id: UUID) -> list[UUID]:
    rows = Membership.objects.filter(valid_on(today()), role=LEAD, user__is_active=True).exclude(user_id=user_id)
    return list(rows.values_list("user_id", flat=True).distinct())


def without_second_factor(user: User) -> bool:
    """Sample staff of a sandbox, who never set one up."""
    from hues.people import mfa

    return settings.SANDBOX and user.is_sample and not mfa.has_totp(user)


def reveal(actor: Actor, number: str) -> Reveal:
    """Raises NotFound, also for everybody but leads and auditors."""
    found = Reveal.objects.select_related("asked_by", "decided_by").filter(number=number).first()
    if found is None or not actor.has(LEAD, AUDITOR):
        raise NotFound(_("There is no such request."))
    return found


def reveals() -> QuerySet[Reveal]:
    """Newest first."""
    return Reveal.objects.select_related("asked_by", "decided_by").order_by("-asked_at", "-id")


def opened_identities(year: int) -> dict[str, int]:
    """How many identities were opened in a year of the city, by ground. For everybody to know."""
    start, end = (start_of_day(date(one, 1, 1)) for one in (year, year + 1))
    rows = Reveal.objects.filter(opened_at__gte=start, opened_at__lt=end).values("ground").annotate(n=Count("pk"))
    return {row["ground"]: row["n"] for row in rows.order_by("ground")}


def restrictions() -> QuerySet[Restriction]:
    """Newest first, with their appeals."""
    return Restriction.objects.select_related("user", "placed_by", "appeal", "appeal__decided_by").order_by(
        "-placed_at", "-id"
    )


def open_appeals() -> QuerySet[Appeal]:
    """What waits for an answer, the most urgent first."""
    rows = Appeal.objects.filter(decided_at=None).select_related("restriction__user", "restriction__placed_by")
    return rows.order_by("due_at")
