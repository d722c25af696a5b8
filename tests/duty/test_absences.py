"""Absences and gaps: whoever is away is not on duty, and the hole is told to those who can fill it."""

from datetime import timedelta

import pytest

from hues.city.models import Agency
from hues.duty import actions, queries
from hues.duty.models import Absence, Team
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from tests.duty.conftest import MONDAY, local, shift

TODAY, TOMORROW = "2026-10-05", "2026-10-06"


def gap_entries() -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(action="duty.gap").order_by("id"))


def test_sick_counts_at_once_and_to_the_minute(head: Actor, team: Team, power: Agency, crew: list[Actor]) -> None:
    shift(head, team, crew[1], TODAY, "07:30", "19:30")
    actions.ask_absence(actor=crew[1], kind="sick", starts_at=local(TODAY, "12:00"), ends_at=local(TODAY, "15:00"))
    on = {
        at: [one.name for one in queries.on_duty(power.pk, at=local(TODAY, at))]
        for at in ("11:59", "12:00", "14:59", "15:00")
    }
    assert on == {"11:59": ["Binh"], "12:00": [], "14:59": [], "15:00": ["Binh"]}
    found = queries.gaps([team], local(TODAY, "08:00"), local(TODAY, "19:00"))
    assert [(gap.starts_at, gap.ends_at, gap.there) for gap in found] == [
        (local(TODAY, "12:00"), local(TODAY, "15:00"), 0)
    ]


def test_leave_waits_for_the_chief_and_can_be_taken_back(
    head: Actor, team: Team, power: Agency, crew: list[Actor]
) -> None:
    an, binh = crew[:2]
    shift(head, team, binh, TOMORROW, "07:30", "19:30")
    span = {"starts_at": local(TOMORROW), "ends_at": local("2026-10-08")}
    asked = actions.ask_absence(actor=binh, kind="leave", **span)
    assert asked.state == Absence.State.ASKED and queries.on_duty(power.pk, at=local(TOMORROW, "09:00"))
    with pytest.raises(Forbidden):
        actions.decide_absence(actor=binh, absence_id=asked.pk, grant=True)
    with pytest.raises(NotFound):
        actions.decide_absence(actor=crew[2], absence_id=asked.pk, grant=True)
    actions.decide_absence(actor=an, absence_id=asked.pk, grant=True)
    assert not queries.on_duty(power.pk, at=local(TOMORROW, "09:00"))
    with pytest.raises(Conflict):
        actions.decide_absence(actor=head, absence_id=asked.pk, grant=False)
    with clock.at(local(TOMORROW, "10:00")):
        actions.withdraw_absence(actor=binh, absence_id=asked.pk)
        assert queries.on_duty(power.pk)
    assert not queries.on_duty(power.pk, at=local(TOMORROW, "09:59"))  # what was is not rewritten


def test_a_chief_may_say_it_for_a_member_and_a_stranger_may_not(team: Team, crew: list[Actor], operator: Actor) -> None:
    span = {"kind": "training", "starts_at": local(TOMORROW), "ends_at": local("2026-10-08")}
    assert actions.ask_absence(actor=crew[0], person_id=crew[1].id, **span).state == Absence.State.GRANTED
    for who in (crew[2], operator):
        with pytest.raises(NotFound):
            actions.ask_absence(actor=who, person_id=crew[1].id, **span)
    with pytest.raises(Invalid):
        actions.ask_absence(actor=crew[1], kind="leave", starts_at=local(TOMORROW), ends_at=local(TOMORROW))


def test_why_somebody_is_away_is_in_no_notice_and_no_journal(team: Team, crew: list[Actor]) -> None:
    actions.ask_absence(
        actor=crew[1], kind="sick", starts_at=local(TODAY), ends_at=local(TOMORROW), note_text="Sốt xuất huyết"
    )
    entry = JournalEntry.objects.get(action="duty.absent")
    assert "sick" not in str(entry.parts) and "Sốt" not in str(entry.parts)


def test_a_gap_is_told_when_it_is_seen_and_once_more_the_day_before(head: Actor, team: Team, crew: list[Actor]) -> None:
    for day in range(5, 25):
        shift(head, team, crew[1], f"2026-10-{day:02}", "00:00", "12:00")
        if day != 10:  # Saturday afternoon has nobody
            shift(head, team, crew[2], f"2026-10-{day:02}", "12:00", "00:00")
    assert actions.check_coverage() == 1
    assert actions.check_coverage() == 0
    (entry,) = gap_entries()
    (told,) = {one["template"] for one in entry.parts["notify"]}
    assert told == "duty.gap" and {one["person_id"] for one in entry.parts["notify"]} == {str(crew[0].id), str(head.id)}
    assert "thứ Bảy, 10/10, 12:00–00:00" in entry.parts["notify"][0]["data"]["when"]["vi"]
    with clock.at(local("2026-10-09", "11:00")):
        assert actions.check_coverage() == 0  # 25 hours before
    with clock.at(local("2026-10-09", "13:00")):
        assert actions.check_coverage() == 1
        assert actions.check_coverage() == 0


def test_a_team_without_any_roster_is_told_once_a_week(team: Team) -> None:
    told = []
    for day in range(15):
        with clock.at(MONDAY + timedelta(days=day)):
            told.append(actions.check_coverage())
    assert [day for day, count in enumerate(told) if count] == [0, 7, 14]


def test_too_few_is_said_otherwise_than_nobody(head: Actor, team: Team, crew: list[Actor]) -> None:
    Team.objects.filter(pk=team.pk).update(minimum=2)
    team.refresh_from_db()
    shift(head, team, crew[1], TODAY, "09:00", "21:00")
    shift(head, team, crew[2], TODAY, "09:00", "15:00")
    shift(head, team, crew[3], TODAY, "15:00", "21:00", standby=True)  # standby fills no place
    found = queries.gaps([team], local(TODAY, "09:00"), local(TODAY, "22:00"))
    assert [(g.starts_at, g.there) for g in found] == [(local(TODAY, "15:00"), 1), (local(TODAY, "21:00"), 0)]


def test_who_could_step_in_is_asked_in_a_fair_order(head: Actor, team: Team, crew: list[Actor]) -> None:
    """Free, rested (12 hours, Labour Code art. 110), then those with the fewest hours."""
    an, binh, chi, dung = crew
    shift(head, team, an, TODAY, "12:00", "20:00")  # ends four hours before
    shift(head, team, binh, "2026-10-10", "08:00", "08:00")
    actions.ask_absence(actor=dung, kind="sick", starts_at=local(TODAY), ends_at=local("2026-10-09"))
    found = queries.candidates(team, local(TOMORROW, "00:00"), local(TOMORROW, "08:00"))
    assert [(one.name, one.rested) for one in found] == [("Chi", True), ("Binh", True), ("An", False)]
    assert chi.id == found[0].person_id and [one.hours for one in found] == [0, 24, 8]
