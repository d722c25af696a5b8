"""Timers: the ladder is climbed once, late rather than never, and a new clock begins a new series."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases import actions, engine, firing, reference
from hues.cases.models import Case, CaseTimer
from hues.kernel import clock
from hues.kernel.actors import Actor
from tests.cases.conftest import MONDAY, People, Way, journal_of, told

AGES = timedelta(days=365)


def fired(way: Way) -> list[str]:
    return [entry.parts["staff"]["kind"] for entry in journal_of(way.case) if entry.action == "case.timer"]


def test_the_ladder_of_a_timed_case(way: Way, people: People) -> None:
    by_code = reference.agencies_by_code()
    officer, head, operator, lead = way.officer, way.head, people.operator, people.lead
    department, chair = people.head(by_code["SXD"]), people.head(by_code["VPU"])
    way.accepted()
    rungs = [
        ("remind-50", {officer.id, head.id}),  # nobody has taken it: all officers of the agency
        ("remind-80", {officer.id, head.id}),
        ("escalate-100", {head.id, department.id, operator.id, lead.id}),
        ("escalate-150", {department.id, chair.id, lead.id}),
    ]
    timers = list(CaseTimer.objects.filter(case=way.case, fired_at=None).order_by("fire_at"))
    for timer, (kind, persons) in zip(timers, rungs, strict=True):
        with clock.at(timer.fire_at - timedelta(microseconds=1)):
            assert actions.fire_timers() == 0
        with clock.at(timer.fire_at):
            assert actions.fire_timers() == 1
            assert actions.fire_timers() == 0
        entry = journal_of(way.case)[-1]
        assert (timer.kind, entry.parts["staff"]["kind"], told(entry)) == (kind, kind, persons)
    assert [round(e.parts["staff"]["share"], 1) for e in journal_of(way.case)[-4:]] == [0.5, 0.8, 1.0, 1.5]


def test_whoever_took_it_is_the_one_who_is_reminded(way: Way) -> None:
    way.started()
    assert way.head
    with clock.at(MONDAY + timedelta(days=2)):
        actions.fire_timers()
    assert told(journal_of(way.case)[-1]) == {way.officer.id}


def test_late_timers_fire_late_but_once(way: Way) -> None:
    way.accepted()
    with clock.at(MONDAY + AGES):
        assert actions.fire_timers() == 4
        assert actions.fire_timers() == 0
    assert fired(way) == ["remind-50", "remind-80", "escalate-100", "escalate-150"]


def test_the_limit_is_kept(way: Way) -> None:
    way.accepted()
    with clock.at(MONDAY + AGES):
        assert [actions.fire_timers(limit=3), actions.fire_timers(limit=3), actions.fire_timers(limit=3)] == [3, 1, 0]


def test_nothing_fires_while_the_clock_is_stopped(way: Way) -> None:
    way.answered()
    with clock.at(MONDAY + AGES):
        assert actions.fire_timers() == 0


def test_a_pause_moves_the_ladder_and_forgets_no_rung(way: Way) -> None:
    way.started()
    with clock.at(MONDAY + timedelta(days=2)):
        actions.fire_timers()  # half of it
        way.take(way.officer, "ask_citizen", {"question": "Trụ đèn số mấy vậy ạ?"})
    with clock.at(MONDAY + timedelta(days=4)):
        way.take(way.citizen, "citizen_reply", {"text": "Trụ số 12"})
    kinds = CaseTimer.objects.filter(case=way.case, fired_at=None).order_by("fire_at").values_list("kind", flat=True)
    assert list(kinds) == ["remind-80", "escalate-100", "escalate-150"]


def test_an_extension_begins_a_new_series(way: Way) -> None:
    way.started()
    with clock.at(MONDAY + timedelta(days=2)):
        actions.fire_timers()
        way.take(way.officer, "request_extension", {"days": 5, "reason": "Chờ vật tư thay thế."})
        way.take(way.head, "approve_extension")
    case = way.case
    pending = CaseTimer.objects.filter(case=case, fired_at=None)
    assert pending.get(kind="escalate-100").fire_at == case.due_at
    assert pending.filter(kind="remind-50").exists(), "half of the new time"
    assert set(pending.values_list("serial", flat=True)) == {case.version}


def test_silence_ends_the_waiting(way: Way) -> None:
    way.started().take(way.officer, "ask_citizen", {"question": "Trụ đèn số mấy vậy ạ?"})
    with clock.at(MONDAY + timedelta(days=7)):
        assert actions.fire_timers() == 1
        assert way.case.state == "in_progress"
        assert way.case.due_at and way.case.due_at > clock.now()
    assert journal_of(way.case)[-1].actor_kind == "system"


def test_a_timer_that_fails_holds_nobody_up(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again a little later; the others fire."""
    way.accepted()
    remind = firing._remind

    def broken(timer: CaseTimer, *rest: object) -> None:
        if timer.kind == "remind-50":
            raise RuntimeError("broken")
        remind(timer, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(firing, "_remind", broken)
    with clock.at(MONDAY + AGES):
        assert actions.fire_timers() == 3
        monkeypatch.setattr(firing, "_remind", remind)
        assert actions.fire_timers() == 0, "not at once again"
    with clock.at(MONDAY + AGES + firing.AGAIN_AFTER):
        assert actions.fire_timers() == 1
    assert fired(way) == ["remind-80", "escalate-100", "escalate-150", "remind-50"]


def test_a_step_that_is_forbidden_by_now_does_not_come_again(way: Way) -> None:
    way.published()
    CaseTimer.objects.filter(case=way.case, fired_at=None).update(kind="auto-close", fire_at=MONDAY)
    step = engine.processes.process(way.case.process_id).steps["auto_close"]
    assert step.by == ("system",)
    assert actions.fire_timers() == 1
    assert way.case.state == "closed"
    assert actions.fire_timers() == 0


def test_each_timer_is_set_once_for_a_series(way: Way) -> None:
    way.published().take(way.citizen, "reopen", {"reason": "not_fixed", "text": "Tối qua đèn lại tắt."})
    rows = CaseTimer.objects.filter(case=way.case).values_list("kind", "serial")
    assert len(rows) == len(set(rows))


def test_make_it_safe_first(people: People, citizen: Actor, open_case: Callable[..., Case]) -> None:
    """A pothole may take five days, but must be made safe within 24 hours."""
    way = Way(people, citizen, reference.agencies_by_code()["SXD"], open_case(category="GT01").code)
    officer = way.officer
    way.accepted()
    with clock.at(MONDAY + timedelta(hours=1)):
        way.take(officer, "ask_citizen", {"question": "Ổ gà ở làn nào vậy ạ?"})
        way.take(citizen, "citizen_reply", {"text": "Làn trong"})
    with clock.at(MONDAY + timedelta(hours=24)):
        assert actions.fire_timers() == 1
    assert fired(way) == ["make-safe"]
    assert officer.id in told(journal_of(way.case)[-1])
    with clock.at(MONDAY + AGES):
        actions.fire_timers()
    assert fired(way).count("make-safe") == 1


def test_what_the_centre_handles_itself_reminds_the_centre(
    people: People, citizen: Actor, open_case: Callable[..., Case]
) -> None:
    way = Way(people, citizen, reference.agencies_by_code()["IOC"], open_case(category="CN01").code)
    operator, lead = people.operator, people.lead
    way.take(operator, "accept")
    assert way.case.agency == way.agency
    with clock.at(MONDAY + AGES):
        actions.fire_timers()
    reminders = [entry for entry in journal_of(way.case) if entry.action == "case.timer"]
    assert told(reminders[0]) == {operator.id, lead.id}
    way.take(operator, "start")
    way.take(operator, "answer", {"outcome": "temporary_fix", "text": "Đã mở lại tài khoản của bạn."})
    assert way.case.state == "answered"
