"""Opening an identity on a legal ground: one person asks, another decides, the first one reads it, all of it on record.

The agency that handles the case learns nothing of this; the reporter is told, at once or when the ground allows it.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from hues.city.clock import today
from hues.kernel import clock, journal
from hues.kernel.actors import AUDITOR, LEAD, SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_code
from hues.kernel.limits import spend
from hues.kernel.text import clean
from hues.people import queries, subjects
from hues.people.access import id_of
from hues.people.actions.citizens import Identity, unseal_for_law
from hues.people.actions.signing_in import check_password, check_second_factor
from hues.people.grounds import DECIDE_WITHIN, GROUNDS, LONGEST_DELAY, NEEDS, OPEN_WITHIN, READABLE
from hues.people.models import Membership, Reveal, User

_SAID = {
    "asked": {"vi": "Có yêu cầu mở danh tính theo luật", "en": "The identity was asked for by law"},
    "refused": {"vi": "Yêu cầu mở danh tính bị từ chối", "en": "The request for the identity was refused"},
    "approved": {"vi": "Yêu cầu mở danh tính được chấp thuận", "en": "The request for the identity was approved"},
    "opened": {"vi": "Danh tính đã được mở theo căn cứ pháp luật", "en": "The identity was opened on a legal ground"},
    "expired": {"vi": "Yêu cầu mở danh tính đã hết hạn", "en": "The request for the identity ran out"},
}


def may_handle(actor: Actor) -> bool:
    """Leads of the centre and auditors ask and decide; operators and administrators do not."""
    return actor.kind == "staff" and actor.has(LEAD, AUDITOR)


def require_handler(actor: Actor) -> None:
    if not may_handle(actor):
        raise NotFound(_("There is no such page."))


def ask_reveal(
    *,
    actor: Actor,
    code: str,
    ground: str,
    issued_by: str,
    reason: str,
    needs: Collection[str],
    document: str = "",
    issued_on: date | None = None,
    delay_days: int = 0,
) -> Reveal:
    """Ask for the identity behind a case. Raises NotFound, Invalid (fields), Conflict (asked already), TooMany."""
    require_handler(actor)
    spend(f"reveal:{actor.id}", limit=20, window=86400)
    subject = subjects.cases().find(actor, code.strip().upper())
    if subject.person_id is None:
        raise Invalid(
            _("Nobody's identity is kept for this case."),
            fields={"code": _("Nobody's identity is kept for this case.")},
        )
    kept = _checked(ground, document, issued_by, issued_on, reason, needs, delay_days)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=subject.person_id)
        open_ones = Reveal.objects.filter(subject_id=subject.id, state__in=[Reveal.State.ASKED, Reveal.State.APPROVED])
        if open_ones.filter(expires_at__gt=clock.now()).exists():
            raise Conflict(_("This has been asked for already and is not decided yet."))
        now = clock.now()
        reveal = Reveal.objects.create(
            number=new_code("DT"), subject_id=subject.id, subject_code=subject.code, person_id=subject.person_id,
            asked_by_id=id_of(actor), asked_at=now, expires_at=now + DECIDE_WITHIN, **kept,
        )  # fmt: skip
        delay = timedelta(days=delay_days)
        _note(actor, reveal, "asked", {"tell_after_days": delay.days}, tell=_deciders(actor))
    return reveal


def _checked(
    ground: str,
    document: str,
    issued_by: str,
    issued_on: date | None,
    reason: str,
    needs: Collection[str],
    delay_days: int,
) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    rule = GROUNDS.get(ground)
    if rule is None:
        wrong["ground"] = _("Please choose the ground.")
    document, issued_by = clean(document, max_length=80), clean(issued_by, max_length=160)
    reason = clean(reason, max_length=2000)
    if rule and rule.written and not document:
        wrong["document"] = _("Please give the number of the document.")
    if rule and rule.written and issued_on is None:
        wrong["issued_on"] = _("Please give the date of the document.")
    if issued_on and issued_on > today():
        wrong["issued_on"] = _("This day is still to come.")
    if len(issued_by) < 3:
        wrong["issued_by"] = _("Please say who asks for it.")
    if len(reason) < 20:
        wrong["reason"] = _("Please say in a sentence or two why it is needed (at least 20 letters).")
    if not needs or set(needs) - set(NEEDS):
        wrong["needs"] = _("Please choose what is needed, and no more.")
    if not 0 <= delay_days <= LONGEST_DELAY or (delay_days and rule and not rule.may_delay):
        wrong["delay_days"] = _("With this ground the reporter is told at once.")
    if wrong:
        raise Invalid(_("Please check what is marked."), fields=wrong)
    later = clock.now() + timedelta(days=delay_days) if delay_days else None
    return {
        "ground": ground, "document": document, "issued_by": issued_by, "issued_on": issued_on, "reason": reason,
        "needs": [need for need in NEEDS if need in needs], "tell_at": later,
    }  # fmt: skip


def _deciders(asker: Actor) -> list[Any]:
    """Everybody who could decide, except who asks."""
    rows = Membership.objects.filter(queries.valid_on(today()), role__in=[LEAD, AUDITOR], user__is_active=True)
    return list(rows.exclude(user_id=id_of(asker)).values_list("user_id", flat=True).distinct())


@transaction.atomic
def decide_reveal(*, actor: Actor, number: str, approve: bool, reason: str) -> Reveal:
    """Approve or refuse what somebody else asked for. The page has just made sure that it is really them.

    Raises NotFound, Forbidden for the one who asked, Conflict if it is decided or outdated, Invalid without a reason.
    """
    require_handler(actor)
    reveal = _locked(number)
    if actor.id == reveal.asked_by_id:
        raise Forbidden(_("You asked for this yourself: somebody else has to decide."))
    if reveal.state != Reveal.State.ASKED or reveal.expires_at <= clock.now():
        raise Conflict(_("This is decided already, or its time has run out."))
    reason = clean(reason, max_length=2000)
    if len(reason) < 10:
        text = _("Please say why (at least 10 letters).")
        raise Invalid(text, fields={"reason": text})
    reveal.state = Reveal.State.APPROVED if approve else Reveal.State.REFUSED
    reveal.decided_by_id, reveal.decided_at, reveal.decision = actor.id, clock.now(), reason
    if approve:
        reveal.expires_at = clock.now() + OPEN_WITHIN
    else:
        reveal.tell_at = None
    reveal.save()
    _note(actor, reveal, str(reveal.state), {"decision": reason}, tell=[reveal.asked_by_id])
    return reveal


def approve_beside(*, actor: Actor, number: str, username: str, password: str, code: str, ip: str) -> Reveal:
    """A second person approves at the asker's own screen, with their name, password and second factor.

    Only where a life is in danger: nobody has to find another computer. Nothing of the second person stays signed in.
    """
    reveal = queries.reveal(actor, number)
    if actor.id != reveal.asked_by_id or not GROUNDS[reveal.ground].saves_life:
        raise NotFound(_("There is no such page."))
    second = check_password(username=username, password=password, ip=ip)
    other = queries.actor_for(second)
    if not queries.without_second_factor(second):
        check_second_factor(user=second, code=code)
    if not may_handle(other):
        raise Forbidden(_("This person may not decide about identities."))
    return decide_reveal(
        actor=other, number=number, approve=True, reason=_("Approved side by side: a life is in danger")
    )


def open_reveal(*, actor: Actor, number: str) -> Identity:
    """Read what was approved: only who asked, for 15 minutes from the first look, then never again.

    Raises NotFound, Forbidden, Conflict. Each look is in the vault's record.
    """
    require_handler(actor)
    with transaction.atomic():
        reveal = _locked(number)
        if actor.id != reveal.asked_by_id:
            raise Forbidden(_("Only the person who asked may read it."))
        now = clock.now()
        if reveal.state == Reveal.State.OPENED and reveal.opened_at and now - reveal.opened_at <= READABLE:
            return unseal_for_law(actor=actor, reveal=reveal)
        if reveal.state != Reveal.State.APPROVED or reveal.expires_at <= now:
            raise Conflict(_("This cannot be read (any more). If it is still needed, ask again."))
        identity = unseal_for_law(actor=actor, reveal=reveal)
        reveal.state, reveal.opened_at = Reveal.State.OPENED, now
        reveal.tell_at = max(reveal.tell_at or now, now)
        reveal.save(update_fields=["state", "opened_at", "tell_at"])
        _note(actor, reveal, "opened", {})
        if reveal.tell_at <= now:
            _tell_reporter(reveal)
    return identity


def _locked(number: str) -> Reveal:
    reveal = Reveal.objects.select_for_update().filter(number=number).first()
    if reveal is None:
        raise NotFound(_("There is no such request."))
    return reveal


def end_outdated() -> int:
    """Requests that nobody decided, and approvals that nobody used, end. Returns how many."""
    ended = 0
    waiting = [Reveal.State.ASKED, Reveal.State.APPROVED]
    for number in Reveal.objects.filter(state__in=waiting, expires_at__lte=clock.now()).values_list(
        "number", flat=True
    ):
        with transaction.atomic():
            reveal = _locked(number)
            if reveal.state in waiting and reveal.expires_at <= clock.now():
                reveal.state, reveal.tell_at = Reveal.State.EXPIRED, None
                reveal.save(update_fields=["state", "tell_at"])
                _note(SYSTEM, reveal, "expired", {}, tell=[reveal.asked_by_id])
                ended += 1
    return ended


def tell_reporters() -> int:
    """Tell those whose identity was opened, once nothing forbids it any more. Returns how many."""
    told = 0
    due = Reveal.objects.filter(told_at=None, tell_at__lte=clock.now(), opened_at__isnull=False)
    for number in due.values_list("number", flat=True):
        with transaction.atomic():
            reveal = _locked(number)
            if reveal.told_at is None:
                _tell_reporter(reveal)
                told += 1
    return told


def _tell_reporter(reveal: Reveal) -> None:
    reveal.told_at = clock.now()
    reveal.save(update_fields=["told_at"])
    rule = GROUNDS[reveal.ground]
    data = {
        "code": reveal.subject_code,
        "number": reveal.number,
        "issued_by": reveal.issued_by,
        "ground": reveal.ground,
    }
    journal.record(
        actor=SYSTEM, action="people.reveal_told", subject_kind="reveal", subject_id=reveal.pk,
        topics=[f"person:{reveal.person_id}"], audit={"number": reveal.number, "ground": rule.code},
        notify=[journal.Notify(reveal.person_id, "people.identity_opened", "/me/settings#privacy", data)],
    )  # fmt: skip


def _note(actor: Actor, reveal: Reveal, what: str, audit: dict[str, Any], tell: Collection[Any] = ()) -> None:
    """In the history of the case for the centre; with all its facts for auditors. Never for the agency."""
    facts = {
        "number": reveal.number, "ground": reveal.ground, "document": reveal.document, "issued_by": reveal.issued_by,
        "needs": reveal.needs, **audit,
    }  # fmt: skip
    data = {"number": reveal.number, "code": reveal.subject_code}
    journal.record(
        actor=actor, action=f"people.reveal_{what}", subject_kind="case", subject_id=reveal.subject_id, topics=["centre"],
        centre={"said": _SAID[what], "number": reveal.number}, audit=facts,
        notify=[journal.Notify(one, f"people.reveal_{what}", f"/desk/reveals/{reveal.number}", data) for one in tell],
    )  # fmt: skip
