"""Shifts made or changed by hand: by the chief of a team and those who keep its agency's rosters."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.duty import access
from hues.duty.actions.noting import note, one_at_a_time, span_text, told
from hues.duty.models import LONGEST_SHIFT, Member, Role, Shift, Swap, Team
from hues.duty.queries.mine import shift_for
from hues.duty.queries.teams import team_for
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.journal import Notify
from hues.people.models import User

_BACK = timedelta(hours=12)  # a shift that began may still be written down


def add_shift(
    *,
    actor: Actor,
    team_id: UUID,
    person_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    role: str = Role.MEMBER,
    standby: bool = False,
    watch: str = "",
) -> Shift:
    """Put a member of a team on duty. Raises Conflict where the person has another shift at that time."""
    with transaction.atomic():
        team = team_for(actor, team_id)
        check_may_roster(actor, team)
        person = member_of(team, person_id)
        check_span(starts_at, ends_at)
        if role not in Role.values:
            raise Invalid(_("Please choose a role."), fields={"role": _("Please choose a role.")})
        with one_at_a_time(person.name):
            shift = Shift.objects.create(
                team=team, person=person, starts_at=starts_at, ends_at=ends_at, role=role, standby=standby,
                watch=watch[:40], source=Shift.Source.HAND, touched=True, changed_at=clock.now(),
            )  # fmt: skip
        note(actor, "shift_added", ("shift", shift.pk), team, people=[person_id], staff=told(shift),
             notify=[notice(person_id, "shift_added", shift)])  # fmt: skip
        return shift


@transaction.atomic
def call_off(*, actor: Actor, shift_id: UUID) -> Shift:
    """Take a shift away. It stays in the book, so that the rota does not lay it again."""
    shift = _open(actor, shift_id)
    shift.called_off = True
    _keep(shift, "called_off")
    Swap.objects.filter(shift=shift, state__in=Swap.OPEN).update(state=Swap.State.EXPIRED, decided_at=clock.now())
    note(actor, "shift_called_off", ("shift", shift.pk), shift.team, people=[shift.person_id], staff=told(shift),
         notify=[notice(shift.person_id, "shift_called_off", shift)])  # fmt: skip
    return shift


@transaction.atomic
def hand_over(*, actor: Actor, shift_id: UUID, person_id: UUID) -> Shift:
    """Give a shift to another member of the team, from its beginning, or from now on where it runs already."""
    shift = _open(actor, shift_id)
    person, now = member_of(shift.team, person_id), clock.now()
    if person_id == shift.person_id:
        raise Invalid(_("It is their shift already."), fields={"person": _("Please choose somebody else.")})
    before = shift.person_id
    with one_at_a_time(person.name):
        if shift.starts_at < now:
            rest = Shift(
                team=shift.team, person=person, starts_at=now, ends_at=shift.ends_at, role=shift.role, standby=shift.standby,
                watch=shift.watch, source=Shift.Source.HAND, touched=True, swapped_for_id=before, changed_at=now,
            )  # fmt: skip
            shift.ends_at = now
            _keep(shift, "ends_at")
            rest.save()
            shift = rest
        else:
            shift.person, shift.swapped_for_id = person, shift.swapped_for_id or before
            _keep(shift, "person", "swapped_for")
    note(actor, "shift_handed_over", ("shift", shift.pk), shift.team, people=[before, person_id],
         staff={**told(shift), "before": str(before)},
         notify=[notice(person_id, "shift_added", shift), notice(before, "shift_called_off", shift)])  # fmt: skip
    return shift


@transaction.atomic
def call_in(*, actor: Actor, shift_id: UUID) -> Shift:
    """Call somebody who is on standby: from now on they are on duty. The centre may do it too."""
    shift = shift_for(actor, shift_id, lock=True)
    if not (access.may_roster(actor, shift.team) or actor.in_centre):
        raise Forbidden(_("Only the chief, the heads and the centre may call people in."))
    if not shift.standby or shift.called_off or not shift.starts_at <= clock.now() < shift.ends_at:
        raise Conflict(_("They are not on standby now."))
    shift.standby = False
    _keep(shift, "standby")
    note(actor, "called_in", ("shift", shift.pk), shift.team, people=[shift.person_id], staff=told(shift),
         notify=[notice(shift.person_id, "called_in", shift, urgent=True)])  # fmt: skip
    return shift


def _open(actor: Actor, shift_id: UUID) -> Shift:
    """A locked shift that is not over, for whoever may change it."""
    shift = shift_for(actor, shift_id, lock=True)
    check_may_roster(actor, shift.team)
    if shift.called_off or shift.ends_at <= clock.now():
        raise Conflict(_("This shift is over or was called off."))
    return shift


def _keep(shift: Shift, *fields: str) -> None:
    shift.touched, shift.changed_at = True, clock.now()
    shift.save(update_fields=[*fields, "touched", "changed_at"])


def check_may_roster(actor: Actor, team: Team) -> None:
    if not access.may_roster(actor, team):
        raise Forbidden(_("Only the chief of the team and the heads of the agency may change its roster."))


def check_span(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid(_("The shift must end after it starts."), fields={"ends_at": _("Later than the start.")})
    if ends_at - starts_at > LONGEST_SHIFT:
        raise Invalid(_("A shift has 48 hours at the most."), fields={"ends_at": _("48 hours at the most.")})
    if ends_at <= clock.now() - _BACK:
        raise Invalid(_("This time is over."), fields={"starts_at": _("This time is over.")})


def member_of(team: Team, person_id: UUID) -> User:
    """Raises Invalid for who is not in the team."""
    member = Member.objects.filter(team=team, person=person_id, valid_to=None, person__is_active=True)
    found = member.select_related("person").first()
    if found is None:
        text = _("Please choose a member of the team.")
        raise Invalid(text, fields={"person": text})
    return found.person


def notice(person_id: UUID, template: str, shift: Shift, *, urgent: bool = False, **more: str) -> Notify:
    """What somebody is told of a shift, in both of the city's languages."""
    when = {one: span_text(shift.starts_at, shift.ends_at, one) for one in ("vi", "en")}
    data = {"team": shift.team.name, "when": when, **more, **({"urgent": True} if urgent else {})}
    return Notify(person_id, f"duty.{template}", "/desk/duty/mine", data)
