"""Points are read strictly, measured rightly, and hidden for good."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hues.kernel import geo
from hues.kernel.errors import Invalid

CITADEL, STATION = (16.4698, 107.5786), (16.4565, 107.5787)  # Huế
LAT, LON = st.floats(-85, 85), st.floats(-180, 180)


def test_distances_are_those_of_the_globe() -> None:
    assert geo.distance_m(*CITADEL, *STATION) == pytest.approx(1479, abs=5)
    assert geo.distance_m(0, 0, 0, 180) == pytest.approx(math.pi * geo.EARTH_RADIUS_M)
    assert geo.distance_m(0, 179.999, 0, -179.999) == pytest.approx(222, abs=1)
    assert geo.distance_m(*CITADEL, *CITADEL) == 0


@pytest.mark.parametrize(
    ("lat", "lon", "wrong"),
    [
        ("nan", 107, {"lat"}),
        (float("nan"), float("inf"), {"lat", "lon"}),
        (91, 107, {"lat"}),
        (16, -180.1, {"lon"}),
        (True, 107, {"lat"}),
        (None, [], {"lat", "lon"}),
        ("16,4", "1e999", {"lat", "lon"}),
        ("1_6", "0x10", {"lat", "lon"}),
        (10**400, 107, {"lat"}),
    ],
)
def test_what_is_no_point_is_refused_by_field(lat: object, lon: object, wrong: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        geo.parse_point(lat, lon)
    assert set(refused.value.fields) == wrong


def test_numbers_may_come_as_text() -> None:
    assert geo.parse_point(" 16.4698", "+107.5786 ") == CITADEL


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "3,0,1,0", "0,0,0,nan", "0,-91,1,0"])
def test_what_is_no_area_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        geo.parse_box(text)


def test_an_area_holds_its_edges() -> None:
    box = geo.parse_box("107.5,16.4,107.6,16.5")
    assert box.holds(16.4, 107.5)
    assert not box.holds(16.51, 107.55)


@given(LAT, st.floats(-170, 170), st.floats(1, 5_000), st.floats(0, 2 * math.pi))
def test_the_box_around_a_point_misses_no_neighbour(lat: float, lon: float, metres: float, bearing: float) -> None:
    dlat = metres * 0.99 * math.cos(bearing) / 111_195
    dlon = metres * 0.99 * math.sin(bearing) / 111_195 / math.cos(math.radians(lat))
    if geo.distance_m(lat, lon, lat + dlat, lon + dlon) <= metres:
        assert geo.box_around(lat, lon, metres).holds(lat + dlat, lon + dlon)


def test_a_hidden_place_is_the_same_for_the_whole_street() -> None:
    lat, lon = CITADEL
    hidden = geo.hide_in_street(lat, lon)
    assert hidden == geo.hide_in_street(lat, lon)
    assert geo.hide_in_street(*hidden) == hidden
    assert 0 < geo.distance_m(lat, lon, *hidden) < 250
    nearby = {geo.hide_in_street(lat + dy / 50_000, lon + dx / 50_000) for dx in range(-5, 6) for dy in range(-5, 6)}
    assert len(nearby) <= 3  # 121 points within 15 m: averaging their masks gives a mask, not a house


@given(LAT, LON)
def test_neighbours_hold_the_point_itself(lat: float, lon: float) -> None:
    assert geo.cell(lat, lon) in geo.cells_near(lat, lon)
    assert len(geo.cells_near(lat, lon, 2)) >= 18
