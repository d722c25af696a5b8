"""The ladders: each step once, late rather than never, whatever the clock does and whoever is killed between."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hues.cases import actions as case_actions
from hues.cases.models import Case, CaseTimer
from hues.dispatch import actions, firing, queries
from hues.dispatch.models import LogLine, Task, TaskTimer
from hues.kernel import clock
from hues.kernel.errors import Problem
from hues.kernel.models import JournalEntry
from tests.cases.conftest import MONDAY
from tests.dispatch.conftest import NEAR, Crew, Scene, agency, told

ACCEPT = ["ladder-5", "ladder-10", "ladder-15"]
ARRIVAL = ["ladder-late-100", "ladder-late-150", "ladder-late-200"]


def climbed(scene: Scene) -> list[str]:
    entries = JournalEntry.objects.filter(action="case.timer", subject_id=scene.case.pk).order_by("id")
    return [entry.parts["staff"]["kind"] for entry in entries if entry.parts["staff"]["kind"].startswith("ladder-")]


def fire() -> int:
    return case_actions.fire_timers() + actions.fire_task_timers()


def test_on_duty_then_chief_then_shift_lead_then_leader(scene: Scene, crew: Callable[..., Crew]) -> None:
    team = crew("CVX", "Tổ cây", size=1)
    chief = scene.people.head(agency("CVX"))
    shift_lead, leader = scene.people.lead, scene.people.head(agency("SXD"))
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk, team_id=team.team.pk)
    assert told(JournalEntry.objects.get(action="task.sent")) == {team.members[0].id}
    expected = {5: chief, 10: shift_lead, 15: leader}
    for minutes, person in expected.items():
        with clock.at(MONDAY + timedelta(minutes=minutes)):
            fire()
            entry = JournalEntry.objects.filter(action="case.timer", parts__staff__kind=f"ladder-{minutes}").get()
            assert person.id in told(entry), minutes
            assert all(notice["data"]["urgent"] for notice in entry.parts["notify"])
            ladder = queries.task_view(team.members[0], task.pk).ladders[0]
            assert ladder.climbed == minutes // 5
            coming = MONDAY + timedelta(minutes=minutes + 5) if minutes < 15 else None
            assert (ladder.next.due_at if ladder.next else None) == coming
    actions.accept_task(actor=team.members[0], task_id=task.pk)
    assert [rung.how for rung in queries.task_view(team.members[0], task.pk).ladders[0].rungs] == ["done"] * 3


def test_whoever_accepts_spares_the_rest(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    with clock.at(MONDAY + timedelta(minutes=6)):
        fire()
        actions.accept_task(actor=scene.officer, task_id=task.pk, minutes=20)
        acceptance, arrival = queries.task_view(scene.officer, task.pk).ladders
    assert [rung.how for rung in acceptance.rungs] == ["done", "spared", "spared"]
    assert [rung.how for rung in arrival.rungs] == ["next", "later", "later"]
    assert arrival.next and arrival.next.due_at == MONDAY + timedelta(minutes=26)
    with clock.at(MONDAY + timedelta(minutes=25)):
        fire()
        assert climbed(scene) == ["ladder-5"]


def test_accepted_and_not_there_climbs_as_well(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.accept_task(actor=scene.officer, task_id=task.pk, minutes=10)
    for minutes, count in ((9, 0), (10, 1), (14, 1), (15, 2), (20, 3), (60, 3)):
        with clock.at(MONDAY + timedelta(minutes=minutes)):
            fire()
            assert climbed(scene) == ARRIVAL[:count]
    first = JournalEntry.objects.filter(action="case.timer", parts__staff__kind=ARRIVAL[0]).get()
    to_officer = next(one for one in first.parts["notify"] if one["person_id"] == str(scene.officer.id))
    assert to_officer["link"] == f"/desk/tasks/{task.pk}"
    row = next(row for row in queries.open_tasks(scene.operator) if row.id == task.pk)
    assert (row.late, row.ladder_rung) == (True, 3)


def test_who_arrives_in_time_is_not_reminded(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.accept_task(actor=scene.officer, task_id=task.pk, minutes=10)
    with clock.at(MONDAY + timedelta(minutes=8)):
        actions.arrive(actor=scene.officer, task_id=task.pk, **NEAR)
    with clock.at(MONDAY + timedelta(hours=2)):
        fire()
    assert not any(kind in ARRIVAL for kind in climbed(scene))


def test_after_an_outage_every_step_is_late_and_none_is_lost(scene: Scene) -> None:
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    for minutes, kinds in ((60, 1), (62, 1), (65, 2), (70, 3)):
        with clock.at(MONDAY + timedelta(minutes=minutes)):
            fire()
            assert fire() == 0
        assert Counter(climbed(scene)) == dict.fromkeys(ACCEPT[:kinds], 2), "of the lead, and of the support"


def test_after_a_gap_whoever_is_told_first_keeps_their_time_and_it_is_said_why(
    scene: Scene,
) -> None:
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    help_ = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    with clock.at(MONDAY + timedelta(hours=3)):
        fire()
        assert climbed(scene) == ["ladder-5"] * 2, "one step of each ladder, not three"
        shown = queries.ladders_of(Case.objects.get(pk=scene.case.pk), [help_])
        assert [one.next.due_at for one in shown if one.next] == [MONDAY + timedelta(hours=3, minutes=5)] * 2
    entries = JournalEntry.objects.filter(action="case.timer", subject_id=scene.case.pk)
    for entry in (one for one in entries if one.parts["staff"]["kind"] == "ladder-5"):
        assert entry.parts["staff"]["late_minutes"] == 175
        assert "muộn 175 phút" in entry.parts["staff"]["said"]["vi"], "late, and why"
        assert "175 minutes late" in str(entry.parts["notify"]), "whoever is told reads it too"
    line = LogLine.objects.get(kind="climbed")
    assert line.facts["late_minutes"] == 175
    with clock.at(MONDAY + timedelta(hours=3, minutes=3)):
        actions.accept_task(actor=scene.officer, task_id=Task.objects.get(case=scene.case, role="lead").pk, minutes=10)
    with clock.at(MONDAY + timedelta(hours=4)):
        fire()
    assert climbed(scene).count("ladder-10") == 1, "the leader is not woken for whoever accepted in time"


def test_a_crash_between_firing_and_telling_leaves_the_step_due(scene: Scene) -> None:
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    help_ = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    with clock.at(MONDAY + timedelta(minutes=5)):
        killed = patch.object(firing.journal, "record", side_effect=RuntimeError("killed"))
        with killed, patch.object(firing.log, "exception"):
            assert actions.fire_task_timers() == 0
        assert not TaskTimer.objects.filter(task=help_, fired_at__isnull=False).exists()
    with clock.at(MONDAY + timedelta(minutes=6, seconds=1)):
        assert actions.fire_task_timers() == 1
        assert actions.fire_task_timers() == 0


WALK = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(-7, 9)),  # minutes; the clock may be set back
        st.tuples(st.just("fire"), st.just(0)),
        st.tuples(st.just("crash"), st.just(0)),
        st.tuples(st.just("accept"), st.integers(3, 20)),
        st.tuples(st.just("decline"), st.just(0)),
        st.tuples(st.just("send"), st.just(0)),
        st.tuples(st.just("arrive"), st.just(0)),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=WALK)
def test_whatever_happens_no_step_is_told_twice_or_forgotten(scene: Scene, walk: list[tuple[str, int]]) -> None:
    """Support, so that both ladders are timers of the task: clocks forwards and backwards, crashes, late hands."""
    block = transaction.atomic()
    block.__enter__()
    try:
        with clock.at(MONDAY):
            actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
            task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
        now = latest = MONDAY
        for what, number in walk:
            now += timedelta(minutes=number if what == "wait" else 0)
            latest = max(latest, now)
            with clock.at(now):
                task = _do(scene, task, what, number)
        for minutes in range(0, 60, 5):
            with clock.at(latest + timedelta(days=1, minutes=minutes)):
                actions.fire_task_timers()
        timers = list(TaskTimer.objects.filter(task__case=scene.case))
        assert all((timer.fired_at is None) != (timer.spared_at is None) for timer in timers), "none is forgotten"
        told_of = Counter(
            (entry.parts["staff"]["task"], entry.parts["staff"]["kind"])
            for entry in JournalEntry.objects.filter(action="case.timer", subject_id=scene.case.pk)
            if "task" in entry.parts["staff"]
        )
        assert all(count == 1 for count in told_of.values()), "none is told twice"
        assert set(told_of) == {(str(timer.task_id), timer.kind) for timer in timers if timer.fired_at}
    finally:
        transaction.set_rollback(True)
        block.__exit__(None, None, None)


def _do(scene: Scene, task, what: str, number: int):  # type: ignore[no-untyped-def]
    try:
        with transaction.atomic():
            match what:
                case "fire":
                    actions.fire_task_timers()
                case "crash":
                    killed = patch.object(firing.journal, "record", side_effect=RuntimeError("killed"))
                    with killed, patch.object(firing.log, "exception"):
                        actions.fire_task_timers()
                case "accept":
                    actions.accept_task(actor=scene.helper, task_id=task.pk, minutes=number)
                case "decline":
                    actions.decline_task(actor=scene.helper, task_id=task.pk, reason="Không đủ người")
                case "arrive":
                    actions.arrive(actor=scene.helper, task_id=task.pk, **NEAR)
                case "send":
                    return actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    except Problem:
        pass
    return task


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(hours=3)])
def test_a_jump_of_the_clock_fires_nothing_twice(scene: Scene, jump: timedelta) -> None:
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    for moment in (MONDAY + timedelta(minutes=5), MONDAY + timedelta(minutes=6) + jump, MONDAY + timedelta(minutes=7)):
        with clock.at(moment):
            fire()
    kinds = climbed(scene)
    assert len(kinds) == len(set(kinds)) == (1 if jump < timedelta(0) else 2)
    assert CaseTimer.objects.filter(case=scene.case, kind="ladder-5", fired_at__isnull=False).count() == 1
