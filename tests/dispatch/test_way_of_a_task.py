"""From "send" to done: the lead's task and the case are one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases import queries as case_queries
from hues.cases.models import Case, CaseFile, CaseTimer
from hues.dispatch import actions, queries
from hues.dispatch.models import LogLine, Task, TaskTimer
from hues.kernel import clock
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from tests.cases.conftest import MONDAY, upload
from tests.dispatch.conftest import FAR, NEAR, Crew, Scene, agency, told


def test_one_press_sends_and_the_case_follows_the_lead_to_the_end(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk, note="Mang cưa máy")
    assert (task.role, task.state, scene.case.state, scene.case.agency.code) == ("lead", "sent", "dispatched", "CVX")
    assert not scene.case.moderated, "the public sees nothing that nobody has read"
    sent = JournalEntry.objects.get(action="task.sent")
    assert told(sent) == {scene.officer.id}
    (notice,) = sent.parts["notify"]
    assert (notice["link"], notice["data"]["urgent"]) == (f"/desk/tasks/{task.pk}", True)

    accepted = actions.accept_task(actor=scene.officer, task_id=task.pk, minutes=10)
    assert (scene.case.state, scene.case.officer_id) == ("accepted", scene.officer.id)
    assert accepted.promised_at == MONDAY + timedelta(minutes=10)
    actions.set_out(actor=scene.officer, task_id=task.pk)
    assert scene.case.state == "on_the_way"
    there = actions.arrive(actor=scene.officer, task_id=task.pk, accuracy_m=12, **NEAR)
    assert scene.case.state == "on_scene"
    assert there.arrived_by == "position" and there.arrived_m == pytest.approx(44, abs=2)
    photo = upload(scene.officer.id)
    done = actions.finish_task(
        actor=scene.officer, task_id=task.pk, outcome="fixed_with_evidence", note="Đã cưa và dọn sạch.", photos=[photo]
    )
    assert (done.state, scene.case.state, scene.case.answer) == ("done", "done", "Đã cưa và dọn sạch.")
    assert CaseFile.objects.get(file=photo).role == "after"
    kinds = list(LogLine.objects.filter(case=scene.case).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["sent", "accepted", "on_way", "arrived", "done"]


def test_steps_taken_at_the_desk_move_the_task_too(scene: Scene) -> None:
    scene.take(scene.operator, "assign", {"agency": "CVX"})
    assert scene.lead.state == "sent"
    scene.take(scene.officer, "accept")
    assert (scene.lead.state, scene.lead.taken_by_id) == ("accepted", scene.officer.id)
    scene.take(scene.officer, "on_the_way")
    scene.take(scene.officer, "on_scene", {"files": [upload(scene.officer.id)]})
    assert (scene.lead.state, scene.lead.arrived_by) == ("arrived", "photo")
    scene.take(scene.officer, "done", {"outcome": "temporary_fix", "text": "Đã rào chắn an toàn."})
    assert scene.lead.state == "done"
    scene.take(scene.operator, "bounce", {"reason": "Chưa thấy ảnh hiện trường"})
    assert (scene.lead.state, Task.objects.count()) == ("arrived", 1)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({**FAR, "accuracy_m": 10}, "1,3 km"),
        ({}, "vị trí"),
        ({**NEAR, "accuracy_m": 900}, "900 m"),
    ],
)
def test_arriving_from_afar_is_refused_and_says_how_far(scene: Scene, given: dict[str, float], says: str) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.accept_task(actor=scene.officer, task_id=task.pk)
    with pytest.raises(Invalid) as refused:
        actions.arrive(actor=scene.officer, task_id=task.pk, **given)
    assert says in refused.value.fields["files"]
    assert scene.case.state == "accepted"
    photo = upload(scene.officer.id)
    arrived = actions.arrive(actor=scene.officer, task_id=task.pk, photos=[photo], **given)
    assert (arrived.state, scene.case.state, CaseFile.objects.get(file=photo).role) == ("arrived", "on_scene", "note")
    assert arrived.arrived_by == "photo", "not by a position that is not there"


def test_nothing_is_done_from_the_office(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    support = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    actions.accept_task(actor=scene.officer, task_id=task.pk)
    done = {"outcome": "no_violation_found", "note": "Không còn cây nào cả."}
    with pytest.raises(Invalid) as refused:
        actions.finish_task(actor=scene.officer, task_id=task.pk, **done)
    assert "files" in refused.value.fields
    with pytest.raises(Invalid):
        scene.take(scene.officer, "done", {"outcome": done["outcome"], "text": done["note"]})
    assert (scene.case.state, scene.lead.state) == ("accepted", "accepted")
    for note, photos, wrong in (("Xong", [], "text"), ("Đã dọn xong cành cây.", [], "files")):
        with pytest.raises(Invalid) as refused:
            actions.finish_task(actor=scene.helper, task_id=support.pk, note=note, photos=photos)
        assert wrong in refused.value.fields
    shown = actions.finish_task(actor=scene.officer, task_id=task.pk, photos=[upload(scene.officer.id)], **done)
    assert (shown.state, shown.arrived_by) == ("done", "photo"), "a photo shows that somebody was there"
    other = actions.finish_task(
        actor=scene.helper, task_id=support.pk, note="Đã dọn xong cành cây.", photos=[upload(scene.helper.id)]
    )
    assert other.state == "done"


def test_pressed_twice_is_once_and_the_second_officer_learns_who_goes(scene: Scene, crew: Callable[..., Crew]) -> None:
    team = crew("CVX", "Tổ cây 1", size=2)
    one, two = team.members
    first = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk, team_id=team.team.pk)
    again = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk, team_id=team.team.pk)
    assert first.pk == again.pk and Task.objects.count() == 1
    assert told(JournalEntry.objects.get(action="task.sent")) == {one.id, two.id}
    for _press in range(2):
        actions.accept_task(actor=one, task_id=first.pk)
        actions.set_out(actor=one, task_id=first.pk)
        actions.arrive(actor=one, task_id=first.pk, **NEAR)
    assert JournalEntry.objects.filter(action__in=("case.accept", "case.on_the_way", "case.on_scene")).count() == 3
    assert actions.accept_task(actor=one, task_id=first.pk).state == "arrived", "a late repetition changes nothing"
    with pytest.raises(Conflict, match=one.name):
        actions.accept_task(actor=two, task_id=first.pk)


def test_what_a_phone_sends_later_keeps_its_own_time(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.accept_task(actor=scene.officer, task_id=task.pk)
    with clock.at(MONDAY + timedelta(minutes=50)):
        happened = MONDAY + timedelta(minutes=9)
        done = actions.arrive(actor=scene.officer, task_id=task.pk, happened_at=happened, **NEAR)
        assert done.arrived_at == happened and set(done.marks) == {"arrived"}
        line = next(line for line in queries.log_of(scene.case) if line.kind == "arrived")
        assert (line.at, line.came_at) == (happened, clock.now())
    for impossible in (MONDAY + timedelta(days=2), MONDAY - timedelta(days=2)):
        other = Task.objects.get(pk=task.pk)
        assert other.arrived_at != impossible


def test_a_time_before_it_was_sent_or_in_the_future_does_not_count(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    with clock.at(MONDAY + timedelta(minutes=3)):
        early = actions.accept_task(actor=scene.officer, task_id=task.pk, happened_at=MONDAY - timedelta(hours=1))
        assert early.accepted_at == MONDAY
        later = actions.set_out(actor=scene.officer, task_id=task.pk, happened_at=MONDAY + timedelta(hours=1))
        assert later.set_out_at == clock.now()


def test_a_decline_keeps_the_ladder_and_the_next_nearest_is_named(scene: Scene, crew: Callable[..., Crew]) -> None:
    near = crew("CVX", "Tổ gần", lat=16.464, lon=107.591)
    far = crew("CVX", "Tổ xa", lat=16.49, lon=107.6)
    offers = queries.case_view(scene.operator, scene.code).suggestions
    assert [one.team for one in offers[:2]] == ["Tổ gần", "Tổ xa"]
    assert offers[0].key == "1" and offers[0].distance_m < 100 < offers[1].distance_m
    first = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk, team_id=near.team.pk)
    with clock.at(MONDAY + timedelta(minutes=3)):
        actions.decline_task(actor=near.members[0], task_id=first.pk, reason="Xe hỏng giữa đường")
        actions.decline_task(actor=near.members[0], task_id=first.pk, reason="Xe hỏng giữa đường")
    assert (scene.lead.state, scene.case.state, scene.case.agency.code) == ("declined", "dispatched", "CVX")
    assert JournalEntry.objects.filter(action="case.cannot").count() == 1
    offers = queries.case_view(scene.operator, scene.code).suggestions
    assert offers[0].team == "Tổ xa" and offers[-1].declined
    with clock.at(MONDAY + timedelta(minutes=4)):
        actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk, team_id=far.team.pk)
    timer = CaseTimer.objects.get(case=scene.case, kind="ladder-5", fired_at=None)
    assert timer.fire_at == MONDAY + timedelta(minutes=5), "from when somebody was first sent"


def test_another_agency_takes_over_the_same_ladder_and_deadline(scene: Scene) -> None:
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.decline_task(actor=scene.officer, task_id=scene.lead.pk, reason="Không còn người")
    due = scene.case.due_at
    with clock.at(MONDAY + timedelta(minutes=2)):
        task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    assert (task.role, scene.case.agency.code, scene.case.due_at) == ("lead", "HEP", due)
    assert CaseTimer.objects.get(case=scene.case, kind="ladder-5").fire_at == MONDAY + timedelta(minutes=5)


def test_support_goes_beside_the_lead_with_a_log_for_all(scene: Scene, people: object) -> None:
    lead = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    help_ = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    assert (help_.role, scene.case.agency.code) == ("support", "CVX")
    assert TaskTimer.objects.filter(task=help_, ladder="accept").count() == 3
    with pytest.raises(NotFound):
        case_queries.case_page(scene.helper, scene.code)
    view = queries.task_view(scene.helper, help_.pk)
    assert view.goes and not view.has_case and len(view.photos) == 1 and view.case.reporter_id is None
    actions.accept_task(actor=scene.helper, task_id=help_.pk, minutes=5)
    assert scene.case.state == "dispatched", "the case follows the lead alone"
    photo = upload(scene.helper.id)
    actions.write_log(actor=scene.helper, code=scene.code, text="Cần thêm xe cẩu", photos=[photo])
    actions.write_log(actor=scene.operator, code=scene.code, text="Đã gọi xe cẩu")
    for viewer, task in ((scene.officer, lead), (scene.helper, help_)):
        said = [line.body for line in queries.task_view(viewer, task.pk).log if line.kind == "said"]
        assert said == ["Đã gọi xe cẩu", "Cần thêm xe cẩu"]
    entry = JournalEntry.objects.filter(action="task.log").first()
    assert entry is not None and {f"agency:{agency('HEP').pk}", f"case:{scene.case.pk}"} <= set(entry.topics)
    assert set(entry.parts) == {"staff", "notify"}
    with pytest.raises(Invalid):
        actions.arrive(actor=scene.helper, task_id=help_.pk, **FAR)
    actions.arrive(actor=scene.helper, task_id=help_.pk, **NEAR)
    assert actions.finish_task(actor=scene.helper, task_id=help_.pk, note="Đã dọn cành").state == "done"
    assert scene.case.state == "dispatched"


def test_strangers_see_and_do_nothing(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    stranger = scene.people.officer(agency("SYT"))
    for act in (
        lambda: queries.task_view(stranger, task.pk),
        lambda: actions.accept_task(actor=stranger, task_id=task.pk),
        lambda: actions.write_log(actor=stranger, code=scene.code, text="Xin chào"),
        lambda: actions.send_task(actor=stranger, code=scene.code, agency_id=agency("SYT").pk),
        lambda: queries.task_view(scene.citizen, task.pk),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Forbidden):
        actions.send_task(actor=scene.officer, code=scene.code, agency_id=agency("HEP").pk)
    with pytest.raises(Forbidden):
        actions.arrive(actor=scene.operator, task_id=task.pk, **NEAR)
    assert not queries.open_tasks(stranger)


def test_a_head_sends_their_own_people_only(scene: Scene, crew: Callable[..., Crew]) -> None:
    scene.take(scene.operator, "assign", {"agency": "CVX"})
    head, team = scene.people.head(agency("CVX")), crew("CVX", "Tổ cây 2")
    task = actions.send_task(actor=head, code=scene.code, agency_id=agency("CVX").pk, team_id=team.team.pk)
    assert task.role == "support"
    with pytest.raises(Forbidden):
        actions.send_task(actor=head, code=scene.code, agency_id=agency("HEP").pk)


def test_standing_down_and_calling_back_inform_everybody(scene: Scene) -> None:
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    help_ = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("HEP").pk)
    for _press in range(2):
        actions.stand_down(actor=scene.operator, task_id=help_.pk, reason="Không cần nữa")
    entry = JournalEntry.objects.get(action="task.cancelled")
    assert told(entry) == {scene.helper.id} and entry.parts["notify"][0]["data"]["urgent"]
    with pytest.raises(Conflict, match="Không cần nữa"):
        actions.accept_task(actor=scene.helper, task_id=help_.pk)
    actions.accept_task(actor=scene.officer, task_id=scene.lead.pk)
    actions.recall_all(actor=scene.operator, code=scene.code, reason="Báo nhầm, đường thông")
    assert (scene.case.state, scene.case.agency_id, scene.lead.state) == ("triage", None, "cancelled")
    told_back = JournalEntry.objects.filter(action="task.cancelled").latest("id")
    assert told(told_back) == {scene.officer.id}
    assert not TaskTimer.objects.filter(fired_at=None, spared_at=None).exists()


def test_a_merged_case_calls_its_parties_back(scene: Scene) -> None:
    other = Scene(scene.people, scene.citizen, scene.code)
    actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    from hues.cases.actions import open_case
    from tests.cases.conftest import INSIDE

    parent = open_case(
        actor=scene.citizen, category="DT03", body="Cây ngã", file_ids=[upload(scene.citizen.id)], **INSIDE
    )
    other.take(scene.operator, "merge", {"parent": parent.code})
    assert scene.lead.state == "cancelled"


def test_what_remains_is_one_press_away_and_both_know_each_other(scene: Scene) -> None:
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk)
    actions.accept_task(actor=scene.officer, task_id=task.pk)
    actions.arrive(actor=scene.officer, task_id=task.pk, **NEAR)
    assert queries.task_view(scene.officer, task.pk).may_follow_up
    rest = actions.follow_up(actor=scene.officer, task_id=task.pk, category="DT04", remains="Còn gốc cây phải nhổ.")
    assert (rest.group, rest.origin_id) == ("timed", scene.case.pk)
    assert queries.task_view(scene.officer, task.pk).related == [("follow_up", rest.code)]
    assert queries.case_view(scene.operator, rest.code).related == [("origin", scene.code)]


def test_the_call_list_brings_up_the_next_person(scene: Scene, crew: Callable[..., Crew]) -> None:
    from hues.duty import phones

    team = crew("CVX", "Tổ cây", size=2)
    one, two = team.members
    assert one.id and two.id
    phones.keep(one.id, "+84900000101")
    phones.keep(two.id, "+84900000102")
    task = actions.send_task(actor=scene.operator, code=scene.code, agency_id=agency("CVX").pk, team_id=team.team.pk)

    def rows() -> list[queries.CallRow]:
        return queries.call_list(scene.operator, Task.objects.get(pk=task.pk))

    first = next(row for row in rows() if row.next)
    assert first.phone in ("+84900000101", "+84900000102")
    actions.record_call(actor=scene.operator, task_id=task.pk, person_id=first.person_id, result="no_answer")
    second = next(row for row in rows() if row.next)
    assert {first.person_id, second.person_id} == {one.id, two.id}
    actions.record_call(actor=scene.operator, task_id=task.pk, person_id=second.person_id, result="coming")
    assert (scene.case.state, scene.case.officer_id, scene.lead.taken_by_id) == (
        "accepted", second.person_id, second.person_id,
    )  # fmt: skip
    assert JournalEntry.objects.get(action="case.accept").actor_id == scene.operator.id, "who noted it"
    assert not any(row.next for row in rows())
    entry = JournalEntry.objects.filter(action="task.called").first()
    assert entry is not None and "+8490" not in str(entry.parts)
    assert queries.call_list(scene.officer, task) == []


def test_cases_without_tasks_cost_no_statement(scene: Scene) -> None:
    from hues.cases.actions import open_case, take_step
    from tests.cases.conftest import INSIDE, at_most

    lamp = open_case(actor=scene.citizen, category="DT01", body="Đèn không sáng", **INSIDE)
    take_step(actor=scene.operator, code=lamp.code, step="accept", data={"agency": "CVX"})
    with at_most(12) as captured:
        take_step(actor=scene.officer, code=lamp.code, step="start")
    assert not any("dispatch_" in query["sql"] for query in captured)
    assert Case.objects.get(code=lamp.code).state == "in_progress"
