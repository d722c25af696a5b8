"""What an administrator cannot do alone, and what one can.

Two people decide about identities. Whoever could make a second person of their own (a new lead, or a lead's account
with a new second factor) would decide alone: so both need a second administrator.
"""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from hues.city.clock import today
from hues.kernel import clock
from hues.kernel.actors import ADMINISTRATOR, AUDITOR, LEAD, Actor
from hues.people import mfa
from hues.people.access import id_of
from hues.people.models import AdministratorAct, Membership, User

DECIDING = frozenset({LEAD, AUDITOR, ADMINISTRATOR})  # they ask, decide, or name those who do
DECIDE_WITHIN = timedelta(hours=24)
SETUP_WITHIN = timedelta(hours=72)  # from the approval until the new second factor is set up
REMEMBERED = timedelta(days=30)  # a role that ended counts so long: ending it first opens no way round


def _held(within: timedelta) -> Q:
    return Q(valid_to=None) | Q(valid_to__gt=today() - within)


def is_protected(user: User) -> bool:
    """Whether this account's way in takes two people to change."""
    return user.memberships.filter(_held(REMEMBERED), role__in=DECIDING).exists()


def is_alone(actor: Actor) -> bool:
    """Whether the city has, and for 30 days had, no other administrator: then nobody could approve."""
    others = Membership.objects.filter(_held(REMEMBERED), role=ADMINISTRATOR).exclude(user_id=id_of(actor))
    if not settings.SANDBOX:  # published accounts cannot sign in
        others = others.filter(user__is_sample=False)
    return not others.exists()


def grant_needs_another(actor: Actor, role: str) -> bool:
    return actor.kind != "system" and role in DECIDING and not is_alone(actor)


def reset_needs_another(actor: Actor, user: User) -> bool:
    return actor.kind != "system" and is_protected(user)


def waiting() -> QuerySet[AdministratorAct]:
    """What is to be decided, the oldest first."""
    acts = AdministratorAct.objects.filter(state=AdministratorAct.State.ASKED, expires_at__gt=clock.now())
    return acts.select_related("user", "asked_by").order_by("asked_at", "id")


def setup_act(user: User) -> AdministratorAct | None:
    """The approval whose code a new second factor of this account needs, used up or outdated or not; None if none does.

    Who asked may know the password; only who approved knows the code: neither of them gets in alone.
    """
    acts = AdministratorAct.objects.filter(user=user, state=AdministratorAct.State.DONE).exclude(setup_hash="")
    return acts.order_by("-decided_at").first()


def code_hash(act_id: UUID, code: str) -> str:
    """Codes have 58 random bits and live for days: a plain hash is enough."""
    plain = "".join(char for char in code.upper() if char.isalnum())
    return sha256(act_id.bytes + plain.encode()).hexdigest()


def password_opens(user: User) -> bool:
    """Whether a password alone would lead into this account: it has no second factor and needs no code for one."""
    return is_protected(user) and not user.is_sample and not mfa.has_totp(user) and setup_act(user) is None
