"""Swaps: somebody asks a colleague, the colleague accepts, the chief or a head approves, or nobody needs to."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hues.duty import access
from hues.duty.actions.noting import note, one_at_a_time, span_text
from hues.duty.actions.shifts import member_of
from hues.duty.models import Absence, Shift, Swap
from hues.duty.queries.mine import shift_for, swap_for
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.journal import Notify
from hues.people.models import User


@transaction.atomic
def ask_swap(
    *, actor: Actor, shift_id: UUID, colleague_id: UUID, in_return_id: UUID | None = None, note_text: str = ""
) -> Swap:
    """Ask a colleague of the team to take one's shift, perhaps for one of theirs in return."""
    shift = shift_for(actor, shift_id, lock=True)
    if shift.person_id != actor.id:
        raise Forbidden(_("You can only swap your own shifts."))
    now = clock.now()
    _check_ahead(shift, now)
    colleague = member_of(shift.team, colleague_id)
    if colleague_id == actor.id:
        raise Invalid(_("Please choose a colleague."), fields={"colleague": _("Please choose a colleague.")})
    back = _in_return(shift, colleague, in_return_id, now) if in_return_id else None
    _check_free(colleague, shift, besides=back)
    if back:
        _check_free(shift.person, back, besides=shift)
    try:
        with transaction.atomic():
            swap = Swap.objects.create(
                shift=shift, in_return=back, asked_by_id=actor.id, colleague=colleague, note=note_text.strip()[:300],
                asked_at=now, expires_at=min(shift.starts_at, back.starts_at) if back else shift.starts_at,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(_("A swap of this shift is under way already.")) from None
    _touch(swap, True)
    _tell(actor, swap, "swap_asked", [colleague_id])
    return swap


@transaction.atomic
def answer_swap(*, actor: Actor, swap_id: UUID, accept: bool) -> Swap:
    """The colleague's answer. Where the team allows it the swap is done with that, else it waits for approval."""
    swap = _running(actor, swap_id, Swap.State.ASKED)
    if swap.colleague_id != actor.id:
        raise Forbidden(_("Only the colleague who was asked can answer."))
    swap.answered_at = clock.now()
    if not accept:
        return _end(actor, swap, Swap.State.DECLINED, "swap_declined", [swap.asked_by_id])
    if swap.shift.team.auto_swap:
        return _carry_out(actor, swap)
    swap.state = Swap.State.ACCEPTED
    swap.save(update_fields=["state", "answered_at"])
    _tell(actor, swap, "swap_accepted", [swap.asked_by_id, *access.managers_of(swap.shift.team)])
    return swap


@transaction.atomic
def decide_swap(*, actor: Actor, swap_id: UUID, approve: bool, reason: str = "") -> Swap:
    """The chief's or a head's word. A chief does not decide their own swap: a head does."""
    swap = _running(actor, swap_id, Swap.State.ACCEPTED)
    if not access.may_roster(actor, swap.shift.team):
        raise Forbidden(_("Only the chief of the team and the heads of the agency may approve a swap."))
    own = actor.id in (swap.asked_by_id, swap.colleague_id)
    if own and not access.manages(actor, swap.shift.team.agency):
        raise Forbidden(_("Somebody else than you has to approve your own swap."))
    swap.decided_by_id, swap.decided_at = actor.id, clock.now()
    if approve:
        return _carry_out(actor, swap)
    if not reason.strip():
        raise Invalid(_("Please say why."), fields={"reason": _("Please say why.")})
    swap.reason = reason.strip()[:300]
    return _end(actor, swap, Swap.State.REFUSED, "swap_refused", [swap.asked_by_id, swap.colleague_id])


@transaction.atomic
def withdraw_swap(*, actor: Actor, swap_id: UUID) -> Swap:
    """Whoever asked thinks otherwise."""
    swap = _running(actor, swap_id, *Swap.OPEN)
    if swap.asked_by_id != actor.id:
        raise Forbidden(_("Only who asked can withdraw."))
    return _end(actor, swap, Swap.State.WITHDRAWN, "swap_withdrawn", [swap.colleague_id])


def expire_swaps() -> int:
    """End the swaps whose shift has begun; returns how many."""
    due = Swap.objects.filter(state__in=Swap.OPEN, expires_at__lte=clock.now()).values_list("pk", flat=True)
    done = 0
    for swap_id in list(due[:500]):
        with transaction.atomic():
            rows = Swap.objects.select_for_update(skip_locked=True, of=("self",)).select_related("shift__team")
            swap = rows.filter(pk=swap_id, state__in=Swap.OPEN).first()
            if swap is not None:
                _end(SYSTEM, swap, Swap.State.EXPIRED, "swap_expired", [swap.asked_by_id, swap.colleague_id])
                done += 1
    return done


def _running(actor: Actor, swap_id: UUID, *states: str) -> Swap:
    swap = swap_for(actor, swap_id, lock=True)
    if swap.state not in states:
        raise Conflict(_("This swap is in another state by now: %(state)s.") % {"state": swap.get_state_display()})
    if swap.expires_at <= clock.now():
        raise Conflict(_("Too late: the shift has begun."))
    return swap


def _carry_out(actor: Actor, swap: Swap) -> Swap:
    """Change the persons. Both rows step out of the way of the constraint first."""
    ids = [swap.shift_id, *([swap.in_return_id] if swap.in_return_id else [])]
    locked = Shift.objects.select_for_update(of=("self",)).select_related("person", "team").filter(pk__in=ids)
    shifts = {shift.pk: shift for shift in locked.order_by("pk")}
    takes = {swap.shift_id: (swap.asked_by, swap.colleague)}
    if swap.in_return_id:
        takes[swap.in_return_id] = (swap.colleague, swap.asked_by)
    for pk, (giver, taker) in takes.items():
        if shifts[pk].person_id != giver.pk or shifts[pk].called_off:
            raise Conflict(_("The roster has changed since: this shift is somebody else's, or was called off."))
        _check_free(taker, shifts[pk], besides=next((s for key, s in shifts.items() if key != pk), None))
    now = clock.now()
    with one_at_a_time(_("One of the two")):
        Shift.objects.filter(pk__in=ids).update(called_off=True)
        for pk, (giver, taker) in takes.items():
            first = shifts[pk].swapped_for_id or giver.pk
            Shift.objects.filter(pk=pk).update(
                person=taker,
                swapped_for=None if first == taker.pk else first,
                called_off=False,
                touched=True,
                changed_at=now,
            )
    swap.state = Swap.State.DONE
    swap.save(update_fields=["state", "answered_at", "decided_by", "decided_at"])
    _tell(actor, swap, "swap_done", [swap.asked_by_id, swap.colleague_id])
    return swap


def _end(actor: Actor, swap: Swap, state: Swap.State, action: str, people: list[UUID]) -> Swap:
    swap.state = state
    swap.save(update_fields=["state", "answered_at", "decided_by", "decided_at", "reason"])
    _touch(swap, False)
    _tell(actor, swap, action, people)
    return swap


def _touch(swap: Swap, touched: bool) -> None:
    """While a swap is open the rota leaves its shifts alone; one that came to nothing leaves no trace on them."""
    shifts = Shift.objects.filter(pk__in=[swap.shift_id, swap.in_return_id], source=Shift.Source.ROTA, swapped_for=None)
    shifts.update(touched=touched)


def _check_ahead(shift: Shift, now: datetime) -> None:
    if shift.called_off or shift.starts_at <= now:
        raise Conflict(_("Too late: the shift has begun."))


def _in_return(shift: Shift, colleague: User, in_return_id: UUID, now: datetime) -> Shift:
    back = (
        Shift.objects.select_for_update(of=("self",)).select_related("team", "person").filter(pk=in_return_id).first()
    )
    if back is None or back.person_id != colleague.pk or back.team_id != shift.team_id or back.pk == shift.pk:
        text = _("Please choose one of their shifts.")
        raise Invalid(text, fields={"in_return": text})
    _check_ahead(back, now)
    return back


def _check_free(person: User, shift: Shift, *, besides: Shift | None) -> None:
    """Raises Conflict where somebody could not take a shift: another one at that time, or an absence."""
    other = Shift.objects.filter(
        person=person, called_off=False, starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at
    ).exclude(pk__in=[shift.pk, *([besides.pk] if besides else [])])
    if other.exists():
        raise Conflict(_("%(name)s already has a shift in that time.") % {"name": person.name})
    away = Absence.objects.filter(person=person, state=Absence.State.GRANTED, starts_at__lt=shift.ends_at)
    if away.filter(ends_at__gt=shift.starts_at).exists():
        raise Conflict(_("%(name)s is absent in that time.") % {"name": person.name})


def _tell(actor: Actor, swap: Swap, action: str, people: list[UUID]) -> None:
    shift, team = swap.shift, swap.shift.team
    when = {one: span_text(shift.starts_at, shift.ends_at, one) for one in ("vi", "en")}
    data = {"team": team.name, "when": when, "name": swap.asked_by.name, "colleague": swap.colleague.name,
            "reason": swap.reason}  # fmt: skip
    staff = {
        "shift": str(swap.shift_id),
        "in_return": str(swap.in_return_id) if swap.in_return_id else None,
        "asked_by": str(swap.asked_by_id),
        "colleague": str(swap.colleague_id),
        "state": swap.state,
        "reason": swap.reason,
    }
    notify = [Notify(person, f"duty.{action}", "/desk/duty/mine", data) for person in dict.fromkeys(people)]
    note(
        actor, action, ("swap", swap.pk), team, people=[swap.asked_by_id, swap.colleague_id], staff=staff, notify=notify
    )
