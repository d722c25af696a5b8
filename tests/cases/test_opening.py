"""A report becomes a case: checked, placed, its intake clock running."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from hues.cases import actions, opening
from hues.cases.models import Case, CaseTimer
from hues.kernel import clock, journal
from hues.kernel.actors import GUEST, SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, SignInNeeded
from tests.cases.conftest import INSIDE, MONDAY, People, at_most, journal_of, told, upload

Open = Callable[..., Case]


def test_a_case_knows_its_ward_and_waits_for_the_centre(open_case: Open, citizen: Actor) -> None:
    case = open_case()
    assert (case.state, case.phase, case.is_open, case.group) == ("triage", "intake", True, "timed")
    assert case.unit is not None
    assert case.reporter_id == citizen.id
    assert case.received_at == MONDAY
    # Eight working hours of seven and a half a day: 09:00 on Monday → 09:30 on Tuesday.
    assert case.due_at == MONDAY + timedelta(hours=24, minutes=30)
    assert case.agency_id is None, "no agency has it before the centre accepts"


def test_the_public_sees_nothing_before_moderation(open_case: Open) -> None:
    case = open_case()
    assert not case.moderated
    assert (case.public_body, case.public_address, case.public_lat) == ("", "", None)


def test_intake_has_its_ladder(open_case: Open) -> None:
    case = open_case()
    timers = CaseTimer.objects.filter(case=case).order_by("fire_at")
    assert [timer.kind for timer in timers] == ["remind-80", "escalate-100", "escalate-150"]
    assert timers[1].fire_at == case.due_at


def test_the_journal_tells_of_it_once_without_the_report_itself(open_case: Open, citizen: Actor) -> None:
    (entry,) = journal_of(open_case(body="Ông Năm ở số 5 bị cúp điện"))
    assert entry.action == "case.opened"
    assert told(entry) == {citizen.id}
    assert "Ông Năm" not in str(entry.parts)
    assert f"person:{citizen.id}" in entry.topics
    assert not any(topic.startswith("public:") for topic in entry.topics)


def test_it_costs_four_statements_with_photos(open_case: Open, citizen: Actor) -> None:
    open_case()  # the city is in memory from here on
    photos = [upload(citizen.id), upload(citizen.id)]
    with at_most(4):
        case = open_case(file_ids=photos)
    assert set(case.files.values_list("file_id", flat=True)) == set(photos)


def test_a_guest_must_confirm_a_number_first(open_case: Open) -> None:
    with pytest.raises(SignInNeeded):
        open_case(actor=GUEST)


def test_nobody_reports_in_the_name_of_somebody_else(open_case: Open, people: People) -> None:
    from hues.people.models import User

    other = User.objects.get(pk=people.citizen().id)
    with pytest.raises(Forbidden):
        open_case(reporter=other)
    assert open_case(actor=people.operator, reporter=other, channel="hotline").reporter_id == other.pk


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "XX99"}, "category"),
        ({"category": None}, "category"),
        ({"category": ["DT01"]}, "category"),
        ({"body": "x" * 4001}, "body"),
        ({"body": "a\x00b"}, "body"),
        ({"body": "\ud800"}, "body"),
        ({"body": 5}, "body"),
        ({"body": ""}, "body"),
        ({"lat": 21.03, "lon": 105.85}, "place"),
        ({"lat": float("nan"), "lon": 107.59}, "lat"),
        ({"lat": "north", "lon": 107.59}, "lat"),
        ({"lat": 16.46, "lon": None}, "lon"),
        ({"lat": None, "lon": None, "address": ""}, "place"),
        ({"address": "x" * 301}, "address"),
        ({"address": {"street": "Lê Lợi"}}, "address"),
        ({"answers": "yes"}, "answers"),
        ({"answers": {"nonsense": 1}}, "answers.nonsense"),
        ({"file_ids": ["not-a-uuid"]}, "files"),
        ({"file_ids": 7}, "files"),
        ({"category": "GT01", "file_ids": ()}, "files"),  # a pothole needs a photo
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(open_case: Open, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_case(**change)
    assert field in refused.value.fields
    assert not Case.objects.exists()


def test_everything_wrong_is_said_at_once(open_case: Open) -> None:
    with pytest.raises(Invalid) as refused:
        open_case(category="XX99", body="x" * 5000, lat=0, lon=0)
    assert {"category", "body", "place"} <= set(refused.value.fields)


def test_refusals_are_in_the_readers_language(open_case: Open) -> None:
    def reason() -> str:
        with pytest.raises(Invalid) as refused:
            open_case(lat=21.03, lon=105.85)
        return refused.value.fields["place"]

    with translation.override("en"):
        assert reason() == "This place is outside the city."
    with translation.override("vi"):
        assert reason() != "This place is outside the city."


def test_an_address_alone_is_a_place(open_case: Open) -> None:
    case = open_case(lat=None, lon=None, address="đối diện chợ Đông Ba")
    assert (case.unit_id, case.lat) == (None, None)


def test_what_happens_online_needs_no_place(open_case: Open) -> None:
    assert open_case(category="CN01", lat=None, lon=None, address="").unit_id is None


def test_a_code_that_is_taken_is_drawn_again(open_case: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = open_case().code
    codes = iter([taken, taken, "PA-2222-22"])
    monkeypatch.setattr(opening, "new_code", lambda _prefix: next(codes))
    assert open_case().code == "PA-2222-22"


def test_photos_of_others_and_used_photos_are_refused(open_case: Open, citizen: Actor, people: People) -> None:
    foreign, own = upload(people.citizen().id), upload(citizen.id)
    with pytest.raises(Invalid) as refused:
        open_case(file_ids=[foreign])
    assert "files" in refused.value.fields
    open_case(file_ids=[own])
    with pytest.raises(Invalid):
        open_case(file_ids=[own])


def test_photos_of_a_guests_draft_join_with_the_drafts_key_only(open_case: Open) -> None:
    photo = upload(None, draft_key="k1")
    with pytest.raises(Invalid):
        open_case(file_ids=[photo])
    with pytest.raises(Invalid):
        open_case(file_ids=[photo], draft_key="k2")
    assert open_case(file_ids=[photo], draft_key="k1").files.count() == 1


def test_a_number_of_another_system_is_taken_over_once(open_case: Open) -> None:
    from django.db import transaction

    open_case(actor=SYSTEM, source="other-city", source_id="101")
    with transaction.atomic(), pytest.raises(Conflict):
        open_case(actor=SYSTEM, source="other-city", source_id="101")


def test_an_immediate_case_counts_minutes_of_the_wall_clock(open_case: Open) -> None:
    with clock.at(MONDAY.replace(hour=20)):  # 03:00 at night in Huế
        case = open_case(category="DT03", body="Cây ngã chắn đường")
    assert case.group == "immediate"
    assert case.due_at - case.received_at == timedelta(minutes=10)


def test_what_an_agency_may_know_is_not_what_is_stored(open_case: Open, people: People) -> None:
    """The caller of an action gets no more than their own view."""
    case = open_case(actor=SYSTEM, source="other-city", source_id="1", source_data={"phone": "0905"})
    assert case.source_data == {"phone": "0905"}
    assert actions.open_case.__doc__
    assert journal.entries(case.pk, for_viewer=journal.PUBLIC)[0].data["category"] == "DT01"
    assert INSIDE["lat"] == case.lat
