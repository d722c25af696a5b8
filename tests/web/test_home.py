"""The home page: what became of my report, what happens around, and numbers that say what they are a share of."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from hues.cases.models import Case
from hues.city.models import Category
from hues.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_numbers() -> None:
    cache.clear()


def published(**changes: object) -> Case:
    """A case that everyone may read, as imports and demos write it."""
    from hues.cases.models import ProcessDefinition

    now = clock.now()
    category = Category.objects.get(code="DT01")
    process = ProcessDefinition.objects.filter(code=category.process).latest("version")
    values: dict[str, object] = {
        "code": f"PA-TEST-{Case.objects.count():02d}", "channel": "web", "process": process, "group": "timed", "state": "in_progress",
        "phase": "handling", "category": category, "priority": 3, "visibility": "public", "moderated": True, "body": "Đèn tắt",
        "public_body": "Đèn tắt", "received_at": now - timedelta(hours=2), "updated_at": now,
    }  # fmt: skip
    return Case.objects.create(**(values | changes))


def test_a_guest_finds_the_one_action_and_the_emergency_numbers(client: Client) -> None:
    html = client.get("/").content.decode()
    assert 'class="report-action" href="/report"' in html
    for number in ("112", "113", "114", "115"):
        assert f'href="tel:{number}"' in html
    assert "Chưa có phản ánh công khai" in html


def test_public_cases_are_there_and_others_are_not(client: Client) -> None:
    published(code="PA-SEEN-22")
    published(code="PA-HIDE-33", moderated=False)
    published(code="PA-HIDE-44", visibility="restricted")
    html = client.get("/").content.decode()
    assert "/cases/PA-SEEN-22" in html
    assert "PA-HIDE" not in html


def test_numbers_name_their_denominators(client: Client) -> None:
    now = clock.now()
    due = now - timedelta(days=1)
    done = {"state": "closed", "phase": "done", "due_original_at": due}
    published(**done, answered_at=due - timedelta(hours=1), outcome="fixed_with_evidence", rating="satisfied")
    published(**done, answered_at=due + timedelta(hours=1), outcome="planned_with_date", rating="not_satisfied")
    text = re.sub(r"<[^>]+>|\s+", " ", client.get("/").content.decode())
    text = re.sub(r" +", " ", text)
    assert "2 phản ánh đã nhận" in text
    assert "50,0% giải quyết xong, có bằng chứng trên 2 việc đã trả lời" in text
    assert "50,0% trả lời đúng hạn trên 2 việc đã trả lời; gia hạn tính là trễ" in text
    assert "50,0% hài lòng hoặc chấp nhận trên 2 việc được đánh giá" in text


def test_nothing_rated_is_a_dash_not_zero_percent(client: Client) -> None:
    published()
    assert '<span class="stat-value">–</span>' in client.get("/").content.decode()


def test_the_home_page_costs_at_most_eight_statements(client: Client, django_assert_max_num_queries: object) -> None:
    for _ in range(7):
        published()
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        client.get("/")
