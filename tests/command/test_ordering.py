"""From an incident to an order: on its board and in its review, for whoever gives orders."""

from hues.command.models import Incident
from hues.kernel.actors import Actor
from tests.command.conftest import signed_in
from tests.command.test_ending import over  # noqa: F401 - a fixture
from tests.orders.test_links import links


def test_an_incident_leads_to_an_order(rain: Incident, lead: Actor, operator: Actor) -> None:
    here = f"/desk/incidents/{rain.code}"
    for page in (here, f"{here}/parts/head"):
        link = links(signed_in(lead).get(page).content.decode())[rain.code]
        assert (link["kind"], link["url"]) == ("incident", here), "also where the head was fetched alone"
        assert rain.code in link["label"] and rain.name not in link["label"], "what somebody typed stays here"
        assert links(signed_in(operator).get(page).content.decode()) == {}
    form = signed_in(lead).get("/desk/orders/new", link)
    assert form.status_code == 200 and rain.code in form.content.decode()


def test_its_review_does_so_too(over: Incident, lead: Actor) -> None:  # noqa: F811
    page = f"/desk/incidents/{over.code}/review"
    assert links(signed_in(lead).get(page).content.decode())[over.code]["url"] == page
