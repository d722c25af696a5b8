"""The small sample city is played through the real actions, and shows every state of every process."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from hues.cases import processes
from hues.cases.models import Case, CaseFile, CaseMessage, CaseTimer
from hues.cli.demo import load, small
from hues.cli.demo.small import play_small
from hues.cli.demo.texts import read_texts
from hues.kernel import clock
from hues.kernel.log.verify import verify
from hues.kernel.models import JournalEntry
from hues.kernel.relay import run_once
from hues.people.models import Membership, User
from hues.people.queries import citizen_by_phone
from hues.runtime.trouble import Trouble

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # Tuesday, 15:00 in Huế
pytestmark = pytest.mark.django_db


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases that show a state, and a handful of ordinary ones: the rest would only be more of them."""
    monkeypatch.setattr(small, "ORDINARY", 12)


@pytest.mark.slow
def test_a_city_with_something_in_every_state(few: None) -> None:
    with clock.at(NOW):
        made = play_small(read_texts(), NOW)
    cases = list(Case.objects.select_related("category"))
    assert len(cases) == made and all(case.is_sample for case in cases)

    states = Counter((case.group, case.state) for case in cases)
    timed = {state for group, state in states if group == "timed"}
    immediate = {state for group, state in states if group == "immediate"}
    assert timed >= set(processes.latest("timed")[1].states) - {"rejected", "redirected"}
    assert immediate >= {"triage", "dispatched", "accepted", "on_the_way", "on_scene", "done"}
    assert states["timed", "extension_requested"] >= 3 and states["timed", "answered"] >= 4
    assert {case.reopened for case in cases} >= {0, 1, 2} and sum(case.merged_count for case in cases) >= 3

    running = [case for case in cases if case.due_at and case.group == "timed" and case.phase == "handling"]
    assert sum(case.due_at < NOW for case in running if case.due_at) >= 5  # late
    assert sum(NOW < case.due_at < NOW + timedelta(hours=27) for case in running if case.due_at) >= 8  # due soon

    # Nothing of it lies in the future, and nobody waits for a timer that should have fired.
    assert max(case.updated_at for case in cases) <= NOW
    assert not CaseTimer.objects.filter(fired_at=None, fire_at__lte=NOW).exists()
    assert JournalEntry.objects.filter(action="case.timer").exists()

    # What is resolved shows the photo that proves it, before and after; people talk through the case.
    for case in cases:
        if case.outcome == "fixed_with_evidence" and case.phase == "done":
            assert CaseFile.objects.filter(case=case, role="after").exists(), case.code
    assert CaseFile.objects.filter(role="before").count() > 20 and CaseMessage.objects.exists()

    # Accounts of every role; the first citizen finds their own cases.
    assert set(Membership.objects.values_list("role", flat=True)) == {
        "administrator", "auditor", "operator", "lead", "officer", "head", "helper",
    }  # fmt: skip
    assert not User.objects.filter(is_sample=False).exists()
    first = citizen_by_phone("+84900000001")
    assert first is not None and len({case.state for case in cases if case.reporter_id == first.pk}) >= 4

    run_once()
    assert verify().problems == []


def test_sample_data_is_not_mixed_with_real_reports(people_case: Case) -> None:
    with pytest.raises(Trouble, match="real reports"):
        load.load("small")
    assert Case.objects.count() == 1


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the loader loads, without the work of making it."""
    monkeypatch.setattr(small, "play_small", lambda *_: 7)
    for room in ("assets", "duty", "dispatch", "hotline", "orders", "command", "console"):
        monkeypatch.setattr(f"hues.cli.demo.{room}.fill", lambda _size: 0)


def test_a_second_run_adds_nothing(quick: None) -> None:
    assert load.load("small") == 7
    assert load.load("small") == 0
    assert JournalEntry.objects.filter(action=load.ACTION).count() == 1


def test_a_sample_city_starts_again_after_somebody_has_reported_in_it(quick: None) -> None:
    assert load.load("small") == 7
    real_report()
    assert load.load("small") == 0


@pytest.fixture
def people_case() -> Case:
    return real_report()


def real_report() -> Case:
    from hues.cases.actions import open_case
    from hues.people.actions import open_account
    from hues.people.queries import actor_for

    citizen = actor_for(open_account(number="+84900000777", language="vi"))
    return open_case(actor=citizen, category="HT03", body="Mất điện cả xóm", lat=16.4637, lon=107.5909)
