"""The public map: clusters add up, points lead to cases, and counts follow every change."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from hues.cases import actions, queries, upkeep
from hues.cases.models import Case
from hues.cases.queries import map as drawing
from hues.kernel.errors import Invalid
from tests.cases.conftest import INSIDE, People, Way, at_most

Open = Callable[..., Case]
HUE = (107.0, 15.96, 108.3, 16.8)


def drawn(zoom: float = 11, box: tuple[float, ...] = HUE, **filters: Any) -> list[dict[str, Any]]:
    return json.loads(queries.public_map(box, zoom, filters))["features"]


def total(features: list[dict[str, Any]]) -> int:
    return sum(feature["properties"]["count"] for feature in features)


@pytest.fixture
def spread(open_case: Open, people: People) -> list[Case]:
    """Nine accepted cases in a row of 300 m each."""
    cases = []
    for n in range(9):
        case = open_case(lat=INSIDE["lat"] + n * 0.003, lon=INSIDE["lon"], category="DT01" if n % 3 else "MT01")
        actions.take_step(actor=people.operator, code=case.code, step="accept", data={"agency": "CVX"})
        cases.append(case)
    return cases


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine are too many to show one by one."""
    monkeypatch.setattr(drawing, "POINTS_ANYWHERE", 3)
    monkeypatch.setattr(drawing, "POINTS_MOST", 5)


def test_a_few_cases_are_points_with_all_that_a_card_needs(spread: list[Case]) -> None:
    features = drawn()
    assert {feature["properties"]["code"] for feature in features} == {case.code for case in spread}
    one = next(feature for feature in features if feature["properties"]["code"] == spread[1].code)
    assert one["geometry"] == {"type": "Point", "coordinates": [INSIDE["lon"], spread[1].lat]}
    assert one["properties"] == {
        "code": spread[1].code,
        "title": spread[1].category.name("vi"),
        "state": "assigned",
        "count": 1,
    }


def test_many_are_clusters_that_add_up_at_every_zoom(spread: list[Case], crowded: None) -> None:
    sizes = []
    for zoom in range(20):
        features = drawn(zoom)
        assert total(features) == 9, zoom
        assert all("code" not in feature["properties"] for feature in features), zoom
        sizes.append(len(features))
    assert sizes == sorted(sizes), "closer never means fewer"
    assert sizes[0] == 1


def test_clusters_lie_among_their_cases(spread: list[Case], crowded: None) -> None:
    (cluster,) = drawn(6)
    lon, lat = cluster["geometry"]["coordinates"]
    assert lon == pytest.approx(INSIDE["lon"])
    assert lat == pytest.approx(INSIDE["lat"] + 4 * 0.003, abs=1e-4)
    assert cluster["properties"] == {"count": 9, "open": 9}


def test_only_the_box_is_drawn(spread: list[Case]) -> None:
    assert len(drawn(15, (107.5, 16.0, 107.7, INSIDE["lat"] + 0.0045))) == 2
    assert drawn(15, (107.0, 16.0, 107.1, 16.1)) == []


@pytest.mark.parametrize("merged", [False, True])
def test_filters_agree_with_the_list(spread: list[Case], way: Way, crowded: None, merged: bool) -> None:
    way.published()
    if merged:
        upkeep.merge_map_cells()
    unit = way.case.unit
    assert unit
    for filters in (
        {}, {"category": "MT01"}, {"domain": "DT"}, {"group": "timed"}, {"group": "immediate"}, {"state": "open"}, {"state": "done"},
        {"state": "resolved"}, {"state": "planned"}, {"state": "late"}, {"unit": unit.code}, {"days": "7"}, {"text": "den duong"},
        {"category": "DT01", "state": "open", "unit": unit.code}, {"text": "den", "state": "done"},
    ):  # fmt: skip
        wanted = len(queries.public_list(filters, limit=200))
        for zoom in (6, 11, 16, 18):
            assert total(drawn(zoom, **filters)) == wanted, (filters, zoom)


def test_bad_filters_are_refused(spread: list[Case]) -> None:
    for wrong in (
        {"unit": "x"},
        {"state": "sad"},
        {"category": "??"},
        {"nonsense": "1"},
        {"days": "5"},
        {"group": "x"},
    ):
        with pytest.raises(Invalid):
            drawn(11, **wrong)


def test_counts_follow_every_change(spread: list[Case], way: Way, crowded: None, people: People) -> None:
    code = spread[0].code

    def shown() -> tuple[int, int]:
        clusters = [f["properties"] for f in drawn(6)]
        return sum(c["count"] for c in clusters), sum(c["open"] for c in clusters)

    assert shown() == (9, 9)
    actions.moderate_case(actor=people.lead, code=code, public_body="x", visibility="restricted")
    assert shown() == (8, 8)
    upkeep.merge_map_cells()
    actions.moderate_case(actor=people.lead, code=code, public_body="x", visibility="masked")
    assert shown() == (9, 9)
    actions.take_step(actor=people.operator, code=code, step="merge", data={"parent": spread[1].code})
    assert shown() == (9, 8)
    Case.objects.filter(pk=spread[2].pk).update(category=spread[1].category)
    assert total(drawn(6, category="MT01")) == total(drawn(12, category="MT01"))
    upkeep.merge_map_cells()
    assert shown() == (9, 8)


def test_adding_up_changes_no_answer_and_leaves_nothing_to_do(spread: list[Case], crowded: None) -> None:
    before = [drawn(zoom) for zoom in range(6, 17)]
    assert upkeep.merge_map_cells() > 0
    assert [drawn(zoom) for zoom in range(6, 17)] == before
    assert upkeep.merge_map_cells() == 0
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from case_map_cell where not merged")
        assert cursor.fetchone() == (0,)


def test_the_map_costs_one_statement_for_clusters_two_for_points(
    spread: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_most(2):
        drawn(15)
    monkeypatch.setattr(drawing, "POINTS_ANYWHERE", 3)
    with at_most(1):
        drawn(11)


def test_many_rows_at_once_are_counted_too(spread: list[Case], crowded: None, people: People) -> None:
    """Imports and sample data are inserted in bulk."""
    copies = list(Case.objects.filter(code__in=[case.code for case in spread]))
    from hues.kernel.ids import new_code, new_id

    for case in copies:
        case.pk, case.code, case._state.adding = new_id(), new_code("PA"), True
    Case.objects.bulk_create(copies)
    assert [total(drawn(zoom)) for zoom in (6, 12, 16)] == [18, 18, 18]
