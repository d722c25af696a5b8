"""The pages of the roster: what each kind of viewer sees and may do there, in how many statements."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.city import routing
from hues.city.models import Agency
from hues.duty import actions, queries
from hues.duty.models import Position, Shift, Swap, Team
from hues.kernel.actors import Actor
from tests.duty.conftest import MONDAY, Staff, local, member, shift

TODAY = "2026-10-05"


@pytest.fixture
def enter(client: Client, staff: Staff) -> object:
    def enter_(name: str) -> Client:
        client.force_login(staff.user(name))
        return client

    return enter_


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())  # type: ignore[attr-defined]


def test_the_week_says_who_is_on_what_is_missing_and_when_it_changes(
    enter, head: Actor, team: Team, crew: list[Actor]
) -> None:  # type: ignore[no-untyped-def]
    shift(head, team, crew[1], TODAY, "07:30", "15:30")
    shift(head, team, crew[2], TODAY, "15:30", "23:30", standby=True)
    html = text(enter("Head").get("/desk/duty"))
    assert "Đang trực" in html and "Binh" in html and "Giao ca tiếp theo" in html
    assert "Không có ai trực" in html and "15:30" in html and "Cử người" in html
    assert 'aria-current="page"' in html and f'data-live-topics="agency:{team.agency_id}"' in html
    officer = text(enter("Dung").get("/desk/duty"))
    assert "Binh" in officer and "Cử người" not in officer


def test_a_gap_leads_to_who_could_fill_it(enter, head: Actor, team: Team, crew: list[Actor], power: Agency) -> None:  # type: ignore[no-untyped-def]
    shift(head, team, crew[1], TODAY, "07:30", "15:30")
    client = enter("Head")
    (link,) = re.findall(r'href="(/desk/duty/teams/[^"]+/add\?[^"]+)"', client.get("/desk/duty").content.decode())[:1]
    html = text(client.get(link.replace("&amp;", "&")))
    assert "starts_at" in html and "An" in html
    sent = {"starts_at": f"{TODAY}T15:30", "ends_at": f"{TODAY}T23:30", "person": str(crew[2].id), "role": "member"}
    answer = client.post(link.split("?")[0], sent)
    assert answer.status_code == 302
    assert [one.name for one in queries.on_duty(power.pk, at=local(TODAY, "16:00"))] == ["Chi"]
    assert client.post(link.split("?")[0], sent).status_code == 409  # not twice


def test_the_centre_sees_every_roster_an_agency_its_own_strangers_none(
    enter, lead: Actor, team: Team, crew: list[Actor], staff: Staff
) -> None:  # type: ignore[no-untyped-def]
    staff("Stranger", "officer", next(one for one in routing.current_agencies() if one.code == "HWC"))
    department = next(one for one in routing.current_agencies() if one.code == "SCT")  # above the power company
    staff("Director", "head", department)
    paths = [
        f"/desk/duty?agency={team.agency.code}",
        f"/desk/duty/roster.csv?agency={team.agency.code}",
        f"/desk/duty/teams/{team.pk}",
    ]
    seen = {
        name: [enter(name).get(path).status_code for path in paths] for name in ("Lead", "Dung", "Director", "Stranger")
    }
    assert seen == {"Lead": [200] * 3, "Dung": [200] * 3, "Director": [200] * 3, "Stranger": [404] * 3}


def test_asking_answering_and_approving_a_swap_by_pages(enter, head: Actor, team: Team, crew: list[Actor]) -> None:  # type: ignore[no-untyped-def]
    mine = shift(head, team, crew[1], "2026-10-07", "07:30", "15:30")
    client = enter("Binh")
    assert "Nhờ ai?" in text(client.get(f"/desk/duty/shifts/{mine.pk}/swap"))
    assert client.post(f"/desk/duty/shifts/{mine.pk}/swap", {"colleague": "x"}).status_code == 422
    client.post(
        f"/desk/duty/shifts/{mine.pk}/swap", {"colleague": str(crew[2].id), "in_return": "", "note": "Con <b>ốm</b>"}
    )
    swap = Swap.objects.get()
    html = text(enter("Chi").get("/desk/duty/mine"))
    assert "nhờ trực thay" in html and "Con &lt;b&gt;ốm" in html
    enter("Chi").post(f"/desk/duty/swaps/{swap.pk}", {"do": "accept"})
    assert b'value="approve"' in enter("Head").get("/desk/duty/mine").content
    enter("Head").post(f"/desk/duty/swaps/{swap.pk}", {"do": "approve"})
    assert Shift.objects.get().person_id == crew[2].id
    html = text(enter("Head").get(f"/desk/duty/shifts/{mine.pk}"))
    assert "nhờ đổi ca" in html and "đã đổi ca" in html
    assert enter("Dung").post(f"/desk/duty/swaps/{swap.pk}", {"do": "withdraw"}).status_code == 404
    assert enter("Dung").get(f"/desk/duty/shifts/{mine.pk}/swap").status_code == 404


def test_a_head_makes_a_team_gives_it_people_and_a_rota(enter, head: Actor, crew: list[Actor], power: Agency) -> None:  # type: ignore[no-untyped-def]
    client = enter("Head")
    form = {"name": "Đội đêm", "kind": "utility", "hours": "always", "minimum": "1", "lat": "16.46", "lon": "107.59"}
    assert client.post("/desk/duty/teams/new", {**form, "name": ""}).status_code == 422
    assert client.post("/desk/duty/teams/new", {**form, "lat": "x"}).status_code == 422
    made = client.post("/desk/duty/teams/new", form)
    team = Team.objects.get()
    assert made["Location"] == f"/desk/duty/teams/{team.pk}" and team.base_lat == 16.46
    for who, letter in ((crew[0], "A"), (crew[1], "B")):
        client.post(
            f"/desk/duty/teams/{team.pk}", {"do": "add", "person": str(who.id), "crew": letter, "role": "member"}
        )
    page = f"/desk/duty/teams/{team.pk}/rota"
    assert "Ba ca, bốn kíp" in text(client.get(page))
    assert 'value="C (A)"' in client.get(f"{page}?preset=ward").content.decode()
    rota = {"anchor": TODAY, "usual-name-0": "Trực", "usual-start-0": "07:30", "usual-end-0": "07:30", "usual-days": "2",
            "usual-0-0": "A", "usual-1-0": "B", "holidays": "usual"}  # fmt: skip
    preview = client.post(page, {**rota, "do": "preview"})
    assert preview.status_code == 200 and not Shift.objects.exists() and "Hai tuần tới" in text(preview)
    assert client.post(page, {**rota, "usual-1-0": "B!", "do": "save"}).status_code == 422
    assert client.post(page, {**rota, "do": "save"}).status_code == 302
    assert [one.name for one in queries.on_duty(power.pk)] == ["An"]
    client.post(f"/desk/duty/teams/{team.pk}", {"do": "remove", "member": str(member(team, crew[0]).pk)})
    assert "kíp chưa có người: A" in text(client.get(f"/desk/duty/teams/{team.pk}"))
    assert enter("An").get(page).status_code == 404  # an officer keeps no rotas
    assert enter("An").get(f"/desk/duty/teams/{team.pk}/edit").status_code == 404


def test_a_wrong_file_is_answered_line_by_line(enter, head: Actor, team: Team) -> None:  # type: ignore[no-untyped-def]
    from django.core.files.uploadedfile import SimpleUploadedFile

    page = f"/desk/duty/teams/{team.pk}/import"
    file = SimpleUploadedFile("a.csv", "ngày,từ,đến,tài khoản\n2026-10-06,07:30,19:30,<script>\n".encode())
    answer = enter("Head").post(page, {"file": file})
    assert answer.status_code == 422 and "&lt;script&gt;" in text(answer) and "1 dòng cần sửa" in text(answer)
    assert enter("Head").post(page).status_code == 422
    assert enter("Binh").get(page).status_code == 404


def test_the_phone_shares_its_position_by_one_door(enter, head: Actor, team: Team, crew: list[Actor]) -> None:  # type: ignore[no-untyped-def]
    shift(head, team, crew[0], TODAY, "07:30", "15:30")
    client, door = enter("An"), "/desk/duty/position"
    assert client.get(door).json() == {"on_duty": True, "sharing": False, "until": None, "until_text": "", "at": None}
    assert client.post(door, {"do": "note", "lat": 16.4, "lon": 107.5}).status_code == 403
    assert client.post(door, {"do": "start"}).json()["until_text"] == "15:30"
    assert client.post(door, {"do": "note", "lat": 16.4, "lon": 107.5, "accuracy_m": 8}).json()["at"]
    assert client.post(door, {"do": "note", "lat": "91", "lon": 107.5}).status_code == 422
    assert client.post(door, {"do": "stop"}).json()["sharing"] is False
    assert not Position.objects.exists()
    assert "data-duty-position" in client.get("/desk/duty/mine").content.decode()
    assert enter("Binh").get(door).json()["on_duty"] is False


def test_absences_by_pages(enter, head: Actor, team: Team, crew: list[Actor]) -> None:  # type: ignore[no-untyped-def]
    client = enter("Binh")
    assert client.post("/desk/duty/mine/absence", {"kind": "leave", "starts_at": "x", "ends_at": ""}).status_code == 422
    client.post(
        "/desk/duty/mine/absence", {"kind": "leave", "starts_at": "2026-10-06T00:00", "ends_at": "2026-10-07T00:00"}
    )
    html = enter("Head").get("/desk/duty/mine").content.decode()
    (door,) = set(re.findall(r'action="(/desk/duty/absences/[^"]+)"', html))
    assert enter("Chi").post(door, {"do": "grant"}).status_code == 404
    enter("Head").post(door, {"do": "grant"})
    assert "Đã duyệt" in text(enter("Binh").get("/desk/duty/mine"))


def test_number_and_calendar_are_ones_own(enter, head: Actor, team: Team, crew: list[Actor]) -> None:  # type: ignore[no-untyped-def]
    client, page = enter("Binh"), "/desk/duty/mine/settings"
    before = re.findall(r"/duty/calendar/\w+\.ics", client.get(page).content.decode())[0]
    assert client.post(page, {"do": "renew"}).status_code == 302
    assert client.get(before).status_code == 404
    assert client.post(page, {"phone": "12"}).status_code == 422
    client.post(page, {"phone": "0905 123 456"})
    assert "+84905123456" in text(client.get("/desk/duty/mine"))


def test_guests_and_citizens_find_nothing_here(client: Client, team: Team) -> None:
    from tests.cases.conftest import People

    paths = [
        "/desk/duty",
        "/desk/duty/mine",
        "/desk/duty/teams",
        f"/desk/duty/teams/{team.pk}",
        f"/desk/duty/shifts/{uuid4()}",
    ]
    assert {client.get(path).status_code for path in paths} == {302}
    from hues.people.models import User

    client.force_login(User.objects.get(pk=People().citizen().id))
    assert {client.get(path).status_code for path in paths} == {404}


def test_a_full_week_costs_few_statements(enter, head: Actor, team: Team, crew: list[Actor], power: Agency) -> None:  # type: ignore[no-untyped-def]
    for number in range(3):
        other = actions.save_team(actor=head, agency_id=power.pk, name=f"Đội {number}", kind="utility")
        for who in crew:
            actions.add_member(actor=head, team_id=other.pk, person_id=who.id)
    teams = list(Team.objects.order_by("name"))
    for day in range(6):
        for number, who in enumerate(crew):
            shift(head, teams[number], who, f"2026-10-{6 + day:02}", "07:30", "15:30")
    client = enter("Head")
    client.get("/desk/duty")
    with CaptureQueriesContext(connection) as statements:
        assert client.get("/desk/duty").status_code == 200
    assert len(statements) <= 22
    with CaptureQueriesContext(connection) as statements:
        assert client.get("/desk/duty/mine").status_code == 200
    assert len(statements) <= 18
    week = queries.week(power, MONDAY.date())
    assert sum(len(row.people) for one in week.teams for day in one.days for row in day.rows) == 24
    assert week.gaps and week.gaps[0].starts_at >= MONDAY
    assert queries.week(power, MONDAY.date() + timedelta(days=70)).teams[0].days[0].rows == []
