"""Putting a case aside until a moment, with the reason: it leaves the list, its clock runs on, and it comes back by itself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import engine
from hues.cases.models import Case
from hues.city.calendar import city_calendar
from hues.console import access, leases, noticing
from hues.console.models import Hold, Lease
from hues.console.pack import console
from hues.kernel import clock, journal, text
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Conflict, Invalid

REASON_MAX, REASON_MIN = 300, 3
SLACK = timedelta(seconds=1)  # between choosing "in 30 minutes" and reading it


def hold_case(*, actor: Actor, code: str, reason: str, wake_at: datetime) -> Hold:
    """Put a case aside; a further hold replaces the former. Raises NotFound, Forbidden, Conflict, Invalid."""
    me = access.operator(actor)
    now = clock.now()
    reason = text.clean(reason, max_length=REASON_MAX, field="reason")
    wrong = {}
    if len(reason) < REASON_MIN:
        wrong["reason"] = _("Please say why, for whoever comes next.")
    if wake_at <= now:
        wrong["wake_at"] = _("Please choose when it comes back.")
    if wrong:
        raise Invalid(_("Something is missing or not right yet."), fields=wrong)
    with transaction.atomic():
        case = engine.lock(actor, code)
        if not case.is_open:
            raise Conflict(_("It is closed already."))
        if wake_at > now + longest(case) + SLACK:
            raise _too_long(case)
        leases.mind(actor, case)
        end_hold(case)
        noticing.touched(case)
        hold = Hold.objects.create(case_id=case.pk, by_id=me, reason=reason, at=now, wake_at=wake_at)
        Lease.objects.filter(case_id=case.pk, operator_id=actor.id).delete()
        said = {"vi": f"Tạm gác: {reason}", "en": f"Put aside: {reason}"}
        journal.record(
            actor=actor,
            action="case.held",
            subject_kind="case",
            subject_id=case.pk,
            topics=[f"case:{case.pk}", "centre"],
            centre={"said": said, "until": wake_at.isoformat()},
        )
    return hold


def longest(case: Case) -> timedelta:
    """How long at most this case may be put aside: what must be handled at once only for minutes."""
    pack = console()
    return min(pack.longest_hold, pack.hold_limits.get((case.group, str(case.priority)), pack.longest_hold))


def _too_long(case: Case) -> Invalid:
    limit = longest(case)
    if limit >= timedelta(days=1):
        reason = _("Please choose a moment within the next {days} days.").format(days=limit.days)
    else:
        reason = _("This must be handled at once: put it aside for at most {minutes} minutes.").format(
            minutes=int(limit.total_seconds() // 60)
        )
    return Invalid(reason, fields={"wake_at": reason})


def take_up(*, actor: Actor, code: str) -> Case:
    """What was put aside goes on before its moment. Raises NotFound, Forbidden, Conflict."""
    access.operator(actor)
    with transaction.atomic():
        case = engine.lock(actor, code)
        leases.mind(actor, case)
        if end_hold(case):
            journal.record(
                actor=actor,
                action="case.taken_up",
                subject_kind="case",
                subject_id=case.pk,
                topics=[f"case:{case.pk}", "centre"],
                centre={"said": {"vi": "Lấy lại việc đã gác", "en": "Taken up again"}},
            )
    return case


def end_hold(case: Case) -> bool:
    """The hold of a locked case is over, if it has one. One statement."""
    return bool(Hold.objects.filter(case_id=case.pk, ended_at=None).update(ended_at=clock.now()))


def wake_holds(limit: int = 200) -> int:
    """Tell whoever put something aside that its moment has come, once; lists show it again by themselves. Returns how many woke."""
    woken = 0
    while woken < limit:
        with transaction.atomic():
            due = Hold.objects.filter(ended_at=None, woken_at=None, wake_at__lte=clock.now())
            hold = (
                due.select_for_update(skip_locked=True, of=("self",)).select_related("case").order_by("wake_at").first()
            )
            if hold is None:
                return woken
            hold.woken_at = clock.now()
            hold.save(update_fields=["woken_at"])
            _tell_woken(hold)
        woken += 1
    return woken


def _tell_woken(hold: Hold) -> None:
    case = hold.case
    texts = {
        "vi": f"Đã đến giờ xem lại {case.code}: {hold.reason}",
        "en": f"Time to look at {case.code} again: {hold.reason}",
    }
    notice = journal.Notify(
        hold.by_id, "case.woken", f"/desk/triage?case={case.code}", {"code": case.code, "texts": texts}
    )
    journal.record(
        actor=SYSTEM,
        action="case.woken",
        subject_kind="case",
        subject_id=case.pk,
        topics=[f"case:{case.pk}", "centre"],
        centre={"said": {"vi": "Đã đến giờ xem lại", "en": "Its time to be looked at has come"}},
        notify=[notice],
    )


def wake_choices() -> list[tuple[str, datetime]]:
    """Moments that are often meant, by name: in an hour, in three, at the next opening."""
    now = clock.now()
    tomorrow = city_calendar().next_opening(now + timedelta(hours=10))
    return [
        ("15", now + timedelta(minutes=15)),
        ("30", now + timedelta(minutes=30)),
        ("60", now + timedelta(hours=1)),
        ("180", now + timedelta(hours=3)),
        ("morning", tomorrow),
    ]
