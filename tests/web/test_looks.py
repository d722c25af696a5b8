"""How a case looks: sign, word and tone of state and clock."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from hues.kernel import clock
from hues.web import looks

NOW = datetime(2025, 11, 24, 3, 0, tzinfo=UTC)
CASE = {"state": "in_progress", "assigned_at": NOW - timedelta(days=4), "is_open": True}


def shown(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


@pytest.mark.parametrize(
    ("due", "state"),
    [(timedelta(days=4), "ok"), (timedelta(hours=20), "soon"), (timedelta(minutes=-1), "late")],
)
def test_a_clock_is_on_time_due_soon_in_its_last_fifth_and_late_after_it(due: timedelta, state: str) -> None:
    assert looks.clock_state({**CASE, "due_at": NOW + due}, NOW) == state


def test_a_case_without_a_due_time_is_paused_only_where_it_waits() -> None:
    assert looks.clock_state({"state": "waiting_citizen", "due_at": None}) == "paused"
    assert looks.clock_state({"state": "closed", "due_at": None}) == ""


@pytest.mark.django_db
def test_the_clock_says_it_in_words_not_only_in_colour() -> None:
    with clock.at(NOW):
        late = shown("{% clock_chip case %}", case={**CASE, "due_at": NOW - timedelta(hours=3)})
        soon = shown("{% clock_chip case %}", case={**CASE, "due_at": NOW + timedelta(hours=2)})
    assert "Trễ" in late and "3 giờ" in late and 'class="chip bad clock"' in late
    assert "Sắp trễ" in soon and "12:00 hôm nay" in soon


def test_every_state_of_every_process_has_a_stage_and_a_word_for_citizens_and_staff() -> None:
    for state in looks.STATE_STAGE:
        assert looks.stage_of(state) in looks.STAGES
        assert str(looks.public_look(state).word)
        assert state in looks.STAFF_STATES


def test_only_proof_of_repair_or_enforcement_looks_resolved() -> None:
    good = {name for name, look in looks.OUTCOMES.items() if look.tone == "good"}
    assert good == {"fixed_with_evidence", "enforcement_done"}


def test_the_stepper_marks_what_is_done_what_is_now_and_what_comes() -> None:
    html = shown("{% stages case %}", case={"state": "in_progress"})
    assert html.count("stage done") == 2
    assert html.count('aria-current="step"') == 1
    assert html.count("stage next") == 2


def test_a_closed_case_has_every_stage_done() -> None:
    assert shown("{% stages case %}", case={"state": "closed"}).count("stage done") == 5


def test_a_promised_day_is_told_as_a_day(db: None) -> None:
    from datetime import date

    from hues.web.templatetags.hues import moment

    assert moment(date(2026, 12, 1), "day") == '<time datetime="2026-12-01">thứ Ba, 1/12/2026</time>'
