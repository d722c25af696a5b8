"""What lists and pages read, and how many statements that costs."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases import actions, queries, reference
from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.actors import ADMINISTRATOR, GUEST, Actor
from hues.kernel.errors import Forbidden, Invalid
from tests.cases.conftest import MONDAY, People, Way, at_most, upload

Open = Callable[..., Case]


@pytest.fixture
def many(open_case: Open, people: People) -> list[Case]:
    """Twelve accepted cases, an hour apart."""
    cases = []
    for hour in range(12):
        with clock.at(MONDAY + timedelta(hours=hour)):
            case = open_case(body=f"Đèn đường số {hour} không sáng", address=f"{hour + 1} Bà Triệu")
            actions.take_step(actor=people.operator, code=case.code, step="accept", data={"agency": "CVX"})
            cases.append(case)
    return cases


def codes(page: object) -> list[str]:
    return [row.code for row in page]  # type: ignore[attr-defined]


# The desk


def test_the_inbox_shows_first_what_is_due_first(
    many: list[Case], people: People, lights: object, open_case: Open
) -> None:
    officer = people.officer(reference.agencies_by_code()["CVX"])
    urgent = open_case(category="HT04")
    actions.take_step(
        actor=people.operator, code=urgent.code, step="accept", data={"agency": "CVX", "category": "MT01"}
    )
    queries.inbox(officer, "all", limit=1)  # what is kept in memory is there
    with at_most(2):
        page = queries.inbox(officer, "all", limit=200)
    assert codes(page)[0] == urgent.code
    dues = [row.due_at for row in page]
    assert dues == sorted(dues)  # type: ignore[type-var]


def test_every_row_comes_once_whatever_the_page_size(many: list[Case], people: People) -> None:
    officer = people.officer(reference.agencies_by_code()["CVX"])
    actions.take_step(actor=officer, code=many[3].code, step="ask_citizen", data={"question": "Trụ đèn số mấy vậy ạ?"})
    for size in (1, 5, 11, 12, 50):
        seen: list[str] = []
        after = None
        while True:
            page = queries.inbox(officer, "all", after=after, limit=size)
            seen += codes(page)
            after = page.next
            if not after:
                break
        assert sorted(seen) == sorted(case.code for case in many)
        assert seen[-1] == many[3].code, "what is paused comes last"


def test_the_queues_of_the_centre(way: Way, people: People, open_case: Open) -> None:
    lead = people.lead
    waiting = open_case()
    way.started().take(way.officer, "request_extension", {"days": 3, "reason": "Chờ vật tư thay thế."})

    def queue(name: str) -> list[str]:
        return codes(queries.inbox(lead, name))

    assert queue("triage") == [waiting.code]
    assert queue("extensions") == [way.code]
    way.take(lead, "approve_extension")
    way.take(way.officer, "answer", way.a_fix())
    assert queue("checking") == [way.code]
    way.take(lead, "publish")
    way.take(way.citizen, "rate", {"rating": "not_satisfied", "reason": "Đèn vẫn tắt"})
    assert queue("unhappy") == [way.code]
    way.take(way.citizen, "reopen", {"reason": "not_fixed", "text": "Đèn vẫn tắt từ tối qua."})
    assert queue("reopened") == [way.code]
    with clock.at(MONDAY + timedelta(days=30)):
        assert set(queue("late")) == {way.code, waiting.code}
        with at_most(1):
            counts = queries.inbox_counts(lead)
    assert counts == {
        "triage": 1, "checking": 0, "extensions": 0, "late": 2, "planned": 0, "reopened": 1, "unhappy": 0, "all": 2,
    }  # fmt: skip


def test_the_queues_of_an_agency(way: Way) -> None:
    way.accepted()
    names = [queue.name for queue in queries.queues_for(way.officer)]
    assert names == ["new", "late", "today", "week", "mine", "waiting", "extensions", "planned", "reopened", "all"]

    def where() -> set[str]:
        return {name for name in names if codes(queries.inbox(way.officer, name))}

    assert where() == {"new", "week", "all"}
    way.take(way.officer, "start")
    assert where() == {"mine", "week", "all"}
    assert codes(queries.inbox(way.head, "mine")) == []
    with clock.at(MONDAY + timedelta(days=3)):
        assert where() == {"mine", "today", "week", "all"}
    way.take(way.officer, "ask_citizen", {"question": "Trụ đèn số mấy vậy ạ?"})
    assert where() == {"mine", "waiting", "all"}
    with at_most(1):
        assert queries.inbox_counts(way.officer)["waiting"] == 1


def test_a_department_head_sees_the_agencies_below(many: list[Case], people: People) -> None:
    head = people.head(reference.agencies_by_code()["SXD"])
    assert len(queries.inbox(head, "all", limit=200)) == 12
    assert queries.inbox(people.officer(reference.agencies_by_code()["SXD"]), "all").items == []


def test_who_has_no_desk(citizen: Actor, people: People) -> None:
    for actor in (citizen, GUEST, people.staff(ADMINISTRATOR)):
        with pytest.raises(Forbidden):
            queries.inbox(actor)
        with pytest.raises(Forbidden):
            queries.inbox_counts(actor)


def test_filters_of_the_inbox(many: list[Case], people: People) -> None:
    operator = people.operator
    assert codes(queries.inbox(operator, "all", {"text": "den duong so 0"})) == [many[0].code]
    assert (
        len(queries.inbox(operator, "all", {"agency": "CVX", "category": "DT01", "priority": "3", "group": "timed"}))
        == 12
    )
    assert len(queries.inbox(operator, "all", {"agency": "HEP", "text": ""})) == 0
    for wrong in ({"agency": "NONE"}, {"category": 7}, {"priority": "9"}, {"nonsense": 1}, {"text": ["x"]}):
        with pytest.raises(Invalid):
            queries.inbox(operator, "all", wrong)
    with pytest.raises(Invalid):
        queries.inbox(operator, "nonsense")


def test_a_cursor_of_another_list_is_refused(many: list[Case], people: People) -> None:
    after = queries.inbox(people.operator, "all", limit=1).next
    with pytest.raises(Invalid):
        queries.inbox(people.lead, "all", after=after)
    with pytest.raises(Invalid):
        queries.public_list({}, after=after)


def test_the_page_of_a_case_costs_at_most_eight_statements(way: Way, people: People) -> None:
    way.published()
    actions.send_message(actor=way.officer, code=way.code, body="Cảm ơn bạn đã báo.")
    for actor in (way.officer, way.operator, way.citizen, people.auditor):
        with at_most(8):
            page = queries.case_page(actor, way.code)
        assert [message.body for message in page.messages] == ["Cảm ơn bạn đã báo."]
        assert page.state_name == "Đã công bố kết quả"
        assert [one.role for one in page.files] == ["after"]


def test_the_clock_on_the_page(way: Way) -> None:
    way.started()
    with clock.at(MONDAY + timedelta(days=2)):
        shown = queries.case_page(way.officer, way.code).clock
    assert shown and not shown.paused
    assert 0.5 < shown.share < 0.8
    way.take(way.officer, "answer", way.a_fix())
    shown = queries.case_page(way.officer, way.code).clock
    assert shown and shown.paused


# The citizen


def test_ones_own_cases_newest_first(many: list[Case], citizen: Actor, people: People) -> None:
    assert citizen.id
    with at_most(2):
        page = queries.mine(citizen.id, limit=5)
    assert codes(page) == [case.code for case in reversed(many)][:5]
    assert codes(queries.mine(citizen.id, page.next, 5))[0] == many[6].code
    other = people.citizen()
    assert other.id and queries.mine(other.id).items == []


# The public


def test_the_public_list_is_newest_first_in_pages(many: list[Case]) -> None:
    with at_most(2):
        first = queries.public_list({}, limit=5)
    second = queries.public_list({}, after=first.next, limit=5)
    third = queries.public_list({}, after=second.next, limit=5)
    assert codes(first) + codes(second) + codes(third) == [case.code for case in reversed(many)]
    assert third.next is None


@pytest.mark.parametrize(
    "text", ["đèn đường", "Den Duong", "ĐÈN ĐƯỜNG", "den duo", "bà triệu", "ba trieu", "BÀ TRIÊU", "7 ba trieu"]
)
def test_search_ignores_diacritics_case_and_ends(many: list[Case], text: str) -> None:
    assert queries.public_list({"text": text}).items


def test_search_wants_every_word(many: list[Case]) -> None:
    assert queries.public_list({"text": "đèn cây"}).items == []
    assert queries.public_list({"text": "?!"}).items == []
    assert codes(queries.public_list({"text": many[4].code})) == [many[4].code]
    with pytest.raises(Invalid):
        queries.public_list({"text": "x" * 500})


def test_search_in_pages_finds_each_once(many: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a page is filled from the newest cases or from the index."""
    from hues.cases.queries import searching

    for window in (1, 4, 3_000):
        monkeypatch.setattr(searching, "WINDOW", window)
        seen: list[str] = []
        after = None
        while True:
            page = queries.public_list({"text": "khong sang"}, after=after, limit=5)
            seen += codes(page)
            after = page.next
            if not after:
                break
        assert seen == [case.code for case in reversed(many)]


def test_filters_of_the_public_list(many: list[Case], way: Way) -> None:
    way.published()
    unit = way.case.unit
    assert unit

    def count(**filters: object) -> int:
        return len(queries.public_list(filters, limit=200))

    assert count(state="open") == 12
    assert count(state="done") == count(state="resolved") == 1
    assert count(state="planned") == 0
    assert count(category="DT01", domain="DT", group="timed", unit=unit.code) == 13
    assert count(category="MT01") == 0
    assert count(state="late") == 0
    with clock.at(MONDAY + timedelta(days=30)):
        assert count(state="late") == 12
        assert count(days="7") == 0
        assert count(days=90) == 13
    for wrong in (
        {"unit": "x"},
        {"state": "sad"},
        {"domain": "??"},
        {"days": "4"},
        {"nonsense": 1},
        {"category": ["DT01"]},
    ):
        with pytest.raises(Invalid):
            queries.public_list(wrong)


def test_counters_say_what_they_count(many: list[Case], way: Way) -> None:
    way.published()
    with clock.at(MONDAY + timedelta(days=1)), at_most(1):
        assert queries.counters() == {"received": 13, "open": 12, "resolved": 1, "days": 30}
    with clock.at(MONDAY + timedelta(days=90)):
        assert queries.counters()["received"] == 0


def test_the_public_case_in_two_statements(way: Way) -> None:
    way.published()
    with at_most(2):
        shown = queries.public_case(way.code)
    assert shown.agency == way.agency
    assert [one.role for one in shown.files] == ["after"]
    assert not hasattr(shown, "reporter_id")
    actions.take_step(actor=way.citizen, code=way.code, step="rate", data={"rating": "accepts"})
    assert queries.public_case(way.code).rating == "accepts"


def test_photos_of_lists(open_case: Open, people: People, citizen: Actor) -> None:
    photo = upload(citizen.id)
    case = open_case(file_ids=[photo])
    assert citizen.id and queries.mine(citizen.id).items[0].photo == photo
    actions.take_step(actor=people.operator, code=case.code, step="accept", data={"public_files": []})
    assert queries.public_list({}).items[0].photo is None
    assert queries.inbox(people.operator, "all").items[0].photo == photo
