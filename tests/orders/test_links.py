"""The way from a number to an order: the link names its source, and whoever orders sees what was ordered out of it already."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory

from hues.cases import causes, reference
from hues.cases.models import Case
from hues.city.models import Agency
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.orders import queries as orders
from hues.people.models import User
from tests.cases.conftest import MONDAY, People, Way, at_most
from tests.orders.conftest import take

Give = Callable[..., Case]
Open = Callable[..., Case]
SOURCE = {"kind": "number", "ref": "late:CVX", "label": "Trễ: 12", "url": "/desk/agency?agency=CVX"}


def sign_in(client: Client, actor: Actor) -> Client:
    client.force_login(User.objects.get(pk=actor.id))
    return client


def links(html: str) -> dict[str, dict[str, str]]:
    """The links to giving an order on a page, by what they are about."""
    found = re.findall(r'href="(/desk/orders/new\?[^"]+)"', html)
    asked = [{name: values[0] for name, values in parse_qs(urlsplit(unescape(one)).query).items()} for one in found]
    return {one["ref"]: one for one in asked if "ref" in one}


def test_numbers_of_an_agency_lead_to_an_order(open_case: Open, people: People, lights: Agency, client: Client) -> None:
    for _n in range(4):
        case = open_case()
        Way(people, people.citizen(), lights, case.code).accepted()
    (group,) = causes.groups(lights.pk)
    sign_in(client, people.head(reference.agencies_by_code()["SXD"]))
    with clock.at(MONDAY + timedelta(days=20)):
        found = links(client.get("/desk/agency?agency=CVX").content.decode())
    assert {"late:CVX", "workload:CVX", f"cause:CVX:{group.key}"} <= set(found)
    assert "waiting:CVX" not in found  # nothing waits, so there is nothing to order
    assert found["late:CVX"]["label"].endswith("· 4")
    cause = found[f"cause:CVX:{group.key}"]
    assert (cause["kind"], cause["agency"]) == ("number", "CVX")
    assert "4 phản ánh" in cause["label"] and lights.name("vi") in cause["label"]
    assert client.get(cause["url"]).status_code == 200
    assert f"cause:CVX:{group.key}" in links(client.get(cause["url"]).content.decode())
    form = client.get("/desk/orders/new", cause).content.decode()
    assert '<option value="CVX" selected' in form and "4 phản ánh" in form


def test_promises_and_one_persons_work_lead_to_an_order(people: People, lights: Agency, client: Client) -> None:
    sign_in(client, people.lead)
    assert "load:CVX" in links(client.get("/desk/agency/load?agency=CVX").content.decode())
    assert client.get("/desk/promises").status_code == client.get("/desk/promises?agency=CVX").status_code == 200


@pytest.mark.parametrize("path", ["/desk/agency", "/desk/agency/load", "/desk/promises"])
def test_who_gives_no_orders_sees_no_link(people: People, lights: Agency, client: Client, path: str) -> None:
    html = sign_in(client, people.head(lights)).get(path).content.decode()
    assert "/desk/orders/new" not in html


def test_a_case_leads_to_an_order_and_shows_those_given(give: Give, way: Way, people: People, client: Client) -> None:
    way.accepted()
    page = f"/desk/cases/{way.code}/panels"
    html = sign_in(client, people.lead).get(page).content.decode()
    assert (links(html)[way.code]["kind"], links(html)[way.code]["label"].split(" ")[0]) == ("case", way.code)
    case = give(actor=people.lead, source={"kind": "case", "ref": way.code, "label": "Đèn hỏng"})
    assert case.code in client.get(page).content.decode()
    assert "the-order" in client.get(f"/desk/cases/{case.code}/panels").content.decode()
    assert way.code not in links(sign_in(client, people.operator).get(page).content.decode())


def test_any_page_may_include_the_link(people: People, rf: RequestFactory) -> None:
    page = Template(
        '{% include "orders/give_link.html" with kind="call" ref="C-1" label="Cuộc gọi" url="/desk/calls/1" %}'
    )
    shown = links(page.render(Context({"actor": people.lead})))
    assert shown["C-1"] == {"kind": "call", "ref": "C-1", "label": "Cuộc gọi", "url": "/desk/calls/1"}
    assert page.render(Context({"actor": people.operator})) == ""
    request = rf.get("/desk/calls/1")
    request.actor = people.lead  # type: ignore[attr-defined]
    assert "C-1" in links(page.render(Context({"request": request})))


def test_what_was_ordered_already_is_on_the_form(give: Give, people: People, chair: Actor, client: Client) -> None:
    case, back = give(source=SOURCE), give(source=SOURCE)
    take(chair, back, "withdraw", reason="Không cần nữa")
    html = sign_in(client, people.lead).get("/desk/orders/new", SOURCE).content.decode()
    assert case.code in html and back.code not in html
    assert 'data-live-fragment="/desk/orders/from?kind=number&amp;ref=late%3ACVX"' in html
    assert case.code in client.get("/desk/orders/from", SOURCE).content.decode()
    assert "already" not in client.get("/desk/orders/new").content.decode()


def test_of_orders_that_are_not_theirs_leaders_learn_only_that_they_are(
    give: Give, people: People, client: Client
) -> None:
    """Two leaders must not order the same thing twice; what an office ordered whom stays its own."""
    health = reference.agencies_by_code()["SYT"]
    give(source=SOURCE, agency_id=health.pk, title="Kiểm tra các trạm y tế")
    department = people.head(reference.agencies_by_code()["SXD"])
    with at_most(1):
        told = orders.already(department, "number", ["late:CVX", "soon:CVX"])
    assert {ref: (one.seen, one.others) for ref, one in told.items()} == {"late:CVX": ([], 1)}
    html = sign_in(client, department).get("/desk/orders/new", SOURCE).content.decode()
    assert "Kiểm tra các trạm y tế" not in html and "1 chỉ đạo do đơn vị khác giao" in html
