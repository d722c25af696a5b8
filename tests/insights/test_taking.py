"""What leaves the scorecards: files that say what they mean and compute nothing, the morning brief on one sheet, a notice."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from fontTools.ttLib import TTFont
from openpyxl import load_workbook
from pypdf import PdfReader

from hues.cases.models import Case
from hues.city.memory import forget
from hues.city.models import Agency, Unit
from hues.insights.actions import rebuild_tallies, tell_of_brief
from hues.insights.models import TallyState
from hues.insights.queries import today_against_usual
from hues.insights.scorecards import brief
from hues.insights.scorecards.files import harmless
from hues.kernel import clock, pdf
from hues.kernel.models import JournalEntry
from hues.people.models import User
from tests.insights.test_scorecards import city, lead, staff  # noqa: F401
from tests.reports.conftest import NOW, actor_of

NASTY = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]
SPAN = "since=2026-01-01&until=2026-11-24"


@pytest.fixture
def nasty(city: list[Case]) -> Iterator[list[Case]]:  # noqa: F811
    """Agencies and a ward with names that a spreadsheet would compute."""
    for agency, name in zip(Agency.objects.order_by("pk"), NASTY * 40, strict=False):
        Agency.objects.filter(pk=agency.pk).update(names={"vi": name, "en": name})
    Unit.objects.filter(pk=city[0].unit_id).update(names={"vi": "=1+1", "en": "=1+1"})
    forget()
    yield city
    forget()


@pytest.mark.parametrize(
    "path",
    [
        "scorecards.{}?grain=year&by=agency",
        "scorecards.{}?grain=year&by=unit",
        "scorecards/agencies.{}?grain=year",
        "scorecards/agencies/CVX.{}?grain=year",
        "scorecards/fairness.{}?grain=year",
        "scorecards/trend.{}?grain=month&show=on_time_original",
        "scorecards/brief.{}",
        "scorecards/indicators.{}",
        f"scorecards/records.{{}}?measure=resolved&{SPAN}",
    ],
)
def test_no_cell_of_any_file_is_a_formula_and_each_says_what_it_is(
    nasty: list[Case],
    lead: Client,  # noqa: F811
    path: str,
) -> None:
    text = _file(lead, path, "csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any("Sample data" in row[0] for row in rows if row)
    book = load_workbook(io.BytesIO(_file(lead, path, "xlsx")))
    table, definitions = book.worksheets
    cells = [cell for sheet in (table, definitions) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [c for c in cells if isinstance(c.value, str) and c.value.startswith(("=", "+", "-", "@", "\t", "\r"))]
    said = json.loads(_file(lead, path, "json"))
    assert said["sample"] is True and said["about"] and said["rows"]
    if "indicators" not in path:
        assert "2026" in said["period"] and any("2026" in str(row[0]) for row in rows[:3] if row)
    if "records" not in path and "indicators" not in path:
        assert said["definitions"] and definitions.max_row > 1 and "# " in text
        assert said["definitions"][0]["formula"] in text


def _file(client: Client, path: str, form: str) -> bytes:
    response = client.get(f"/desk/{path.format(form)}", headers={"accept-language": "en"})
    assert response.status_code == 200, path
    assert f".{form}" in response["Content-Disposition"] and "no-store" in response["Cache-Control"]
    return response.content


def test_texts_are_neutralised_and_numbers_stay_numbers() -> None:
    assert [harmless(text) for text in NASTY] == [f"'{text}" for text in NASTY]
    assert (harmless(-5), harmless(0.25), harmless("Lê Lợi"), harmless(None)) == (-5, 0.25, "Lê Lợi", None)


def test_a_table_has_numerators_and_denominators(city: list[Case], lead: Client) -> None:  # noqa: F811
    rows = json.loads(_file(lead, "scorecards.{}?grain=year&by=agency", "json"))["rows"]
    row = next(row for row in rows if row["code"] == "CVX")
    assert row["true_resolution"] == round(row["true_resolution_of"] / row["true_resolution_over"], 4)
    assert {"on_time_original_of", "on_time_final_of", "acceptance_worst_case", "hours_to_fix_p90"} <= set(row)


def test_records_are_all_there_without_a_word_of_what_was_written(city: list[Case], lead: Client) -> None:  # noqa: F811
    path = f"scorecards/records.{{}}?measure=received&{SPAN}"
    rows = json.loads(_file(lead, path, "json"))["rows"]
    assert {row["code"] for row in rows} == set(
        Case.objects.filter(received_at__gte=clock.now().replace(month=1, day=1)).values_list("code", flat=True)
    ) | {row["code"] for row in rows if row["received_at"].startswith("2026-01-01")}
    assert "Đèn tắt" not in _file(lead, path, "csv").decode() and "reporter" not in rows[0]


def test_who_took_what_is_journalled(city: list[Case], lead: Client) -> None:  # noqa: F811
    _file(lead, "scorecards.{}?grain=year&by=agency", "xlsx")
    entry = JournalEntry.objects.get(action="insights.exported")
    assert entry.actor_id == User.objects.get(username="truong.ca").pk
    assert entry.parts["centre"]["form"] == "xlsx" and entry.parts["centre"]["rows"] == 2


def test_there_is_no_other_form(city: list[Case], lead: Client) -> None:  # noqa: F811
    for path in ("scorecards.exe", "scorecards/indicators.html", "scorecards/agencies/CVX.xls"):
        assert lead.get(f"/desk/{path}").status_code == 404


# ── The morning brief ──


@pytest.fixture
def trouble(city: list[Case]) -> list[Case]:  # noqa: F811
    """Yesterday a kind of report came twenty times, and a quarter of all that was sent out was not accepted."""
    yesterday = clock.now() - timedelta(days=1)
    Case.objects.filter(pk__in=[case.pk for case in city[1:41:2]]).update(
        received_at=yesterday,
        assigned_at=yesterday,
        started_at=yesterday + timedelta(minutes=30),
        group="immediate",
        is_open=True,
        due_at=yesterday + timedelta(hours=1),
        phase="handling",
        reject_reason="",
        redirected_to="",
        outcome="",
        parent=None,
    )
    rebuild_tallies()
    return city


def test_exceptions_come_first_and_lead_to_their_records(trouble: list[Case], lead: Client) -> None:  # noqa: F811
    made = brief.build(actor_of(User.objects.get(username="truong.ca")))
    tones = [one.tone for one in made.exceptions]
    assert tones == sorted(tones) and "bad" in tones and "warn" in tones
    texts = " | ".join(one.text for one in made.exceptions)
    assert "20 phản ánh" in texts and "20 trên 20 việc tức thời" in texts and "việc đang trễ hạn" in texts
    for one in made.exceptions:
        assert lead.get(one.url).status_code == 200, one.url
    page = lead.get("/desk/scorecards/brief", headers={"accept-language": "vi"}).content.decode()
    assert page.index("Việc bất thường") < page.index("Qua con số") and texts.split(" | ")[0] in page


def test_the_brief_is_one_sheet_in_vietnamese(trouble: list[Case], lead: Client) -> None:  # noqa: F811
    response = lead.get("/desk/scorecards/brief.pdf", headers={"accept-language": "vi"})
    assert response["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(response.content))
    assert len(reader.pages) == 1
    text = reader.pages[0].extract_text().replace("\n", " ")
    for words in (
        "Bản tin buổi sáng",
        "Việc bất thường",
        "Thật sự được giải quyết",
        "trường hợp xấu nhất",
        "Trang 1/1",
    ):
        assert words in text, words
    assert "Dữ liệu mẫu" in text and "24/11/2026" in text


def test_a_day_without_trouble_says_so(lead: Client) -> None:  # noqa: F811
    rebuild_tallies()
    assert (
        "Nothing out of the ordinary"
        in lead.get("/desk/scorecards/brief", headers={"accept-language": "en"}).content.decode()
    )


def test_leaders_are_told_once_a_morning_and_late_rather_than_never(city: list[Case], lead: Client) -> None:  # noqa: F811
    chair = staff("van.phong", "head", Agency.objects.get(is_chair=True).code)
    staff("cay.xanh", "head", "CVX")
    with clock.at(NOW.replace(day=23, hour=23, minute=29)):  # 06:29 in the city, the 24th
        assert tell_of_brief() == 0
    with clock.at(NOW.replace(hour=4)):  # 11:00: nobody was there to tell at half past six
        assert tell_of_brief() == 2
        assert tell_of_brief() == 0
    entry = JournalEntry.objects.get(action="insights.brief")
    told = {notice["person_id"]: notice["link"] for notice in entry.parts["notify"]}
    assert told == {str(user.pk): "/desk/scorecards/brief" for user in (User.objects.get(username="truong.ca"), chair)}
    assert TallyState.objects.get().brief_on == date(2026, 11, 24)
    with clock.at(NOW + timedelta(days=1)):
        assert tell_of_brief() == 2


def test_the_notice_has_words(city: list[Case]) -> None:  # noqa: F811
    from hues.notifications.texts import told

    words = told("insights.brief", {"day": "2026-11-24"}, link="/desk/scorecards/brief", language="vi")
    assert "Bản tin" in words.title and "24/11" in words.body


def test_today_against_usual_counts_until_this_hour(city: list[Case], django_assert_max_num_queries: Any) -> None:  # noqa: F811
    for week in range(1, 9):
        at = NOW - timedelta(weeks=week)
        Case.objects.filter(pk=city[week].pk).update(received_at=at - timedelta(hours=1))
        Case.objects.filter(pk=city[week + 20].pk).update(received_at=at + timedelta(hours=1))  # later in the day
    Case.objects.filter(pk=city[40].pk).update(received_at=NOW - timedelta(minutes=5))
    Case.objects.exclude(pk__in=[city[n].pk for n in (*range(1, 9), *range(21, 29), 40)]).delete()
    rebuild_tallies()
    with django_assert_max_num_queries(7):
        received, *others = today_against_usual()
    assert (received.today, received.usual, received.unit) == (1, 1.0, "")
    assert [row.unit for row in others] == ["", "minutes", "%"]


# ── Papers ──


def test_every_vietnamese_letter_is_in_the_type() -> None:
    letters = "aăâeêioôơuưyđ"
    marks = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    text = "".join(one + mark for letter in letters for one in (letter, letter.upper()) for mark in marks)
    paper = pdf.document("Thử chữ", "vi", note=text)
    paper.text_of(text)
    extracted = PdfReader(io.BytesIO(bytes(paper.output()))).pages[0].extract_text()
    wanted = set(unicodedata.normalize("NFC", text)) - set("\u0300\u0301\u0303\u0309\u0323")
    assert wanted <= set(extracted)
    for weight in (400, 600):
        assert set(map(ord, wanted)) <= set(TTFont(pdf.type_file(weight)).getBestCmap())
