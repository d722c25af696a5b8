"""OGC API Features (OGC 17-069r4): clause by clause, and read by GDAL's own client."""
# ruff: noqa: F811 - fixtures of other rooms come in by name

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.cases.models import Case
from tests.cases.conftest import Way, citizen, lights, monday, open_case, people, way  # noqa: F401
from tests.city.test_assets import LAMPS, LAT, LON, area, bring
from tests.served import Served

OGC = "/ogc"


@pytest.fixture(autouse=True)
def _open(settings: Any) -> None:
    settings.SANDBOX, settings.LIMITS = True, False


@pytest.fixture
def listed(monday: None, open_case: Callable[..., Case]) -> list[Case]:
    """Five listed reports, a day apart, from west to east."""
    cases = [open_case(lat=LAT, lon=LON + n / 100) for n in range(5)]
    for n, case in enumerate(cases):
        Case.objects.filter(pk=case.pk).update(
            moderated=True, visibility="public", public_lat=LAT, public_lon=LON + n / 100, public_body=f"Đèn {n}",
            received_at=case.received_at + timedelta(days=n),
        )  # fmt: skip
    return list(Case.objects.order_by("received_at"))


def links(content: dict[str, Any], rel: str) -> list[str]:
    return [link["href"] for link in content["links"] if link["rel"] == rel]


def codes(answer: Any) -> list[str]:
    return [one["properties"]["code"] for one in answer.json()["features"]]


@pytest.mark.django_db
class TestCore:
    def test_the_landing_page_links_to_everything(self, client: Client) -> None:
        """§7.2, /req/core/root-success."""
        content = client.get(OGC).json()
        for rel in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
            assert links(content, rel), rel
        for rel in ("service-desc", "conformance", "data"):
            path = links(content, rel)[0].removeprefix("http://127.0.0.1:8000")
            assert client.get(path).status_code == 200, path

    def test_conformance_names_the_classes(self, client: Client) -> None:
        """§7.4."""
        found = client.get(f"{OGC}/conformance").json()["conformsTo"]
        assert [one.rpartition("/")[2] for one in found] == ["core", "oas30", "html", "geojson"]

    def test_collections_have_extent_crs_and_items(self, client: Client) -> None:
        """§7.13, §7.14."""
        bring("lamp", LAMPS)
        content = client.get(f"{OGC}/collections").json()
        assert [one["id"] for one in content["collections"]] == ["reports", "units", "assets", "assets-lamp"]
        for one in content["collections"]:
            assert one["extent"]["spatial"]["bbox"][0][0] < one["extent"]["spatial"]["bbox"][0][2]
            assert any("application/geo+json" in link["type"] for link in one["links"] if link["rel"] == "items")
            assert client.get(f"{OGC}/collections/{one['id']}").json()["id"] == one["id"]

    def test_items_are_paged_by_next_links(self, client: Client, listed: list[Case]) -> None:
        """§7.15.4, /req/core/fc-links: the newest first, nothing twice, nothing lost."""
        seen: list[str] = []
        address: str | None = f"{OGC}/collections/reports/items?limit=2"
        while address:
            answer = client.get(address)
            assert answer["Content-Type"] == "application/geo+json"
            content = answer.json()
            assert content["numberReturned"] == len(content["features"]) and content["timeStamp"].endswith("Z")
            seen += codes(answer)
            following = links(content, "next")
            address = following[0].removeprefix("http://127.0.0.1:8000") if following else None
        assert seen == [case.code for case in reversed(listed)]

    def test_assets_and_units_are_paged_too(self, client: Client) -> None:
        bring("lamp", LAMPS)
        for name, expected in (("assets", 3), ("units", 40)):
            seen: list[Any] = []
            address: str | None = f"{OGC}/collections/{name}/items?limit=2"
            while address:
                content = client.get(address).json()
                seen += [one["id"] for one in content["features"]]
                following = links(content, "next")
                address = following[0].removeprefix("http://127.0.0.1:8000") if following else None
            assert len(seen) == len(set(seen)) == expected

    def test_bbox(self, client: Client, listed: list[Case]) -> None:
        """§7.15.3: four or six numbers, also across the antimeridian."""
        ask = f"{OGC}/collections/reports/items?bbox="
        box = f"{LON - 0.001},{LAT - 0.001},{LON + 0.011},{LAT + 0.001}"
        assert set(codes(client.get(ask + box))) == {listed[0].code, listed[1].code}
        high = f"{LON - 0.001},{LAT - 0.001},-10,{LON + 0.011},{LAT + 0.001},500"
        assert len(codes(client.get(ask + high))) == 2
        assert codes(client.get(ask + "170,-10,-170,10")) == []
        assert len(codes(client.get(ask + f"107,{LAT - 1},-170,{LAT + 1}"))) == 5
        bring("heritage", area("DS-1"))
        inside = f"{LON},{LAT},{LON + 0.0001},{LAT + 0.0001}"  # smaller than the zone that holds it
        assert codes(client.get(f"{OGC}/collections/assets/items?bbox={inside}")) == ["DS-1"]
        assert codes(client.get(f"{OGC}/collections/units/items?bbox={inside}"))

    def test_datetime(self, client: Client, listed: list[Case]) -> None:
        """§7.15.4: instants, intervals, open ends."""
        ask = f"{OGC}/collections/reports/items?datetime="
        at = [case.received_at.strftime("%Y-%m-%dT%H:%M:%SZ") for case in listed]
        assert codes(client.get(f"{ask}{at[1]}/{at[2]}")) == [listed[2].code, listed[1].code]
        assert len(codes(client.get(f"{ask}{at[3]}/.."))) == 2
        assert len(codes(client.get(f"{ask}../{at[0]}"))) == 1
        assert len(codes(client.get(f"{ask}/{at[0]}"))) == 1
        assert codes(client.get(f"{ask}{listed[4].received_at:%Y-%m-%d}")) == [listed[4].code]

    def test_properties(self, client: Client, listed: list[Case]) -> None:
        """§7.15.5."""
        ask = f"{OGC}/collections/reports/items?"
        assert codes(client.get(f"{ask}code={listed[2].code}")) == [listed[2].code]
        assert len(codes(client.get(f"{ask}category=DT01&open=true"))) == 5
        assert codes(client.get(f"{ask}category=GT01")) == codes(client.get(f"{ask}unit=NOWHERE")) == []
        bring("lamp", LAMPS)
        assert codes(client.get(f"{OGC}/collections/assets/items?layer=lamp&code=NH-0232")) == ["NH-0232"]
        assert len(codes(client.get(f"{OGC}/collections/assets-lamp/items?owner=CVX"))) == 3
        assert codes(client.get(f"{OGC}/collections/units/items?code=19789")) == ["19789"]

    @pytest.mark.parametrize(
        "query",
        ["limit=0", "limit=-1", "limit=x", "limit=1e3", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=107,17,108,16", "bbox=nan,1,2,3",
         "datetime=yesterday", "datetime=2026-13-01T00:00:00Z", "datetime=2026-02-01T00:00:00Z/2026-01-01T00:00:00Z", "datetime=a/b/c",
         "nonsense=1", "open=maybe", "f=xml", "after=forged", "reporter=1"],
    )  # fmt: skip
    def test_what_is_unknown_or_wrong_is_400(self, client: Client, query: str) -> None:
        """/req/core/query-param-unknown, -invalid."""
        answer = client.get(f"{OGC}/collections/reports/items?{query}")
        assert answer.status_code == 400 and answer.json()["code"] == "InvalidParameterValue"

    @pytest.mark.usefixtures("listed")
    def test_a_limit_beyond_the_most_is_the_most(self, client: Client) -> None:
        assert client.get(f"{OGC}/collections/reports/items?limit=100000").status_code == 200

    def test_one_feature_and_none(self, client: Client, listed: list[Case]) -> None:
        """§7.16."""
        bring("lamp", LAMPS)
        one = client.get(f"{OGC}/collections/reports/items/{listed[0].code}").json()
        assert one["type"] == "Feature" and one["id"] == listed[0].code and links(one, "collection")
        ident = client.get(f"{OGC}/collections/assets-lamp/items").json()["features"][0]["id"]
        assert client.get(f"{OGC}/collections/assets-lamp/items/{ident}").json()["properties"]["code"] == "NH-0231"
        assert client.get(f"{OGC}/collections/assets-lamp/items/{ident}?f=html").status_code == 200
        for nothing in (
            "reports/items/PA-0000-00",
            "assets/items/0",
            "assets/items/x",
            "units/items/1",
            "people",
            "people/items",
        ):
            assert client.get(f"{OGC}/collections/{nothing}").status_code == 404, nothing

    def test_html_by_parameter_and_by_header(self, client: Client, listed: list[Case]) -> None:
        """Conformance class html."""
        for path in ("", "/conformance", "/api", "/collections", "/collections/reports", "/collections/reports/items",
                     f"/collections/reports/items/{listed[0].code}"):  # fmt: skip
            page = client.get(f"{OGC}{path}?f=html")
            assert page.status_code == 200 and page["Content-Type"].startswith("text/html"), path
            assert client.get(OGC + path, headers={"accept": "text/html,*/*;q=0.5"})["Content-Type"].startswith(
                "text/html"
            )
            assert "json" in client.get(OGC + path)["Content-Type"]

    def test_the_description_is_complete_openapi(self, client: Client) -> None:
        """Conformance class oas30: every reference leads somewhere, every collection is described."""
        bring("lamp", LAMPS)
        answer = client.get(f"{OGC}/api")
        assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
        content = answer.json()
        assert content["openapi"].startswith("3.0") and "/collections/assets-lamp/items" in content["paths"]
        text = json.dumps(content)
        for name in ("limit", "bbox", "datetime"):
            assert f"#/components/parameters/{name}" in text and name in content["components"]["parameters"]
        ids = [method["operationId"] for path in content["paths"].values() for method in path.values()]
        assert len(ids) == len(set(ids))

    @pytest.mark.usefixtures("listed")
    def test_a_page_costs_the_same_few_statements(self, client: Client) -> None:
        client.get(f"{OGC}/collections/reports/items")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{OGC}/collections/reports/items?limit=5")
        assert len([one for one in asked if "packload" not in one["sql"]]) <= 2
        assert client.options(f"{OGC}/collections").status_code == 405
        assert client.get(OGC)["Access-Control-Allow-Origin"] == "*"


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL's ogrinfo is not installed (Debian: gdal-bin)")
def test_gdal_reads_the_served_city(served: Served) -> None:
    """`ogrinfo` with its own client of the standard: layers, fields, every page of the features."""

    def ogr(*arguments: str) -> str:
        done = subprocess.run(["ogrinfo", "-ro", *arguments], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0 and "ERROR" not in done.stderr, done.stderr
        return done.stdout

    city = f"OAPIF:{served.base_url}/ogc"
    layers = ogr(city)
    assert all(name in layers for name in ("reports", "units", "assets"))
    units = ogr("-so", city, "units")
    assert "Feature Count: 40" in units and "area_km2: Real" in units
    one = ogr("-where", "code = '19789'", "-al", city, "units")
    assert "Thuận Hóa" in one and "POINT (107.58" in one
    reports = ogr("-so", "-oo", "PAGE_SIZE=50", city, "reports")
    assert "received_at: DateTime" in reports and "Geometry: Point" in reports
    count = int(reports.split("Feature Count: ")[1].split()[0])
    assert count > 100  # more than one page of 50
