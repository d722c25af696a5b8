"""Following: who hears of what becomes public, once, at the pace they chose, and nothing of what is not public."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.cases.actions import moderate_case, take_step
from hues.cases.models import Case
from hues.kernel import clock, geo, journal
from hues.kernel.actors import GUEST, OFFICER, Actor, Grant
from hues.kernel.errors import Invalid, NotFound, SignInNeeded
from hues.kernel.models import JournalEntry
from hues.notifications.models import Notice
from hues.people.models import User
from hues.reports import following
from hues.reports.following import actions, digest, news, queries
from hues.reports.models import Follow
from tests.reports.conftest import HERE, LAMP, NOW, STRAY, actor_of, report

Make = Callable[..., Case]
MakeCitizen = Callable[[str], User]
RESULT = "Đã kiểm tra, đèn sáng bình thường trở lại."


@pytest.fixture
def neighbour(make_citizen: MakeCitizen) -> User:
    return make_citizen("hang-xom")


def relay() -> None:
    """What the relay does with every entry; twice, as it may."""
    for _time in range(2):
        for entry in journal.read(list(JournalEntry.objects.order_by("id").values_list("pk", flat=True))).values():
            for one in ("following", "following-moderation", "notices"):
                how = journal.FOLLOWERS.get(one)
                if not how.part or how.part in entry.parts:
                    how.follow(entry)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(person=user).order_by("at", "id").values_list("template", flat=True))


def finish(case: Case, operator: Actor) -> None:
    case = Case.objects.get(pk=case.pk)
    assert case.agency_id
    officer = Actor("staff", operator.id, "Cán bộ", frozenset({Grant(OFFICER, case.agency_id)}))
    take_step(actor=officer, code=case.code, step="start", data={})
    take_step(actor=officer, code=case.code, step="answer", data={"outcome": "no_violation_found", "text": RESULT})
    take_step(actor=operator, code=case.code, step="publish", data={"text": RESULT})


def test_who_follows_a_case_hears_of_its_public_steps_and_its_reporter_only_as_reporter(
    published_case: Make, operator: Actor, citizen: User, neighbour: User
) -> None:
    case = published_case()
    actions.follow_case(actor=actor_of(neighbour), code=case.code)
    actions.follow_case(actor=actor_of(citizen), code=case.code)  # one's own: no more notices for it
    Notice.objects.all().delete()
    finish(case, operator)
    relay()
    assert told(neighbour) == ["follow.step"] * 4  # accepted, begun, answered, published
    last = Notice.objects.filter(person=neighbour).latest("id")
    assert last.link == f"/cases/{case.code}" and "Đã công bố kết quả" in last.data["texts"]["vi"]
    assert not [template for template in told(citizen) if template.startswith("follow.")]


def test_news_of_a_place_reach_who_is_near_enough_and_nobody_else(
    published_case: Make, make_citizen: MakeCitizen
) -> None:
    def lives(name: str, north_m: float, radius: int) -> User:
        user = make_citizen(name)
        lat = HERE[0] + north_m / 111_195
        actions.follow_place(actor=actor_of(user), lat=lat, lon=HERE[1], radius_m=radius, pace="now")
        return user

    near, far = lives("gan", 180, 200), lives("xa", 260, 200)
    wide, beyond = lives("rong", 950, 1000), lives("ngoai", 1100, 1000)
    published_case()
    relay()
    assert told(near) == told(wide) == ["follow.listed"]
    assert told(far) == told(beyond) == []


def test_no_circle_that_holds_a_point_has_its_middle_outside_the_cells_that_are_asked() -> None:
    rng = random.Random(7)
    for _n in range(2000):
        lat, lon = rng.uniform(16.0, 16.8), rng.uniform(107.0, 108.2)
        bearing_lat, bearing_lon = rng.uniform(-1000, 1000) / 111_195, rng.uniform(-1000, 1000) / 106_600
        if geo.distance_m(lat, lon, lat + bearing_lat, lon + bearing_lon) <= max(following.RADII):
            assert following.cell_of(lat + bearing_lat, lon + bearing_lon) in following.cells_around(lat, lon)


def test_a_kind_is_followed_in_a_ward_or_everywhere(published_case: Make, make_citizen: MakeCitizen) -> None:
    case = published_case()
    assert case.unit is not None
    other = "19804" if case.unit.code != "19804" else "19813"
    wanted = {
        "ca-pho": {"category": LAMP},
        "trong-phuong": {"category": LAMP, "unit": case.unit.code},
        "moi-viec": {"unit": case.unit.code},
    }
    unwanted: dict[str, dict[str, str]] = {
        "viec-khac": {"category": STRAY},
        "noi-khac": {"category": LAMP, "unit": other},
    }
    for name, what in (wanted | unwanted).items():
        actions.follow_area(actor=actor_of(make_citizen(name)), pace="now", **what)
    relay()
    heard = set(Notice.objects.filter(template="follow.listed").values_list("person__username", flat=True))
    assert heard == set(wanted)


def test_one_entry_is_told_once_however_many_follows_it_meets(
    published_case: Make, operator: Actor, neighbour: User
) -> None:
    case = published_case()
    who = actor_of(neighbour)
    actions.follow_case(actor=who, code=case.code)
    actions.follow_area(actor=who, category=LAMP, pace="now")
    actions.follow_place(actor=who, lat=HERE[0], lon=HERE[1], pace="now")
    relay()
    entries = Notice.objects.filter(person=neighbour).values_list("entry_id", flat=True)
    assert len(entries) == len(set(entries)) == 1


def test_what_is_not_listed_is_no_news_and_becomes_none_later(citizen: User, operator: Actor, neighbour: User) -> None:
    case = report(actor_of(citizen))
    actions.follow_area(actor=actor_of(neighbour), category=LAMP, pace="now")
    take_step(actor=operator, code=case.code, step="accept", data={"agency": "CVX", "visibility": "restricted"})
    relay()
    assert told(neighbour) == []
    with pytest.raises(NotFound):
        actions.follow_case(actor=actor_of(neighbour), code=case.code)
    moderate_case(actor=operator, code=case.code, public_body="Đèn tắt", visibility="public")
    relay()
    assert told(neighbour) == ["follow.listed"]


def test_a_masked_place_does_not_betray_itself_by_who_hears_of_it(published_case: Make, neighbour: User) -> None:
    shown = geo.hide_in_street(*HERE)
    apart = geo.distance_m(*HERE, *shown)
    assert apart > 20, "the two points must differ for this to say anything"
    actions.follow_place(actor=actor_of(neighbour), lat=shown.lat, lon=shown.lon, radius_m=200, pace="now")
    case = published_case()
    Case.objects.filter(pk=case.pk).update(visibility="masked", public_lat=shown.lat + 0.01, public_lon=shown.lon)
    relay()
    assert told(neighbour) == [], "the public point decides, not the true one"


def test_the_day_in_one_notice_at_its_hour(
    published_case: Make, operator: Actor, citizen: User, neighbour: User
) -> None:
    actions.follow_area(actor=actor_of(neighbour), category=LAMP)
    actions.follow_area(actor=actor_of(citizen), category=LAMP)  # reported them all: hears nothing twice
    first, _second = published_case(), published_case(body="Cột bên kia")
    finish(first, operator)
    relay()
    assert told(neighbour) == []
    assert digest.send_due() == 0, "nine in the morning"
    with clock.at(NOW + timedelta(hours=9, minutes=5)):
        assert digest.send_due() == 1
        assert digest.send_due() == 0, "once a day"
    notice = Notice.objects.get(person=neighbour)
    assert notice.template == "follow.digest" and notice.data["texts"]["vi"] == "2 phản ánh mới · 1 việc đã trả lời"
    assert not Notice.objects.filter(person=citizen, template="follow.digest").exists()
    with clock.at(NOW + timedelta(days=1, hours=9)):
        assert digest.send_due() == 0, "no news, no notice"


def test_what_was_told_at_once_is_not_told_again_in_the_evening(published_case: Make, neighbour: User) -> None:
    who = actor_of(neighbour)
    actions.follow_area(actor=who, category=LAMP, pace="now")
    actions.follow_place(actor=who, lat=HERE[0], lon=HERE[1])
    published_case()
    relay()
    with clock.at(NOW + timedelta(hours=10)):
        assert digest.send_due() == 0
    assert told(neighbour) == ["follow.listed"]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(news, "CHUNK", 3)
    monkeypatch.setattr(digest, "CHUNK", 3)
    return


@pytest.mark.usefixtures("small_chunks")
def test_many_people_are_told_a_chunk_at_a_time(published_case: Make, make_citizen: MakeCitizen) -> None:
    crowd = [make_citizen(f"nguoi-{n}") for n in range(8)]
    for n, user in enumerate(crowd):
        actions.follow_area(actor=actor_of(user), category=LAMP, pace="now" if n % 2 else "daily")
    case = published_case()
    entry_id = JournalEntry.objects.get(subject_id=case.pk, action="case.accept").pk
    entry = journal.read([entry_id])[entry_id]
    after, jobs = news.spread(entry), 0
    while after is not None:
        after, jobs = news.spread(entry, after), jobs + 1
    assert jobs == 1
    with clock.at(NOW + timedelta(hours=10)):
        assert digest.send_due() == 4
    assert all(len(told(user)) == 1 for user in crowd)


def test_finding_who_follows_costs_the_same_for_one_and_for_many(
    published_case: Make, make_citizen: MakeCitizen
) -> None:
    def cost() -> int:
        case = published_case()
        entry_id = JournalEntry.objects.get(subject_id=case.pk, action="case.accept").pk
        with CaptureQueriesContext(connection) as seen:
            news.spread(journal.read([entry_id])[entry_id])
        return len(seen)

    actions.follow_area(actor=actor_of(make_citizen("mot")), category=LAMP, pace="now")
    one = cost()
    for n in range(20):
        actions.follow_area(actor=actor_of(make_citizen(f"n{n}")), category=LAMP, pace="now")
    assert cost() == one


def test_the_indexes_answer_not_a_walk_through_all_follows(neighbour: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        for where in (
            "kind = 'case' and case_id = %s",
            "kind = 'category' and category_id = 3 and unit_id is null and person_id > %s",
        ):
            cursor.execute("explain select person_id from reports_follow where " + where, [neighbour.pk])  # noqa: S608
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "follow_" in plan and "Seq Scan" not in plan, plan


def test_fifty_are_enough_and_twice_is_once(neighbour: User) -> None:
    who = actor_of(neighbour)
    for n in range(following.MOST):
        actions.follow_place(actor=who, lat=16.45 + n / 1000, lon=107.58)
    actions.follow_place(actor=who, lat=16.45, lon=107.58, radius_m=1000)  # the same again, wider
    assert Follow.objects.filter(person=neighbour).count() == following.MOST
    with pytest.raises(Invalid) as refused:
        actions.follow_place(actor=who, lat=16.46, lon=107.6)
    assert refused.value.code == "too-many-follows"


@pytest.mark.parametrize(
    "wrong", [{"lat": "x", "lon": 107}, {"lat": 21.0, "lon": 105.8}, {"lat": HERE[0], "lon": HERE[1], "radius_m": 7}]
)
def test_only_a_place_in_the_city_and_one_of_three_widths(neighbour: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        actions.follow_place(actor=actor_of(neighbour), **wrong)
    with pytest.raises(SignInNeeded):
        actions.follow_place(actor=GUEST, lat=HERE[0], lon=HERE[1])


def test_what_is_followed_goes_with_its_owner(published_case: Make, neighbour: User) -> None:
    who = actor_of(neighbour)
    actions.follow_case(actor=who, code=published_case().code)
    actions.follow_place(actor=who, lat=HERE[0], lon=HERE[1], label="Nhà mạ")
    assert queries.export_of(neighbour.pk)["follows"][1]["label"] == "Nhà mạ"
    assert actions.erase_of(neighbour.pk)["follows"] == 2
    assert actions.erase_of(neighbour.pk)["follows"] == 0
    assert queries.follows_of(neighbour.pk, "vi") == []


def test_on_the_pages_a_guest_is_led_to_sign_in_and_comes_back(
    client: Client, published_case: Make, neighbour: User
) -> None:
    case = published_case()
    page = client.get(f"/cases/{case.code}").content.decode()
    door = f"/follow?case={case.code}"
    assert door in page
    answer = client.get(door)
    assert answer.status_code == 302 and answer["Location"] == f"/login?next=%2Ffollow%3Fcase%3D{case.code}"
    client.force_login(neighbour)
    assert client.get(door).status_code == 200
    assert client.post("/follow", {"case": case.code}).status_code == 302
    assert Follow.objects.get(person=neighbour).case_id == case.pk
    listed = client.get("/me/following").content.decode()
    assert case.code in listed
    follow = Follow.objects.get()
    assert client.post(f"/me/following/{follow.pk}/stop").status_code == 302
    assert not Follow.objects.exists()


def test_nobody_stops_what_somebody_else_follows(client: Client, make_citizen: MakeCitizen, neighbour: User) -> None:
    follow = actions.follow_area(actor=actor_of(neighbour), category=LAMP)
    client.force_login(make_citizen("ke-khac"))
    assert client.post(f"/me/following/{follow.pk}/stop").status_code == 404
    assert client.post(f"/me/following/{follow.pk}/pace", {"pace": "now"}).status_code == 404
    assert Follow.objects.get().pace == "daily"


def test_a_place_is_followed_from_the_page(client: Client, neighbour: User) -> None:
    client.force_login(neighbour)
    door = f"/follow?lat={HERE[0]}&lon={HERE[1]}"
    assert 'name="radius"' in client.get(door).content.decode()
    sent = {"lat": HERE[0], "lon": HERE[1], "radius": "200", "pace": "now", "label": "Trường của con"}
    assert client.post("/follow", sent).status_code == 302
    page = client.get("/me/following").content.decode()
    assert "Trường của con" in page and "200 m" in page
    assert client.post("/follow", {**sent, "lat": "a"}).status_code == 422
