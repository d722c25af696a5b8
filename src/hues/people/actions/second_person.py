"""Acts of administrators that take two: asked for by one, decided by another, done at once by nobody alone."""

import hmac
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.city.clock import today
from hues.kernel import clock, journal
from hues.kernel.actors import ADMINISTRATOR, SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_code
from hues.kernel.limits import spend
from hues.people import mfa, queries
from hues.people.access import id_of, may_administer, require_administrator
from hues.people.actions.signing_in import check_second_factor
from hues.people.actions.staff import forget_factor, give, locked
from hues.people.models import AdministratorAct, Membership, User
from hues.people.second_person import (
    DECIDE_WITHIN,
    SETUP_WITHIN,
    code_hash,
    grant_needs_another,
    reset_needs_another,
    setup_act,
)

Deed, State = AdministratorAct.Deed, AdministratorAct.State


def ask_reset(*, actor: Actor, user_id: UUID) -> AdministratorAct:
    """Ask that somebody may set up a new second factor. Raises NotFound, Conflict (asked already, or no need to ask)."""
    require_administrator(actor)
    with transaction.atomic():
        user = locked(user_id)
        if not reset_needs_another(actor, user):
            raise Conflict(_("This needs nobody's approval."))
        return _ask(actor, user, Deed.RESET, {})


def ask_role(
    *, actor: Actor, user_id: UUID, role: str, valid_from: date | None = None, valid_to: date | None = None
) -> AdministratorAct:
    """Ask that somebody is given a role that decides about identities. Raises NotFound, Invalid, Conflict."""
    require_administrator(actor)
    with transaction.atomic():
        user = locked(user_id)
        if not grant_needs_another(actor, role):
            raise Conflict(_("This needs nobody's approval."))
        if valid_to and valid_to <= (valid_from or today()):
            raise Invalid(
                _("Please check the dates."), fields={"valid_to": _("The end must come after the beginning.")}
            )
        days = {"valid_from": valid_from and str(valid_from), "valid_to": valid_to and str(valid_to)}
        return _ask(actor, user, Deed.GRANT, {"role": role, **days})


def _ask(actor: Actor, user: User, deed: str, details: dict[str, Any]) -> AdministratorAct:
    spend(f"act:{actor.id}", limit=30, window=86400)
    now = clock.now()
    open_ones = AdministratorAct.objects.filter(user=user, deed=deed, state=State.ASKED, expires_at__gt=now)
    if any(one.details.get("role") == details.get("role") for one in open_ones):
        raise Conflict(_("This has been asked for already and is not decided yet."))
    act = AdministratorAct.objects.create(
        user=user, deed=deed, details=details, asked_by_id=id_of(actor), asked_at=now, expires_at=now + DECIDE_WITHIN
    )
    _note(actor, act, "asked", tell=_others(actor, user))
    return act


def _others(actor: Actor, user: User) -> set[UUID]:
    """Who could decide, and the person themselves: they may have to say that it was not them."""
    rows = Membership.objects.filter(queries.valid_on(today()), role=ADMINISTRATOR, user__is_active=True)
    return ({user.pk} | set(rows.values_list("user_id", flat=True))) - {actor.id}


@transaction.atomic
def decide_act(*, actor: Actor, act_id: UUID, approve: bool) -> str:
    """Approve or refuse what another administrator asked for. The page has just made sure that it is really them.

    Returns the setup code, to be handed to the person in person, or "". Raises NotFound, Forbidden, Conflict.
    """
    require_administrator(actor)
    act = _locked(act_id)
    if actor.id == act.asked_by_id:
        raise Forbidden(_("You asked for this yourself: somebody else has to decide."))
    if actor.id == act.user_id:
        raise Forbidden(_("This is about you: somebody else has to decide."))
    return _decide(actor, act, approve)


def answer_own_reset(*, actor: Actor, user: User, act_id: UUID, approve: bool, code: str = "") -> str:
    """Somebody answers a reset that was asked for them: yes with one of their recovery codes, no without.

    Returns the setup code. Raises NotFound, Invalid (`code`), TooMany, Conflict.
    """
    if actor.id != user.pk or not AdministratorAct.objects.filter(pk=act_id, user=user, deed=Deed.RESET).exists():
        raise NotFound(_("There is no such request."))
    if approve and check_second_factor(user=user, code=code) != "recovery_codes":
        text = _("This takes a recovery code, not a code of the app.")
        raise Invalid(text, fields={"code": text})
    with transaction.atomic():
        return _decide(actor, _locked(act_id), approve)


def _locked(act_id: UUID) -> AdministratorAct:
    act = AdministratorAct.objects.select_for_update().filter(pk=act_id).first()
    if act is None:
        raise NotFound(_("There is no such request."))
    return act


def _decide(actor: Actor, act: AdministratorAct, approve: bool) -> str:
    if act.state != State.ASKED or act.expires_at <= clock.now():
        raise Conflict(_("This is decided already, or its time has run out."))
    if approve and not may_administer(queries.actor_for(queries.account(act.asked_by_id))):
        raise Conflict(_("Who asked for this is no administrator any more."))
    act.state = State.DONE if approve else State.REFUSED
    act.decided_by_id, act.decided_at = id_of(actor), clock.now()
    code = _carry_out(actor, act) if approve else ""
    act.save()
    _note(actor, act, "approved" if approve else "refused", tell={act.asked_by_id, act.user_id} - {actor.id})
    return code


def _carry_out(actor: Actor, act: AdministratorAct) -> str:
    user = locked(act.user_id)
    if act.deed == Deed.RESET:
        forget_factor(actor, user)
    else:
        start, end = (date.fromisoformat(day) if day else None for day in map(act.details.get, _DAYS))
        if end and end <= today():
            raise Conflict(_("The days of this role are over."))
        give(actor, user, act.details["role"], valid_from=start, valid_to=end)
    if mfa.has_totp(user) or queries.without_second_factor(user):
        return ""
    code = new_code("CD", 12)
    act.setup_hash, act.expires_at = code_hash(act.pk, code), clock.now() + SETUP_WITHIN
    return code


_DAYS = ("valid_from", "valid_to")


def use_setup_code(user: User, code: str) -> None:
    """Take the code that a new second factor of this account needs, if it needs one; called with the account locked.

    Raises Invalid (`setup_code`).
    """
    act = setup_act(user)
    if act is None:
        return
    if act.expires_at <= clock.now():
        text = _("This code has run out. Two administrators have to make a new one.")
        raise Invalid(text, fields={"setup_code": text})
    if not hmac.compare_digest(act.setup_hash, code_hash(act.pk, code)):
        text = _("This is not the code that an administrator gave you.")
        raise Invalid(text, fields={"setup_code": text})
    AdministratorAct.objects.filter(user=user).update(setup_hash="")


def end_outdated() -> int:
    """What nobody decided in a day ends. Returns how many."""
    ended = 0
    due = AdministratorAct.objects.filter(state=State.ASKED, expires_at__lte=clock.now())
    for act_id in due.values_list("pk", flat=True):
        with transaction.atomic():
            act = _locked(act_id)
            if act.state == State.ASKED:
                act.state = State.EXPIRED
                act.save(update_fields=["state"])
                _note(SYSTEM, act, "expired", tell={act.asked_by_id})
                ended += 1
    return ended


def _note(actor: Actor, act: AdministratorAct, what: str, tell: Collection[UUID]) -> None:
    action = f"people.{act.deed}_{what}"
    data = {"name": act.user.name, "by": act.asked_by.name}
    here = f"/admin/people/{act.user_id}"
    journal.record(
        actor=actor, action=action, subject_kind="person", subject_id=act.user_id, topics=[f"person:{act.user_id}"],
        audit={"act": str(act.pk), "asked_by": str(act.asked_by_id), **act.details},
        notify=[
            journal.Notify(one, action, "/staff/account" if one == act.user_id else here, data)
            for one in sorted(tell)
        ],
    )  # fmt: skip
