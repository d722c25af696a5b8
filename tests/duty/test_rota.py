"""Rotas: what is accepted, what it lays, and that clocks that are changed do not tear a hole."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hues.city.calendar import WorkingCalendar
from hues.duty import holidays, presets
from hues.duty import rota as rotas
from hues.kernel.errors import Invalid

HUE, BOSTON = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("America/New_York")
MONDAY = date(2026, 10, 5)
DAY = timedelta(days=1)
THREE = [
    {"name": "Sáng", "start": "07:30", "end": "15:30"},
    {"name": "Chiều", "start": "15:30", "end": "23:30"},
    {"name": "Đêm", "start": "23:30", "end": "07:30"},
]


def plan(watches: list[dict[str, str]], *rows: list[str]) -> dict[str, Any]:
    return {"usual": {"watches": watches, "round": list(rows)}}


def spans(
    data: dict[str, Any], first: date, days: int, zone: ZoneInfo, since: date = MONDAY
) -> list[tuple[datetime, datetime, tuple[str, ...]]]:
    rota = rotas.read(data)
    assert rota is not None
    return [
        (turn.starts_at.astimezone(UTC), turn.ends_at.astimezone(UTC), turn.on)
        for number in range(days)
        for turn in rotas.turns(rota, first + number * DAY, since=since, holiday=None, zone=zone)
    ]


def test_a_round_goes_on_for_ever() -> None:
    data = plan(THREE, ["A", "B", "C"], ["C", "A", "B"])
    rota = rotas.read(data)
    assert rota is not None
    on = [
        [t.on for t in rotas.turns(rota, MONDAY + n * DAY, since=MONDAY, holiday=None, zone=HUE)]
        for n in (0, 1, 2, 101)
    ]
    assert on == [
        [("A",), ("B",), ("C",)],
        [("C",), ("A",), ("B",)],
        [("A",), ("B",), ("C",)],
        [("C",), ("A",), ("B",)],
    ]


def test_cells_name_crews_standby_nobody_and_no_watch() -> None:
    rota = rotas.read(plan(THREE, ["a b", "A1, (C)", ""], ["-", "", "(B)"]))
    assert rota is not None
    (first, second), cell = rota.usual.round, rotas.Cell
    assert first == (cell(True, ("A", "B")), cell(True, ("A1",), ("C",)), cell(True))
    assert second == (cell(False), cell(True), cell(True, (), ("B",)))
    assert rotas.read(rotas.written(rota)) == rota
    assert rotas.crews(rota) == ["A", "A1", "B", "C"]


@pytest.mark.parametrize(
    ("watches", "rows"),
    [
        ([], [[]]),
        (THREE, []),
        (THREE, [["A", "B"]]),
        (THREE, [["A", "B", "C!"]]),
        (THREE, [["A", "(B", "C"]]),
        (THREE, [["A (A)", "B", "C"]]),
        ([*THREE, THREE[0]], [["A", "B", "C", "D"]]),
        ([{"name": "", "start": "07:30", "end": "15:30"}], [["A"]]),
        ([{"name": "Sáng", "start": "25:30", "end": "15:30"}], [["A"]]),
        ([{"name": "Ngày", "start": "07:00", "end": "12:00"}, {"name": "Trưa", "start": "11:00", "end": "13:00"}], [["A", "A"]]),
        ([{"name": "Đêm", "start": "22:00", "end": "08:00"}, {"name": "Sáng", "start": "07:00", "end": "12:00"}], [["A", ""], ["", "A"]]),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_is_refused_in_words(watches: list[dict[str, str]], rows: list[list[str]]) -> None:
    with pytest.raises(Invalid) as refused:
        rotas.read(plan(watches, *rows))
    assert refused.value.detail and "usual" in refused.value.fields


@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda preset: preset.name)
def test_every_preset_can_be_carried_out(preset: presets.Preset) -> None:
    rota = rotas.read({"usual": preset.plan()})
    assert rota is not None
    laid = spans({"usual": preset.plan()}, MONDAY, 56, HUE)
    for crew in rotas.crews(rota):
        own = sorted((start, end) for start, end, on in laid if crew in on)
        assert all(a[1] <= b[0] for a, b in pairwise(own)), crew
        if preset.name not in (
            "office",
            "ward",
        ):  # between two turns of a crew there are twelve hours of rest, at least
            assert all(b[0] - a[1] >= timedelta(hours=12) for a, b in pairwise(own)), crew


@pytest.mark.parametrize("name", ["three_shifts", "day_night", "whole_days_3", "whole_days_4"])
@pytest.mark.parametrize("zone", [HUE, BOSTON], ids=["hue", "boston"])
def test_round_the_clock_means_every_moment_of_the_year_exactly_once(name: str, zone: ZoneInfo) -> None:
    """Also where the clocks are changed: Boston, 8 March and 1 November 2026."""
    preset = presets.preset(name)
    assert preset
    laid = sorted(spans({"usual": preset.plan()}, date(2026, 1, 1), 366, zone, since=date(2025, 12, 29)))
    assert all(before[1] == after[0] and len(after[2]) == 1 for before, after in pairwise(laid))


def test_a_night_on_which_the_clocks_change_is_as_long_as_it_was_lived() -> None:
    night = plan([{"name": "Đêm", "start": "23:00", "end": "07:00"}], ["A"])
    hours = {day: spans(night, day, 1, BOSTON)[0] for day in (date(2026, 3, 6), date(2026, 3, 7), date(2026, 10, 31))}
    assert [(end - start) / timedelta(hours=1) for start, end, _on in hours.values()] == [8, 7, 9]


minutes = st.integers(0, 1439).map(lambda m: time(m // 60, m % 60).isoformat("minutes"))
watches = st.lists(st.fixed_dictionaries({"start": minutes, "end": minutes}), min_size=1, max_size=4).map(
    lambda rows: [{"name": f"W{number}", **row} for number, row in enumerate(rows)]
)
cells = st.lists(st.sampled_from(["A", "B", "C", "(A)", "(B)"]), max_size=2).map(" ".join) | st.just("-")


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from([HUE, BOSTON]))
def test_no_rota_that_is_accepted_gives_a_crew_two_watches_at_once(data: st.DataObject, zone: ZoneInfo) -> None:
    columns = data.draw(watches)
    rows = data.draw(st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=9))
    try:
        rota = rotas.read(plan(columns, *rows))
    except Invalid:
        return
    assert rota is not None
    assert rotas.read(rotas.written(rota)) == rota
    busy: dict[str, list[tuple[datetime, datetime]]] = {}
    for number in range(-3, 2 * len(rows) + 2):
        for turn in rotas.turns(rota, date(2026, 6, 1) + number * DAY, since=date(2026, 6, 1), holiday=None, zone=zone):
            assert timedelta(0) < turn.ends_at.astimezone(UTC) - turn.starts_at.astimezone(UTC) <= DAY
            for crew in (*turn.on, *turn.standby):
                busy.setdefault(crew, []).append((turn.starts_at.astimezone(UTC), turn.ends_at.astimezone(UTC)))
    for own in busy.values():
        own.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(own))


# Holidays

CALENDAR = WorkingCalendar(
    HUE, [(time(7, 30), time(17))], range(5), {date(2027, 2, 5): False, date(2027, 2, 8): False, date(2027, 2, 9): False, date(2027, 4, 30): False}
)  # fmt: skip
TET = {"vi": "Tết", "en": "Tết"}
LISTED = {date(2027, 2, 5): TET, date(2027, 2, 8): TET, date(2027, 2, 9): TET, date(2027, 4, 30): {"vi": "30/4"}}


def test_a_run_of_holidays_takes_the_weekends_with_it() -> None:
    found = holidays.runs(CALENDAR, LISTED)
    assert found.days == [date(2027, 2, n) for n in range(5, 10)] + [
        date(2027, 4, 30),
        date(2027, 5, 1),
        date(2027, 5, 2),
    ]
    assert found.name(date(2027, 2, 6), "vi") == "Tết" and found.name(date(2027, 2, 10), "vi") == ""
    assert found.number(date(2027, 2, 4), MONDAY) is None
    assert [found.number(day, MONDAY) for day in found.days] == list(range(8))


def test_the_round_of_holidays_moves_on_holidays_only() -> None:
    whole = [{"name": "Lễ", "start": "07:30", "end": "07:30"}]
    data = {
        "usual": plan(THREE, ["A", "B", "C"])["usual"],
        "holiday": {"watches": whole, "round": [["A"], ["B"], [""]]},
    }
    rota, found = rotas.read(data), holidays.runs(CALENDAR, LISTED)
    assert rota is not None
    on = {
        day: [turn.on for turn in rotas.turns(rota, day, since=MONDAY, holiday=found.number(day, MONDAY), zone=HUE)]
        for day in [date(2027, 2, 4), *found.days]
    }
    assert list(on.values()) == [
        [("A",), ("B",), ("C",)],
        [("A",)],
        [("B",)],
        [()],
        [("A",)],
        [("B",)],
        [()],
        [("A",)],
        [("B",)],
    ]
