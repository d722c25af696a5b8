"""What is shared, through the door; and the reason of a suggestion on the page."""

from collections.abc import Callable

from django.test import Client

from hues.cases.models import Case
from hues.console.models import SavedFilter
from hues.kernel.actors import Actor

Reports = Callable[..., list[Case]]
Browser = Callable[[Actor], Client]


def test_a_shared_view_is_seen_by_others_and_taken_away_only_by_its_owner_or_a_lead(
    one: Actor, two: Actor, lead: Actor, browser_of: Browser
) -> None:
    browser_of(one).post("/desk/triage/filters", {"name": "Đèn chung", "category": "DT01", "shared": "1"})
    browser_of(one).post("/desk/triage/filters", {"name": "Đèn riêng", "category": "DT01"})
    seen = browser_of(two).get("/desk/triage/views").content.decode()
    assert "Đèn chung" in seen and "Đèn riêng" not in seen
    shared = SavedFilter.objects.get(name="Đèn chung")
    remove = f"/desk/triage/filters/{shared.pk}/remove"
    assert remove not in seen and remove in browser_of(one).get("/desk/triage/views").content.decode()
    assert browser_of(two).post(remove).status_code == 403
    browser_of(lead).post(remove)
    assert not SavedFilter.objects.filter(pk=shared.pk).exists()


def test_the_suggestion_gives_its_reason(one: Actor, browser_of: Browser, reports: Reports) -> None:
    (tree,) = reports(1, category="DT03", body="Cây đổ chắn đường")
    page = browser_of(one).get(f"/desk/triage/cases/{tree.code}").content.decode()
    assert "<mark>" in page.split("case-words")[1].split("</p>")[0], "the words of the text that speak for it"
    assert "Trung tâm Công viên Cây xanh" in page.split("tri-decision")[1].split("</dl>")[0]
