"""Warnings, limits and locks: placed by a person for a reason and a time, seen and appealed by whom they concern."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.city.calendar import city_calendar
from hues.kernel import clock, journal
from hues.kernel.actors import LEAD, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.limits import spend
from hues.kernel.text import clean
from hues.people import conduct, queries, subjects
from hues.people.access import id_of
from hues.people.models import Appeal, Restriction, User

SHORTEST = 20  # letters of a reason


def may_restrict(actor: Actor) -> bool:
    return actor.kind == "staff" and actor.has(LEAD)


def require_lead(actor: Actor) -> None:
    if not may_restrict(actor):
        raise NotFound(_("There is no such page."))


def place_restriction(
    *, actor: Actor, code: str, kind: str, reason: str, days: int = 0, evidence: Sequence[str] = ()
) -> Restriction:
    """Warn, limit or lock the account behind a case. Nobody learns whose it is: the case stands for it.

    `evidence` are further cases of the same account. A lock needs an earlier warning or limit within a year.
    Raises NotFound, Invalid (fields), Conflict.
    """
    require_lead(actor)
    subject = subjects.cases().find(actor, code.strip().upper())
    if subject.person_id is None:
        text = _("No account stands behind this case.")
        raise Invalid(text, fields={"code": text})
    codes = list(dict.fromkeys([subject.code, *(one.strip().upper() for one in evidence if one.strip())]))[:20]
    policy, reason = conduct.policy(), clean(reason, max_length=2000)
    _check(policy, kind, reason, days, subject.person_id, codes)
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=subject.person_id, erased_at=None).first()
        if user is None:
            raise NotFound(_("There is no such account."))
        now = clock.now()
        if kind == Restriction.Kind.LOCK and not _warned(user, now):
            text = _("Warn or limit first: a lock needs an earlier step within a year.")
            raise Conflict(text, fields={"kind": text})
        if kind != Restriction.Kind.WARNING and _in_force(user, now).filter(kind=kind).exists():
            raise Conflict(_("This account is restricted in this way already."))
        placed = Restriction.objects.create(
            user=user, kind=kind, reason=reason, evidence=codes, placed_by_id=id_of(actor), placed_at=now,
            ends_at=now + timedelta(days=days) if kind != Restriction.Kind.WARNING else now,
        )  # fmt: skip
        _note(actor, placed, "restricted", subject.id, {"days": days, "reason": reason})
    return placed


def _check(policy: conduct.Policy, kind: str, reason: str, days: int, person_id: UUID, codes: list[str]) -> None:
    wrong: dict[str, str] = {}
    if kind not in Restriction.Kind.values:
        wrong["kind"] = _("Please choose what is to happen.")
    elif kind != Restriction.Kind.WARNING and not 1 <= days <= policy.longest(kind):
        wrong["days"] = _("Please choose between 1 and %(n)s days.") % {"n": policy.longest(kind)}
    if len(reason) < SHORTEST:
        wrong["reason"] = _("Please explain it so that the person understands (at least 20 letters).")
    if len(codes) > 1 and not subjects.cases().are_of(person_id, codes):
        wrong["evidence"] = _("These cases are not all of the same account.")
    if wrong:
        raise Invalid(_("Please check what is marked."), fields=wrong)


def _warned(user: User, now: datetime) -> bool:
    return user.restrictions.filter(placed_at__gt=now - timedelta(days=365)).exclude(appeal__granted=True).exists()


def _in_force(user: User, now: datetime) -> Any:
    return user.restrictions.filter(ends_at__gt=now, lifted_at=None)


@transaction.atomic
def lift_restriction(*, actor: Actor, restriction_id: UUID, reason: str) -> Restriction:
    """End it early."""
    require_lead(actor)
    placed = _locked(restriction_id)
    if placed.lifted_at or placed.ends_at <= clock.now():
        raise Conflict(_("This has ended already."))
    placed.lifted_at = clock.now()
    placed.save(update_fields=["lifted_at"])
    _note(actor, placed, "lifted", placed.pk, {"reason": clean(reason, max_length=2000)})
    return placed


def appeal_restriction(*, actor: Actor, restriction_id: UUID, text: str) -> Appeal:
    """The person concerned says why it is wrong: once, and somebody else answers within some working days."""
    spend(f"appeal:{actor.id}", limit=10, window=86400)
    text = clean(text, max_length=4000)
    with transaction.atomic():
        placed = Restriction.objects.select_for_update().filter(pk=restriction_id, user_id=id_of(actor)).first()
        if placed is None:
            raise NotFound(_("There is no such page."))
        if len(text) < SHORTEST:
            told = _("Please tell us what happened (at least 20 letters).")
            raise Invalid(told, fields={"text": told})
        if Appeal.objects.filter(pk=placed.pk).exists():
            raise Conflict(_("You have appealed already. The answer comes here."))
        now = clock.now()
        due = city_calendar().add_working_days(now, conduct.policy().appeal_days)
        appeal = Appeal.objects.create(restriction=placed, text=text, at=now, due_at=due)
        _note(actor, placed, "appealed", placed.pk, {}, tell=queries.leads_except(placed.placed_by_id))
    return appeal


@transaction.atomic
def decide_appeal(*, actor: Actor, restriction_id: UUID, granted: bool, answer: str) -> Appeal:
    """Answer an appeal: never by who placed the restriction. Granting ends it at once, as if it had not been."""
    require_lead(actor)
    placed = _locked(restriction_id)
    appeal = Appeal.objects.select_for_update().filter(pk=placed.pk).first()
    if appeal is None:
        raise NotFound(_("There is no such page."))
    if placed.placed_by_id == actor.id:
        raise Forbidden(_("You placed this yourself: somebody else has to decide."))
    if appeal.decided_at:
        raise Conflict(_("This appeal is answered already."))
    answer = clean(answer, max_length=4000)
    if len(answer) < SHORTEST:
        text = _("Please explain it so that the person understands (at least 20 letters).")
        raise Invalid(text, fields={"answer": text})
    appeal.granted, appeal.answer, appeal.decided_at, appeal.decided_by_id = granted, answer, clock.now(), actor.id
    appeal.save()
    if granted and placed.lifted_at is None:
        placed.lifted_at = clock.now()
        placed.save(update_fields=["lifted_at"])
    _note(actor, placed, "appeal_decided", placed.pk, {"granted": granted})
    return appeal


def _locked(restriction_id: UUID) -> Restriction:
    placed = Restriction.objects.select_for_update().filter(pk=restriction_id).first()
    if placed is None:
        raise NotFound(_("There is no such page."))
    return placed


def _note(
    actor: Actor, placed: Restriction, what: str, subject_id: UUID, audit: dict[str, Any], tell: Sequence[UUID] = ()
) -> None:
    data = {"kind": placed.kind, "reason": placed.reason, "until": placed.ends_at.isoformat()}
    told = [journal.Notify(one, f"people.{what}", "/desk/conduct", {}) for one in tell]
    if not tell:
        told = [journal.Notify(placed.user_id, f"people.{what}", f"/me/conduct/{placed.pk}", data)]
    on_case = what == "restricted"
    said = {
        "vi": "Nhắc nhở hoặc giới hạn tài khoản của người gửi",
        "en": "The sender's account was warned or restricted",
    }
    journal.record(
        actor=actor, action=f"people.{what}", subject_kind="case" if on_case else "restriction", subject_id=subject_id,
        topics=["centre", f"person:{placed.user_id}"], centre={"said": said} if on_case else None,
        audit={"restriction": str(placed.pk), "kind": placed.kind, "evidence": placed.evidence, **audit}, notify=told,
    )  # fmt: skip
