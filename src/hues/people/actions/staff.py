"""Accounts of staff: made, given roles, changed and ended by administrators."""

import re
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hues.city.clock import today
from hues.city.models import Agency
from hues.kernel import clock, journal
from hues.kernel.actors import (
    ADMINISTRATOR,
    AGENCY_ROLES,
    AUDITOR,
    CENTRE_ROLES,
    HELPER,
    VOLUNTEER,
    Actor,
)
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.text import clean
from hues.people import mfa, second_person
from hues.people.access import require_administrator
from hues.people.models import AdministratorAct, Membership, Session, User
from hues.people.queries import valid_on

STAFF_ROLES = AGENCY_ROLES | CENTRE_ROLES | {ADMINISTRATOR, AUDITOR, HELPER, VOLUNTEER}
VOLUNTEER_DAYS = 31  # at most: the role is for a flood, not for good
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")


@transaction.atomic
def create_staff(
    *,
    actor: Actor,
    username: str,
    password: str,
    display_name: str = "",
    email: str = "",
    language: str = "vi",
    is_sample: bool = False,
) -> User:
    """An account of a member of staff, without any role yet. Raises Invalid (fields), Conflict if the name is taken.

    Sample accounts, whose passwords are published, are exempt from the password rules: they work in the sandbox only.
    """
    require_administrator(actor)
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        text = _("3 to 64 characters: small letters without diacritics, digits, dots and hyphens.")
        raise Invalid(_("Please check the user name."), fields={"username": text})
    if User.objects.filter(username=username).exists():
        raise Conflict(
            _("The user name %(name)s is taken.") % {"name": username}, fields={"username": _("This name is taken.")}
        )
    user = User(
        kind=User.Kind.STAFF,
        username=username,
        display_name=clean(display_name, max_length=120, field="display_name"),
        email=email.strip(),
        language=language,
        is_sample=is_sample,
        created_at=clock.now(),
    )
    if is_sample:
        user.password = _sample_hash(password)
    else:
        check_strength(password, user)
        user.set_password(password)
    user.save(force_insert=True)
    _note(actor, "people.staff_created", user, {"username": username, "is_sample": is_sample})
    return user


@lru_cache(maxsize=8)
def _sample_hash(password: str) -> str:
    """Sample accounts share a published password: hashing it once fills a city in seconds."""
    return make_password(password)


def check_strength(password: str, user: User) -> None:
    """Raises Invalid (field `password`) for a short or common password."""
    try:
        if len(password) > 256:
            raise ValidationError(_("This password is too long."))
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise Invalid(_("Please choose another password."), fields={"password": " ".join(error.messages)}) from None


@transaction.atomic
def set_password(*, actor: Actor, user_id: UUID, password: str) -> None:
    """An administrator gives a new password; every session of the account ends. It opens nothing by itself.

    Raises Conflict where no second factor stands behind it yet and two people have to let its owner in.
    """
    require_administrator(actor)
    user = locked(user_id)
    if actor.kind != "system" and second_person.password_opens(user):
        raise Conflict(
            _("There is no second factor yet. Ask for a new one first: a second administrator gives a code.")
        )
    _replace_password(user, password)
    _note(actor, "people.password_set", user, {})


@transaction.atomic
def change_password(*, actor: Actor, current: str, password: str) -> User:
    """Somebody changes their own password; their other sessions end. The caller signs this browser in again."""
    if actor.id is None:
        raise NotFound(_("There is no such account."))
    user = locked(actor.id)
    if not user.check_password(current):
        raise Invalid(_("Please check your current password."), fields={"current": _("This is not your password.")})
    _replace_password(user, password)
    _note(actor, "people.password_changed", user, {})
    return user


def _replace_password(user: User, password: str) -> None:
    check_strength(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).delete()


@transaction.atomic
def grant_role(
    *,
    actor: Actor,
    user_id: UUID,
    role: str,
    agency: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Membership:
    """Give a role from a day (today) up to, not including, a day (open). `agency` is its code, for officers and heads.

    Raises Invalid (fields), NotFound, Forbidden (`ask_role` is the way). A role that was ended begins anew; the journal
    keeps its history.
    """
    require_administrator(actor)
    user = locked(user_id)
    if second_person.grant_needs_another(actor, role):
        raise Forbidden(_("A second administrator has to approve this."))
    return give(actor, user, role, agency, valid_from, valid_to)


def give(
    actor: Actor,
    user: User,
    role: str,
    agency: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Membership:
    """The role itself, once it is known that it may be given; in a transaction that holds the account."""
    body = _agency_for(role, agency)
    start = valid_from or today()
    if valid_to and valid_to <= start:
        raise Invalid(_("Please check the dates."), fields={"valid_to": _("The end must come after the beginning.")})
    if role == VOLUNTEER and (valid_to is None or valid_to - start > timedelta(days=VOLUNTEER_DAYS)):
        reason = _("A volunteer's role ends within %(n)s days.") % {"n": VOLUNTEER_DAYS}
        raise Invalid(_("Please check the dates."), fields={"valid_to": reason})
    membership, _made = Membership.objects.update_or_create(
        user=user, role=role, agency=body, defaults={"valid_from": start, "valid_to": valid_to}
    )
    _note(
        actor,
        "people.role_granted",
        user,
        {"role": role, "agency": agency, "from": str(start), "to": valid_to and str(valid_to)},
    )
    return membership


def _agency_for(role: str, code: str) -> Agency | None:
    if role not in STAFF_ROLES:
        raise Invalid(_("Please choose a role."), fields={"role": _("There is no such role.")})
    if role not in AGENCY_ROLES:
        if code:
            raise Invalid(
                _("Please check the agency."),
                fields={"agency": _("This role belongs to the whole city, not to an agency.")},
            )
        return None
    agency = Agency.objects.filter(code=code).first()
    if agency is None:
        raise Invalid(_("Please choose an agency."), fields={"agency": _("There is no agency with this code.")})
    return agency


@transaction.atomic
def end_role(*, actor: Actor, membership_id: int) -> None:
    """The role ends now: from the next request on it gives no rights. The last administrator cannot be ended."""
    require_administrator(actor)
    membership = (
        Membership.objects.select_for_update(of=("self",)).select_related("agency").filter(pk=membership_id).first()
    )
    if membership is None:
        raise NotFound(_("There is no such role."))
    if membership.role == ADMINISTRATOR:
        _keep_an_administrator(membership.user_id)
    membership.valid_to = max(today(), membership.valid_from)
    membership.save(update_fields=["valid_to"])
    user = User.objects.get(pk=membership.user_id)
    _note(
        actor,
        "people.role_ended",
        user,
        {"role": membership.role, "agency": membership.agency and membership.agency.code},
    )


def _keep_an_administrator(leaving: UUID) -> None:
    """Locks the administrators, so that two of them cannot end each other at once."""
    rows = Membership.objects.select_for_update().filter(valid_on(today()), role=ADMINISTRATOR, user__is_active=True)
    if not any(row.user_id != leaving for row in rows):
        raise Conflict(_("This is the last administrator. Name another one first."))


@transaction.atomic
def deactivate(*, actor: Actor, user_id: UUID) -> None:
    """Close an account of staff: its sessions end at once, nobody can sign in to it."""
    require_administrator(actor)
    user = locked(user_id)
    if user.memberships.filter(valid_on(today()), role=ADMINISTRATOR).exists():
        _keep_an_administrator(user.pk)
    user.is_active = False
    user.save(update_fields=["is_active"])
    Session.objects.filter(user=user).delete()
    _note(actor, "people.deactivated", user, {})


@transaction.atomic
def reactivate(*, actor: Actor, user_id: UUID) -> None:
    """Open a closed account again, with the password and roles that it had."""
    require_administrator(actor)
    user = locked(user_id)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _note(actor, "people.reactivated", user, {})


@transaction.atomic
def reset_second_factor(*, actor: Actor, user_id: UUID) -> None:
    """For whoever lost their telephone: the next sign-in sets up a new authenticator. Sessions end.

    Raises Forbidden for those who decide about identities (`ask_reset` is the way), NotFound.
    """
    require_administrator(actor)
    user = locked(user_id)
    if second_person.reset_needs_another(actor, user):
        raise Forbidden(_("A second administrator has to approve this."))
    forget_factor(actor, user)


def forget_factor(actor: Actor, user: User) -> None:
    """Factors and passkeys go, and with them codes for setting up another one; in a transaction that holds the account."""
    mfa.reset(user)
    AdministratorAct.objects.filter(user=user).update(setup_hash="")
    Session.objects.filter(user=user).delete()
    _note(actor, "people.second_factor_reset", user, {})


def locked(user_id: UUID) -> User:
    user = User.objects.select_for_update().filter(pk=user_id, kind=User.Kind.STAFF).first()
    if user is None:
        raise NotFound(_("There is no such account."))
    return user


def _note(actor: Actor, action: str, user: User, audit: dict[str, object]) -> None:
    journal.record(
        actor=actor, action=action, subject_kind="person", subject_id=user.pk, topics=[f"person:{user.pk}"], audit=audit
    )
