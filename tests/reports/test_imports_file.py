"""Importing a file: what is sound becomes cases once, what is not is told with its line, whatever breaks in between."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hues.cases.actions import send_message
from hues.cases.models import Case, CaseTimer
from hues.kernel.actors import SYSTEM
from hues.kernel.journal import PUBLIC, entries
from hues.kernel.models import JournalEntry
from hues.notifications.models import Notice
from hues.reports.imports.actions import Tally
from hues.reports.imports.files import Unreadable
from hues.reports.imports.mapping import FileMapping, MappingError, parse_mapping
from hues.reports.imports.runs import import_file
from tests.reports.conftest import HERE, LAMP

MAPPING = {
    "source": "so-tay",
    "language": "vi",
    "zone": "Asia/Ho_Chi_Minh",
    "columns": {
        "id": "so", "received": "nhan", "due": "han", "closed": "xong", "address": "dia_chi", "lat": "vi", "lon": "kinh",
        "answer": "tra_loi",
    },
    "body": ["noi_dung"],
    "category": {"column": "loai", "codes": {"đèn": LAMP}},
    "agency": {"column": "don_vi"},
    "unit": {"column": "phuong", "patterns": [{"matches": r"P\.(\d+)", "code": r"\1"}]},
    "no_place": [[0, 0]],
    "status": [
        {"when": {"ket_qua": ["trùng", "trung"]}, "state": "closed", "outcome": "duplicate"},
        {"when": {"ket_qua": {"starts": "không"}}, "state": "rejected", "reject_reason": "spam"},
        {"when": {"xong": {"matches": "$"}}, "state": "in_progress"},
        {"state": "closed"},
    ],
    "keep": ["ket_qua"],
}  # fmt: skip
HEADER = "so,nhan,han,xong,loai,don_vi,phuong,dia_chi,vi,kinh,noi_dung,tra_loi,ket_qua"
GOOD = f"1,2025-03-04 08:00,2025-03-06 17:00,2025-03-05 09:30,đèn,CVX,P.19789,12 Lê Lợi,{HERE[0]},{HERE[1]},Đèn tắt,Đã thay,xong"


@pytest.fixture
def mapping() -> FileMapping:
    return parse_mapping(MAPPING)


@pytest.fixture
def run(tmp_path: Path, mapping: FileMapping) -> Callable[..., tuple[Tally, list[str]]]:
    def run(*lines: str | bytes, chunk: int = 2, header: str = HEADER) -> tuple[Tally, list[str]]:
        path = tmp_path / "so.csv"
        path.write_bytes(
            b"\n".join(line if isinstance(line, bytes) else line.encode() for line in (header, *lines)) + b"\n"
        )
        bad: list[str] = []
        return import_file(path, mapping, bad=bad.append, progress=lambda _total: None, chunk=chunk), bad

    return run


Run = Callable[..., tuple[Tally, list[str]]]


def numbered(number: int, row: str = GOOD, **swap: str) -> str:
    cells = dict(zip(HEADER.split(","), row.split(","), strict=True)) | {"so": str(number)} | swap
    return ",".join(cells.values())


def test_a_row_becomes_a_case_in_its_own_time_and_place(run: Run) -> None:
    total, bad = run(GOOD)
    assert (total, bad) == (Tally(read=1, added=1), [])
    case = Case.objects.select_related("category", "unit", "agency").get()
    assert (case.source, case.source_id, case.channel) == ("so-tay", "1", "import")
    assert case.received_at == datetime(2025, 3, 4, 1, 0, tzinfo=UTC)  # eight in the morning in the city
    assert case.closed_at == case.answered_at == case.published_at == datetime(2025, 3, 5, 2, 30, tzinfo=UTC)
    assert case.due_original_at == datetime(2025, 3, 6, 10, 0, tzinfo=UTC)
    assert (case.category.code, case.unit.code, case.agency.code) == (LAMP, "19789", "CVX")  # type: ignore[union-attr]
    assert (case.state, case.phase, case.is_open) == ("closed", "done", False)
    assert (case.public_lat, case.public_lon) == HERE
    assert case.source_data["ket_qua"] == "xong"


def test_each_case_has_its_entry_and_nobody_is_told_or_reminded(run: Run) -> None:
    run(numbered(1), numbered(2, xong="", ket_qua=""))
    for case in Case.objects.all():
        assert [entry.action for entry in entries(case.pk, for_viewer=PUBLIC)] == ["case.imported"]
    assert not CaseTimer.objects.exists()
    assert not Notice.objects.exists()


def test_the_rules_of_the_mapping_say_how_it_ended(run: Run) -> None:
    run(numbered(1, ket_qua="trùng"), numbered(2, ket_qua="không đủ"), numbered(3, xong=""), numbered(4, ket_qua="?"))
    found = Case.objects.order_by("source_id").values_list("state", "outcome", "reject_reason", "is_open")
    assert list(found) == [
        ("closed", "duplicate", "", False),
        ("rejected", "", "spam", False),
        ("in_progress", "", "", True),
        ("closed", "", "", False),
    ]


def test_a_place_that_is_no_place_is_left_out(run: Run) -> None:
    run(numbered(1, vi="0", kinh="0", phuong=""), numbered(2, vi="", kinh="", phuong=""), numbered(3, phuong=""))
    assert list(Case.objects.order_by("source_id").values_list("lat", "unit__code"))[:2] == [(None, None)] * 2
    located = Case.objects.get(source_id="3")
    assert located.unit is not None and located.unit.code == "19789"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (numbered(9, so=""), "no number"),
        (numbered(9, so="9" * 65), "too long"),
        (numbered(9, nhan=""), "no date of receipt"),
        (numbered(9, nhan="04/03/2025"), "not a date"),
        (numbered(9, nhan="2999-01-01"), "in the future"),
        (numbered(9, xong="soon"), "not a date"),
        (numbered(9, loai="voi"), "no category"),
        (numbered(9, loai=""), "no category"),
        (numbered(9, don_vi="NASA"), "no agency"),
        (numbered(9, phuong="P.99999"), "no unit"),
        (numbered(9, vi="nan"), "not a place"),
        (numbered(9, vi="inf"), "not a place"),
        (numbered(9, vi="91"), "not a place"),
        (numbered(9, vi="x"), "not a place"),
        (numbered(9) + ",one,more", "cells"),
        ("9,short", "cells"),
        (numbered(9, noi_dung='"a"b'), "expected"),
        (numbered(9).encode() + b"\xff\xfe", "not UTF-8"),
        (numbered(1), "stands twice"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_the_rest_goes_on(run: Run, row: str | bytes, why: str) -> None:
    total, bad = (
        run(numbered(1), '2,"', row, numbered(3), numbered(4)) if why == "-" else run(numbered(1), row, numbered(3))
    )
    assert (total.added, total.bad) == (2, 1)
    assert bad[0].startswith("line 3: ") and why in bad[0]
    assert set(Case.objects.values_list("source_id", flat=True)) == {"1", "3"}


def test_lines_are_counted_as_an_editor_counts_them(run: Run) -> None:
    _total, bad = run(numbered(1, noi_dung='"one\ntwo\nthree"'), numbered(2, loai="voi"))
    assert bad == ["line 5: there is no category 'voi' in this city"]


def test_what_no_text_can_hold_does_not_cost_a_case(run: Run) -> None:
    total, _bad = run(numbered(1, noi_dung="a\x00b\x07c", dia_chi="x" * 900))
    assert total.added == 1
    case = Case.objects.get()
    assert (case.body, len(case.address)) == ("abc", 300)


def test_a_second_run_adds_nothing(run: Run) -> None:
    rows = [numbered(number) for number in range(1, 6)]
    assert run(*rows)[0] == Tally(read=5, added=5)
    before = JournalEntry.objects.count()
    assert run(*rows)[0] == Tally(read=5, unchanged=5)
    assert run(*rows, numbered(6))[0] == Tally(read=6, added=1, unchanged=5)
    assert (Case.objects.count(), JournalEntry.objects.count()) == (6, before + 1)


def test_news_of_a_case_come_in_unless_somebody_here_worked_on_it(run: Run) -> None:
    run(numbered(1, xong=""), numbered(2, xong=""))
    touched = Case.objects.get(source_id="2")
    Case.objects.filter(pk=touched.pk).update(version=2)
    total, _bad = run(numbered(1), numbered(2))
    assert (total.changed, total.left_alone) == (1, 1)
    fresh = Case.objects.get(source_id="1")
    assert (fresh.state, fresh.version, fresh.answer) == ("closed", 2, "Đã thay")
    assert Case.objects.get(source_id="2").state == "in_progress"
    assert run(numbered(1), numbered(2))[0] == Tally(read=2, unchanged=1, left_alone=1)


def test_a_message_here_does_not_keep_news_away(run: Run) -> None:
    run(numbered(1, xong=""))
    send_message(actor=SYSTEM, code=Case.objects.get().code, body="Xin chào")
    assert run(numbered(1))[0].changed == 1


def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path, mapping: FileMapping) -> None:
    rows = "\n".join([HEADER, *(numbered(n, noi_dung=f"{n * 7919 % 997:x}" * 40) for n in range(1, 2001))])
    whole = gzip.compress(rows.encode())
    path = tmp_path / "so.csv.gz"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(Unreadable, match="line"):
        import_file(path, mapping, bad=lambda _line: None, progress=lambda _total: None, chunk=50)
    kept = Case.objects.count()
    assert 0 < kept < 2000
    path.write_bytes(whole)
    total = import_file(path, mapping, bad=lambda _line: None, progress=lambda _total: None, chunk=50)
    assert (total.added, total.unchanged) == (2000 - kept, kept)


@pytest.mark.parametrize("header", ["", "a,b,c", HEADER.replace("nhan", "received")])
def test_a_file_for_another_mapping_is_refused_at_once(run: Run, header: str) -> None:
    with pytest.raises(MappingError):
        run(GOOD, header=header)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"surprise": 1},
        {"columns": {"id": "so"}},
        {"columns": {"id": "so", "received": "nhan", "colour": "x"}},
        {"category": {"column": "loai", "colour": "x"}},
        {"status": [{"colour": "red"}]},
        {"zone": "Mars/Olympus"},
    ],
)
def test_a_mapping_with_a_mistake_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises((MappingError, KeyError)):
        parse_mapping(MAPPING | wrong)
