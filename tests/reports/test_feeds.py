"""Feeds of what is public, read by an independent reader (feedparser)."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import feedparser  # type: ignore[import-untyped]
import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.cases.models import Case
from hues.kernel import clock
from hues.people.models import User
from tests.reports.conftest import HERE, LAMP, NOW, STRAY, actor_of, report

Make = Callable[..., Case]


@pytest.mark.parametrize("form", ["xml", "rss"])
def test_a_reader_of_feeds_finds_what_the_list_shows(
    client: Client, published_case: Make, citizen: User, form: str
) -> None:
    case = published_case(body="Đèn tắt & <b>tối</b> \x0b quá")
    hidden = report(actor_of(citizen))
    answer = client.get(f"/cases/feed.{form}")
    assert answer.status_code == 200
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == {"xml": "atom10", "rss": "rss20"}[form]
    [entry] = found.entries
    assert entry.link.endswith(f"/cases/{case.code}") and entry.id == f"urn:uuid:{case.pk}"
    assert "Đèn tắt & <b>" in entry.summary.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    assert entry.where["coordinates"] == (HERE[1], HERE[0])
    assert hidden.code not in answer.content.decode()
    assert found.feed.link.endswith("/cases")


def test_atom_says_what_the_standard_asks(client: Client, published_case: Make) -> None:
    published_case()
    found = feedparser.parse(client.get("/cases/feed.xml").content)
    assert found.feed.id and found.feed.title and found.feed.updated_parsed  # RFC 4287 §4.1.1
    links = {link.rel: link.href for link in found.feed.links}
    assert links["self"].endswith("/cases/feed.xml")
    assert all(entry.id and entry.title and entry.updated_parsed and entry.published_parsed for entry in found.entries)


def test_the_filters_are_those_of_the_list(client: Client, published_case: Make) -> None:
    lamp = published_case()
    stray = published_case(category=STRAY)
    Case.objects.filter(pk=stray.pk).update(is_open=False)
    assert lamp.unit is not None and lamp.agency is not None

    def codes(query: str) -> set[str]:
        answer = client.get(f"/cases/feed.xml?{query}")
        assert answer.status_code == 200, query
        return {entry.link.rsplit("/", 1)[1] for entry in feedparser.parse(answer.content).entries}

    both = {lamp.code, stray.code}
    assert codes(f"category={LAMP}") == codes("open=1") == {lamp.code}
    assert codes(f"unit={lamp.unit.code}") == codes(f"agency={lamp.agency.code}") == codes("") == both
    for wrong in ("category=XX", "unit=1", "agency=%00"):
        assert client.get(f"/cases/feed.xml?{wrong}").status_code in (400, 422)


def test_one_case_has_a_feed_of_its_own(client: Client, published_case: Make, citizen: User) -> None:
    case = published_case()
    found = feedparser.parse(client.get(f"/cases/{case.code}/feed.xml").content)
    assert [entry.title for entry in found.entries][-1] == "Đã nhận phản ánh"
    assert found.entries[0].title.startswith("Đã giao cho")
    assert client.get(f"/cases/{report(actor_of(citizen)).code}/feed.xml").status_code == 404


def test_json_for_those_who_prefer_it(client: Client, published_case: Make) -> None:
    case = published_case()
    feed = json.loads(client.get("/cases/feed.json").content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["items"][0]["url"].endswith(case.code) and feed["items"][0]["date_modified"]


def test_what_has_not_changed_is_not_sent_again(client: Client, published_case: Make) -> None:
    case = published_case()
    first = client.get("/cases/feed.xml")
    with CaptureQueriesContext(connection) as seen:
        again = client.get("/cases/feed.xml", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    assert len(seen) <= 1, "a feed that has not changed costs one statement"
    since = client.get("/cases/feed.xml", headers={"if-modified-since": first["Last-Modified"]})
    assert since.status_code == 304
    Case.objects.filter(pk=case.pk).update(updated_at=clock.now() + timedelta(minutes=1))
    assert client.get("/cases/feed.xml", headers={"if-none-match": first["ETag"]}).status_code == 200
    english = client.get("/cases/feed.xml", headers={"accept-language": "en", "if-none-match": first["ETag"]})
    assert english.status_code == 200 and english["ETag"] != first["ETag"]


def test_it_is_short_and_cheap(client: Client, published_case: Make) -> None:
    template = published_case()
    many = []
    for n in range(60):
        copy = Case.objects.get(pk=template.pk)
        copy.pk, copy.code, copy.received_at = None, f"PA-F{n:03}", NOW - timedelta(minutes=n)
        many.append(copy)
    for copy in many:
        copy.id = __import__("uuid").uuid4()
    Case.objects.bulk_create(many)
    client.get("/cases/feed.xml")
    with CaptureQueriesContext(connection) as seen:
        answer = client.get("/cases/feed.xml")
    assert len(seen) <= 3
    assert len(feedparser.parse(answer.content).entries) == 50


def test_pages_tell_programs_where_their_feed_is(client: Client, published_case: Make, settings: LazySettings) -> None:
    case = published_case()
    page = client.get(f"/cases?category={LAMP}&state=open").content.decode()
    assert (
        f'<link rel="alternate" type="application/atom+xml" href="/cases/feed.xml?category={LAMP}&amp;state=open"'
        in page
    )
    assert f'href="/cases/{case.code}/feed.xml"' in client.get(f"/cases/{case.code}").content.decode()
    assert client.get(f"/cases/feed.xml?q={quote('đèn tắt')}").status_code == 200


def test_people_find_feeds_and_the_button_too(client: Client, published_case: Make) -> None:
    case = published_case()
    page = client.get("/cases", {"q": "đèn"}).content.decode()
    for form in ("rss", "xml", "json"):
        assert page.count(f"/cases/feed.{form}?q=%C4%91%C3%A8n") == 2, "for programs and for people"
    assert (
        f'type="application/rss+xml" href="/cases/{case.code}/feed.rss"'
        in client.get(f"/cases/{case.code}").content.decode()
    )
    assert 'href="/embed"' in client.get("/open").content.decode()
    assert 'href="/numbers"' in page
