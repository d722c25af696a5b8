"""Nothing falls through: every open state has a rule or a reason, what must be handled at once cannot be put aside for long, a handover
that nobody takes surfaces, and no list ends in silence."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from hues.cases import processes, reference
from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.console import actions, holding, threads_here
from hues.console.models import Hold, Untouched
from hues.console.pack import PRIORITIES, ConsolePackError, console, parse
from hues.kernel import clock
from hues.kernel.actors import HEAD, OFFICER, Actor
from hues.kernel.errors import Invalid
from hues.kernel.models import JournalEntry
from hues.orders.giving import PROCESS as ORDERS
from hues.people.models import Membership
from tests.cases.conftest import MONDAY, told

Reports = Callable[..., list[Case]]
Browser = Callable[[Actor], Client]


def groups_of(code: str) -> set[str]:
    found = {str(one.process_group) for one in reference.categories().values() if one.process == code}
    return found | ({"command"} if code == ORDERS else set())  # hues.orders.giving opens its own category


def test_every_open_state_of_every_process_surfaces_or_says_why_not(reports: Reports) -> None:
    reports(1)
    pack, forgotten = console(), []
    for code in sorted({one.code for one in processes.known().values()}):
        process = processes.latest(code)[1]
        groups = groups_of(code)
        assert groups, f"nobody opens {code}"
        for state in (one for one in process.states.values() if one.open):
            for group in groups:
                ruled = all((group, state.name, priority) in pack.untouched for priority in PRIORITIES)
                if not (ruled or state.name in pack.silent or (group, state.name) in pack.exempt):
                    forgotten.append(f"{group}.{state.name} ({code})")
    assert forgotten == []
    with pytest.raises(ConsolePackError):
        parse({"exempt": {"timed": {"planned": ""}}})


def test_an_order_that_nobody_touches_surfaces(lead: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    process = processes.latest(ORDERS)[0]
    Case.objects.filter(pk=case.pk).update(process=process, group="command", state="given", phase="handling")
    with clock.at(MONDAY + timedelta(days=4)):
        actions.notice_untouched()
    assert "still" in Untouched.objects.filter(case=case, ended_at=None).values_list("kind", flat=True)


@pytest.mark.parametrize(("priority", "minutes"), [(1, 15), (2, 30), (3, 60), (4, 180)])
def test_what_must_be_handled_at_once_is_put_aside_for_minutes(
    one: Actor, reports: Reports, priority: int, minutes: int
) -> None:
    (tree,) = reports(1, category="DT03", body="Cây đổ chắn đường")
    Case.objects.filter(pk=tree.pk).update(priority=priority)
    tree.refresh_from_db()
    assert holding.longest(tree) == timedelta(minutes=minutes)
    late = MONDAY + timedelta(minutes=minutes + 1)
    with pytest.raises(Invalid) as caught:
        actions.hold_case(actor=one, code=tree.code, reason="Chờ phường", wake_at=late)
    assert str(minutes) in caught.value.fields["wake_at"] and not Hold.objects.exists()
    actions.hold_case(actor=one, code=tree.code, reason="Chờ phường", wake_at=MONDAY + timedelta(minutes=minutes))
    with clock.at(MONDAY + timedelta(minutes=minutes + 31)):
        actions.notice_untouched()
    assert Untouched.objects.filter(case=tree, kind="held", ended_at=None).exists()


def test_a_handover_that_nobody_takes_surfaces_once_and_goes_when_taken(
    one: Actor, two: Actor, lead: Actor, browser_of: Browser
) -> None:
    actions.begin_handover(actor=one)
    actions.write_handover(actor=one, words="Mưa lớn, để ý đường Bà Triệu.")
    given = actions.give_handover(actor=one)
    with clock.at(MONDAY + timedelta(minutes=29)):
        assert actions.notice_untouched() == 0
    with clock.at(MONDAY + timedelta(minutes=31)):
        assert (actions.notice_untouched(), actions.notice_untouched()) == (1, 0)
        entry = JournalEntry.objects.get(action="console.surfaced")
        assert told(entry) == {lead.id}
        page = browser_of(two).get("/desk/triage?list=untouched").content.decode()
        assert f'href="/desk/handover#h-{given.pk}"' in page and "chưa ai nhận" in page
        actions.take_handover(actor=two, handover_id=given.pk)
        assert not Untouched.objects.filter(ended_at=None).exists()


def test_a_decision_takes_a_case_off_the_list_at_once(one: Actor, reports: Reports) -> None:
    tree, other = reports(2, category="DT03", body="Cây đổ chắn đường")
    with clock.at(MONDAY + timedelta(minutes=31)):
        actions.notice_untouched()
        actions.decide(actor=one, code=tree.code, verb="accept", data={})
        wake = MONDAY + timedelta(minutes=40)
        actions.hold_case(actor=one, code=other.code, reason="Chờ phường", wake_at=wake)
        kinds = Untouched.objects.filter(ended_at=None).values_list("kind", flat=True)
        assert "still" not in kinds and "held" not in kinds


def test_an_agency_without_anybody_leads_to_its_page(
    one: Actor, browser_of: Browser, reports: Reports, lights: object
) -> None:
    (case,) = reports(1)
    take_step(actor=one, code=case.code, step="accept", data={"agency": "CVX"})
    Membership.objects.filter(agency=lights, role__in=(OFFICER, HEAD)).delete()
    actions.notice_untouched()
    client = browser_of(one)
    page = client.get("/desk/triage/list?list=untouched").content.decode()
    assert 'href="/desk/agency?agency=CVX" data-row' in page
    assert client.get("/desk/agency?agency=CVX").status_code == 200


def test_a_handover_says_how_many_more_there_are(
    one: Actor, two: Actor, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads_here, "MOST", 2)
    monkeypatch.setattr(threads_here, "MOST_SURFACED", 1)
    wake = MONDAY + timedelta(minutes=40)
    cases = reports(3)
    for case in cases[:2]:
        actions.hold_case(actor=one, code=case.code, reason="Chờ phường gọi lại", wake_at=wake)
    assert len(threads_here.held(one)) == 2, "at the limit nothing is added"
    actions.hold_case(actor=one, code=cases[2].code, reason="Chờ phường gọi lại", wake_at=wake)
    *_shown, more = threads_here.held(one)
    assert (more.label, more.url) == ("và 1 việc nữa", "/desk/triage?list=held")
    for tree in reports(3, category="DT03", body="Cây đổ chắn đường"):
        take_step(actor=one, code=tree.code, step="assign", data={"agency": "CVX"})
    assert threads_here.tasks(one)[-1].label == "và 1 việc nữa"
    with clock.at(MONDAY + timedelta(minutes=21)):
        actions.notice_untouched()
    rest = Untouched.objects.filter(ended_at=None).count() - 1
    assert rest > 1 and threads_here.surfaced(one)[-1].label == f"và {rest} việc nữa"
    draft = actions.begin_handover(actor=one)
    actions.give_handover(actor=one)
    more_of_held = draft.points.get(kind="hold", ref="more-1")
    actions.take_point(actor=two, point_id=more_of_held.pk)
    assert set(Hold.objects.values_list("by_id", flat=True)) == {one.id}, "the line is no hold of its own"
