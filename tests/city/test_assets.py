"""What the city keeps in its streets: files with every mistake named, what is near, and who owns the ground."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.city import queries, routing
from hues.city.assets import browsing, near
from hues.city.assets.actions import finish_import, import_assets, try_import
from hues.city.models import Agency, Asset, AssetLayer
from hues.kernel.actors import ADMINISTRATOR, GUEST, HEAD, OFFICER, SYSTEM, Actor, Grant
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_id
from hues.kernel.models import JournalEntry

pytestmark = pytest.mark.django_db

LAT, LON = 16.4637, 107.5909  # in the middle of the city
EAST = 0.0001 / 1.043  # of longitude: about ten metres
LAMPS = f"""code,lat,lon,street,watts,cabinet
NH-0231,{LAT},{LON},Lê Lợi,100,TĐ-01
NH-0232,{LAT},{LON + 3 * EAST},Lê Lợi,70,TĐ-01
NH-0233,{LAT + 0.01},{LON},Hùng Vương,,
"""


def bring(layer: str, content: str | dict[str, Any], *, actor: Actor = SYSTEM, name: str = "", **more: Any) -> Any:
    text = content if isinstance(content, str) else json.dumps(content)
    name = name or ("lamps.csv" if isinstance(content, str) else "zones.geojson")
    return import_assets(actor=actor, layer=layer, name=name, content=text.encode(), **more)


def area(code: str, reach: float = 0.002, **properties: Any) -> dict[str, Any]:
    ring = [
        [LON - reach, LAT - reach],
        [LON + reach, LAT - reach],
        [LON + reach, LAT + reach],
        [LON - reach, LAT + reach],
    ]
    return feature(code, {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}, **properties)


def line(code: str, north: float, **properties: Any) -> dict[str, Any]:
    """A road from west to east, `north` degrees beside the point."""
    at = [[LON - 0.01, LAT + north], [LON + 0.01, LAT + north]]
    return feature(code, {"type": "LineString", "coordinates": at}, **properties)


def feature(code: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    one = {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}
    return {"type": "FeatureCollection", "features": [one]}


def staff(role: str, agency: str = "") -> Actor:
    grant = Grant(role, Agency.objects.get(code=agency).pk if agency else None)
    return Actor("staff", new_id(), role, frozenset({grant}))


# ── files ──


def test_a_file_is_brought_in_once_and_again_changes_nothing() -> None:
    first = bring("lamp", LAMPS)
    assert (first.added, first.changed, first.wrong) == (3, 0, 0)
    lamp = Asset.objects.get(code="NH-0231")
    assert lamp.attributes == {"watts": 100, "cabinet": "TĐ-01"}
    assert lamp.owner and lamp.owner.code == "CVX"  # the file says nothing: the layer's rule
    assert lamp.unit and lamp.unit.code == "19789"
    again = bring("lamp", LAMPS)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert JournalEntry.objects.filter(action="city.assets_imported").count() == 1
    moved = bring("lamp", LAMPS.replace(",100,", ",150,"))
    assert (moved.changed, moved.unchanged) == (1, 2)


def test_what_a_complete_file_does_not_name_is_ended_and_comes_back() -> None:
    bring("lamp", LAMPS)
    shorter = "\n".join(LAMPS.splitlines()[:-1])
    assert bring("lamp", shorter).ended == 0
    assert bring("lamp", shorter, complete=True).ended == 1
    gone = Asset.objects.get(code="NH-0233")
    assert gone.valid_to is not None
    assert near.assets_near(gone.lat, gone.lon) == []
    assert near.named("lamp/NH-0233") is not None  # its cases still name it
    assert [one.code for one in browsing.asset_list(layer="lamp", ended=True)] == ["NH-0233"]
    assert bring("lamp", LAMPS).changed == 1
    assert near.assets_near(gone.lat, gone.lon)


def test_every_mistake_is_told_with_its_line_and_the_good_lines_stay() -> None:
    wrong = """code;lat;lon;owner;watts
A-1;16.46;107.59;;100
A-2;107.59;16.46;;
A-3;1820000.5;560000.2;;
A-4;21.03;105.85;;
A 5;16.46;107.59;;
;16.46;107.59;;
A-1;16.47;107.59;;
A-8;16.46;107.59;NOBODY;
A-9;16.46;107.59;;much
A-10;;107.59;;
A-11;nan;107.59;;
"""
    outcome = bring("lamp", wrong)
    said = dict(outcome.problems)
    assert (outcome.added, outcome.wrong) == (1, 10)
    assert "vĩ độ và kinh độ bị đổi chỗ" in said[3]
    assert "VN-2000" in said[4]
    assert "nằm ngoài thành phố" in said[5]
    assert "khoảng trắng" in said[6]
    assert "thiếu mã" in said[7]
    assert "đã có ở dòng 2" in said[8]
    assert "NOBODY" in said[9]
    assert "watts" in said[10]
    assert "lat" in said[11] and "lat" in said[12]
    with pytest.raises(Invalid):  # an asset must not end because of a typing error
        bring("lamp", wrong.replace("A-1;16.46", "A-1;16.4601"), complete=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", "[]"),
        ("a.geojson", "{"),
        ("a.geojson", '{"type": "FeatureCollection", "features": []}'),
        ("a.geojson", '{"type": "FeatureCollection", "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::9210"}}, "features": []}'),
        ("a.csv", "number,x,y\n1,2,3\n"),
        ("a.csv", ""),
        ("a.csv", 'code,lat,lon\n"x\n'),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_as_a_whole(name: str, content: str) -> None:
    with pytest.raises(Invalid):
        bring("lamp", content, name=name)
    assert not Asset.objects.exists()


def test_another_coordinate_system_is_refused_by_its_name_and_wgs84_is_not() -> None:
    zone = area("DS-1") | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9210"}}}
    with pytest.raises(Invalid, match="9210"):
        bring("heritage", zone)
    zone["crs"]["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"
    assert bring("heritage", zone).added == 1


def test_shapes_that_do_not_fit_the_layer_are_told() -> None:
    assert "Polygon" in bring("lamp", area("X-1")).problems[0][1]
    bow_tie = area("DS-2")
    ring = bow_tie["features"][0]["geometry"]["coordinates"][0]
    ring[0], ring[1] = ring[1], ring[0]
    ring[-1] = ring[0]
    assert bring("heritage", bow_tie).added == 1  # crosses itself: mended


def test_a_text_that_could_break_a_page_or_an_address_is_no_code() -> None:
    evil = "code,lat,lon,name\n<script>,16.46,107.59,\nA/B,16.46,107.59,\nA-1,16.46,107.59,\u202etext\n"
    assert bring("lamp", evil).wrong == 3


def test_only_heads_and_administrators_import_and_heads_their_own() -> None:
    for nobody in (GUEST, staff(OFFICER, "CVX")):
        with pytest.raises(Forbidden):
            bring("lamp", LAMPS, actor=nobody)
    assert bring("lamp", LAMPS, actor=staff(HEAD, "HEP")).wrong == 3  # lamps here are CVX's
    assert bring("lamp", LAMPS, actor=staff(HEAD, "CVX")).added == 3
    others = LAMPS.replace("street", "owner").replace("Lê Lợi", "HEP").replace("Hùng Vương", "HEP")
    assert bring("lamp", others, actor=staff(HEAD, "HEP")).wrong == 3  # nor taken from its owner
    assert bring("lamp", others, actor=staff(ADMINISTRATOR)).changed == 3
    assert bring("lamp", "\n".join(others.splitlines()[:2]), actor=staff(HEAD, "CVX"), complete=True).ended == 0


def test_a_file_is_tried_before_it_is_taken_over() -> None:
    head = staff(HEAD, "CVX")
    tried = try_import(actor=head, layer="lamp", name="l.csv", content=LAMPS.encode(), complete=False)
    assert (tried.outcome["added"], Asset.objects.count()) == (3, 0)
    with pytest.raises(NotFound):
        finish_import(actor=staff(ADMINISTRATOR), import_id=tried.pk)
    finish_import(actor=head, import_id=tried.pk)
    assert Asset.objects.count() == 3
    with pytest.raises(Conflict):
        finish_import(actor=head, import_id=tried.pk)


# ── what is near, and whose it is ──


def test_the_nearest_first_within_so_many_metres() -> None:
    bring("lamp", LAMPS)
    found = queries.assets_near(LAT, LON, radius_m=50)
    assert [one.code for one in found] == ["NH-0231", "NH-0232"]
    assert found[0].distance_m < 1 and 29 < found[1].distance_m < 32
    assert found[0].label == "Cột đèn NH-0231"
    assert queries.assets_near(LAT, LON, layers=["tree"]) == []
    assert queries.assets_near(float("nan"), LON) == []


def test_things_are_offered_for_the_kinds_they_are_about() -> None:
    bring("lamp", LAMPS)
    assert [one.ref for one in near.offered(LAT, LON, "DT01")] == ["lamp/NH-0231", "lamp/NH-0232"]
    assert near.offered(LAT, LON, "GT01") == []


def test_what_is_written_on_it_finds_it_where_it_is_one_thing() -> None:
    bring("lamp", LAMPS)
    bring("tree", LAMPS.replace("watts", "note"))
    assert near.named("lamp/NH-0231") and near.named("tree/NH-0231")
    assert near.named("NH-0231") is None  # a lamp and a tree
    found = near.named("NH-0231", ["lamp"])
    assert found and found.ref == "lamp/NH-0231"
    assert near.named("Kiệt 3/12") is None
    assert near.shown("lamp/NH-0231") == "Cột đèn NH-0231"
    assert near.shown("Kiệt 3/12") == "Kiệt 3/12"


def test_the_same_pothole_belongs_to_whoever_owns_the_ground() -> None:
    """DOMAIN: city road, lane, heritage zone, economic zone, site under works."""
    pothole = queries.category("GT01")
    unit = routing.near_unit(LAT, LON)

    def owner(**more: Any) -> tuple[str, str]:
        found = routing.route(pothole, unit, lat=LAT, lon=LON, **more)
        return found.agency.code, found.because

    assert owner() == ("SXD", "")  # no layer is loaded: as ever
    bring("cityroad", line("D-1", 0.0001, name="Lê Lợi"))
    assert owner() == ("SXD", "đường do thành phố quản lý (Đường Lê Lợi)")
    bring("lane", line("K-1", 0.00003, name="Kiệt 12 Lê Lợi"))
    code, why = owner()
    assert code == "UBX-19789" and "Kiệt 12 Lê Lợi" in why  # the nearer of the two
    bring("economic", area("KKT-1", name="Khu kinh tế"))
    assert owner()[0] == "KKT"
    bring("heritage", area("DS-1", name="Đại Nội"))
    assert owner()[0] == "DT"  # areas in the order of the rule
    bring("works", area("CT-1", name="Công trường", owner="HWC"))
    assert owner()[0] == "HWC"  # whoever has the works done
    assert routing.agency_for(pothole, unit, lat=LAT + 0.01, lon=LON).code == "SXD"  # elsewhere as ever


def test_a_lamp_that_is_named_decides_wherever_the_pin_is() -> None:
    bring(
        "lamp",
        LAMPS.replace("street", "owner").replace("Lê Lợi", "HEP", 1).replace("Lê Lợi", "").replace("Hùng Vương", ""),
    )
    lamp, unit = queries.category("DT01"), routing.near_unit(LAT, LON)
    assert routing.agency_for(lamp, unit, lat=LAT, lon=LON).code == "HEP"  # it stands there
    far = {"lat": LAT + 0.005, "lon": LON}
    assert routing.agency_for(lamp, unit, **far).code == "CVX"
    assert routing.agency_for(lamp, unit, **far, asset="lamp/NH-0231").code == "HEP"
    assert routing.agency_for(lamp, unit, **far, asset="NH-0231").code == "HEP"
    assert routing.agency_for(lamp, unit, asset="NH-0231").code == "HEP"


def test_noise_is_the_wards_police_at_night_and_the_sites_client_by_day() -> None:
    noise, unit = queries.category("MT06"), routing.near_unit(LAT, LON)
    bring("works", area("CT-1", name="Công trường", owner="BDA"))
    night, day = datetime(2026, 10, 5, 17, 0, tzinfo=UTC), datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
    at_night = routing.route(noise, unit, lat=LAT, lon=LON, at=night)
    assert at_night.agency.code == "CAX-19789" and "ban đêm" in at_night.because
    assert routing.route(noise, unit, lat=LAT, lon=LON, at=day).agency.code == "BDA"
    assert routing.route(noise, unit, lat=LAT + 0.01, lon=LON, at=day).agency.code == "CAX-19789"


def test_an_owner_that_has_ended_is_passed_over() -> None:
    bring("works", area("CT-1", owner="HWC"))
    Agency.objects.filter(code="HWC").update(valid_to="2026-01-01")
    from hues.city import memory

    memory.forget()
    memory.changed()
    pothole = queries.category("GT01")
    assert routing.agency_for(pothole, routing.near_unit(LAT, LON), lat=LAT, lon=LON).code == "SXD"


def test_owner_at_says_nothing_where_no_layer_does() -> None:
    pothole = queries.category("GT01")
    with CaptureQueriesContext(connection) as asked:
        assert routing.owner_at(LAT, LON, category=pothole) is None
    assert len(asked) <= 8  # warming up the city's memory; a filled layer costs one more
    bring("heritage", area("DS-1", name="Đại Nội"))
    queries.owner_at(LAT, LON, category=pothole)
    with CaptureQueriesContext(connection) as asked:
        found = queries.owner_at(LAT, LON, category=pothole)
    assert found and found.agency.code == "DT"
    assert len([one for one in asked if "city_packload" not in one["sql"]]) == 1


# ── lists and the public door ──


def test_lists_by_code_and_street_with_keyset() -> None:
    rows = "".join(f"S-{n:03d},{LAT + n / 1e5},{LON},Phố {n % 7}\n" for n in range(120))
    bring("lamp", "code,lat,lon,street\n" + rows)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = browsing.asset_list(layer="lamp", after=cursor)
        seen += [one.code for one in page]
        if (cursor := page.next) is None:
            break
    assert seen == [f"S-{n:03d}" for n in range(120)]
    assert [one.code for one in browsing.asset_list(text="s-11")] == [f"S-{n}" for n in range(110, 120)]
    assert len(browsing.asset_list(text="pho 3").items) == 17
    assert browsing.asset_list(text="100%_\\").items == []


def test_the_public_door_gives_public_layers_and_attributes_only(client: Client) -> None:
    bring("lamp", LAMPS)
    bring("works", area("CT-1", name="Công trường", contractor="Nhà thầu A", permit="GP-1", site_phone="0905111222"))
    AssetLayer.objects.filter(code="tree").update(public=False)
    answer = client.get("/api/v1/assets", {"bbox": f"{LON - 0.001},{LAT - 0.001},{LON + 0.001},{LAT + 0.001}"})
    assert answer.status_code == 200 and answer["Content-Type"] == "application/geo+json"
    found = {one["properties"]["code"]: one for one in answer.json()["features"]}
    assert set(found) == {"NH-0231", "NH-0232", "CT-1"}
    assert found["NH-0231"]["properties"]["attributes"] == {"watts": 100}  # not the cabinet
    assert found["CT-1"]["geometry"]["type"] == "Polygon"
    assert b"0905111222" not in answer.content and b"GP-1" not in answer.content
    again = client.get(answer.request["PATH_INFO"], {"bbox": f"{LON - 0.001},{LAT - 0.001},{LON + 0.001},{LAT + 0.001}"},
                       headers={"If-None-Match": answer["ETag"]})  # fmt: skip
    assert again.status_code == 304


def test_the_public_door_pages_and_refuses_what_it_does_not_know(client: Client) -> None:
    bring("lamp", LAMPS)
    first = client.get("/api/v1/assets", {"layer": "lamp", "limit": 2}).json()
    rest = client.get("/api/v1/assets", {"layer": "lamp", "limit": 2, "after": first["next"]}).json()
    codes = [one["properties"]["code"] for one in first["features"] + rest["features"]]
    assert codes == ["NH-0231", "NH-0232", "NH-0233"] and rest["next"] is None
    near_by = client.get("/api/v1/assets", {"near": f"{LAT},{LON}", "radius": 50}).json()["features"]
    assert [one["properties"]["code"] for one in near_by] == ["NH-0231", "NH-0232"]
    for wrong in ({"layer": "cameras"}, {"bbox": "1,2,3"}, {"near": "x"}, {"after": "nonsense"}, {"near": "16.4,nan"}):
        assert client.get("/api/v1/assets", wrong).status_code == 422, wrong
