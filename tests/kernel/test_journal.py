"""The journal is written with its change, never rewritten, and read only as far as one may see."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from hues.kernel import journal
from hues.kernel.actors import AUDITOR, GUEST, SYSTEM, Actor, Grant
from hues.kernel.errors import Forbidden, NotFound
from hues.kernel.journal import AUDIT, CENTRE, PARTY, PUBLIC, STAFF, Notify
from hues.kernel.models import JournalEntry, Outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Iterator[JournalEntry]:
    person = uuid4()
    entry_id = journal.record(
        actor=SYSTEM, action="case.opened", subject_kind="case", subject_id=uuid4(), topics=["centre", "case:1", "centre"],
        public={"title": "Ổ gà"}, party={}, staff={"officer": 7}, audit={"ip": "x"},
        notify=[Notify(person, "case-opened", "/me", {"code": "PA-1"})],
    )  # fmt: skip
    yield JournalEntry.objects.get(pk=entry_id)


def test_an_entry_is_one_insert_and_waits_in_the_outbox() -> None:
    with CaptureQueriesContext(connection) as asked:
        entry_id = journal.record(actor=GUEST, action="a.b", subject_kind="a", subject_id=uuid4())
    assert [query["sql"].split()[0] for query in asked.captured_queries] == ["insert"]
    assert Outbox.objects.filter(pk=entry_id).exists()


def test_recording_outside_a_transaction_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    with pytest.raises(RuntimeError):
        journal.record(actor=GUEST, action="a.b", subject_kind="a", subject_id=uuid4())


@pytest.mark.parametrize(
    "statement",
    [
        "update kernel_journalentry set action = 'case.closed' where id = %s",
        "update kernel_journalentry set parts = '{}', salt = '' where id = %s",
        "delete from kernel_journalentry where id = %s",
        "truncate kernel_journalentry",
    ],
)
def test_the_database_refuses_to_change_the_past(entry: JournalEntry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [entry.pk] if "%s" in statement else None)
    assert JournalEntry.objects.get(pk=entry.pk).action == "case.opened"


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (PUBLIC, {"public"}),
        (PARTY, {"public", "party"}),
        (STAFF, {"public", "party", "staff"}),
        (CENTRE, {"public", "party", "staff"}),
        (AUDIT, {"public", "party", "staff", "audit"}),
        (("notify",), None),
    ],
)
def test_each_viewer_reads_their_own_parts(entry: JournalEntry, viewer: tuple[str, ...], seen: set[str] | None) -> None:
    found = journal.entries(entry.subject_id, for_viewer=viewer)
    assert [set(e.parts) for e in found] == ([seen] if seen else [])


def test_an_entry_without_a_part_for_the_viewer_is_not_there() -> None:
    subject = uuid4()
    journal.record(
        actor=SYSTEM, action="case.note", subject_kind="case", subject_id=subject, staff={"text": "internal"}
    )
    told = journal.record(actor=SYSTEM, action="case.start", subject_kind="case", subject_id=subject, public={})
    assert [e.id for e in journal.entries(subject)] == [told]
    assert len(journal.entries(subject, for_viewer=STAFF)) == 2
    assert journal.entries(subject, for_viewer=STAFF, after=told) == []


def test_who_is_to_be_told_reaches_followers_only(entry: JournalEntry) -> None:
    notice = journal.read([entry.pk])[entry.pk].parts["notify"][0]
    assert (notice["template"], notice["link"], notice["data"]) == ("case-opened", "/me", {"code": "PA-1"})
    assert "notify" not in journal.entries(entry.subject_id, for_viewer=(*AUDIT, "notify"))[0].parts


def test_content_can_be_erased_by_an_auditor_and_the_erasure_is_told(entry: JournalEntry) -> None:
    auditor = Actor("staff", uuid4(), grants=frozenset({Grant(AUDITOR)}))
    with pytest.raises(Forbidden):
        journal.erase_entry(actor=Actor("staff", uuid4()), entry_id=entry.pk, ground="12/QĐ")
    with pytest.raises(NotFound):
        journal.erase_entry(actor=auditor, entry_id=uuid4(), ground="12/QĐ")
    journal.erase_entry(actor=auditor, entry_id=entry.pk, ground="12/QĐ")
    erased = JournalEntry.objects.get(pk=entry.pk)
    assert (erased.parts, bytes(erased.salt), erased.action) == ({}, b"", "case.opened")
    assert journal.entries(entry.pk, for_viewer=AUDIT)[0].data == {"ground": "12/QĐ"}
