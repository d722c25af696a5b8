"""Each pane of the wall says what it is there for, and nothing about anybody."""

from collections.abc import Callable
from datetime import timedelta
from threading import Lock

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.cases.models import Case
from hues.hotline.models import Surge
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.wall import alerts, queries
from tests.cases.conftest import MONDAY, at_most
from tests.cases.test_desk_pages import staff
from tests.wall.test_wall import urgent_code


@pytest.fixture(autouse=True)
def _sandbox(settings: LazySettings) -> None:
    settings.SANDBOX, settings.LIMITS = True, False


@pytest.fixture
def operator() -> Client:
    return staff("truc", "operator")[0]


def test_an_open_surge_is_an_alert(operator: Client) -> None:
    assert "Cao điểm" not in operator.get("/wall/now?layout=situation").content.decode()
    Surge.objects.create(reason="Bão số 6, gọi 0905123456", on_at=clock.now())
    page = operator.get("/wall/now?layout=situation").content.decode()
    assert "Cao điểm" in page and "0905123456" not in page, "the reason is free text and stays at the desk"


def test_many_reports_of_one_kind_in_one_ward_are_an_alert(open_case: Callable[..., Case]) -> None:
    for _report in range(alerts.TOGETHER - 1):
        open_case()
    assert not any("phản ánh" in one.title for one in alerts.alerts("vi"))
    open_case()
    [one] = [one for one in alerts.alerts("vi") if "phản ánh" in one.title]
    assert one.title.startswith(f"{alerts.TOGETHER} ")
    with clock.at(MONDAY + timedelta(hours=5)):
        assert not any("phản ánh" in one.title for one in alerts.alerts("vi")), "lately, not ever"


def test_what_climbed_to_the_leader_is_an_alert(open_case: Callable[..., Case]) -> None:
    case = open_case(category=urgent_code())
    timer = case.timers.model(case=case, kind="ladder-15", fire_at=clock.now(), serial=99, data={"to": ["leader"]})
    timer.save()
    Case.objects.filter(pk=case.pk).update(phase="handling")
    assert not any("lãnh đạo" in one.title for one in alerts.alerts("vi")), "it has not been told yet"
    timer.fired_at = clock.now()
    timer.save()
    assert any("lãnh đạo" in one.title for one in alerts.alerts("vi"))


def test_queues_say_how_much_waits(operator: Client, open_case: Callable[..., Case]) -> None:
    open_case(category=urgent_code())
    values = {str(one.label): one.value for one in queries.queues()}
    assert values["Khẩn, chưa điều ai đi"] == 1
    assert "Việc đang chờ" in operator.get("/wall/now?layout=immediate").content.decode()


def test_the_ticker_finds_what_is_public_under_everything_else(open_case: Callable[..., Case]) -> None:
    case = open_case()
    Case.objects.filter(pk=case.pk).update(moderated=True)
    said = {"said": {"vi": "Đã sửa xong", "en": "Repaired"}}
    journal.record(actor=SYSTEM, action="case.told", subject_kind="case", subject_id=case.pk, public=said)
    for number in range(150):
        journal.record(actor=SYSTEM, action="call.rang", subject_kind="call", subject_id=case.pk, centre={"n": number})
    newest = queries.latest("vi")[0]
    assert (newest.code, newest.text) == (case.code, "Đã sửa xong")


def test_the_ticker_reads_an_index(db: None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = 'journal_told_in_public'")
        assert "WHERE" in cursor.fetchone()[0]


def test_walls_that_ask_at_once_share_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(queries, "_map_json", lambda: read.append(1) or b"{}")
    monkeypatch.setattr(queries, "_read", None)
    monkeypatch.setattr(queries, "_reading", Lock())
    moments = iter([1.0, 2.0, 1.5, 3.0, 4.0])  # the second asks before the first reading began
    monkeypatch.setattr(queries, "monotonic", lambda: next(moments))
    queries.map_json()
    queries.map_json()
    assert len(read) == 1
    queries.map_json()
    assert len(read) == 2, "whoever asks later sees what happened meanwhile"


def test_today_calls_late_and_incidents_have_their_panes(operator: Client, open_case: Callable[..., Case]) -> None:
    case = open_case(category=urgent_code())
    with clock.at(MONDAY + timedelta(days=2)):
        page = operator.get("/wall/now?layout=day").content.decode()
    for pane in ("usual", "calls", "late", "incidents", "queues"):
        assert f"pane-{pane}" in page
    assert "Chưa có sự cố" in page or "Không có sự cố" in page or "calm" in page
    assert case.body not in page


def test_alerts_cost_a_bounded_number_of_statements(open_case: Callable[..., Case]) -> None:
    for _report in range(6):
        open_case()
    with at_most(12):
        alerts.alerts("vi")
