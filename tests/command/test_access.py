"""Who sees an incident, and how much of it: what is not theirs is not there."""

import pytest

from hues.command import access, actions
from hues.command.models import Incident
from hues.command.queries import board
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, NotFound
from tests.cases.conftest import People
from tests.command.conftest import agency, signed_in


def test_those_who_take_no_part_find_nothing(rain: Incident, stranger: Actor, people: People) -> None:
    officer = people.officer(agency("UBX-19789"))
    for actor in (stranger, officer, people.citizen()):
        with pytest.raises(NotFound):
            board(actor, rain.code)
        with pytest.raises(NotFound):
            actions.add_log(actor=actor, code=rain.code, body="Có mặt.")
    client = signed_in(stranger)
    for path in ("", "/parts/log", "/map.json", "/area", "/review", "/bulletins/0", "/sitrep/1", "/sitrep/1.pdf"):
        assert client.get(f"/desk/incidents/{rain.code}{path}").status_code == 404, path
    for verb in ("log", "level", "task", "stand-down", "link"):
        assert client.post(f"/desk/incidents/{rain.code}/do/{verb}", {"body": "x"}).status_code == 404, verb
    assert client.get("/desk/incidents").status_code == 200
    assert rain.code not in client.get("/desk/incidents").content.decode()


def test_heads_that_take_part_see_their_part(rain: Incident, lead: Actor, ward_head: Actor) -> None:
    actions.add_log(actor=lead, code=rain.code, body="Chỉ để sở chỉ huy biết.", inside=True)
    actions.add_log(actor=lead, code=rain.code, body="Các phường báo cáo lúc 11 giờ.")
    pump = agency("HEP")
    actions.commit_force(actor=lead, code=rain.code, agency_id=pump.pk, name="Đội bơm", people=4)
    actions.draft_sitrep(actor=lead, code=rain.code)
    seen = board(ward_head, rain.code)
    assert not seen.on.whole and not seen.on.commands
    assert [line.body for line in seen.log()] == ["Các phường báo cáo lúc 11 giờ."]
    assert not seen.forces() and not seen.sitreps() and seen.objectives()
    page = signed_in(ward_head).get(f"/desk/incidents/{rain.code}").content.decode()
    assert "Chỉ để sở chỉ huy biết" not in page and "Các phường báo cáo" in page
    assert len(board(lead, rain.code).log()) == 2
    actions.sign_sitrep(actor=lead, code=rain.code, number=1)
    assert len(board(ward_head, rain.code).sitreps()) == 1, "what is signed they may read"


def test_heads_write_to_the_log_and_nothing_else(rain: Incident, ward_head: Actor) -> None:
    line = actions.add_log(actor=ward_head, code=rain.code, body="Đã di dời 11 hộ.", kind="radio")
    assert line.agency == agency("UBX-19789")
    for do, given in [
        ("add_log", {"body": "Tôi quyết định.", "kind": "decision"}),
        ("draft_sitrep", {}),
        ("stand_down", {"why": "Hết mưa"}),
        ("link_case", {"case": "PA-2222-22"}),
        ("add_objective", {"words": "Mục tiêu riêng"}),
    ]:
        with pytest.raises(Forbidden):
            getattr(actions, do)(actor=ward_head, code=rain.code, **given)


def test_an_agency_that_leaves_sees_it_no_longer(rain: Incident, lead: Actor, stranger: Actor) -> None:
    tourism = agency("SDL")
    actions.call_in(actor=lead, code=rain.code, agency_ids=[tourism.pk])
    assert board(stranger, rain.code).incident == rain
    actions.let_go(actor=lead, code=rain.code, agency_id=tourism.pk)
    with pytest.raises(NotFound):
        board(stranger, rain.code)


def test_auditors_read_all_and_change_nothing(rain: Incident, people: People) -> None:
    assert board(people.auditor, rain.code).on.whole
    with pytest.raises(Forbidden):
        actions.add_log(actor=people.auditor, code=rain.code, body="Ghi thử")
    with pytest.raises(Forbidden):
        actions.link_case(actor=people.auditor, code=rain.code, case="PA-2222-22")


def test_levels_are_set_by_those_who_may(people: People) -> None:
    chair, command = people.head(agency("VPU")), people.head(agency("BCH"))
    assert [access.highest(one) for one in (people.operator, people.lead, command, chair)] == [1, 2, 3, 4]
    assert access.highest(people.head(agency("UBX-19789"))) == 0
    with pytest.raises(Forbidden):
        actions.open_incident(actor=people.operator, kind="flood", level=2, name="Mưa lớn")
    with pytest.raises(Forbidden):
        actions.open_incident(actor=people.head(agency("HEP")), kind="flood", level=1, name="Mưa lớn")


def test_the_commander_of_another_agency_commands_this_one(rain: Incident, lead: Actor, ward_head: Actor) -> None:
    with pytest.raises(Forbidden):
        actions.change_area(actor=ward_head, code=rain.code, unit_codes=["19753"])
    assert ward_head.id is not None
    actions.hand_over(actor=lead, code=rain.code, person_id=ward_head.id, note="Ông nắm địa bàn.")
    seen = board(ward_head, rain.code)
    assert seen.on.commands and seen.on.whole
    actions.add_log(actor=ward_head, code=rain.code, body="Sơ tán tổ 4.", kind="decision")
    assert [one.note for one in rain.hand_overs.order_by("since")] == ["Ông nắm địa bàn.", ""]
