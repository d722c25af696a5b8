"""Signing in of staff: a password, then a second factor.

Slow for whoever guesses, and the same answer for names that do not exist.
"""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from hues.kernel import journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.limits import spend
from hues.people import mfa
from hues.people.addresses import network
from hues.people.models import Session, User
from hues.people.queries import account, actor_for

# (tries, seconds). A name tried from one address locks soon; from many addresses later, so that nobody locks a
# colleague out easily.
PER_NAME_AND_ADDRESS = ((5, 60), (15, 3600))
PER_NAME = (100, 3600)
PER_ADDRESS = (100, 3600)
SECOND_FACTOR = ((5, 60), (20, 3600))


def check_password(*, username: str, password: str, ip: str) -> User:
    """The account if name and password fit; a second factor must follow.

    Raises Invalid (the same for every cause), TooMany.
    """
    name, place = username.strip().lower()[:64], network(ip)
    for limit, window in PER_NAME_AND_ADDRESS:
        spend(f"password:{name}:{place}:{window}", limit=limit, window=window)
    spend(f"password:name:{name}", limit=PER_NAME[0], window=PER_NAME[1])
    spend(f"password:ip:{place}", limit=PER_ADDRESS[0], window=PER_ADDRESS[1])
    found = User.objects.filter(username=name, kind=User.Kind.STAFF).only("pk", "password").first()
    if found is None:
        make_password(password)  # takes as long as a check: the answer does not tell whether the name exists
    user = account(found.pk) if found and len(password) <= 256 and found.check_password(password) else None
    if user is None:
        raise Invalid(_("User name or password is wrong."), code="wrong-credentials")
    return user


def check_second_factor(*, user: User, code: str) -> str:
    """Which factor the code proved ("totp" or "recovery_codes"); each code works once. Raises Invalid, TooMany."""
    _spend_second_factor(user)
    factor = mfa.confirm(user, code)
    if factor is None:
        raise Invalid(_("Please check the code."), fields={"code": _("This code is wrong or was used already.")})
    return factor


def _spend_second_factor(user: User) -> None:
    for limit, window in SECOND_FACTOR:
        spend(f"second-factor:{user.pk}:{window}", limit=limit, window=window)


def set_up_second_factor(*, user: User, secret: str, code: str, setup_code: str = "") -> None:
    """Bind an authenticator app that proves to know `secret`; after an approval of two administrators with the code
    that the second one gave. Raises Invalid, TooMany."""
    from hues.people.actions.second_person import use_setup_code  # which checks second factors itself

    _spend_second_factor(user)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if not mfa.has_totp(user):
            use_setup_code(user, setup_code)
        if mfa.activate(user, secret, code):
            _note(actor_for(user), "people.second_factor_set_up", user.pk, {})
            return
        transaction.set_rollback(True)  # the setup code is for another try
    raise Invalid(
        _("Please check the code."), fields={"code": _("This is not the code. Is the clock of your telephone right?")}
    )


def renew_recovery_codes(*, actor: Actor, user: User, code: str) -> list[str]:
    """New recovery codes in place of all old ones, for whoever proves a second factor. Raises Invalid, TooMany."""
    if actor.id != user.pk:
        raise NotFound(_("There is no such account."))
    check_second_factor(user=user, code=code)
    with transaction.atomic():
        fresh = mfa.recovery_codes(user, fresh=True)
        _note(actor, "people.recovery_codes_renewed", user.pk, {})
    return fresh


@transaction.atomic
def end_sessions(*, actor: Actor, user_id: UUID) -> int:
    """Sign out everywhere; returns how many browsers. Only of oneself."""
    if actor.id != user_id:
        raise NotFound(_("There is no such account."))
    count, _by_model = Session.objects.filter(user_id=user_id).delete()
    _note(actor, "people.signed_out_everywhere", user_id, {"sessions": count})
    return count


@transaction.atomic
def note_sign_in(*, user: User, factor: str) -> None:
    """Write down for auditors that a member of staff signed in, and how."""
    _note(actor_for(user), "people.signed_in", user.pk, {"factor": factor})


def _note(actor: Actor, action: str, user_id: UUID, audit: dict[str, object]) -> None:
    journal.record(
        actor=actor, action=action, subject_kind="person", subject_id=user_id, topics=[f"person:{user_id}"], audit=audit
    )
