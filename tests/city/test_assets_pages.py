"""Assets where people meet them: filing a report, a case at the desk, the asset's own page, a file to import."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.cases.actions import open_case, take_step
from hues.cases.assets.actions import name_asset
from hues.cases.models import Case
from hues.city.assets.actions import import_assets
from hues.city.models import Asset
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people import actions as people
from hues.people import queries
from hues.people.models import User
from tests.city.test_assets import LAMPS, LAT, LON, area, bring, line

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(settings: Any) -> Any:
    settings.SANDBOX, settings.LIMITS = True, False
    with clock.at(NOW):
        yield


@pytest.fixture
def citizen() -> Actor:
    return queries.actor_for(User.objects.create(kind="citizen", username="dan", created_at=NOW))


@pytest.fixture
def staff() -> Callable[..., Actor]:
    def make(role: str, agency: str = "") -> Actor:
        user = people.create_staff(
            actor=SYSTEM, username=f"{role}{agency}".lower(), password="mưa dầm thấm đất Huế", is_sample=True
        )
        people.grant_role(actor=SYSTEM, user_id=user.pk, role=role, agency=agency)
        return queries.actor_for(queries.account(user.pk))

    return make


def desk(actor: Actor) -> Client:
    client = Client(headers={"accept-language": "vi"})
    client.force_login(User.objects.get(pk=actor.id))
    return client


def asset_panel(client: Client, case: Case) -> str:
    """What stands beside a case of assets and owners; "" where there is nothing."""
    page = client.get(f"/desk/cases/{case.code}/panels").content.decode()
    _before, found, rest = page.partition('aria-labelledby="asset-panel"')
    return rest.partition("</section>")[0] if found else ""


def lamp_out(actor: Actor, **more: Any) -> Case:
    given = {"category": "DT01", "body": "Đèn không sáng ba đêm nay", "lat": LAT, "lon": LON}
    return open_case(actor=actor, **{**given, **more})


# ── filing ──


def test_lamps_near_the_place_are_offered_once_the_kind_is_known(client: Client) -> None:
    bring("lamp", LAMPS)

    def ask(**asked: Any) -> list[dict[str, Any]]:
        answer = client.post("/report/hints", json.dumps(asked), content_type="application/json")
        found: list[dict[str, Any]] = answer.json()["things"]
        return found

    found = ask(text="", lat=LAT, lon=LON, category="DT01")
    assert next((one["ref"], one["label"], one["m"]) for one in found) == ("lamp/NH-0231", "Cột đèn NH-0231", 0)
    assert len(found) == 2
    assert ask(text="", lat=LAT, lon=LON, category="GT01") == []
    assert ask(text="", lat=LAT, lon=LON) == []
    assert ask(text="", category="DT01") == []


def test_the_page_says_which_lamp_a_link_is_about(client: Client) -> None:
    bring("lamp", LAMPS)
    page = client.get("/report", {"asset": "lamp/NH-0231"}, headers={"accept-language": "vi"}).content.decode()
    assert "Cột đèn NH-0231" in page
    written = client.get("/report", {"asset": "Trụ 12"}, headers={"accept-language": "vi"}).content.decode()
    assert "Trụ 12" in written  # a label of before: as it is written


def test_a_report_keeps_the_asset_it_names(citizen: Actor) -> None:
    bring("lamp", LAMPS)
    assert lamp_out(citizen, asset="lamp/NH-0231").asset_shown == "Cột đèn NH-0231"
    assert lamp_out(citizen, asset="NH-9").asset_shown == "NH-9"


# ── at the desk ──


def test_the_case_shows_the_lamps_history_whichever_way_it_was_named(
    citizen: Actor, staff: Callable[..., Actor]
) -> None:
    bring("lamp", LAMPS)
    first, second = lamp_out(citizen, asset="NH-0231"), lamp_out(citizen, asset="lamp/NH-0231")
    other = lamp_out(citizen, asset="lamp/NH-0232")
    page = asset_panel(desk(staff("operator")), second)
    assert "Cột đèn NH-0231" in page and first.code in page and other.code not in page
    assert "2 phản ánh trong 12 tháng" in page


def test_whoever_decides_sees_what_the_lamp_had_before(citizen: Actor, staff: Callable[..., Actor]) -> None:
    bring("lamp", LAMPS)
    first, second = lamp_out(citizen, asset="lamp/NH-0231"), lamp_out(citizen, asset="lamp/NH-0231")
    page = desk(staff("operator")).get(f"/desk/triage/cases/{second.code}").content.decode()
    assert "Cột đèn NH-0231" in page and "2 phản ánh trong 12 tháng" in page
    assert f">{first.code}</a>" in page.partition("tri-plan")[0]


def test_the_desk_names_one_of_those_nearby(citizen: Actor, staff: Callable[..., Actor]) -> None:
    bring("lamp", LAMPS)
    case, operator = lamp_out(citizen), staff("operator")
    client = desk(operator)
    page = client.get(f"/desk/cases/{case.code}/panels").content.decode()
    assert "Là cái nào?" in page and 'value="lamp/NH-0232"' in page
    answer = client.post(f"/desk/cases/{case.code}/asset", {"asset": "lamp/NH-0232"})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.asset == "lamp/NH-0232"
    entry = JournalEntry.objects.get(action="case.asset_named")
    assert entry.parts["staff"]["after"] == "lamp/NH-0232" and "public" not in entry.parts
    name_asset(actor=operator, code=case.code, asset="lamp/NH-0232")  # the same again is nothing new
    assert JournalEntry.objects.filter(action="case.asset_named").count() == 1
    with pytest.raises(Invalid):
        name_asset(actor=operator, code=case.code, asset="lamp/NOWHERE")


def test_naming_is_for_those_who_handle_the_case(citizen: Actor, staff: Callable[..., Actor]) -> None:
    bring("lamp", LAMPS)
    case = lamp_out(citizen)
    with pytest.raises(NotFound):
        name_asset(actor=staff("officer", "HWC"), code=case.code, asset="lamp/NH-0231")
    for reader in (citizen, staff("auditor")):
        with pytest.raises(Forbidden):
            name_asset(actor=reader, code=case.code, asset="lamp/NH-0231")


def test_the_desk_proposes_the_owner_and_says_why(staff: Callable[..., Actor]) -> None:
    bring("cityroad", line("D-1", 0.00005, name="Lê Lợi"))
    operator = staff("operator")
    case = lamp_out(operator, category="GT01", body="Ổ gà to giữa đường")
    page = asset_panel(desk(operator), case)
    assert "đường do thành phố quản lý (Đường Lê Lợi)" in page
    bring("heritage", area("DS-1", name="Đại Nội"))
    take_step(actor=operator, code=case.code, step="accept", data={})
    case.refresh_from_db()
    assert case.agency is not None and case.agency.code == "DT"


def test_without_layers_the_desk_says_nothing_of_them(citizen: Actor, staff: Callable[..., Actor]) -> None:
    case = lamp_out(citizen)
    assert asset_panel(desk(staff("operator")), case) == ""


def test_the_list_the_map_and_the_page_of_an_asset(citizen: Actor, staff: Callable[..., Actor]) -> None:
    bring("lamp", LAMPS)
    case = lamp_out(citizen, asset="lamp/NH-0231")
    client = desk(staff("officer", "CVX"))
    page = client.get("/desk/assets", {"layer": "lamp", "q": "NH-023"})
    assert page.status_code == 200 and "Cột đèn NH-0233" in page.content.decode()
    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/assets?mine=1")
    assert len(asked) <= 12, [one["sql"] for one in asked]
    box = f"{LON - 0.01},{LAT - 0.01},{LON + 0.01},{LAT + 0.02}"
    found = client.get("/desk/assets/map", {"bbox": box, "zoom": 16}).json()["features"]
    assert {one["properties"]["url"] for one in found} >= {"/desk/assets/lamp/NH-0231"}
    one = client.get("/desk/assets/lamp/NH-0231").content.decode()
    assert "Tủ điều khiển" in one and "TĐ-01" in one and "Lê Lợi" in one
    assert case.code not in one  # not theirs, and not public yet
    assert case.code in desk(staff("operator")).get("/desk/assets/lamp/NH-0231").content.decode()
    assert client.get("/desk/assets/lamp/NOWHERE").status_code == 404
    assert client.get("/desk/assets/cameras/1").status_code == 404


def test_many_assets_are_clusters_on_the_map(staff: Callable[..., Actor]) -> None:
    rows = "".join(f"S-{n},{LAT + n / 1e5},{LON}\n" for n in range(700))
    bring("lamp", "code,lat,lon\n" + rows)
    client = desk(staff("operator"))
    found = client.get("/desk/assets/map", {"bbox": "107,16,108,17", "zoom": 10, "layer": "lamp"}).json()["features"]
    assert sum(one["properties"]["count"] for one in found) == 700 and len(found) < 20
    assert client.get("/desk/assets/map", {"bbox": "nonsense"}).status_code == 422


def test_a_file_is_tried_on_one_page_and_taken_over_on_the_next(staff: Callable[..., Actor]) -> None:
    client = desk(staff("head", "CVX"))
    file = SimpleUploadedFile("lamps.csv", (LAMPS + "BAD 1,1,2,,,\n").encode())
    sent = client.post("/desk/assets/import", {"layer": "lamp", "file": file})
    assert sent.status_code == 302 and Asset.objects.count() == 0
    shown = client.get(sent["Location"]).content.decode()
    assert "khoảng trắng" in shown and '<td class="num" data-label="Dòng">5</td>' in shown
    assert client.post(sent["Location"]).status_code == 302
    assert Asset.objects.count() == 3
    assert client.post(sent["Location"]).status_code == 409
    assert desk(staff("administrator")).get(sent["Location"]).status_code == 404  # somebody else's file


def test_importing_is_for_heads_and_administrators(staff: Callable[..., Actor]) -> None:
    for actor in (staff("officer", "CVX"), staff("operator")):
        client = desk(actor)
        assert client.get("/desk/assets/import").status_code == 404
        assert client.post("/desk/assets/import", {"layer": "lamp"}).status_code == 404
        assert "/desk/assets/import" not in client.get("/desk/assets").content.decode()
    client = desk(staff("administrator"))
    assert client.get("/desk/assets/import").status_code == 200
    assert client.post("/desk/assets/import", {"layer": "lamp"}).status_code == 422
    empty = SimpleUploadedFile("x.geojson", b"[]")
    assert client.post("/desk/assets/import", {"layer": "lamp", "file": empty}).status_code == 422


def test_guests_and_citizens_do_not_see_the_desks_assets(client: Client, citizen: Actor) -> None:
    for address in (
        "/desk/assets",
        "/desk/assets/map?bbox=107,16,108,17",
        "/desk/assets/lamp/NH-0231",
        "/desk/assets/import",
    ):
        assert client.get(address).status_code == 302, address
        assert desk(citizen).get(address).status_code == 404, address


def test_the_command_names_the_line_of_a_mistake(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from argparse import Namespace

    from hues.cli.assets_import import run

    file = tmp_path / "lamps.csv"
    file.write_text(LAMPS + "X-1,91,200,,\n", encoding="utf-8")
    asked = {"layer": "lamp", "file": file, "complete": False, "dry_run": True}
    assert run(Namespace(**asked)) == 1
    said = capsys.readouterr()
    assert "would be: 3 added" in said.out and f"{file}:5:" in said.err and not Asset.objects.exists()
    assert run(Namespace(**asked | {"dry_run": False})) == 1
    assert Asset.objects.count() == 3


def test_a_large_file_costs_no_more_statements_than_a_small_one() -> None:
    rows = "".join(f"S-{n},{LAT + n % 100 / 1e4},{LON + n // 100 / 1e4}\n" for n in range(1000))
    with CaptureQueriesContext(connection) as asked:
        outcome = import_assets(actor=SYSTEM, layer="lamp", name="a.csv", content=("code,lat,lon\n" + rows).encode())
    assert outcome.added == 1000 and len(asked) < 30
