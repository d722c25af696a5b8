"""What the journal tells people, and how they read it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.ids import new_id
from hues.kernel.journal import FOLLOWERS, Entry, Notify
from hues.notifications import actions, queries
from hues.notifications.models import Notice
from hues.notifications.texts import REPORTER, STAFF, told
from hues.people.actions import create_staff, open_account
from hues.people.models import User

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def hương() -> User:
    return open_account(number="+84905123456", language="vi")


@pytest.fixture
def officer() -> User:
    return create_staff(actor=SYSTEM, username="le.loi", password="x", is_sample=True)


def happen(*notices: Notify, action: str = "case.accept") -> Entry:
    """Something is recorded, and the relay brings it."""
    with transaction.atomic():
        entry_id = journal.record(actor=SYSTEM, action=action, subject_kind="case", subject_id=new_id(), notify=notices)
    return journal.read([entry_id])[entry_id]


def accepted(person_id: UUID, **data: Any) -> Notify:
    return Notify(person_id, "case.accept", "/me/cases/PA-7K3M-Q2", {"code": "PA-7K3M-Q2", **data})


def test_the_relay_knows_whom_to_call() -> None:
    following = FOLLOWERS.get("notices")
    assert following.part == "notify" and following.follow is actions.deliver


def test_what_happened_is_in_the_inbox_once_however_often_it_comes(hương: User) -> None:
    entry = happen(accepted(hương.pk, agency={"vi": "Công viên", "en": "Parks"}, due="2026-11-25T10:00:00+00:00"))
    for _ in range(3):
        actions.deliver(entry)
    (notice,) = queries.notices(hương.pk)
    assert notice.at == entry.at and notice.link == "/me/cases/PA-7K3M-Q2"
    assert queries.unread_count(hương.pk) == 1


def test_everybody_named_is_told_each_once(hương: User, officer: User) -> None:
    entry = happen(
        accepted(hương.pk), accepted(hương.pk), Notify(officer.pk, "case.accept", "/desk/cases/PA-7K3M-Q2", {})
    )
    actions.deliver(entry)
    assert Notice.objects.count() == 2


def test_whoever_is_gone_is_passed_over(hương: User) -> None:
    entry = happen(accepted(uuid4()), accepted(hương.pk))
    actions.deliver(entry)
    assert [notice.person_id for notice in Notice.objects.all()] == [hương.pk]
    hương.delete()
    actions.deliver(entry)
    assert not Notice.objects.exists()


@pytest.mark.parametrize("link", ["https://evil.example", "//evil.example", "javascript:alert(1)", "/" + "x" * 300])
def test_a_notice_leads_only_into_our_own_pages(hương: User, link: str) -> None:
    actions.deliver(happen(Notify(hương.pk, "case.accept", link, {})))
    assert Notice.objects.get().link == ""


def test_the_process_s_own_words_are_shown_in_the_reader_s_language(hương: User) -> None:
    texts = {"vi": "Phản ánh PA-1 đã giao cho Công viên.", "en": "Your report PA-1 was assigned to Parks."}
    data = {"code": "PA-1", "texts": texts}
    assert told("case.accept", data, link="/me/cases/PA-1", language="vi").body == texts["vi"]
    words = told("case.accept", data, link="/me/cases/PA-1", language="en")
    assert (words.title, words.body) == ("Your report has an owner", texts["en"])


def test_the_same_step_is_told_differently_to_a_reporter_and_to_staff() -> None:
    data = {"code": "PA-1", "due": "2026-11-25T10:00:00Z", "title": "Cây đổ", "agency": "Công viên"}
    with clock.at(NOW):
        reporter = told("case.accept", data, link="/me/cases/PA-1", language="vi")
        officer = told("case.accept", data, link="/desk/cases/PA-1", language="vi")
    assert reporter.title == "Phản ánh của bạn đã có nơi xử lý" and officer.title == "Việc mới"
    assert "thứ Tư, 25/11, 17:00" in reporter.body and "Cây đổ" in officer.body


def test_reminders_and_escalations_are_told_by_their_family() -> None:
    link, data = "/desk/cases/PA-1", {"code": "PA-1", "due": "2026-11-25", "title": "Cây đổ"}
    with clock.at(NOW):
        assert told("case.remind-80", data, link=link, language="vi").title == "Thời hạn đang đến gần"
        late = told("case.escalate-150", data, link=link, language="vi")
    assert late.title == "Trễ hạn" and "thứ Tư, 25/11" in late.body


NASTY: list[Mapping[str, Any]] = [
    {}, {"code": None}, {"texts": {}}, {"texts": "no mapping"}, {"texts": {"fr": "Bonjour"}}, {"texts": {"vi": 5}},
    {"code": "{agency.__class__}"}, {"texts": {"vi": "{code.__class__} {0} {"}}, {"due": "2026-99-99"}, {"due": "2026-01-01Tx"},
    {"code": "<script>alert(1)</script>"}, {"text": "x" * 50_000},
]  # fmt: skip


@pytest.mark.parametrize("data", NASTY)
@pytest.mark.parametrize("template", ["case.accept", "case.nobody-knows-this", "", "…"])
@pytest.mark.parametrize("language", ["vi", "en", "xx"])
def test_no_notice_breaks_the_inbox(data: Mapping[str, Any], template: str, language: str) -> None:
    words = told(template, data, link="/me/cases/PA-1", language=language)
    assert words.title and words.icon and "<class" not in words.title + words.body


def test_every_text_is_translated_and_speaks_of_the_same_things() -> None:
    for table in (REPORTER, STAFF):
        for text in table.values():
            for words in (text.title, text.body):
                said = {}
                for language in ("en", "vi"):
                    with translation.override(language):
                        said[language] = str(words)
                assert set(re.findall(r"{\w+}", said["vi"])) == set(re.findall(r"{\w+}", said["en"]))
                assert said["vi"] != said["en"] or not re.sub(r"{\w+}|[^\w]", "", said["en"])


def test_reading_the_inbox_makes_what_was_shown_old(client: Client, hương: User) -> None:
    actions.deliver(happen(accepted(hương.pk, agency="Công viên", due="2026-11-25T10:00:00Z")))
    client.force_login(hương)
    first = client.get("/me/inbox").text
    assert "Phản ánh của bạn đã có nơi xử lý" in first and 'href="/me/cases/PA-7K3M-Q2"' in first and ">mới<" in first
    assert queries.unread_count(hương.pk) == 0
    assert ">mới<" not in client.get("/me/inbox").text


def test_a_browser_that_loads_ahead_reads_nothing(client: Client, hương: User) -> None:
    actions.deliver(happen(accepted(hương.pk)))
    client.force_login(hương)
    client.get("/me/inbox", headers={"Sec-Purpose": "prefetch;prerender"})
    assert queries.unread_count(hương.pk) == 1


def test_what_people_write_is_text_and_never_markup(client: Client, hương: User) -> None:
    notice = Notify(
        hương.pk, "case.ask_citizen", "/me/cases/PA-1", {"code": "PA-1", "texts": {"vi": "<script>alert(1)</script>"}}
    )
    actions.deliver(happen(notice))
    client.force_login(hương)
    page = client.get("/me/inbox").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_nobody_reads_somebody_else_s_inbox(client: Client, hương: User, officer: User) -> None:
    actions.deliver(happen(accepted(hương.pk)))
    client.force_login(officer)
    assert "PA-7K3M-Q2" not in client.get("/me/inbox").text
    assert actions.mark_read(actor=Actor("staff", officer.pk), notice_ids=[Notice.objects.get().pk]) == 0
    assert queries.unread_count(hương.pk) == 1
    assert Client().get("/me/inbox").status_code == 302


def test_the_inbox_goes_back_as_far_as_there_is_something(client: Client, hương: User) -> None:
    for n in range(65):
        actions.deliver(happen(accepted(hương.pk, code=f"PA-{n:04d}")))
    client.force_login(hương)
    seen, after = [], None
    while True:
        page = queries.notices(hương.pk, after)
        seen += [notice.data["code"] for notice in page]
        if not (after := page.next):
            break
    assert seen == [f"PA-{n:04d}" for n in reversed(range(65))]
    assert client.get("/me/inbox?after=nonsense").status_code == 422


def test_the_count_is_cheap_and_stops_at_a_hundred(
    hương: User, django_assert_num_queries: Callable[..., object]
) -> None:
    Notice.objects.bulk_create(
        Notice(person=hương, entry_id=new_id(), template="case.accept", at=NOW + timedelta(seconds=n))
        for n in range(150)
    )
    with django_assert_num_queries(1):
        assert queries.unread_count(hương.pk) == queries.MOST_UNREAD
    with django_assert_num_queries(1):
        assert len(queries.notices(hương.pk)) == 30


def test_all_can_be_read_at_once(client: Client, hương: User) -> None:
    for _ in range(3):
        actions.deliver(happen(accepted(hương.pk)))
    client.force_login(hương)
    assert client.post("/me/inbox")["Location"] == "/me/inbox"
    assert queries.unread_count(hương.pk) == 0


def test_a_hundred_people_are_told_with_a_handful_of_statements(
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    people = [open_account(number=f"+849050000{n:02d}", language="vi") for n in range(100)]
    entry = happen(*(accepted(person.pk) for person in people))
    with django_assert_max_num_queries(4):
        actions.deliver(entry)
    assert Notice.objects.count() == 100
