"""When more people call than can be answered."""

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from hues.city import queries as city
from hues.hotline import actions, jobs, queries, signing
from hues.hotline.models import Announcement, Surge
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people import actions as people
from tests.hotline.conftest import NOW, SECRET, at_desk, event, ring, staff, tell

FLOOD = "Lũ lên nhanh ở hạ lưu sông Hương"
TEXTS = {
    "vi": "Đường Huyền Trân Công Chúa ngập 40 cm, xin đi đường khác.",
    "en": "Huyen Tran Cong Chua street is under 40 cm of water.",
}


def crowd(count: int) -> None:
    for n in range(count):
        tell(ring(f"w{n}", f"09051110{n:02}", at=570))


def test_leads_are_asked_once_when_the_queue_is_too_long(lead: Actor) -> None:
    crowd(7)
    jobs.each_minute(0)
    assert not JournalEntry.objects.filter(action="hotline.surge_suggested").exists()
    tell(ring("w8", "0905111099", at=570))
    jobs.each_minute(0)
    jobs.each_minute(0)
    entry = JournalEntry.objects.get(action="hotline.surge_suggested")
    assert [notice["person_id"] for notice in entry.parts["notify"]] == [str(lead.id)]
    assert "Người gọi nhiều hơn số máy có thể nghe" in at_desk(lead).get("/desk/calls").content.decode()
    actions.begin_surge(actor=lead, reason=FLOOD)
    with clock.at(NOW + timedelta(minutes=40)):
        assert not actions.suggest_surge(), "it is on"


def test_one_who_waits_too_long_is_enough() -> None:
    tell(ring(at=0))
    assert queries.waiting().longest_s == 600 and queries.waiting().too_many


def test_only_a_lead_switches_it_and_that_is_written_down(operator: Actor, lead: Actor) -> None:
    with pytest.raises(Forbidden):
        actions.begin_surge(actor=operator, reason=FLOOD)
    with pytest.raises(NotFound):
        actions.begin_surge(actor=staff("cay.xanh", "officer", "CVX"), reason=FLOOD)
    with pytest.raises(Invalid):
        actions.begin_surge(actor=lead, reason="")
    actions.begin_surge(actor=lead, reason=FLOOD)
    with pytest.raises(Conflict):
        actions.begin_surge(actor=lead, reason=FLOOD)
    actions.end_surge(actor=lead)
    with pytest.raises(Conflict):
        actions.end_surge(actor=lead)
    told = list(
        JournalEntry.objects.filter(action__startswith="hotline.surge_")
        .order_by("id")
        .values_list("action", "actor_id")
    )
    assert told == [("hotline.surge_on", lead.id), ("hotline.surge_off", lead.id)] and Surge.objects.count() == 1


def test_volunteers_see_the_queue_and_their_own_calls_only_while_it_is_on(
    volunteer: Actor, lead: Actor, over: Callable[..., object]
) -> None:
    old = over("old")
    desk = at_desk(volunteer)
    assert "Chế độ cao điểm đang tắt" in desk.get("/desk/calls").content.decode()
    assert desk.get("/desk/calls/queue").content.decode().count("call-row") == 0
    with pytest.raises(Forbidden):
        actions.choose(actor=volunteer, chosen="available", extension="2050")
    actions.begin_surge(actor=lead, reason=FLOOD)
    with clock.at(NOW - timedelta(minutes=30)):
        actions.choose(actor=volunteer, chosen="available", extension="2050")
    waits = tell(ring("new", "0905222333", at=300, agent="2050"))
    assert waits.code in desk.get("/desk/calls/queue").content.decode()
    mine = tell(event("answer", "new", at=305, agent="2050"))
    assert mine.operator_id == volunteer.id
    case = actions.file_report(actor=volunteer, call_id=mine.pk, category="DT01", body="Đèn tắt", address="27 Lê Lợi")
    assert case.channel == "hotline"
    assert desk.get(f"/desk/calls/{mine.pk}").status_code == 200
    for closed in (f"/desk/calls/{old.pk}", "/desk/calls/numbers", "/desk/calls/surge", f"/desk/cases/{case.code}"):  # type: ignore[attr-defined]
        assert desk.get(closed).status_code == 404, closed
    assert (
        "0905 123 456" not in desk.get("/desk/calls/all").content.decode()
        and old.code not in desk.get("/desk/calls/all").content.decode()
    )  # type: ignore[attr-defined]
    assert not queries.hint(volunteer, mine)
    actions.end_surge(actor=lead)
    assert desk.get(f"/desk/calls/{mine.pk}").status_code == 404


def test_a_volunteer_is_one_for_days_not_for_good(lead: Actor, operator: Actor) -> None:
    user = people.create_staff(actor=SYSTEM, username="giup.suc", password="mưa dầm thấm đất Huế", is_sample=True)
    with pytest.raises(Forbidden):
        actions.invite_volunteer(actor=operator, username="giup.suc", until=date(2026, 11, 27))
    for until in (None, date(2027, 3, 1), date(2026, 11, 20)):
        with pytest.raises(Invalid):
            actions.invite_volunteer(actor=lead, username="giup.suc", until=until)
    with pytest.raises(Invalid):
        actions.invite_volunteer(actor=lead, username="khong.co", until=date(2026, 11, 27))
    membership = actions.invite_volunteer(actor=lead, username=" Giup.Suc ", until=date(2026, 11, 27))
    assert membership.user_id == user.pk and JournalEntry.objects.filter(action="hotline.volunteer_invited").exists()


def ask(client: Client | None = None, secret: str = SECRET, **query: str) -> HttpResponse:
    path = f"/api/v1/cti/announcements{'?' if query else ''}{urlencode(query)}"
    return (client or Client()).get(path, headers=signing.headers(secret, "msg_1", path.encode()))


def test_callers_hear_what_is_known_of_their_area(lead: Actor) -> None:
    unit, other = (city.unit(row["code"]) for row in city.units("vi")[:2])
    actions.write_announcement(
        actor=lead,
        unit_code="",
        texts={"vi": "Toàn thành phố mưa rất to.", "en": "Very heavy rain everywhere."},
        hours=6,
    )
    first = actions.write_announcement(actor=lead, unit_code=unit.code, texts=TEXTS, hours=6)
    second = actions.write_announcement(
        actor=lead, unit_code=unit.code, texts={**TEXTS, "vi": "Nước đã rút, đi lại bình thường."}, hours=6
    )
    assert (first.version, second.version) == (1, 2)
    told = ask(unit=unit.code).json()
    assert [(one["unit"], one["version"], one["text"]) for one in told["announcements"]] == [
        (unit.code, 2, "Nước đã rút, đi lại bình thường."), ("", 1, "Toàn thành phố mưa rất to."),
    ] or told["announcements"][0]["unit"] == ""  # fmt: skip
    assert (
        {one["version"] for one in told["announcements"]} == {1, 2} and not told["surge"] and not told["offer_callback"]
    )
    assert [one["unit"] for one in ask(unit=other.code, language="en").json()["announcements"]] == [""]
    assert ask(unit=other.code, language="en").json()["announcements"][0]["text"] == "Very heavy rain everywhere."
    assert {one["unit"] for one in ask(lat=str(unit.lat), lon=str(unit.lon)).json()["announcements"]} >= {""}
    with clock.at(NOW + timedelta(hours=7)):
        assert ask(unit=unit.code).json()["announcements"] == []
    actions.withdraw_announcement(actor=lead, announcement_id=second.pk)
    assert [one["unit"] for one in ask(unit=unit.code).json()["announcements"]] == [""]
    assert Announcement.objects.count() == 3, "what was told stays"


def test_in_a_surge_a_call_back_is_offered(lead: Actor) -> None:
    actions.begin_surge(actor=lead, reason=FLOOD)
    told = ask().json()
    assert told["surge"] and told["offer_callback"] and "112" in told["overflow"] and "ghi âm" in told["recording"]


def test_announcements_are_for_signed_requests_and_the_query_is_signed_too() -> None:
    assert Client().get("/api/v1/cti/announcements").status_code == 401
    path = "/api/v1/cti/announcements?unit=1"
    signed = signing.headers(SECRET, "msg_1", path.encode())
    assert Client().get("/api/v1/cti/announcements?unit=2", headers=signed).status_code == 401
    assert ask(unit="khong-co").status_code == 422
    assert ask(lat="x", lon="y").status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"texts": {"vi": "Ngắn"}}, "text_vi"),
        ({"hours": 0}, "hours"),
        ({"hours": 999}, "hours"),
        ({"unit_code": "xyz"}, "unit"),
    ],
)
def test_an_announcement_is_complete(change: dict[str, object], field: str, lead: Actor) -> None:
    with pytest.raises(Invalid) as problem:
        actions.write_announcement(**{"actor": lead, "unit_code": "", "texts": TEXTS, "hours": 6, **change})  # type: ignore[arg-type]
    assert field in problem.value.fields
