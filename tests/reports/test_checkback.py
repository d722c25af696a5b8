"""Is it really fixed, and is it still? The question after four weeks, the word of neighbours, and thanks."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hues.cases import recurring
from hues.cases.actions import take_step
from hues.cases.models import Case, CaseFile, CaseSupport
from hues.cases.queries import case_for
from hues.cases.queries.photos import see_file
from hues.cases.queries.timeline import timeline
from hues.kernel import clock, files, journal
from hues.kernel.actors import GUEST, OFFICER, SYSTEM, Actor, Grant
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from hues.kernel.models import JournalEntry
from hues.notifications.models import Notice
from hues.people import actions as people
from hues.people.models import User
from hues.reports import checkback
from hues.reports.following import actions as following
from hues.reports.models import CheckBack, Confirmation
from tests.reports.conftest import NOW, actor_of, photo, report

MakeCitizen = Callable[[str], User]
LATER = NOW + timedelta(days=28, hours=1)
TEXT = "Đã xử lý vi phạm chiếu sáng, thay bóng đèn mới."


@pytest.fixture
def fixed(citizen: User, operator: Actor) -> Case:
    """A case whose result stands since NOW."""
    case = take_step(actor=operator, code=report(actor_of(citizen)).code, step="accept", data={"agency": "CVX"})
    assert case.agency_id
    officer = Actor("staff", operator.id, "Cán bộ", frozenset({Grant(OFFICER, case.agency_id)}))
    take_step(actor=officer, code=case.code, step="start", data={})
    take_step(actor=officer, code=case.code, step="answer", data={"outcome": "enforcement_done", "text": TEXT})
    return take_step(actor=operator, code=case.code, step="publish", data={"text": TEXT})


@pytest.fixture
def head(fixed: Case) -> User:
    user = people.create_staff(actor=SYSTEM, username="truong.phong", password="mưa dầm thấm đất Huế")
    people.grant_role(actor=SYSTEM, user_id=user.pk, role="head", agency=fixed.agency.code if fixed.agency else "")
    return user


def relay() -> None:
    for entry in journal.read(list(JournalEntry.objects.order_by("id").values_list("pk", flat=True))).values():
        if "notify" in entry.parts:
            journal.FOLLOWERS.get("notices").follow(entry)


def notices(user: User, template: str) -> list[str]:
    relay()
    return list(Notice.objects.filter(person=user, template=template).values_list("link", flat=True))


def test_four_weeks_later_the_reporter_is_asked_once(fixed: Case, citizen: User) -> None:
    with clock.at(LATER - timedelta(days=1)):
        assert checkback.ask_due() == 0
    with clock.at(LATER):
        assert checkback.ask_due() == 1
        assert checkback.ask_due() == 0
    with clock.at(LATER + timedelta(days=3)):
        assert checkback.ask_due() == 0
    assert notices(citizen, "case.check_back") == [f"/me/cases/{fixed.code}#still"]
    assert CheckBack.objects.get().asked == 1


def test_of_a_case_that_is_hidden_by_now_only_its_senders_are_asked(
    fixed: Case, citizen: User, make_citizen: MakeCitizen
) -> None:
    neighbour = make_citizen("lang-gieng")
    CaseSupport.objects.create(case=fixed, person=neighbour, at=NOW)
    Case.objects.filter(pk=fixed.pk).update(visibility="restricted")
    with clock.at(LATER):
        checkback.ask_due()
    assert notices(citizen, "case.check_back") and not notices(neighbour, "case.check_back")


def test_those_whose_reports_were_merged_are_asked_at_their_own_page(
    fixed: Case, citizen: User, operator: Actor, make_citizen: MakeCitizen
) -> None:
    other = make_citizen("cung-gap")
    second = report(actor_of(other))
    Case.objects.filter(pk=second.pk).update(parent=fixed, state="merged", phase="done", is_open=False)
    with clock.at(LATER):
        checkback.ask_due()
    assert notices(other, "case.check_back") == [f"/me/cases/{second.code}#still"]
    assert CheckBack.objects.get().asked == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"is_sample": True},
        {"outcome": "explained_with_legal_ground"},
        {"is_open": True},
        {"published_at": NOW - timedelta(days=90)},
    ],
)
def test_samples_words_open_cases_and_the_distant_past_are_left_alone(fixed: Case, changes: dict[str, object]) -> None:
    Case.objects.filter(pk=fixed.pk).update(**changes)
    with clock.at(LATER):
        assert checkback.ask_due() == 0


def test_a_city_may_pause_the_question(fixed: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = {**recurring.rules(), "paused": True}
    monkeypatch.setattr(recurring, "rules", lambda: rules)
    with clock.at(LATER):
        assert checkback.ask_due() == 0


def test_yes_by_one_tap_is_thanked(fixed: Case, client: Client, citizen: User) -> None:
    client.force_login(citizen)
    with clock.at(LATER):
        checkback.ask_due()
        page = client.get(f"/me/cases/{fixed.code}").content.decode()
        assert 'id="still"' in page
        answer = client.post(f"/me/cases/{fixed.code}/still", {"fixed": "yes"})
        assert answer.status_code == 302
        assert 'id="still"' not in client.get(f"/me/cases/{fixed.code}").content.decode()
    said = Confirmation.objects.get()
    assert said.fixed and said.own and said.person_id == citizen.pk


def test_no_goes_back_to_the_same_agency_with_its_history_and_counts(
    fixed: Case, client: Client, citizen: User, head: User
) -> None:
    client.force_login(citizen)
    upload = SimpleUploadedFile("nay.jpg", photo(), "image/jpeg")
    with clock.at(LATER):
        refused = client.post(f"/me/cases/{fixed.code}/still", {"fixed": "no"})
        assert refused.status_code == 422, "a few words are needed"
        answer = client.post(
            f"/me/cases/{fixed.code}/still", {"fixed": "no", "note": "Tối qua lại tắt hẳn", "photos": upload}
        )
        assert answer.status_code == 302
        again = Case.objects.get(origin_id=fixed.pk)
        assert answer["Location"].startswith(f"/me/cases/{again.code}")
        assert (again.agency_id, again.category_id, again.state) == (fixed.agency_id, fixed.category_id, "assigned")
        assert again.reporter_id == citizen.pk and again.body == "Tối qua lại tắt hẳn" and again.due_at
        assert CaseFile.objects.get(case=again).public is False, "nothing new is public before the centre has looked"
        assert again.public_body == Case.objects.get(pk=fixed.pk).public_body
        assert Case.objects.get(pk=fixed.pk).outcome == "enforcement_done", "the first result stays in the figures"
    assert notices(head, "case.resume") == [f"/desk/cases/{again.code}"]


def test_while_it_can_be_reopened_no_reopens_it(fixed: Case, citizen: User) -> None:
    said = checkback.say_whether_fixed(
        actor=actor_of(citizen), code=fixed.code, fixed=False, note="Vẫn tối như cũ, chưa thay"
    )
    assert said.reopened and Case.objects.get(pk=fixed.pk).is_open
    assert not Confirmation.objects.exists() and not Case.objects.filter(origin=fixed).exists()


def test_after_sixty_days_it_only_counts(fixed: Case, citizen: User) -> None:
    with clock.at(NOW + timedelta(days=61)):
        said = checkback.say_whether_fixed(actor=actor_of(citizen), code=fixed.code, fixed=False, note="Lại hỏng rồi")
    assert said.recurrence is None and Confirmation.objects.get().fixed is False


def test_two_who_had_reported_it_meet_in_one_case(fixed: Case, citizen: User, make_citizen: MakeCitizen) -> None:
    other = make_citizen("cung-gap")
    second = report(actor_of(other))
    Case.objects.filter(pk=second.pk).update(parent=fixed, state="merged", phase="done", is_open=False)
    with clock.at(LATER):
        for user in (citizen, other):
            upload = files.store_upload(BytesIO(photo()), owner_id=user.pk).file.pk
            checkback.say_whether_fixed(
                actor=actor_of(user), code=fixed.code, fixed=False, note="Lại tắt", file_ids=[upload]
            )
    first, added = Case.objects.filter(origin=fixed).order_by("pk")
    assert first.is_open and added.parent_id == first.pk, "the agency has one case"
    assert case_for(actor_of(other), added.code).reporter_id == other.pk
    theirs = CaseFile.objects.get(case=added).file_id
    assert see_file(actor_of(citizen), theirs) is None, "nobody sees the photos of the other as they are"
    assert see_file(actor_of(other), theirs)


def test_another_person_learns_nothing_of_a_masked_place(fixed: Case, make_citizen: MakeCitizen) -> None:
    other = make_citizen("cung-gap")
    second = report(actor_of(other), address="Gần chợ")
    Case.objects.filter(pk=second.pk).update(parent=fixed, state="merged", phase="done", is_open=False)
    Case.objects.filter(pk=fixed.pk).update(
        visibility="masked", public_address="Lê Lợi", public_lat=16.45, public_lon=107.58
    )
    with clock.at(LATER):
        said = checkback.say_whether_fixed(actor=actor_of(other), code=fixed.code, fixed=False, note="Lại tắt")
    assert said.recurrence is not None
    again = Case.objects.get(pk=said.recurrence.pk)
    assert (again.address, again.lat, again.visibility) == ("Lê Lợi", 16.45, "masked")


def test_neighbours_confirm_once_and_everyone_reads_the_count(
    client: Client, fixed: Case, make_citizen: MakeCitizen
) -> None:
    for n in range(3):
        user = make_citizen(f"hang-xom-{n}")
        client.force_login(user)
        for _twice in range(2):
            assert client.post(f"/cases/{fixed.code}/fixed", {"fixed": "yes" if n else "no"}).status_code == 302
    client.logout()
    assert checkback.tally(fixed.pk, 0) == checkback.Tally(fixed=2, broken=1)
    page = client.get(f"/cases/{fixed.code}").content.decode()
    assert "2 người xác nhận đã sửa" in page and "1 chưa" in page
    answer = client.post(f"/cases/{fixed.code}/fixed", {"fixed": "yes"})
    assert answer.status_code == 302 and answer["Location"].startswith("/login?next=")


def test_three_who_say_no_are_told_to_the_centre_once(fixed: Case, operator: Actor, make_citizen: MakeCitizen) -> None:
    centre = User.objects.get(pk=operator.id)
    for n in range(4):
        assert len(notices(centre, "case.doubted")) == (n >= 3), n
        checkback.say_whether_fixed(actor=actor_of(make_citizen(f"h{n}")), code=fixed.code, fixed=False)
    assert notices(centre, "case.doubted") == [f"/desk/cases/{fixed.code}"]


def test_who_may_judge_what(fixed: Case, citizen: User, operator: Actor, make_citizen: MakeCitizen) -> None:
    neighbour = actor_of(make_citizen("hang-xom"))
    with pytest.raises(SignInNeeded):
        checkback.say_whether_fixed(actor=GUEST, code=fixed.code, fixed=True)
    with pytest.raises(Forbidden):
        checkback.say_whether_fixed(actor=operator, code=fixed.code, fixed=True)
    with pytest.raises(NotFound):
        checkback.say_whether_fixed(actor=neighbour, code=report(actor_of(citizen)).code, fixed=True)
    Case.objects.filter(pk=fixed.pk).update(visibility="restricted")
    with pytest.raises(NotFound):
        checkback.say_whether_fixed(actor=neighbour, code=fixed.code, fixed=True)
    checkback.say_whether_fixed(actor=actor_of(citizen), code=fixed.code, fixed=True)
    with pytest.raises(Conflict):
        checkback.say_whether_fixed(actor=actor_of(citizen), code=fixed.code, fixed=True)


def test_a_new_result_is_judged_afresh(fixed: Case, citizen: User, make_citizen: MakeCitizen) -> None:
    neighbour = actor_of(make_citizen("hang-xom"))
    checkback.say_whether_fixed(actor=neighbour, code=fixed.code, fixed=False)
    Case.objects.filter(pk=fixed.pk).update(reopened=1)
    assert checkback.tally(fixed.pk, 1) == checkback.Tally()
    checkback.say_whether_fixed(actor=neighbour, code=fixed.code, fixed=True)
    assert checkback.tally(fixed.pk, 1).fixed == 1


def test_thanks_reach_the_agency_and_the_public_sees_how_many(
    client: Client, fixed: Case, citizen: User, head: User, make_citizen: MakeCitizen
) -> None:
    client.force_login(citizen)
    here = f"/me/cases/{fixed.code}/thanks"
    assert client.post(here, {"body": "Cảm ơn các anh, gọi tôi 0914123456 nhé"}).status_code == 302
    assert client.post(here, {"body": "Lần nữa"}).status_code == 302  # once is enough
    assert notices(head, "case.thanked") == [f"/desk/cases/{fixed.code}"]
    [notice] = Notice.objects.filter(person=head, template="case.thanked")
    assert "Cảm ơn các anh" in notice.data["texts"]["vi"] and "0914" not in notice.data["texts"]["vi"]
    client.logout()
    page = client.get(f"/cases/{fixed.code}").content.decode()
    assert "1 lời cảm ơn" in page and "các anh" not in page
    assert checkback.thanks_of_agencies() == {fixed.agency_id: 1}
    with pytest.raises(Forbidden):
        checkback.send_thanks(actor=actor_of(make_citizen("nguoi-la")), code=fixed.code, body="Cảm ơn")


def test_long_thanks_are_refused(fixed: Case, citizen: User, settings: LazySettings) -> None:
    with pytest.raises(Invalid):
        checkback.send_thanks(actor=actor_of(citizen), code=fixed.code, body="a" * 281)


def test_who_leaves_takes_their_words_about_others_cases_along(
    fixed: Case, operator: Actor, make_citizen: MakeCitizen
) -> None:
    neighbour = make_citizen("lang-gieng")
    with clock.at(LATER):
        checkback.say_whether_fixed(actor=actor_of(neighbour), code=fixed.code, fixed=False, note="Trước nhà tôi, số 9")
    assert timeline(operator, fixed)[-1].who == "Người dân"
    assert following.erase_of(neighbour.pk)["entries"] == 1
    kept = [entry.parts for entry in journal.read(list(JournalEntry.objects.values_list("pk", flat=True))).values()]
    assert "số 9" not in str(kept)
    assert not any(following.erase_of(neighbour.pk).values()) and checkback.tally(fixed.pk, 0).broken == 1
