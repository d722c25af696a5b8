"""Whatever anybody does in whatever order, a case stays in order: random steps by random people at random times."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hues.cases import actions, processes, reference
from hues.cases.clocks import Clock
from hues.cases.models import Case, CaseFile, CaseTimer
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, GUEST, HEAD, LEAD, OFFICER, OPERATOR, Actor
from hues.kernel.errors import Conflict, Problem
from hues.kernel.models import JournalEntry
from tests.cases.conftest import INSIDE, MONDAY, People, upload

CATEGORIES = ("DT01", "MT01", "DT03", "HT01", "TA03", "CN01")
GARBAGE = st.dictionaries(
    st.sampled_from(["text", "reason", "files", "days", "agency", "outcome", "nonsense"]),
    st.one_of(st.none(), st.integers(), st.booleans(), st.text(max_size=5), st.lists(st.text(max_size=3), max_size=2)),
    max_size=3,
)

FORWARD = [
    "accept", "assign", "activate", "start", "on_scene", "ask_citizen", "citizen_reply", "request_extension", "approve_extension",
    "answer", "done", "bounce", "publish", "rate", "reopen", "stand_down", "reactivate", "wake", "return",
]  # fmt: skip


class CaseMachine(RuleBasedStateMachine):
    """One case, another into which it may be merged, and everybody who could have a hand in them."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now = MONDAY
        self.expected: Counter[str] = Counter()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize(category=st.sampled_from(CATEGORIES))
    def open(self, category: str) -> None:
        self.people = People()
        self.citizen = self.people.citizen()
        with clock.at(self.now):
            given: dict[str, Any] = {"actor": self.citizen, "category": category, "body": "Đèn không sáng", **INSIDE}
            if reference.categories_by_code()[category].evidence.get("photos_required"):
                given["file_ids"] = [upload(self.citizen.id)]
            self.code = actions.open_case(**given).code
            self.other = actions.open_case(**{**given, "file_ids": [upload(self.citizen.id)]}).code
        self.expected["entries"] = 1

    @property
    def case(self) -> Case:
        return Case.objects.get(code=self.code)

    def somebody(self, role: str) -> Actor:
        case = self.case
        agency = reference.agencies().get(case.agency_id or 0) or reference.agencies_by_code()["HEP"]
        match role:
            case "reporter":
                return self.citizen
            case "guest":
                return GUEST
            case "stranger":
                return self.people.officer(reference.agencies_by_code()["SYT"])
            case "department":
                above = reference.superior_of(agency.pk)
                return self.people.head(above or agency)
        return self.people.staff(role, agency if role in (OFFICER, HEAD) else None)

    def entered(self, step: str, actor: Actor, choice: int) -> dict[str, Any]:
        """Plausible fields for a step."""
        found = processes.process(self.case.process_id).steps[step]
        data: dict[str, Any] = {}
        for name, one in found.fields.items():
            if one.type == "choice":
                data[name] = sorted(one.options)[choice % len(one.options)]
            elif one.type == "text":
                data[name] = "Nội dung đủ dài cho mọi trường hợp."
            elif one.type == "integer":
                data[name] = 1 + choice % 30
            elif one.type == "date":
                data[name] = (self.now.date() + timedelta(days=2 + choice % 200)).isoformat()
            elif one.type == "files":
                data[name] = [upload(actor.id)]
            elif one.type == "agency":
                data[name] = ("HEP", "CVX", "VPU")[choice % 3]
            elif one.type == "category" and step == "follow_up":
                data[name] = "DT04"
            elif one.type == "category" and step == "reclassify":
                data[name] = CATEGORIES[choice % len(CATEGORIES)]
            elif one.type == "case":
                data[name] = self.other
        return data

    @rule(
        role=st.sampled_from(["reporter", OFFICER, HEAD, OPERATOR, LEAD, "department"]),
        pick=st.integers(0, 1000),
        choice=st.integers(0, 1000),
    )
    def take_an_offered_step(self, role: str, pick: int, choice: int) -> None:
        """A step that leaves the present state, as a page would send it."""
        steps = processes.process(self.case.process_id).steps_from[self.case.state]
        if not steps:
            return
        actor = self.somebody(role)
        if not actor.id:
            return
        step = steps[pick % len(steps)].name
        self.take(actor, step, self.entered(step, actor, choice))

    @rule(plans=st.lists(st.permutations(FORWARD), min_size=3, max_size=8), choice=st.sampled_from(range(30)))
    def go_on(self, plans: list[list[str]], choice: int) -> None:
        """Steps forward by whoever may take them: without these, chance would hardly ever come to a result."""
        for number, plan in enumerate(plans):
            case = self.case
            possible = {step.name: step for step in processes.process(case.process_id).steps_from[case.state]}
            if step := next((possible[name] for name in plan if name in possible), None):
                actor = self.somebody(next(role for role in step.by if role != "system"))
                self.take(actor, step.name, self.entered(step.name, actor, choice + number))

    @rule(
        role=st.sampled_from(["reporter", "guest", "stranger", OFFICER, HEAD, OPERATOR, LEAD, AUDITOR]),
        step=st.sampled_from(
            ["accept", "start", "answer", "publish", "reopen", "wake", "auto_close", "unmerge", "reassign", "nonsense"]
        ),
        data=GARBAGE,
    )
    def send_garbage(self, role: str, step: str, data: dict[str, Any]) -> None:
        self.take(self.somebody(role), step, data)

    @rule(role=st.sampled_from([OPERATOR, OFFICER]), behind=st.integers(1, 3))
    def act_on_an_old_page(self, role: str, behind: int) -> None:
        case = self.case
        steps = [s for s in processes.process(case.process_id).steps_from[case.state] if role in s.by]
        if steps and case.version > behind:
            actor = self.somebody(role)
            try:
                with clock.at(self.now):
                    actions.take_step(
                        actor=actor, code=self.code, step=steps[0].name, data={}, version=case.version - behind
                    )
            except Conflict:
                return
            raise AssertionError("an old page overwrote what somebody else did")

    def take(self, actor: Actor, step: str, data: dict[str, Any]) -> None:
        try:
            with transaction.atomic(), clock.at(self.now):
                actions.take_step(actor=actor, code=self.code, step=step, data=data)
        except Problem:
            return
        self.expected["entries"] += 1

    @rule(text=st.text(min_size=1, max_size=20))
    def write_a_message(self, text: str) -> None:
        try:
            with transaction.atomic(), clock.at(self.now):
                actions.send_message(actor=self.citizen, code=self.code, body=text)
        except Problem:
            return
        self.expected["entries"] += 1

    @rule(hours=st.sampled_from([1, 5, 24, 24 * 8, 24 * 40]))
    def let_time_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        before = CaseTimer.objects.filter(case__code=self.code, fired_at__isnull=False).count()
        with clock.at(self.now):
            actions.fire_timers()
            assert actions.fire_timers() == 0, "a timer fired twice"
        self.expected["entries"] += (
            CaseTimer.objects.filter(case__code=self.code, fired_at__isnull=False).count() - before
        )

    @invariant()
    def everything_is_in_order(self) -> None:
        case = self.case
        self.counters_keep_their_bounds(case)
        self.flags_agree_with_the_state(case)
        self.the_clock_agrees_with_the_state(case)
        self.every_write_is_in_the_journal_once(case)
        self.timers_are_unique_and_only_where_something_waits(case)
        self.fixed_is_never_published_without_the_photos_that_are_asked_for(case)

    def counters_keep_their_bounds(self, case: Case) -> None:
        assert 0 <= case.hops <= 2
        assert 0 <= case.reopened <= 2

    def flags_agree_with_the_state(self, case: Case) -> None:
        state = processes.process(case.process_id).states[case.state]
        assert (case.phase, case.is_open) == (state.phase, state.open)
        assert (case.closed_at is not None) == state.terminal
        assert case.agency_id or case.phase != "handling"
        assert (case.parent_id is not None) == (case.state == "merged")

    def the_clock_agrees_with_the_state(self, case: Case) -> None:
        state = processes.process(case.process_id).states[case.state]
        running = Clock.from_json(case.clock)
        assert (case.due_at is not None) == (state.clock in ("triage", "handling"))
        if running:
            assert running.used >= 0
            assert running.total >= 0
            assert (running.since is not None) == (case.due_at is not None)
            if running.kind == "handling":
                assert case.due_final_at == running.due

    def every_write_is_in_the_journal_once(self, case: Case) -> None:
        assert (
            JournalEntry.objects.filter(subject_id=case.pk, action__startswith="case.").count()
            == self.expected["entries"]
        )

    def timers_are_unique_and_only_where_something_waits(self, case: Case) -> None:
        waiting = list(CaseTimer.objects.filter(case=case, fired_at=None).values_list("kind", flat=True))
        assert len(waiting) == len(set(waiting))
        state = processes.process(case.process_id).states[case.state]
        if not state.timers and case.due_at is None:
            assert not waiting
        if case.state == "planned":
            assert case.wake_on and "wake" in waiting

    def fixed_is_never_published_without_the_photos_that_are_asked_for(self, case: Case) -> None:
        if case.state in ("published", "closed") and case.outcome == "fixed_with_evidence":
            needed = case.category.evidence.get("closing_photos", 1)
            assert CaseFile.objects.filter(case=case, role="after", at__gte=case.assigned_at).count() >= needed


def test_a_case_stays_in_order(db: None) -> None:
    run_state_machine_as_test(
        CaseMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
