"""A machine that sleeps, a clock that is set: people climb a ladder in real minutes, whatever the wall says."""

from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hues.cases import actions as case_actions
from hues.dispatch import actions
from hues.kernel import clock
from hues.kernel.models import JournalEntry
from tests.cases.conftest import MONDAY, at_most
from tests.dispatch.conftest import NEAR, Scene, agency

GAP = 5  # minutes between steps
SLACK = 3  # the tolerance, and a minute of looking


def told_at(scene: Scene) -> dict[tuple[str, str], list[datetime]]:
    """(task or "", step) → when, by the wall."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for entry in JournalEntry.objects.filter(action="case.timer", subject_id=scene.case.pk).order_by("id"):
        staff = entry.parts["staff"]
        if staff["kind"].startswith("ladder-"):
            found.setdefault((staff.get("task", ""), staff["kind"]), []).append(entry.at)
    return found


def look() -> None:
    actions.straighten_ladders()
    case_actions.fire_timers()
    actions.fire_task_timers()


JUMPS = st.lists(
    st.tuples(st.integers(1, 30), st.one_of(st.integers(-200, -4), st.integers(4, 200))), max_size=3
)  # in which real minute, by how many minutes the wall jumps


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jumps=JUMPS)
def test_each_step_once_one_after_the_other_and_none_hangs(scene: Scene, jumps: list[tuple[int, int]]) -> None:
    block = transaction.atomic()
    block.__enter__()
    try:
        with clock.at(MONDAY):
            actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
            actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
        real: dict[tuple[str, str], int] = {}
        moved, at = timedelta(0), dict(jumps)
        for minute in range(55):
            moved += timedelta(minutes=at.get(minute, 0))
            with clock.at(MONDAY + timedelta(minutes=minute) + moved):
                look()
            for key, moments in told_at(scene).items():
                assert len(moments) == 1, "told twice"
                real.setdefault(key, minute)
        assert len(real) == 6, "three steps of the lead and of the support, none forgotten"
        for task in {task for task, _ in real}:
            steps = [0, *(real[task, kind] for kind in ("ladder-5", "ladder-10", "ladder-15"))]
            for before, after in pairwise(steps):
                between = [minute for minute in at if before < minute <= after]
                assert after > before, "never two at once"
                assert after - before <= (GAP + SLACK) * (1 + len(between)), "a clock set back hangs nothing"
                if not between:
                    assert after - before >= GAP - SLACK, "whoever was told has their time"
    finally:
        transaction.set_rollback(True)
        block.__exit__(None, None, None)


def test_a_clock_set_right_again_does_not_leave_them_waiting_for_hours(scene: Scene) -> None:
    """Three hours forward by mistake, then back: the step that was moved along comes five minutes later, and the journal says so."""
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    with clock.at(MONDAY + timedelta(hours=3)):
        look()
    with clock.at(MONDAY + timedelta(minutes=6)):
        look()
        assert not actions.straighten_ladders(), "twice is once"
    with clock.at(MONDAY + timedelta(minutes=11)):
        look()
    assert [kind for _task, kind in told_at(scene)] == ["ladder-5", "ladder-10"]
    entry = JournalEntry.objects.get(action="case.retimed")
    assert entry.parts["staff"]["minutes"] == 174 and "chỉnh lùi" in entry.parts["staff"]["said"]["vi"]


def test_the_promised_time_is_climbed_in_real_minutes_too(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.accept_task(actor=scene.officer, task_id=task.pk, minutes=20)
    with clock.at(MONDAY - timedelta(hours=1)):
        assert actions.straighten_ladders() == 1
    with clock.at(MONDAY - timedelta(minutes=40)):
        look()
    assert [kind for _task, kind in told_at(scene)] == ["ladder-late-100"]
    with clock.at(MONDAY + timedelta(hours=5)):
        look()
        assert len(told_at(scene)) == 2, "one after a gap, not both"
        actions.arrive(actor=scene.officer, task_id=task.pk, **NEAR)
    with clock.at(MONDAY + timedelta(hours=9)):
        look()
    assert len(told_at(scene)) == 2


def test_looking_costs_little_where_all_is_well(scene: Scene) -> None:
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    with at_most(2):
        assert actions.straighten_ladders() == 0
