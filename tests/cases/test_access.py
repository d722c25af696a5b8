"""Who sees what: everything of another agency or another citizen does not exist."""

from collections.abc import Callable

import pytest

from hues.cases import access, actions, queries, reference
from hues.cases.models import Case
from hues.kernel import journal
from hues.kernel.actors import ADMINISTRATOR, GUEST, HEAD, SYSTEM, Actor, Grant
from hues.kernel.errors import Forbidden, NotFound
from tests.cases.conftest import People, Way, upload

Open = Callable[..., Case]


@pytest.fixture
def everybody(people: People, way: Way) -> dict[str, Actor]:
    by_code = reference.agencies_by_code()
    way.started()
    return {
        "guest": GUEST,
        "reporter": way.citizen,
        "another citizen": people.citizen(),
        "officer": way.officer,
        "head": way.head,
        "officer elsewhere": people.officer(by_code["HEP"]),
        "head elsewhere": people.head(by_code["HEP"]),
        "head above": people.head(by_code["SXD"]),
        "officer above": people.officer(by_code["SXD"]),
        "head of the chairman's office": people.head(by_code["VPU"]),
        "operator": people.operator,
        "lead": people.lead,
        "auditor": people.auditor,
        "administrator": people.staff(ADMINISTRATOR),
        "a program": Actor("key", people.citizen().id, "key", scopes=frozenset({"open311"})),
    }


SEE = {
    "reporter", "officer", "head", "head above", "head of the chairman's office", "operator", "lead", "auditor",
}  # fmt: skip
KNOW_REPORTER = {"reporter", "operator", "lead", "auditor"}


def test_who_sees_a_case(way: Way, everybody: dict[str, Actor]) -> None:
    for name, actor in everybody.items():
        listed = Case.objects.filter(access.visible_to(actor), code=way.code).exists()
        assert listed == (name in SEE), name
        if name in SEE:
            assert queries.case_for(actor, way.code).code == way.code
            assert queries.case_page(actor, way.code).case.code == way.code
        else:
            for door in (queries.case_for, queries.case_page):
                with pytest.raises(NotFound):
                    door(actor, way.code)
            with pytest.raises(NotFound):
                actions.take_step(actor=actor, code=way.code, step="start")
            with pytest.raises(NotFound):
                actions.send_message(actor=actor, code=way.code, body="xin chào")
            with pytest.raises(NotFound):
                actions.note_read(actor=actor, code=way.code)
            with pytest.raises(NotFound):
                actions.moderate_case(actor=actor, code=way.code, public_body="x")


def test_who_learns_who_reported(way: Way, everybody: dict[str, Actor]) -> None:
    actions.send_message(actor=way.citizen, code=way.code, body="Đây là ảnh mới.", file_ids=[upload(way.citizen.id)])
    for name in SEE:
        seen = queries.case_for(everybody[name], way.code)
        assert (seen.reporter_id is not None) == (name in KNOW_REPORTER), name
        page = queries.case_page(everybody[name], way.code)
        assert page.reporter, "everybody talks to a pseudonym"
        if name not in KNOW_REPORTER:
            assert page.case.reporter is None
            assert {message.author_id for message in page.messages} == {None}
            assert {one.file.owner_id for one in page.files} == {None}
            assert str(way.citizen.id) not in repr(page), name


def test_what_an_agency_gets_back_from_its_steps_has_no_reporter(way: Way) -> None:
    way.accepted()
    assert way.take(way.officer, "start").reporter_id is None
    assert way.case.reporter_id == way.citizen.id


def test_who_acts_in_which_role(way: Way, everybody: dict[str, Actor]) -> None:
    roles = {name: set(access.roles(actor, way.case)) for name, actor in everybody.items()}
    assert roles == {
        "guest": set(), "reporter": {"reporter"}, "another citizen": set(), "officer": {"officer"}, "head": {"officer", "head"},
        "officer elsewhere": set(), "head elsewhere": set(), "head above": {"department"}, "officer above": set(),
        "head of the chairman's office": {"department"}, "operator": {"operator"}, "lead": {"operator", "lead"}, "auditor": set(),
        "administrator": set(), "a program": set(),
    }  # fmt: skip
    assert access.roles(SYSTEM, way.case) == {"system"}


def test_auditors_read_and_never_write(way: Way, people: People) -> None:
    way.accepted()
    assert queries.steps_for(people.auditor, way.case) == []
    with pytest.raises(Forbidden):
        way.take(people.auditor, "start")
    with pytest.raises(Forbidden):
        actions.send_message(actor=people.auditor, code=way.code, body="ghi chú", audience="staff")


def test_a_returned_case_leaves_the_agencys_sight(way: Way) -> None:
    way.accepted().take(way.officer, "return", {"reason": "Đèn này do ban quản lý dự án lắp."})
    with pytest.raises(NotFound):
        queries.case_for(way.officer, way.code)


def test_codes_that_are_none_do_not_exist(people: People) -> None:
    for code in ("", "x" * 300, "PA-\x00", "'; --", "PA-AAAA-AA", None, 7, "ＰＡ-1"):
        with pytest.raises(NotFound):
            queries.case_for(people.operator, code)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            queries.public_case(code)  # type: ignore[arg-type]


def test_codes_are_read_as_people_type_them(way: Way, people: People) -> None:
    assert queries.case_for(people.operator, f" {way.code.lower()} ").code == way.code


def test_notes_of_staff_stay_with_staff(way: Way) -> None:
    way.accepted()
    actions.send_message(actor=way.officer, code=way.code, body="Gọi thợ điện trước.", audience="staff")
    actions.send_message(actor=way.officer, code=way.code, body="Chúng tôi sẽ đến chiều nay.")
    assert [m.body for m in queries.case_page(way.citizen, way.code).messages] == ["Chúng tôi sẽ đến chiều nay."]
    assert len(queries.case_page(way.operator, way.code).messages) == 2
    with pytest.raises(Forbidden):
        actions.send_message(actor=way.citizen, code=way.code, body="ghi chú", audience="staff")


def test_notes_move_nothing_on_the_reporters_page(way: Way) -> None:
    from tests.cases.conftest import journal_of

    way.accepted()
    actions.send_message(actor=way.officer, code=way.code, body="Gọi thợ điện trước.", audience="staff")
    entry = journal_of(way.case)[-1]
    assert not any(topic.startswith(("case:", "person:", "public:")) for topic in entry.topics)
    assert set(entry.parts) == {"staff"}


def test_the_history_is_told_to_each_as_far_as_they_may_know(way: Way, people: People) -> None:
    way.started().take(way.officer, "request_extension", {"days": 3, "reason": "Chờ vật tư thay thế."})
    seen = {name: [event.action for event in queries.timeline(actor, way.case)] for name, actor in {
        "citizen": way.citizen, "officer": way.officer, "guest": GUEST, "auditor": people.auditor,
    }.items()}  # fmt: skip
    assert seen["citizen"] == ["opened", "accept", "start"]
    assert seen["officer"] == seen["auditor"] == ["opened", "accept", "start", "request_extension"]
    assert seen["guest"] == ["opened", "accept", "start"]
    who = [event.who for event in queries.timeline(way.citizen, way.case)]
    assert who[1:] == ["Trung tâm điều hành", way.agency.name("vi")]
    assert way.officer.name in [event.who for event in queries.timeline(way.head, way.case)]


def test_reading_is_noted_once(way: Way, people: People) -> None:
    actions.note_read(actor=way.citizen, code=way.code)
    assert way.case.first_read_at is None, "the reporter's own look is not it"
    actions.note_read(actor=people.auditor, code=way.code)
    assert way.case.first_read_at is None
    actions.note_read(actor=people.operator, code=way.code)
    actions.note_read(actor=people.lead, code=way.code)
    entries = journal.entries(way.case.pk, for_viewer=journal.PARTY)
    assert [entry.action for entry in entries] == ["case.opened", "case.read"]


# What the public sees


def test_before_moderation_nothing_is_public(way: Way) -> None:
    with pytest.raises(NotFound):
        queries.public_case(way.code)
    assert queries.public_list().items == []


def test_personal_data_are_taken_out_of_the_public_text(open_case: Open, people: People) -> None:
    body = "Đèn hỏng, gọi tôi 0905 123 456 hoặc nam.nguyen@example.com, xe 75A1-123.45, CCCD 046099001234"
    case = open_case(body=body)
    actions.take_step(actor=people.operator, code=case.code, step="accept")
    shown = queries.public_case(case.code).body
    assert shown.startswith("Đèn hỏng")
    for secret in ("0905", "example.com", "123.45", "046099001234"):
        assert secret not in shown
    assert Case.objects.get(pk=case.pk).body == body


def test_a_masked_case_is_moved_into_its_street(open_case: Open, people: People, citizen: Actor) -> None:
    case = open_case(category="MT04", address="12/4 kiệt 22 Hà Nội, phường Thuận Hóa", file_ids=[upload(citizen.id)])
    actions.take_step(actor=people.operator, code=case.code, step="accept")
    shown = queries.public_case(case.code)
    assert shown.address == "Hà Nội, phường Thuận Hóa"
    assert (shown.lat, shown.lon) != (case.lat, case.lon)
    assert shown.lat is not None and abs(shown.lat - (case.lat or 0)) < 0.005
    assert shown.files == [], "photos of a masked case are public only when somebody chose them"
    assert b"16.4637" not in queries.public_map((107, 16, 108.2, 16.8), 17)


def test_a_restricted_case_is_never_public(open_case: Open, people: People, citizen: Actor) -> None:
    case = open_case(category="TT03", body="Xây nhà không phép", file_ids=[upload(citizen.id)])
    moved = actions.take_step(actor=people.operator, code=case.code, step="accept", data={"public_files": []})
    with pytest.raises(NotFound):
        queries.public_case(case.code)
    assert queries.public_list({"text": "xay nha"}).items == []
    assert b'Feature",' not in queries.public_map((107, 16, 108.2, 16.8), 17)
    assert not any(
        t.startswith("public:") for e in journal.entries(case.pk, for_viewer=journal.AUDIT) for t in e.topics
    )
    assert moved.public_lat is None


def test_moderation_can_be_decided_again(way: Way, people: People) -> None:
    way.published()
    assert queries.public_case(way.code).files
    with pytest.raises(Forbidden):
        actions.moderate_case(actor=way.officer, code=way.code, public_body="x")
    actions.moderate_case(actor=people.lead, code=way.code, public_body="Đèn không sáng.", visibility="restricted")
    with pytest.raises(NotFound):
        queries.public_case(way.code)
    actions.moderate_case(actor=people.lead, code=way.code, public_body="Đèn không sáng.", visibility="public")
    shown = queries.public_case(way.code)
    assert (shown.body, shown.files) == ("Đèn không sáng.", [])


def test_a_draft_answer_is_not_public(way: Way) -> None:
    way.answered()
    shown = queries.public_case(way.code)
    assert (shown.answer, shown.outcome, shown.stage) == ("", "", "checking")
    way.take(way.operator, "publish")
    shown = queries.public_case(way.code)
    assert shown.answer and shown.outcome == "fixed_with_evidence" and shown.stage == "done"


def test_a_head_of_another_department_is_nobody_here(way: Way) -> None:
    stranger = Actor("staff", way.officer.id, "x", frozenset({Grant(HEAD, reference.agencies_by_code()["SYT"].pk)}))
    assert access.roles(stranger, way.case) == frozenset()
