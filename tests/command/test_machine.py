"""Whatever anybody does in whatever order, an incident stays one that makes sense."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hues.command import actions
from hues.command.actions.ending import remaining
from hues.command.models import Incident
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Problem
from hues.kernel.models import JournalEntry
from tests.cases.conftest import People
from tests.command.conftest import MONDAY, WARD, agency

AFTER = {
    "open": {"open", "standing_down", "closed"},
    "standing_down": {"standing_down", "open", "closed"},
    "closed": {"closed"},
}


class Command(RuleBasedStateMachine):
    """Leads, operators and strangers act at random moments; periods begin when their time comes."""

    people: People

    @initialize(level=st.integers(1, 2))
    def opens(self, level: int) -> None:
        self.now = MONDAY
        self.lead, self.operator = self.people.lead, self.people.operator
        self.stranger = self.people.head(agency("SDL"))
        with clock.at(self.now):
            self.incident = actions.open_incident(
                actor=self.lead, kind="flood", level=level, name="Mưa lớn", unit_codes=[WARD]
            )
        self.code, self.state, self.version = self.incident.code, "open", 1

    def act(self, actor: Actor, do: str, **given: object) -> None:
        with clock.at(self.now):
            try:
                getattr(actions, do)(actor=actor, code=self.code, **given)
            except Problem as problem:
                assert problem.detail

    @rule(minutes=st.integers(1, 1500))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        with clock.at(self.now):
            actions.begin_due_periods()
            assert actions.begin_due_periods() == 0

    @rule(level=st.integers(1, 4), lead=st.booleans())
    def level_changes(self, level: int, lead: bool) -> None:
        self.act(self.lead if lead else self.operator, "set_level", level=level, why="Nước lên nhanh")

    @rule(kind=st.sampled_from(["note", "radio", "decision"]), who=st.sampled_from(["lead", "operator", "stranger"]))
    def somebody_writes(self, kind: str, who: str) -> None:
        self.act(getattr(self, who), "add_log", body="Đã đến nơi.", kind=kind)

    @rule()
    def a_force_comes(self) -> None:
        self.act(self.operator, "commit_force", agency_id=agency("PC07").pk, name="Tổ cứu nạn", people=5)

    @rule()
    def a_force_goes(self) -> None:
        if force := self.incident.commitments.filter(until=None).first():
            self.act(self.operator, "release_force", commitment_id=force.pk)

    @rule(state=st.sampled_from(["reached", "dropped", "open"]))
    def objectives_are_judged(self, state: str) -> None:
        for goal in self.incident.objectives.all():
            self.act(self.lead, "judge_objective", objective_id=goal.pk, state=state)

    @rule(sign=st.booleans())
    def a_report(self, sign: bool) -> None:
        self.act(self.operator, "draft_sitrep")
        last = self.incident.sitreps.order_by("-number").first()
        if sign and last:
            self.act(self.lead, "sign_sitrep", number=last.number)

    @rule(who=st.sampled_from(["lead", "operator", "stranger"]))
    def stand_down(self, who: str) -> None:
        self.act(getattr(self, who), "stand_down", why="Nước đã rút")

    @rule()
    def resume(self) -> None:
        self.act(self.lead, "resume", why="Nước lên lại")

    @rule()
    def demote(self) -> None:
        self.act(self.lead, "demote_incident", why="Chỉ là mưa thường")

    @precondition(lambda self: self.state == "standing_down")
    @rule(summary=st.sampled_from(["", "Nước rút sau ba ngày, không ai bị thương."]))
    def review_and_close(self, summary: str) -> None:
        self.act(self.operator, "write_review", summary=summary)
        self.act(self.lead, "close_incident")

    @invariant()
    def it_makes_sense(self) -> None:
        if not hasattr(self, "incident"):
            return
        now = Incident.objects.get(pk=self.incident.pk)
        assert now.state in AFTER[self.state]
        if self.state == "open" and now.state == "standing_down":
            assert not remaining(now), "it was stood down with something open"
        if now.state == "closed" and not now.demoted:
            assert now.review.finished_at and not now.sitreps.filter(signed_at=None).exists()
        assert now.version >= self.version
        self.state, self.version = now.state, now.version
        periods = list(now.periods.order_by("number"))
        assert [period.number for period in periods] == list(range(1, now.period_number + 1))
        assert all(a.ends_at <= b.starts_at for a, b in pairwise(periods))
        if now.state == "open":
            assert now.period_ends_at is not None and now.period_ends_at == periods[-1].ends_at
            assert now.hand_overs.filter(until=None).count() == 1
        numbers = list(now.log.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert now.sitreps.filter(signed_at=None).count() <= 1
        told = JournalEntry.objects.filter(subject_id=now.pk)
        assert told.filter(action="incident.opened").count() == 1
        assert not told.exclude(parts__has_key="staff").exists(), "everything is for staff"
        assert not told.filter(parts__has_any_keys=["public", "party"]).exists()


@pytest.mark.django_db
def test_an_incident_always_makes_sense(people: People) -> None:
    Command.people = people
    run_state_machine_as_test(
        Command,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
