"""Promises of a day (`planned_with_date`): made when such an answer is published, moved only in public, kept or broken by the end of the day.

Three things happen by themselves, each once and late rather than never: a reminder some working days before, the case waking up on the
day (its process's timer), and the day passing with nothing done: that is told to everyone, and climbs.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from hues.cases import reference, rungs
from hues.cases.change import Change, category_of
from hues.cases.definition import Texts
from hues.cases.effects import effect
from hues.cases.models import LISTED_VISIBILITIES, RESOLVED, Case, Outcome, Promise
from hues.city.calendar import city_calendar
from hues.city.clock import day_text, local, start_of_day
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM

REMIND_WORKING_DAYS = 3
State = Promise.State


@effect
def promise(change: Change, _parameter: Any) -> None:
    """What the published answer means for the promise of the case: made, moved, kept, or answered otherwise."""
    case = change.case
    held = Promise.objects.select_for_update().filter(case_id=case.pk, done_at=None).order_by("-pk").first()
    if case.outcome == Outcome.PLANNED and case.wake_on:
        if held is None or held.state != State.OPEN:
            Promise.objects.create(
                case_id=case.pk,
                agency_id=case.agency_id,
                first_on=case.wake_on,
                made_at=change.at,
                **_days(case.wake_on),
            )
        elif held.on != case.wake_on:
            _move(held, case.wake_on)
    elif held is not None:
        _settle(held, case, change.at)


@effect
def move_promise(change: Change, _parameter: Any) -> None:
    """Another day; how often it was moved is counted, and the first day stays known."""
    held = Promise.objects.select_for_update().filter(case_id=change.case.pk, state=State.OPEN).first()
    if held is not None and change.case.wake_on:
        change.note("public", before=held.on.isoformat())
        _move(held, change.case.wake_on)


def _days(day: date) -> dict[str, Any]:
    """The end of a promised day, and when to remind of it; nobody is reminded on the day itself."""
    remind_on, left = day, REMIND_WORKING_DAYS
    while left:
        remind_on -= timedelta(days=1)
        left -= city_calendar().is_working_day(remind_on)
    remind_at = city_calendar().next_opening(start_of_day(remind_on))
    return {
        "on": day,
        "ends_at": start_of_day(day + timedelta(days=1)),
        "remind_at": remind_at if remind_at > clock.now() else None,
    }


def _move(held: Promise, day: date) -> None:
    for name, value in _days(day).items():
        setattr(held, name, value)
    held.moves += 1
    held.save(update_fields=["on", "ends_at", "remind_at", "moves"])


def _settle(held: Promise, case: Case, at: datetime) -> None:
    """An answer of another kind was published."""
    resolved = case.outcome in RESOLVED
    if resolved:
        held.done_at = case.answered_at
    if held.state == State.OPEN:
        in_time = case.answered_at is not None and case.answered_at < held.ends_at
        held.state = State.DROPPED if not resolved else State.KEPT if in_time else State.BROKEN
        held.settled_at, held.remind_at = at, None
    held.save(update_fields=["state", "settled_at", "remind_at", "done_at"])


# What happens by itself


def settle_promises(limit: int = 200) -> int:
    """Remind of the days that come, tell of those that passed; returns how many. Any number of workers may call it at once."""
    adopt_promises()
    done = 0
    for do, due in ((_remind, Q(remind_at__lte=clock.now())), (_break, _PASSED & Q(ends_at__lte=clock.now()))):
        while done < limit and _next(do, due):
            done += 1
    return done


# An answer that waits for the centre's check was given in time: the centre's delay breaks nobody's promise.
_PASSED = Q(state=State.OPEN) & ~Q(case__phase="checking")


@transaction.atomic
def _next(do: Any, due: Q) -> bool:
    rows = Promise.objects.select_for_update(skip_locked=True, of=("self", "case")).select_related("case")
    found = rows.filter(due).order_by("pk").first()
    if found is None:
        return False
    do(found, found.case)
    return True


_SOON = {
    "vi": "{code} đã hẹn làm ngày {date}, còn {n} ngày làm việc: {title}",
    "en": "{code} is promised for {date}, in {n} working days: {title}",
}
_GONE = {
    "vi": "Đã qua ngày hẹn {date} mà chưa xong: {code}, {title} ({agency})",
    "en": "The promised day {date} has passed and it is not done: {code}, {title} ({agency})",
}
_GONE_SAID = {
    "vi": "Đã qua ngày hẹn {date} mà chưa xong",
    "en": "The promised day {date} has passed and it is not done",
}


def _remind(held: Promise, case: Case) -> None:
    held.remind_at = None
    held.save(update_fields=["remind_at"])
    if held.state != State.OPEN or not case.is_open or case.phase == "checking":
        return
    _tell(held, case, "case.promise_near", _SOON, said=_SOON, to=("officer", "heads"), public=False)


def _break(held: Promise, case: Case) -> None:
    held.settled_at, held.remind_at = clock.now(), None
    held.state = State.VOID if case.parent_id else State.BROKEN
    held.save(update_fields=["state", "settled_at", "remind_at"])
    if held.state == State.BROKEN:
        to = ("reporter", "officer", "heads", "department", "centre")
        _tell(held, case, "case.promise_broken", _GONE, said=_GONE_SAID, to=to, public=True)


def _tell(
    held: Promise, case: Case, action: str, texts: Texts, *, said: Texts, to: tuple[str, ...], public: bool
) -> None:
    facts = {"said": _say(said, held, case), "date": held.on.isoformat(), "moves": held.moves}
    listed = public and case.moderated and case.visibility in LISTED_VISIBILITIES
    topics = [f"case:{case.pk}", "centre", *([f"agency:{case.agency_id}"] if case.agency_id else [])]
    journal.record(
        actor=SYSTEM,
        action=action,
        subject_kind="case",
        subject_id=case.pk,
        topics=[*topics, *([f"public:{case.pk}"] if listed else [])],
        public=facts if public else None,
        staff=None if public else facts,
        notify=rungs.notices(case, dict.fromkeys(to, _say(texts, held, case)), template=action, actor=SYSTEM),
    )


def _say(texts: Texts, held: Promise, case: Case) -> dict[str, str]:
    agency = reference.agencies().get(case.agency_id or 0)
    return {
        language: text.format(
            code=case.code,
            title=category_of(case).name(language),
            agency=agency.name(language) if agency else "",
            date=day_text(held.on, language),
            n=_working_days_until(held.on),
        )
        for language, text in texts.items()
    }


def _working_days_until(day: date) -> int:
    today = local(clock.now()).date()
    return sum(city_calendar().is_working_day(today + timedelta(days=n)) for n in range(1, (day - today).days + 1))


def adopt_promises(limit: int = 500) -> int:
    """Promises of cases that came with theirs from elsewhere (an import, a version before this one). One statement where there are none."""
    bare = Case.objects.filter(is_open=True, state="planned", wake_on__isnull=False, promises=None)
    rows = bare.order_by("pk").values_list("pk", "agency_id", "wake_on", "published_at", "received_at")[:limit]
    made = [
        Promise(case_id=pk, agency_id=agency_id, first_on=day, made_at=published or received, **_days(day))
        for pk, agency_id, day, published, received in rows
        if day is not None
    ]
    return len(Promise.objects.bulk_create(made, ignore_conflicts=True))
