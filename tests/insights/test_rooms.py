"""What other rooms know, in the scorecards: who arrived, which promise was kept, orders, calls; and nothing where they are not."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from hues.cases.actions import take_step
from hues.cases.models import Case, Promise
from hues.city.clock import start_of_day
from hues.city.models import Agency
from hues.dispatch.models import Task
from hues.hotline.models import Call, CallTally
from hues.insights.actions import rebuild_tallies
from hues.insights.queries import Scope, whole
from hues.insights.scorecards import asking, cards, periods, records, rooms
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.orders.actions import give_order
from hues.people.models import User
from tests.insights.test_scorecards import city, staff  # noqa: F401
from tests.reports.conftest import NOW, actor_of

YEAR = Scope(date(2026, 1, 1), date(2026, 11, 24))


def figures(actor: Actor, **asked: str) -> dict[str, str]:
    found = cards.grouped(actor, asking.read(actor, {"grain": "month", **asked}))
    return {f.indicator.id: f.text for card in found for f in card["figures"]}


def test_who_arrived_comes_from_the_tasks(city: list[Case], operator: Actor) -> None:  # noqa: F811
    case = Case.objects.get(pk=city[4].pk)
    assert case.assigned_at and case.agency_id
    for minutes, role in ((25, "support"), (12, "lead")):
        Task.objects.create(
            case=case, agency_id=case.agency_id, role=role, state="done", sent_at=case.assigned_at,
            arrived_at=case.assigned_at + timedelta(minutes=minutes), arrived_by="photo",
        )  # fmt: skip
    rebuild_tallies()
    row = whole(YEAR)
    assert row.counts["arrived"] == records.count(YEAR, ["arrived"]) == 1
    assert [one.code for one in records.page(SYSTEM, YEAR, ["arrived"])] == [case.code]
    arrive = row.figures()["minutes_to_arrive"]
    assert arrive["p50"] == pytest.approx(12, rel=0.25)  # the first who was there


def test_promises_are_kept_or_broken_and_the_last_one_counts(city: list[Case]) -> None:  # noqa: F811
    def promise(case: Case, state: str) -> None:
        Promise.objects.create(
            case=case, agency_id=case.agency_id, state=state, first_on=date(2026, 10, 1), on=date(2026, 10, 1),
            ends_at=start_of_day(date(2026, 10, 2)), made_at=NOW,
        )  # fmt: skip

    for case, states in (
        (city[1], ["kept"]),
        (city[3], ["broken"]),
        (city[5], ["broken", "kept"]),
        (city[7], ["open"]),
    ):
        for state in states:
            promise(case, state)
    rebuild_tallies()
    assert whole(YEAR).figures()["promises_kept"] == {"share": 0.6667, "of": 2, "over": 3}
    assert {one.code for one in records.page(SYSTEM, YEAR, ["promises_kept"])} == {city[1].code, city[5].code}


def test_orders_count_for_their_agency_and_not_as_reports(city: list[Case]) -> None:  # noqa: F811
    lead = actor_of(staff("truong.ca", "lead"))
    before = figures(lead)["received"]
    source = {"kind": "number", "ref": "received", "label": "Phản ánh đã nhận: 12", "url": "/desk/scorecards"}
    for code in ("CVX", "CVX", "HEP"):
        give_order(
            actor=lead, agency_id=Agency.objects.get(code=code).pk, title="Kiểm tra cây ven đường",
            text="Kiểm tra mọi cây cao trên đường Lê Lợi trước mùa mưa bão.", due_at=NOW + timedelta(days=3),
            evidence="Biên bản kiểm tra và ảnh", source=source,
        )  # fmt: skip
    rebuild_tallies()
    told = figures(lead)
    assert (told["orders_given"], told["received"]) == ("3", before)
    assert figures(lead, agency="CVX")["orders_given"] == "2"
    assert "orders_given" not in figures(lead, category="DT01")


def test_orders_kept_and_late_stand_on_the_page_of_their_agency(city: list[Case], client: Client) -> None:  # noqa: F811
    lead = actor_of(staff("truong.ca", "lead"))
    officers = {code: actor_of(staff(f"cb.{code.lower()}", "officer", code)) for code in ("CVX", "SYT")}
    due, cvx = NOW + timedelta(days=2), Agency.objects.get(code="CVX").pk
    in_time, too_late, never, moved = (
        give_order(
            actor=lead, agency_id=cvx, title="Kiểm tra cây ven đường", text="Kiểm tra mọi cây cao trên đường Lê Lợi.",
            due_at=due,
        )
        for _n in range(4)
    )  # fmt: skip

    def carry_out(case: Case, code: str) -> None:
        for actor, step, data in (
            (officers[code], "report", {"text": "Đã kiểm tra 120 cây, cắt 14 cành khô, lập biên bản từng cây."}),
            (lead, "confirm", {}),
        ):
            take_step(actor=actor, code=case.code, step=step, data=data)

    handed = {"agency": "SYT", "reason": "Không thuộc việc của đơn vị"}
    take_step(actor=lead, code=moved.code, step="hand_over", data=handed)
    carry_out(in_time, "CVX")
    carry_out(moved, "SYT")
    client.force_login(User.objects.get(pk=lead.id))
    assert page_of(client, "CVX", due) == {"orders_given": "3", "orders_kept": "100,0%", "orders_late": "0"}
    with clock.at(due + timedelta(hours=1)):
        carry_out(too_late, "CVX")
    told = page_of(client, "CVX", due + timedelta(hours=2))
    assert told == {"orders_given": "3", "orders_kept": "33,3%", "orders_late": "1"}  # done late, and not done at all
    assert page_of(client, "SYT", due + timedelta(hours=2)) == {
        "orders_given": "1", "orders_kept": "100,0%", "orders_late": "0"
    }  # fmt: skip
    take_step(actor=lead, code=never.code, step="withdraw", data={"reason": "Không cần nữa"})
    assert page_of(client, "CVX", due + timedelta(hours=3))["orders_kept"] == "50,0%"


def page_of(client: Client, agency: str, at: datetime) -> dict[str, str]:
    """The figures of orders on an agency's scorecard, as they stand on the page."""
    with clock.at(at):
        html = client.get(f"/desk/scorecards/agencies/{agency}?grain=year").content.decode()
    found = re.findall(r'indicators#(orders_\w+)">.*?<span class="score-value num">(?:<a[^>]*>)?([^<]+)<', html, re.S)
    return dict(found)


def test_who_gives_orders_sees_under_a_number_what_was_ordered_already(
    city: list[Case],  # noqa: F811
    client: Client,
) -> None:
    lead = staff("truong.ca", "lead")
    given = {
        "actor": actor_of(lead), "agency_id": Agency.objects.get(code="CVX").pk, "title": "Kiểm tra cây ven đường",
        "text": "Kiểm tra mọi cây cao trên đường Lê Lợi.", "due_at": NOW + timedelta(days=3),
    }  # fmt: skip
    of_number = give_order(source={"kind": "number", "ref": "received", "label": "Đã nhận", "url": ""}, **given)
    of_chart = give_order(source={"kind": "chart", "ref": "chart:received", "label": "Đã nhận", "url": ""}, **given)
    client.force_login(lead)
    html = client.get("/desk/scorecards?grain=year&show=received").content.decode()
    trend, figures = html[html.index('aria-labelledby="trend"') :].split("</figure>", 1)
    assert of_chart.code in trend and of_number.code not in trend
    assert of_number.code in figures
    client.force_login(staff("truc.tong.dai", "operator"))
    assert "already-fold" not in client.get("/desk/scorecards?grain=year&show=received").content.decode()


def test_calls_are_of_the_whole_city(city: list[Case], operator: Actor) -> None:  # noqa: F811
    CallTally.objects.create(
        day=date(2026, 11, 20), hour=9, direction=Call.Direction.IN, calls=10, answered=8, fast=6, known=8, again=2
    )
    told = figures(operator)
    assert (told["calls_in"], told["calls_in_20s"], told["calls_abandoned"]) == ("10", "60,0%", "20,0%")
    assert told["first_call"] == "75,0%"
    assert "calls_in" not in figures(operator, agency="CVX")


def test_a_room_that_is_not_there_tells_nothing(
    city: list[Case],  # noqa: F811
    operator: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rooms.apps, "is_installed", lambda _name: False)
    asked = asking.read(operator, {"grain": "month"})
    assert rooms.values(asked, periods.of("month", date(2026, 11, 1))) == {}
    assert rooms.orders_late(date(2026, 11, 24)) == 0 and not rooms.may_order(operator)
    assert "received" in figures(operator)
