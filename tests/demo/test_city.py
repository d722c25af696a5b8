"""Six years of rows that the engine never wrote must be what the engine would have written."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from hues.cases import clocks, guards, processes, reference
from hues.cases.actions import take_step
from hues.cases.clocks import Clock
from hues.cases.models import Case, CaseTimer
from hues.city.calendar import city_calendar
from hues.cli.demo.texts import read_texts
from hues.cli.demo.years import build_city
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.log import queries as log
from hues.kernel.log.verify import verify
from hues.kernel.models import JournalEntry, Outbox
from hues.kernel.relay import run_once
from hues.people.models import User
from hues.people.queries import actor_for

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TOTAL = 2_500
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Case]]:
    """Built once for the tests below; what each of them does to it is taken back, and so is the city in the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.at(NOW):
            assert build_city(read_texts(), NOW, TOTAL) == TOTAL
        yield list(Case.objects.all())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.mark.slow
def test_rows_are_as_the_process_definitions_say(city: list[Case]) -> None:
    assert len(city) == TOTAL and all(case.is_sample for case in city)
    for case in city:
        state = processes.process(case.process_id).states[case.state]
        assert (case.phase, case.is_open) == (state.phase, state.open)
        assert (case.closed_at is not None) == state.terminal
        running = Clock.from_json(case.clock)
        assert case.due_at == (running.due if running and running.since else None)
        if state.clock in ("triage", "handling"):
            assert running and running.kind == state.clock and running.since
        if case.accepted_at:
            assert case.agency_id and case.moderated and case.first_read_at
            assert case.due_final_at >= case.due_original_at
        moments = [case.received_at, case.accepted_at, case.answered_at, case.published_at]
        known = [moment for moment in moments if moment]
        assert known == sorted(known) and case.updated_at <= NOW
        if case.visibility == "restricted":
            assert not case.public_body and case.public_lat is None
    assert not CaseTimer.objects.filter(fired_at=None, fire_at__lte=NOW).exists()


@pytest.mark.slow
def test_deadlines_are_those_of_the_calendar(city: list[Case]) -> None:
    checked = 0
    for case in city:
        if not case.assigned_at or case.parent_id or case.hops:  # the first promise stays, whoever gets it later
            continue
        target = reference.categories()[case.category_id].target
        assert case.due_original_at == clocks.start("handling", target, case.assigned_at, city_calendar()).due
        checked += 1
    assert checked > 1_500


@pytest.mark.slow
def test_shares_are_as_published(city: list[Case]) -> None:
    received = len(city)
    eligible = [c for c in city if c.phase != "intake" and not (c.reject_reason or c.redirected_to or c.parent_id)]
    answered = [c for c in city if c.answered_at]
    on_time = [c for c in answered if c.answered_at <= c.due_original_at]
    extended = [c for c in answered if c.answered_at > c.due_original_at and c.clock["extended"]]
    published = [c for c in city if c.published_at]
    rated = [c for c in published if c.rating]
    assert 0.66 < len(eligible) / received < 0.75
    assert 0.46 < len(on_time) / len(answered) < 0.57
    assert 0.42 < len(extended) / len(answered) < 0.53
    assert 0.41 < len(rated) / len(published) < 0.49
    ratings = Counter(c.rating for c in rated)
    assert ratings["satisfied"] > ratings["accepts"] > ratings["not_satisfied"] > 0
    assert 0.02 < sum(c.parent_id is not None for c in city) / received < 0.045


@pytest.mark.slow
def test_the_log_holds_every_entry_and_the_relay_goes_on(city: list[Case]) -> None:
    assert verify().problems == []
    assert log.size() > 5 * TOTAL
    waiting = Outbox.objects.count()
    assert waiting < 1_000  # accounts and photos only, which went the usual way
    assert run_once() == waiting
    assert verify().problems == [] and not Outbox.objects.exists()
    histories = Counter(JournalEntry.objects.filter(subject_kind="case").values_list("subject_id", flat=True))
    assert all(histories[case.pk] >= case.version for case in city)  # each step is told


@pytest.mark.slow
def test_whatever_is_open_can_go_on(city: list[Case]) -> None:
    """The engine takes over where the rows end."""
    operator = actor_for(User.objects.get(username="truc1"))
    seen: Counter[str] = Counter()
    for case in city:
        if case.group != "timed" or seen[case.state] >= 4 or (step := _next_step(case, operator)) is None:
            continue
        actor, name, data = step
        assert take_step(actor=actor, code=case.code, step=name, data=data).version == case.version + 1
        seen[case.state] += 1
    assert {"assigned", "in_progress", "published"} <= set(seen) or len(seen) >= 3, seen


def _next_step(case: Case, operator: Actor) -> tuple[Actor, str, dict[str, Any]] | None:
    match case.state:
        case "triage":
            return operator, "accept", {"public_body": case.body, "public_address": case.address}
        case "assigned":
            return _officer(case), "start", {}
        case "in_progress":
            text = "Đơn vị đã khắc phục tạm, bảo đảm an toàn đi lại."
            name = "submit" if guards.signed_by_head(case) else "answer"
            return _officer(case), name, {"outcome": "temporary_fix", "text": text}
        case "answered" if case.outcome not in ("fixed_with_evidence", "enforcement_done"):
            return operator, "publish", {"text": case.answer}
        case "published" if case.reporter_id and not case.rating:
            return actor_for(User.objects.get(pk=case.reporter_id)), "rate", {"rating": "accepts"}
    return None


def _officer(case: Case) -> Actor:
    return actor_for(User.objects.filter(memberships__role="officer", memberships__agency=case.agency_id).first())
