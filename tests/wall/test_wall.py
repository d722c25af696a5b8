"""The wall: what needs a decision, nobody's name, arrangements that the lead saves, screens with a link that can be ended."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.models import JournalEntry
from hues.kernel.tickets import Ticket, open_ticket
from hues.wall.models import Layout, Screen
from tests.cases.conftest import MONDAY, Way, at_most
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
