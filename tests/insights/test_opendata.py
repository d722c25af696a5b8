"""What the city publishes: exactly its columns, nothing that is not public, renewed by night, as files that programs really read."""
# ruff: noqa: F811 - fixtures of other rooms come in by name

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import shapely
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from hues.cases.actions import send_message
from hues.cases.models import Case, CaseMessage
from hues.hotline.models import CallTally
from hues.insights.actions import rebuild_tallies
from hues.insights.opendata import actions, dcat, rows, store
from hues.insights.opendata.datasets import data_sets
from hues.insights.opendata.files import harmless
from hues.kernel.actors import GUEST, Actor
from hues.kernel.models import JournalEntry
from hues.people.models import User
from tests.cases.conftest import Way, citizen, lights, monday, open_case, people, way  # noqa: F401
from tests.city.test_assets import LAMPS, area, bring

pytestmark = pytest.mark.django_db
LOCK = Path(__file__).with_name("open_data_columns.json")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, monday: None) -> Path:
    settings.DATA_DIR, settings.SANDBOX, settings.LIMITS = tmp_path, True, False
    return tmp_path / "open"


def read(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((store.folder() / name).read_text("utf-8-sig"))))


# ── the schema ──


def test_columns_keep_their_names_types_and_versions() -> None:
    """A column that is added raises the second number of the version, one that goes the first: then this file gets the new version besides."""
    lock = json.loads(LOCK.read_text())
    for one in data_sets():
        columns = {column.name: column.type for column in one.columns}
        assert one.version in lock[one.id], f"{one.id}: version {one.version} is not in {LOCK.name}"
        assert lock[one.id][one.version] == columns, f"{one.id}: columns changed without a new version"
        assert all(column.meanings["vi"] and column.meanings["en"] for column in one.columns)


def test_every_row_has_exactly_the_columns(way: Way) -> None:
    way.published()
    bring("lamp", LAMPS)
    rebuild_tallies()
    for one in data_sets():
        for partition in rows.partitions(one.id):
            found = list(rows.rows(one.id, partition))
            assert found or one.id == "calls", (one.id, partition)
            assert all(row.keys() == set(one.names) for row in found), one.id


# ── files ──


def test_the_same_rows_in_three_forms(way: Way) -> None:
    way.published()
    bring("lamp", LAMPS)
    bring("heritage", area("DS-1", name="Đại Nội"))
    actions.publish()
    year = f"{way.case.received_at:%Y}"
    (report,) = read(f"reports-{year}.csv")
    assert report["code"] == way.code and report["outcome"] == "fixed_with_evidence" and report["open"] == "false"
    assert report["received_at"].endswith("Z") and report["sample"] == "false"
    assert "geometry" not in report
    (feature,) = json.loads((store.folder() / f"reports-{year}.geojson").read_bytes())["features"]
    assert feature["properties"]["code"] == way.code
    assert feature["geometry"]["coordinates"] == [way.case.public_lon, way.case.public_lat]
    table = pq.read_table(store.folder() / f"reports-{year}.parquet")
    (row,) = table.to_pylist()
    assert shapely.from_wkb(row["geometry"]).y == way.case.public_lat and row["reopened"] == 0
    assert json.loads(table.schema.metadata[b"geo"])["primary_column"] == "geometry"
    assert table.schema.metadata[b"version"] == b"1.0"
    lamps = duckdb.read_parquet(str(store.folder() / "assets-lamp.parquet")).aggregate("count(*), min(code)").fetchall()
    assert lamps == [(3, "NH-0231")]
    (zone,) = read("assets-heritage.csv")
    assert shapely.from_wkt(zone["geometry"]).geom_type == "Polygon"


def test_a_night_in_which_nothing_changed_changes_no_file(way: Way, folder: Path) -> None:
    way.published()
    assert actions.publish()
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.suffix in (".csv", ".parquet")}
    first = store.published()
    assert actions.publish() == []
    assert before == {name: (folder / name).stat().st_mtime_ns for name in before}
    assert store.published().files == first.files
    assert JournalEntry.objects.filter(action="open_data.published").count() == 1
    assert not actions.publish_if_due()
    assert not list(folder.glob("*.new"))


def test_only_listed_reports_and_what_was_hidden_later_is_gone_next_night(
    way: Way, open_case: Callable[..., Case], client: Client
) -> None:
    way.published()
    open_case(body="Chưa ai duyệt")
    open_case(category="AN02", body="Không bao giờ công khai")
    actions.publish()
    year = f"{way.case.received_at:%Y}"
    assert [row["code"] for row in read(f"reports-{year}.csv")] == [way.code]
    Case.objects.filter(code=way.code).update(visibility="restricted")
    assert client.get(f"/ogc/collections/reports/items/{way.code}").status_code == 404  # features: at once
    assert client.get("/ogc/collections/reports/items").json()["numberReturned"] == 0
    actions.publish()
    assert not (store.folder() / f"reports-{year}.csv").exists() or read(f"reports-{year}.csv") == []
    for form in ("csv", "geojson", "parquet"):
        path = store.folder() / f"reports-{year}.{form}"
        assert not path.exists() or way.code.encode() not in path.read_bytes()


def test_sample_data_are_published_in_a_sample_city_only_and_say_so(way: Way, settings: Any) -> None:
    way.published()
    bring("lamp", LAMPS, is_sample=True)
    Case.objects.update(is_sample=True)
    actions.publish()
    assert {row["sample"] for row in read("assets-lamp.csv")} == {"true"}
    settings.SANDBOX = False
    actions.publish()
    assert read("assets-lamp.csv") == []
    assert not [row for path in store.folder().glob("reports-*.csv") for row in read(path.name)]


def test_an_answer_is_told_only_once_the_centre_published_it(way: Way, client: Client) -> None:
    way.answered()
    assert way.case.answer
    properties = client.get(f"/ogc/collections/reports/items/{way.code}").json()["properties"]
    assert properties["answer"] == properties["outcome"] == "" and properties["answered_at"] is None
    way.take(way.operator, "publish")
    assert client.get(f"/ogc/collections/reports/items/{way.code}").json()["properties"]["answer"]


@given(st.text(max_size=30))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = harmless(text)
    assert cell.lstrip(" \u00a0\ufeff")[:1] not in tuple("=+-@\t\r\n|%") or not cell.strip()
    assert cell.removeprefix("'") == text.removeprefix("'")


def test_a_report_that_is_a_formula_stays_text_in_a_spreadsheet(way: Way) -> None:
    way.published()
    Case.objects.update(public_body='=HYPERLINK("http://evil")', public_address=" @SUM(A1)")
    actions.publish()
    (report,) = read(f"reports-{way.case.received_at:%Y}.csv")
    assert report["text"].startswith("'=") and report["address"].startswith("'")


def test_monthly_figures_add_up_and_few_private_cases_are_not_told_apart(
    way: Way, open_case: Callable[..., Case]
) -> None:
    way.published()
    for _n in range(3):
        open_case(category="AN02", body="Đánh bạc trong nhà")
    rebuild_tallies()
    actions.publish()
    found = read("figures.csv")
    city = next(row for row in found if row["by"] == "city")
    assert (city["received"], city["resolved"]) == ("4", "1")
    kinds = {row["code"]: row["received"] for row in found if row["by"] == "category"}
    assert kinds == {"DT01": "1", "": "3"}


def test_calls_are_counts_by_day() -> None:
    day = {"day": "2026-10-05", "hour": 9, "code": ""}
    CallTally.objects.create(**day, direction="in", calls=10, answered=8, fast=6, early=1, wait_s=90, known=7, again=2)
    CallTally.objects.create(**day | {"hour": 10}, direction="in", calls=5, answered=5, fast=5, wait_s=20, known=5)
    CallTally.objects.create(**day, direction="out", calls=4, answered=3)
    actions.publish()
    (row,) = read("calls.csv")
    assert {name: row[name] for name in ("calls_in", "answered", "given_up", "given_up_at_once", "answered_fast")} == {
        "calls_in": "15", "answered": "13", "given_up": "2", "given_up_at_once": "1", "answered_fast": "11",
    }  # fmt: skip
    assert (row["wait_seconds"], row["called_again"], row["calls_out"], row["reached"]) == ("110", "2", "4", "3")


# ── personal data ──


def plant(way: Way) -> dict[str, str]:
    """A secret in everything of a case that the public must not see: each column that is not published, and all around it."""
    secrets = {}
    for field in Case._meta.concrete_fields:
        if field.name in rows.REPORT_FIELDS or field.name in ("id", "public_body", "folded", "search"):
            continue
        mark = f"BIMAT{len(secrets):02d}X"
        if isinstance(field, models.JSONField):
            secrets[field.name] = mark
            Case.objects.filter(code=way.code).update(**{field.name: {"at": mark}})
        elif isinstance(field, models.TextField) or (
            isinstance(field, models.CharField) and not field.choices and (field.max_length or 99) >= 10
        ):
            if field.name in ("code", "process", "language", "source"):
                continue
            secrets[field.name] = mark
            Case.objects.filter(code=way.code).update(**{field.name: mark})
    Case.objects.filter(code=way.code).update(lat=16.4712345, lon=107.5812345)
    secrets |= {"lat": "16.4712345", "lon": "107.5812345"}
    for person, mark in ((way.case.reporter_id, "BIMATNGUOIGUI"), (way.officer.id, "BIMATCANBO")):
        User.objects.filter(pk=person).update(
            display_name=mark, username=mark.lower(), email=f"{mark.lower()}@example.org"
        )
        secrets[f"user {mark}"] = mark
    secrets |= {"reporter": str(way.case.reporter_id), "officer": str(way.officer.id), "id": str(way.case.pk)}
    for audience in ("party", "staff"):
        mark = f"BIMATTHU{audience.upper()}"
        send_message(
            actor=way.officer if audience == "staff" else way.citizen, code=way.code, body=mark, audience=audience
        )
        secrets[f"message {audience}"] = mark
    assert CaseMessage.objects.exists()
    return secrets


def everything(client: Client) -> Iterator[tuple[str, str]]:
    """All that leaves through open data, as text."""
    for path in sorted(store.folder().iterdir()):
        if path.suffix == ".parquet":
            yield path.name, str(pq.read_table(path).to_pylist())
            yield f"{path.name} (bytes)", path.read_bytes().decode("latin-1")
        elif path.suffix in (".csv", ".geojson", ".json"):
            yield path.name, path.read_text("utf-8-sig")
    addresses = [
        "/open",
        "/open/catalog.jsonld",
        "/open/catalog.ttl",
        "/ogc",
        "/ogc/collections",
        "/ogc/api",
        "/api/v1/assets",
    ]
    addresses += [f"/open/{one.id}" for one in data_sets()]
    addresses += [
        f"/ogc/collections/{name}/items?f={form}"
        for name in ("reports", "units", "assets")
        for form in ("json", "html")
    ]
    addresses += [
        f"/ogc/collections/reports/items/{case.code}?f={form}"
        for case in Case.objects.all()
        for form in ("json", "html")
    ]
    for address in addresses:
        yield address, client.get(address).content.decode()


def test_no_private_thing_is_in_any_output(way: Way, client: Client) -> None:
    way.published()
    Case.objects.filter(code=way.code).update(visibility="masked", public_body="Lời công khai", public_address="Lê Lợi")
    case = way.case
    case.public_lat, case.public_lon = 16.46, 107.59
    case.save(update_fields=["public_lat", "public_lon"])
    secrets = plant(way)
    assert len(secrets) > 20, sorted(secrets)
    bring("works", area("CT-1", name="Công trường", permit="BIMATGIAYPHEP", site_phone="BIMATDIENTHOAI"))
    secrets |= {"asset permit": "BIMATGIAYPHEP", "asset phone": "BIMATDIENTHOAI"}
    rebuild_tallies()
    actions.publish()
    seen = False
    for where, text in everything(client):
        seen = seen or "Lời công khai" in text
        for name, secret in secrets.items():
            assert secret not in text, f"{name} is told in {where}"
            assert secret.lower() not in text.lower(), f"{name} is told in {where}"
    assert seen  # and the public words are there


def test_a_masked_place_says_that_it_is_one(way: Way) -> None:
    way.published()
    Case.objects.update(visibility="masked")
    (report,) = rows.rows("reports", f"{way.case.received_at:%Y}")
    assert report["place"] == "street"


# ── pages, files, catalogue ──


def test_people_find_the_sets_their_columns_and_files(way: Way, client: Client) -> None:
    way.published()
    empty = client.get("/open", headers={"accept-language": "vi"})
    assert "mười lăm phút" in empty.content.decode()
    actions.publish()
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/open", headers={"accept-language": "vi"}).content.decode()
    assert len(asked) <= 3
    for one in data_sets():
        assert f"/open/{one.id}" in page
    assert "Ghi công 4.0" in page
    one = client.get("/open/reports", headers={"accept-language": "vi"}).content.decode()
    assert "Mã phản ánh" in one and f"/open/files/reports-{way.case.received_at:%Y}.parquet" in one
    assert client.get("/open/people").status_code == 404
    schema = client.get("/open/reports/schema.json").json()
    assert schema["version"] == "1.0" and schema["fields"][0]["name"] == "code"


def test_a_file_comes_whole_in_parts_and_not_again(way: Way, client: Client) -> None:
    way.published()
    actions.publish()
    address = "/open/files/units.csv"
    with CaptureQueriesContext(connection) as asked:
        whole = client.get(address)
    body = b"".join(whole.streaming_content)
    assert len(asked) == 0 and whole["Access-Control-Allow-Origin"] == "*" and whole["Content-Length"] == str(len(body))
    part = client.get(address, headers={"range": "bytes=3-9"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, body[3:10])
    stale = client.get(address, headers={"range": "bytes=3-9", "if-range": '"older"'})
    assert stale.status_code == 200 and b"".join(stale.streaming_content) == body
    assert client.get(address, headers={"if-none-match": whole["ETag"]}).status_code == 304
    assert client.head(address).status_code == 200
    for nothing in ("published.json", ".lock", "../secrets/django", "nothing.csv"):
        assert client.get(f"/open/files/{nothing}").status_code == 404
    (store.folder() / "units.csv").unlink()
    assert client.get(address).status_code == 404


def test_the_catalogue_names_every_file_with_its_sum(way: Way, client: Client) -> None:
    way.published()
    actions.publish()
    answer = client.get("/open/catalog.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    graph = answer.json()["@graph"]
    kinds = [node["@type"] for node in graph]
    assert (
        kinds[0] == "dcat:Catalog" and kinds.count("dcat:Dataset") == len(data_sets()) and "dcat:DataService" in kinds
    )
    parts = {
        node["dcat:downloadURL"][0]["@id"].rpartition("/")[2]: node
        for node in graph
        if node["@type"] == "dcat:Distribution"
    }
    assert set(parts) == {file.name for file in store.published().files}
    for file in store.published().files:
        assert parts[file.name]["spdx:checksum"][0]["spdx:checksumValue"][0]["@value"] == file.sha256
    for node in graph:
        if node["@type"] == "dcat:Dataset":
            assert {
                "dct:title",
                "dct:description",
                "dct:publisher",
                "dct:license",
                "dcat:theme",
                "dcat:contactPoint",
            } <= node.keys()
    again = client.get("/open/catalog.jsonld", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
    turtle = client.get("/open/catalog", headers={"accept": "text/turtle"})
    assert turtle["Content-Type"].startswith("text/turtle") and b"a dcat:Catalog" in turtle.content
    assert turtle.content.count(b"a dcat:Distribution") == len(parts)


def test_turtle_escapes_what_it_must() -> None:
    node = dcat.Node("dcat:Dataset", {"dct:title": [dcat.Text('Đèn "A"\n\\', "vi")]}, "http://x/<a b>")
    assert b'dct:title "\xc4\x90\xc3\xa8n \\"A\\"\\n\\\\"@vi' in dcat.as_turtle([node])
    assert b"<http://x/%3Ca%20b%3E>" in dcat.as_turtle([node])


def test_nobody_but_the_system_publishes() -> None:
    for actor in (GUEST, Actor("staff")):
        with pytest.raises(PermissionError):
            actions.publish(actor=actor)
