"""What is offered as perhaps the same: the right reports, in whatever order they come, and never what the asker may not see."""

# ruff: noqa: F401, F811 - the fixtures of cases are pytest's to find
import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from tests.cases.conftest import (
    INSIDE,
    MONDAY,
    People,
    Way,
    at_most,
    citizen,
    lights,
    monday,
    open_case,
    people,
    upload,
    way,
)

from hues.assist.duplicates import kinds, near, nearby, places
from hues.assist.duplicates.scoring import RELATED, SAME_FAMILY, SAME_KIND, UNRELATED
from hues.cases import actions, reference
from hues.cases.models import Case, CaseFile, ProcessDefinition
from hues.city.models import Category
from hues.kernel import clock
from hues.kernel.actors import GUEST, Actor
from hues.kernel.models import StoredFile
from hues.people.models import User

Open = Callable[..., Case]
METRE = 1 / 111_195  # of latitude, in degrees
LAT, LON = INSIDE["lat"], INSIDE["lon"]


@pytest.fixture
def listed(open_case: Open, people: People) -> Open:
    """Opens a case so many metres north of the lamp and lets everyone see it."""

    def make(metres: float = 0.0, **changes: Any) -> Case:
        case = open_case(**{"lat": LAT + metres * METRE, "address": "", **changes})
        photos = list(CaseFile.objects.filter(case=case).values_list("file_id", flat=True))
        StoredFile.objects.filter(pk__in=photos).update(masking="done")
        return actions.moderate_case(
            actor=people.operator,
            code=case.code,
            public_body=case.body,
            public_address=case.address,
            public_files=photos,
        )

    return make


def codes(**asked: Any) -> list[str]:
    return [one.code for one in near(**{"lat": LAT, "lon": LON, "category": "DT01", **asked})]


# What counts


def test_the_nearer_and_the_same_kind_come_first(listed: Open) -> None:
    far, close, akin = listed(120), listed(15), listed(15, category="DT02")
    found = near(LAT, LON, category="DT01")
    assert [one.code for one in found] == [close.code, akin.code, far.code]
    assert found[0].because == ("cách 15 m", "cùng loại")
    assert [round(one.distance_m) for one in found] == [15, 15, 120]
    assert found[0].score > found[1].score > found[2].score


def test_the_same_words_and_the_same_address_speak_for_a_report(listed: Open) -> None:
    listed(40, body="Cột điện nghiêng hẳn sang một bên")
    same = listed(60, body="Đèn đường trước chợ không sáng cả tuần", address="12 Trần Hưng Đạo, Phú Xuân")
    found = near(LAT, LON, category="DT01", text="den duong truoc cho khong sang", address="12 Trần Hưng Đạo, Phú Xuân")
    assert found[0].code == same.code
    assert {"cùng địa chỉ", "lời gần giống"} <= set(found[0].because)


def test_the_same_photo_is_recognised(listed: Open, citizen: Actor) -> None:
    photo = upload(citizen.id)
    StoredFile.objects.filter(pk=photo).update(phash=-(2**62) + 5)
    for metres in (10, 20):
        listed(metres)
    same = listed(200, file_ids=[photo])
    assert codes()[0] != same.code
    found = near(LAT, LON, category="DT01", phashes=[-(2**62) + 5 + 0b111])
    assert (found[0].code, found[0].because[0], found[0].photo) == (same.code, "cùng ảnh", photo)
    assert nearby.looks_alike(0, -1) is False


def test_only_what_is_open_earlier_and_in_reach(listed: Open, people: People, lights: Any) -> None:
    case = listed(20)
    assert codes(at=MONDAY - timedelta(hours=1)) == []
    assert codes(exclude=case.pk) == []
    assert codes(lat=LAT + 900 * METRE) == []
    assert codes(lat=None) == []
    done = Way(people, people.citizen(), lights, case.code).accepted()
    done.take(done.officer, "start")
    done.take(done.officer, "answer", done.a_fix())
    done.take(done.operator, "publish")
    assert codes() == []


def test_a_flood_is_one_matter_over_a_wider_area_than_a_hole(listed: Open) -> None:
    wide = max(reference.categories().values(), key=lambda one: (one.visibility == "public") * one.duplicate_radius_m)
    assert wide.duplicate_radius_m >= 300
    lamp, flood = listed(200), listed(200, category=wide.code)
    by_code = {one.code: one for one in near(LAT, LON, category=wide.code)}
    assert by_code[flood.code].score > 0.5
    assert near(LAT, LON, category="DT01")[0].code == lamp.code
    assert near(LAT, LON, category="DT01")[0].score < 0.2


def test_the_order_in_which_reports_came_to_the_table_does_not_matter(listed: Open) -> None:
    dice = random.Random(311)
    for number in range(12):
        with clock.at(MONDAY + timedelta(minutes=number)):
            listed(dice.choice([5, 5, 30, 80]), category=dice.choice(["DT01", "DT02"]))
    with clock.at(MONDAY + timedelta(hours=1)):
        expected = codes(limit=8)
        for case in dice.sample(list(Case.objects.all()), 6):  # rewritten rows lie elsewhere on the disk
            Case.objects.filter(pk=case.pk).update(version=case.version + 1)
        assert codes(limit=8) == expected
        assert codes(limit=3) == expected[:3]


def test_kinds_are_akin_by_domain_and_by_what_people_call_them() -> None:
    by_code = reference.categories_by_code()
    kinship = lambda one, other: kinds.kinship(by_code[one].pk, by_code[other].pk)  # noqa: E731
    assert kinship("DT01", "DT01") == SAME_KIND
    assert kinship("DT01", "DT02") == SAME_FAMILY
    assert {kinship(one, other) for one in by_code for other in by_code} == {SAME_KIND, SAME_FAMILY, RELATED, UNRELATED}
    assert all(kinship(one, other) == kinship(other, one) for one in by_code for other in by_code)


@pytest.mark.parametrize(
    ("address", "number", "street"),
    [
        ("27 Lê Lợi, phường Thuận Hóa", 27, "le loi|phuong thuan hoa"),
        ("Số 27 đường Lê Lợi, phường Thuận Hóa", 27, "le loi|phuong thuan hoa"),
        ("kiệt 22/5 Lê Lợi", 22, "le loi|"),
        ("743 E Broadway  South Boston  MA  02127", 743, "e broadway|south boston"),
        ("INTERSECTION of Lê Lợi & Hùng Vương  Huế", -1, "hung vuong|hue"),
        ("", -1, None),
    ],
)
def test_addresses_as_people_write_them(address: str, number: int, street: str | None) -> None:
    found = places.parse(address)
    assert found.number == number
    assert street in found.streets if street else found == places.NOWHERE


# Who sees what


def test_what_is_not_public_is_offered_to_nobody_but_staff(listed: Open, open_case: Open, people: People) -> None:
    seen, hidden = listed(20), open_case(lat=LAT + 10 * METRE)
    restricted = listed(15)
    Case.objects.filter(pk=restricted.pk).update(visibility="restricted", agency=reference.agencies_by_code()["CVX"])
    for actor in (GUEST, people.citizen(), people.staff("administrator")):
        assert codes(actor=actor) == [seen.code]
    assert set(codes(actor=people.operator)) == {seen.code, hidden.code, restricted.code}
    assert set(codes(actor=people.officer(reference.agencies_by_code()["CVX"]))) == {restricted.code}
    assert codes(actor=people.officer(reference.agencies_by_code()["HWC"])) == []


def test_a_masked_case_is_found_by_what_the_public_knows_of_it(listed: Open, citizen: Actor) -> None:
    photo = upload(citizen.id)
    case = listed(0, body="Nhà ông Ba số 7 ồn", address="7 Lê Lợi", file_ids=[photo])
    Case.objects.filter(pk=case.pk).update(
        visibility="masked", public_body="Nhà •••", public_address="Lê Lợi", public_lat=LAT + 90 * METRE
    )
    CaseFile.objects.filter(case=case).update(public=False)
    (found,) = near(LAT, LON, category="DT01", text="nhà ông Ba số 7", address="7 Lê Lợi", phashes=[0])
    assert (found.text, found.address, found.photo, round(found.distance_m)) == ("Nhà •••", "Lê Lợi", None, 90)
    assert "cùng địa chỉ" not in found.because and not found.mine
    assert near(LAT, LON, category="DT01", actor=citizen)[0].mine


def test_two_statements_however_many(listed: Open, people: People) -> None:
    for number in range(6):
        listed(number * 8)
    codes()  # what is remembered of the city
    for actor in (GUEST, people.operator):
        with at_most(2):
            assert len(codes(actor=actor, phashes=[1, 2], text="đèn")) == 4
        with at_most(2):
            codes(actor=actor)


# Doors


def test_the_json_door(listed: Open, client: Client, settings: LazySettings) -> None:
    case = listed(25)
    door = f"/api/v1/nearby?lat={LAT}&lon={LON}&category=DT01&text=den"
    (one,) = client.get(door, headers={"Accept-Language": "en"}).json()["items"]
    assert (one["code"], one["because"], one["supporters"]) == (case.code, ["25 m away", "same kind"], 0)
    assert set(one) == {
        "code", "title", "category", "text", "address", "lat", "lon", "distance_m", "score", "received_at", "agency", "state",
        "stage", "photo", "supporters", "mine", "because",
    }  # fmt: skip
    assert client.get("/api/v1/nearby?lat=x&lon=1").status_code == 422
    settings.LIMITS = True
    answers = [client.get(door).status_code for _ in range(125)]
    assert set(answers) == {200, 429} and answers[-1] == 429


def test_the_desk_sees_the_cluster_and_a_link_fills_in_the_merge(
    listed: Open,
    open_case: Open,
    people: People,
    client: Client,
    settings: LazySettings,
) -> None:
    settings.SANDBOX = True
    User.objects.filter(pk=people.operator.id).update(is_sample=True)
    client.force_login(User.objects.get(pk=people.operator.id))
    first = listed(20, body="Đèn tắt trước trường")
    with clock.at(MONDAY + timedelta(minutes=5)):
        mine = open_case(body="Đèn trước trường tắt")
        page = client.get(f"/desk/cases/{mine.code}/panels").content.decode()
        link = f"/desk/cases/{mine.code}?queue=&amp;merge__parent={first.code}#step-merge"
        assert "Có thể trùng" in page and link in page
        filled = client.get(f"/desk/cases/{mine.code}?merge__parent={first.code}").content.decode()
        assert f'value="{first.code}"' in filled
        page = client.get(f"/desk/cases/{first.code}/panels").content.decode()
        assert mine.code in page and "merge__parent" not in page, "the later goes into the earlier"


def test_a_dense_corner_and_long_texts_cost_little(db: None) -> None:
    """Hundreds of open reports with 4,000 characters each around the point: the likeliest few are read, and their beginnings."""
    now = clock.now()
    kind = Category.objects.get(code="DT01")
    process = ProcessDefinition.objects.filter(code=kind.process).latest("version")
    said = "Đèn đường tắt tối om mấy hôm nay không ai sửa "
    Case.objects.bulk_create(
        Case(
            code=f"PA-DENSE-{n:03}", channel="web", process=process, group="timed", state="in_progress", phase="handling", category=kind,
            priority=3, visibility="public", moderated=True, body=said * 85, public_body=(said if n == 7 else f"{n} việc khác ") * 85,
            lat=16.4637, lon=107.5909, public_lat=16.4637 + n * 1e-7, public_lon=107.5909, received_at=now - timedelta(minutes=n + 1),
            updated_at=now,
        )
        for n in range(500)
    )  # fmt: skip
    near(16.4637, 107.5909, category="DT01", text=said)
    began = time.process_time()
    found = near(16.4637, 107.5909, category="DT01", text=said * 85)
    spent = (time.process_time() - began) * 1000
    assert found[0].code == "PA-DENSE-007", "words still decide among those that are equally near"
    assert len(found[0].text) <= 200
    assert spent < 50, "8 ms on an idle machine; 180 if everything around were read"
