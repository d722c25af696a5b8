"""The wall: what needs a decision, nobody's name, arrangements that the lead saves, screens with a link that can be ended."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.cases import processes
from hues.cases.models import Case
from hues.command.actions import open_incident
from hues.command.models import Incident
from hues.kernel import clock
from hues.kernel.models import JournalEntry
from hues.kernel.tickets import Ticket, open_ticket
from hues.wall.models import Layout, Screen
from hues.wall.saying import without_typed
from tests.cases.conftest import MONDAY, People, Way, at_most
from tests.cases.test_desk_pages import staff

FALLEN_TREE, LAMP, VIOLENCE = "CX01", "DT01", "AN02"
GOOD = {"name": "Đêm lũ", "centre": "map", "left": ["decisions"], "right": ["incidents", "calls"], "seconds": "45"}


@pytest.fixture(autouse=True)
def _sandbox(settings: LazySettings) -> None:
    settings.SANDBOX, settings.LIMITS = True, False


@pytest.fixture
def lead() -> Client:
    return staff("truong", "lead")[0]


@pytest.fixture
def operator() -> Client:
    return staff("truc", "operator")[0]


def urgent_code() -> str:
    from hues.cases import reference

    return next(
        c.code for c in reference.categories().values() if c.process_group == "immediate" and c.visibility == "public"
    )


def test_immediate_cases_are_first_with_their_clock_and_without_anybody(
    operator: Client, open_case: Callable[..., Case]
) -> None:
    case = open_case(category=urgent_code(), body="Bà Nguyễn Thị Hoa ở số 7 bị cây đè, gọi 0905123456")
    quiet = open_case()
    page = operator.get("/wall?layout=immediate").content.decode()
    assert case.code in page and quiet.code not in page.split("wall-latest")[0]
    assert re.search(r'data-until="2026-10-05T', page), "its clock runs in the browser"
    for secret in ("Nguyễn Thị Hoa", "0905123456", "27 Lê Lợi"):
        assert secret not in page


def test_what_is_over_time_comes_before_what_is_not(operator: Client, open_case: Callable[..., Case]) -> None:
    late = open_case(category=urgent_code())
    with clock.at(MONDAY + timedelta(hours=3)):
        fresh = open_case(category=urgent_code())
        page = operator.get("/wall/now?layout=immediate").content.decode()
    assert page.index(late.code) < page.index(fresh.code)
    assert re.search(r'<li class="over">.*?' + late.code, page, re.S)


def test_a_restricted_case_is_counted_and_not_told(operator: Client, open_case: Callable[..., Case]) -> None:
    case = open_case(category=VIOLENCE, body="Nhà số 7 đánh con")
    page = operator.get("/wall?layout=immediate").content.decode()
    shown = json.loads(operator.get("/wall/map.json").content)
    assert shown["features"] == [], "it is on no map"
    assert "đánh con" not in page
    if case.group == "immediate":
        assert "Vụ việc hạn chế" in page


def test_the_map_has_cells_and_no_codes(operator: Client, open_case: Callable[..., Case]) -> None:
    for _n in range(3):
        open_case()
    open_case(category=urgent_code())
    answer = operator.get("/wall/map.json")
    (cell,) = json.loads(answer.content)["features"]
    assert cell["properties"] == {"open": 4, "urgent": 1, "fresh": 4}
    assert cell["geometry"]["coordinates"] == [107.591, 16.464], "a cell of a hundred metres, not the door"
    assert answer["Cache-Control"] == "no-store"


def test_the_ticker_tells_what_is_public_only(operator: Client, way: Way, open_case: Callable[..., Case]) -> None:
    waiting = open_case()
    way.accepted()
    latest = operator.get("/wall/now").content.decode().split("wall-latest")[1]
    assert way.code in latest and waiting.code not in latest


def test_the_ticker_leaves_out_what_somebody_typed(operator: Client, way: Way) -> None:
    """Reasons are for everybody who opens the case; a wall shows them to whoever passes."""
    way.accepted()
    process = processes.process(way.case.process_id)
    said = (
        process.steps["move_promise"]
        .done["vi"]
        .format_map({"date": "5/12", "reason": "Chờ ông Tám ở số 7, gọi 0905123456"})
    )
    JournalEntry.objects.create(
        at=clock.now(), actor_kind="system", action="case.move_promise", subject_kind="case", subject_id=way.case.pk,
        parts={"public": {"said": {"vi": said}}}, topics=[],
    )  # fmt: skip
    latest = operator.get("/wall/now").content.decode().split("wall-latest")[1]
    assert "Dời ngày hẹn sang 5/12" in latest and "Tám" not in latest and "0905" not in latest


@pytest.mark.parametrize(
    ("action", "said", "shown"),
    [
        ("case.rate", "Người dân đánh giá: Hài lòng", "Người dân đánh giá: Hài lòng"),  # a choice
        ("case.move_promise", "Dời ngày: vì ông Tám", "Dời ngày hẹn"),  # of an earlier version of the process
        ("case.move_promise", "Dời ngày hẹn sang 5/12: một: hai\nba", "Dời ngày hẹn sang 5/12"),
        ("case.opened", "Đã nhận phản ánh", "Đã nhận phản ánh"),
    ],
)
def test_what_was_typed_is_told_apart_from_what_was_chosen(way: Way, action: str, said: str, shown: str) -> None:
    way.accepted()
    assert without_typed(way.case.process_id, action, said, "vi") == shown


@pytest.mark.parametrize("name", ["Tìm kiếm Nguyễn Văn Tám", "Ngập, gọi 0905 123 456", "Cháy nhà 27 Lê Lợi"])
def test_an_incident_is_its_kind_area_level_and_code(operator: Client, people: People, name: str) -> None:
    incident = open_incident(actor=people.lead, kind="flood", level=1, name=name, unit_codes=["19789"])
    pane = operator.get("/wall/now").content.decode().split("pane-incidents")[1].split("</section>")[0]
    assert name not in pane and "Tám" not in pane and "0905" not in pane and "Lê Lợi" not in pane
    assert "Mưa lớn, ngập lụt" in pane and incident.code in pane and 'class="level-1"' in pane
    Incident.objects.update(name="Mưa lớn diện rộng")
    assert "Mưa lớn diện rộng" in operator.get("/wall/now").content.decode()


def test_it_costs_few_statements(operator: Client, open_case: Callable[..., Case]) -> None:
    for _n in range(15):
        open_case(category=urgent_code())
    operator.get("/wall/now?layout=situation")
    with at_most(20):
        operator.get("/wall/now?layout=situation")


def test_only_the_centre_and_the_chair_see_it() -> None:
    assert Client().get("/wall").status_code == 302
    assert staff("vien", "officer", "HEP")[0].get("/wall").status_code == 404
    assert staff("hepco", "head", "HEP")[0].get("/wall").status_code == 404
    assert staff("quantri", "administrator")[0].get("/wall").status_code == 404
    assert staff("chutich", "head", "VPU")[0].get("/wall").status_code == 200


def test_the_lead_saves_arrangements_and_the_wall_goes_through_them(lead: Client, operator: Client) -> None:
    built_in = operator.get("/wall").content.decode()
    assert built_in.count("data-seconds=") == 3
    assert lead.post("/wall/layouts/save", GOOD).status_code == 302
    page = operator.get("/wall").content.decode()
    assert page.count("data-seconds=") == 1 and "Đêm lũ" in page and 'data-seconds="45"' in page
    layout = Layout.objects.get()
    assert lead.post("/wall/layouts/save", {**GOOD, "layout": str(layout.pk), "name": "Đêm bão"}).status_code == 302
    assert Layout.objects.get().name == "Đêm bão"
    lead.post(f"/wall/layouts/{layout.pk}/remove")
    assert operator.get("/wall").content.decode().count("data-seconds=") == 3
    assert JournalEntry.objects.filter(action__startswith="wall.layout").count() == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 61}, "name"), ({"centre": "x"}, "centre"), ({"centre": ""}, "centre"),
        ({"left": ["x"]}, "left"), ({"left": ["calls", "calls"]}, "left"), ({"seconds": "5"}, "seconds"),
        ({"right": ["numbers", "decisions", "incidents", "calls", "usual"]}, "right"), ({"seconds": "²"}, "seconds"),
        ({"seconds": "99999999999999999999"}, "seconds"), ({"layout": "x"}, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said_beside_its_field(lead: Client, change: dict[str, object], field: str) -> None:
    answer = lead.post("/wall/layouts/save", {**GOOD, **change})
    assert answer.status_code == (422 if field else 302)
    assert not field or f'id="e-{field}"' in answer.content.decode()


def test_others_do_not_arrange(operator: Client) -> None:
    assert operator.get("/wall/layouts").status_code == 404
    assert operator.post("/wall/layouts/save", GOOD).status_code == 404
    assert operator.post("/wall/screens/open", {"screen_name": "Phòng họp"}).status_code == 404
    assert not Layout.objects.exists() and not Screen.objects.exists()


def test_a_screen_shows_the_wall_by_its_link_until_it_is_ended(lead: Client, open_case: Callable[..., Case]) -> None:
    case = open_case(category=urgent_code())
    made = lead.post("/wall/screens/open", {"screen_name": "Phòng họp tầng 2"}).content.decode()
    link = re.search(r"/wall/screen/[\w-]{20,}", made)[0]  # type: ignore[index]
    assert link not in lead.get("/wall/layouts").content.decode(), "it is shown once"
    nobody = Client()
    page = nobody.get(f"{link}?layout=immediate")
    assert page.status_code == 200 and case.code in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert "/desk" not in page.content.decode()
    assert nobody.get(f"{link}/now").status_code == nobody.get(f"{link}/map.json").status_code == 200
    screen = Screen.objects.get()
    assert screen.link_hash not in made and screen.seen_on is not None
    assert lead.post(f"/wall/screens/{screen.pk}/end").status_code == 302
    for door in ("", "/now", "/map.json"):
        assert nobody.get(link + door).status_code == 404
    assert nobody.get("/wall/screen/falsch").status_code == 404


def ticket_of(page: str) -> Ticket:
    found = re.search(r'data-live-ticket="([^"]+)"', page)
    assert found
    return open_ticket(found[1])


def test_a_wall_may_only_hear_that_something_changed(lead: Client, operator: Client) -> None:
    assert ticket_of(operator.get("/wall").content.decode()).topics == {"wall"}
    made = lead.post("/wall/screens/open", {"screen_name": "Sảnh"}).content.decode()
    link = re.search(r"/wall/screen/[\w-]{20,}", made)[0]  # type: ignore[index]
    screen = Screen.objects.get()
    ticket = ticket_of(Client().get(link).content.decode())
    assert ticket.topics == {"wall", f"until:screen:{screen.pk}"}
    assert ticket.expires - ticket.issued <= 120, "its link is looked at again soon"


def test_ending_a_screen_ends_what_listens_with_it(lead: Client) -> None:
    lead.post("/wall/screens/open", {"screen_name": "Sảnh"})
    screen = Screen.objects.get()
    lead.post(f"/wall/screens/{screen.pk}/end")
    entry = JournalEntry.objects.get(action="wall.screen_ended")
    assert set(entry.topics) == {"centre", f"until:screen:{screen.pk}"}
