"""Absences: sick counts at once, leave waits for a chief or a head; whoever is absent is not on duty."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.duty import access
from hues.duty.actions.coverage import check_coverage
from hues.duty.actions.noting import note, span_text
from hues.duty.models import Absence, Team
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.journal import Notify

LONGEST = timedelta(days=400)


@transaction.atomic
def ask_absence(
    *,
    actor: Actor,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    note_text: str = "",
    person_id: UUID | None = None,
) -> Absence:
    """Say that one cannot come, or that a member of one's team cannot: then it holds at once, as sickness does."""
    person_id = person_id or actor.id
    if actor.kind != "staff" or person_id is None:
        raise NotFound(_("There is no such account."))
    teams = _teams(person_id)
    if person_id != actor.id and not any(access.may_roster(actor, team) for team in teams):
        raise NotFound(_("There is no such account."))
    if not teams:
        raise Invalid(_("Absences are for members of a team."))
    if kind not in Absence.Kind.values:
        raise Invalid(_("Please choose a reason."), fields={"kind": _("Please choose a reason.")})
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise Invalid(_("The absence must end after it starts."), fields={"ends_at": _("Later than the start.")})
    at_once = kind == Absence.Kind.SICK or person_id != actor.id or all(access.manages(actor, t.agency) for t in teams)
    now = clock.now()
    absence = Absence.objects.create(
        person_id=person_id, kind=kind, starts_at=starts_at, ends_at=ends_at, note=note_text.strip()[:300], asked_at=now,
        state=Absence.State.GRANTED if at_once else Absence.State.ASKED,
        decided_by_id=actor.id if at_once else None, decided_at=now if at_once else None,
    )  # fmt: skip
    told = [manager for team in teams for manager in access.managers_of(team)]
    _tell(actor, absence, teams, "absent" if at_once else "absence_asked", [*told, person_id])
    if at_once:
        check_coverage(team_ids=[team.pk for team in teams])
    return absence


@transaction.atomic
def decide_absence(*, actor: Actor, absence_id: UUID, grant: bool) -> Absence:
    """A chief or a head of one of the person's teams decides; nobody decides their own, unless they head the agency."""
    absence, teams = _absence(actor, absence_id)
    if not any(_decides(actor, team, absence) for team in teams):
        raise Forbidden(_("Somebody else has to decide this."))
    if absence.state != Absence.State.ASKED:
        raise Conflict(_("This was decided already."))
    absence.state = Absence.State.GRANTED if grant else Absence.State.REFUSED
    absence.decided_by_id, absence.decided_at = actor.id, clock.now()
    absence.save(update_fields=["state", "decided_by", "decided_at"])
    _tell(actor, absence, teams, "absence_granted" if grant else "absence_refused", [absence.person_id])
    if grant:
        check_coverage(team_ids=[team.pk for team in teams])
    return absence


@transaction.atomic
def withdraw_absence(*, actor: Actor, absence_id: UUID) -> Absence:
    """The person comes after all: from now on. What was before stays as it was."""
    absence, teams = _absence(actor, absence_id)
    if absence.person_id != actor.id and not any(access.may_roster(actor, team) for team in teams):
        raise Forbidden(_("Only the person and those who keep the roster may withdraw this."))
    now = clock.now()
    if absence.state not in (Absence.State.ASKED, Absence.State.GRANTED) or absence.ends_at <= now:
        raise Conflict(_("This absence is over."))
    if absence.state == Absence.State.GRANTED and absence.starts_at < now:
        absence.ends_at = now
    else:
        absence.state = Absence.State.WITHDRAWN
    absence.save(update_fields=["state", "ends_at"])
    _tell(actor, absence, teams, "absence_withdrawn", [m for team in teams for m in access.managers_of(team)])
    return absence


def _decides(actor: Actor, team: Team, absence: Absence) -> bool:
    return access.manages(actor, team.agency) or (access.may_roster(actor, team) and absence.person_id != actor.id)


def _teams(person_id: UUID) -> list[Team]:
    found = Team.objects.filter(active=True, members__person=person_id, members__valid_to=None)
    return list(found.select_related("agency").distinct().order_by("pk"))


def _absence(actor: Actor, absence_id: UUID) -> tuple[Absence, list[Team]]:
    """Locked; NotFound for strangers."""
    absence = Absence.objects.select_for_update(of=("self",)).select_related("person").filter(pk=absence_id).first()
    teams = _teams(absence.person_id) if absence else []
    if absence is None or not (absence.person_id == actor.id or any(access.may_roster(actor, t) for t in teams)):
        raise NotFound(_("There is no such absence."))
    return absence, teams


def _tell(actor: Actor, absence: Absence, teams: list[Team], action: str, people: list[UUID]) -> None:
    """Why somebody is absent is told to those who keep the roster on their page, not in notices: sickness is health."""
    when = {one: span_text(absence.starts_at, absence.ends_at, one) for one in ("vi", "en")}
    data = {"name": absence.person.name, "when": when}
    notify = [Notify(one, f"duty.{action}", "/desk/duty/mine", data) for one in dict.fromkeys(people)]
    staff = {
        "person": str(absence.person_id),
        "from": absence.starts_at.isoformat(),
        "until": absence.ends_at.isoformat(),
    }
    note(actor, action, ("absence", absence.pk), teams[0], people=[absence.person_id], staff=staff, notify=notify)
