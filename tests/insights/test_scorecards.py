"""Scorecards: every number is the length of the list behind it, compared like with like, and open to whom it concerns."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from hues.cases import reference
from hues.cases.models import Case
from hues.city.models import Agency, Unit
from hues.insights.actions import check_tallies, rebuild_tallies
from hues.insights.measures import CONDITIONS
from hues.insights.models import CaseEcho, Tally
from hues.insights.queries import Scope, broken_down, whole
from hues.insights.scorecards import asking, cards, equity, periods, ranking, records, tables
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Invalid
from hues.kernel.ids import new_id
from hues.people import actions
from hues.people.models import User
from tests.reports.conftest import LAMP, NOW, STRAY, actor_of, report

HOUR = timedelta(hours=1)
YEAR = (date(2025, 11, 1), date(2026, 11, 24))


def staff(name: str, role: str, agency: str = "") -> User:
    user = actions.create_staff(actor=SYSTEM, username=name, password="mưa dầm thấm đất Huế")
    actions.grant_role(actor=SYSTEM, user_id=user.pk, role=role, agency=agency)
    return user


@pytest.fixture
def lead(client: Client) -> Client:
    client.force_login(staff("truong.ca", "lead"))
    return client


@pytest.fixture
def city(citizen: User) -> list[Case]:
    """Sixty reports over a year, of two kinds and two agencies, in all stages."""
    kinds = [report(actor_of(citizen), category=category) for category in (STRAY, LAMP)]
    agencies = [Agency.objects.get(code=code).pk for code in ("CVX", "HEP")]
    made = []
    for n in range(60):
        case, at = Case.objects.get(pk=kinds[n % 2].pk), NOW - timedelta(days=6 * n, hours=n % 24)
        case.pk, case.code, case.agency_id, case.received_at = new_id(), f"PA-T{n:03d}", agencies[n % 2], at
        case.channel, case.group = ("web", "hotline")[n % 3 == 0], "immediate" if n % 4 == 0 else "timed"
        case.first_read_at = case.assigned_at = at + timedelta(minutes=n)
        case.started_at, case.hops = at + timedelta(minutes=n + 2 + n % 9), n % 2
        case.phase, case.due_at = "handling", at + 20 * HOUR
        if n % 5:
            _finish(case, n)
        made.append(case)
    Case.objects.all().delete()
    made[9].parent_id, made[2].origin_id = made[3].pk, made[6].pk  # merged; it broke again
    Case.objects.bulk_create(made)
    rebuild_tallies()
    return made


def _finish(case: Case, n: int) -> None:
    case.phase, case.is_open, case.due_at = "done", False, None
    case.reject_reason, case.redirected_to = "spam" if n % 11 == 0 else "", "113" if n % 13 == 0 else ""
    case.outcome = ("fixed_with_evidence", "temporary_fix", "enforcement_done")[n % 3]
    case.answered_at = case.published_at = case.received_at + n * HOUR
    case.due_original_at, case.due_final_at = case.received_at + 20 * HOUR, case.received_at + 40 * HOUR
    case.rating, case.reopened = ("satisfied", "accepts", "not_satisfied", "")[n % 4], int(n % 7 == 0)


def behind(actor: Actor, scope: Scope, measure: str, limit: int = 7) -> list[str]:
    """All codes behind a number, by pages."""
    found: list[str] = []
    after = None
    while True:
        page = records.page(actor, scope, [measure], after=after, limit=limit)
        found += [row.code for row in page]
        after = page.next
        if after is None:
            return found


# ── Every number is a list ──


def test_each_number_is_the_length_of_the_list_behind_it(city: list[Case]) -> None:
    agency, category = Agency.objects.get(code="HEP").pk, reference.categories_by_code()[LAMP].pk
    for scope in (
        Scope(*YEAR),
        Scope(*YEAR, agency=agency),
        Scope(*YEAR, category=category, agency=agency),
        Scope(*YEAR, channel="hotline"),
        Scope(date(2026, 11, 2), date(2026, 11, 19)),
    ):
        for measure in (*CONDITIONS, "overdue"):
            listed = behind(SYSTEM, scope, measure)
            assert len(listed) == len(set(listed)) == records.count(scope, [measure]), (measure, scope)


def test_the_measures_of_the_city_are_not_all_empty(city: list[Case]) -> None:
    empty = {name for name in CONDITIONS if not records.count(Scope(*YEAR), [name])}
    assert empty <= {"arrived", "promises_ended", "promises_kept"}  # nobody was sent out, nothing was promised


def test_numbers_on_the_page_lead_to_as_many_records(city: list[Case], lead: Client) -> None:
    html = lead.get("/desk/scorecards?grain=quarter&by=agency", headers={"accept-language": "en"}).content.decode()
    links = re.findall(r'<a href="(/desk/scorecards/records\?[^"]+)"[^>]*>([\d,]+)(?: of [\d,]+)?</a>', html)
    assert len(links) > 10
    for url, number in links:
        page = lead.get(url.replace("&amp;", "&"), headers={"accept-language": "en"}).content.decode()
        told = re.search(r'<span class="num">([\d,]+)</span> ·', page)
        assert (told and told[1] == number) or " of " in html, url
        assert page.count('class="score-record"') == min(50, int(told[1])), url  # type: ignore[index]


def test_a_rare_thing_in_a_long_span_is_found_in_few_statements(
    city: list[Case], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        assert len(records.page(SYSTEM, Scope(*YEAR), ["redirected"])) == records.count(Scope(*YEAR), ["redirected"])


def test_measures_that_exclude_each_other_are_listed_together(city: list[Case]) -> None:
    scope, both = Scope(*YEAR), ["satisfied", "accepts"]
    assert len(records.page(SYSTEM, scope, both, limit=200)) == records.count(scope, both) > 0
    for wrong in ("", "received,received,received,received", "1=1", "overdue,read"):
        with pytest.raises(Invalid):
            records.read_measures(wrong)


def test_a_cursor_of_one_list_opens_no_other(city: list[Case]) -> None:
    first = records.page(SYSTEM, Scope(*YEAR), ["received"], limit=5)
    with pytest.raises(Invalid):
        records.page(SYSTEM, Scope(*YEAR), ["resolved"], after=first.next)


def test_orders_are_not_reports(city: list[Case]) -> None:
    before = whole(Scope(*YEAR)).counts["received"]
    Case.objects.filter(pk=city[0].pk).update(channel="order")
    assert check_tallies() > 0
    assert whole(Scope(*YEAR)).counts["received"] == before - 1 == len(behind(SYSTEM, Scope(*YEAR), "received"))


# ── Days ──


def test_days_add_up_to_months_and_only_thirteen_are_kept(city: list[Case]) -> None:
    month = Scope(date(2026, 10, 1), date(2026, 10, 31))
    days = broken_down(month, "day")
    assert sum(row.counts["received"] for row in days) == whole(month).counts["received"] > 0
    assert sum(sum(row.buckets["read"].values()) for row in days) == whole(month).of_duration("read")
    assert not Tally.objects.filter(span="d", start__lt=date(2025, 10, 1)).exists()
    weeks = broken_down(Scope(date(2026, 9, 28), date(2026, 11, 1)), "week")
    assert {row.key.weekday() for row in weeks} == {0}


def test_a_corrupted_day_is_found_and_mended_and_so_are_years_and_echoes(city: list[Case]) -> None:
    assert check_tallies() == 0
    day = Tally.objects.filter(span="d", cut=13).first()
    year = Tally.objects.filter(span="y", cut=15).first()
    assert day and year
    right = (day.resolved, year.received)
    Tally.objects.filter(pk=day.pk).update(resolved=day.resolved + 1, times={"read:3": 99})
    assert check_tallies() == 2  # a wrong row, and the right one that was missing
    Tally.objects.filter(pk=year.pk).update(received=0)
    assert check_tallies() == 2
    CaseEcho.objects.filter(again=True).first().delete()  # type: ignore[union-attr]
    Tally.objects.filter(span="m", cut=15).first().delete()  # type: ignore[union-attr]
    assert check_tallies() == 2
    assert check_tallies() == 0
    mended = Tally.objects.get(span="d", cut=13, start=day.start, agency=day.agency, is_sample=day.is_sample)
    assert (mended.resolved, Tally.objects.get(span="y", cut=15, start=year.start, is_sample=False).received) == right


def test_days_grow_old_without_being_wrong(city: list[Case]) -> None:
    oldest = Tally.objects.filter(span="d").order_by("start").first()
    assert oldest
    with clock.at(NOW + timedelta(days=200)):
        assert check_tallies() == 0
        assert not Tally.objects.filter(span="d", start=oldest.start).exists()


# ── Periods ──


@pytest.mark.parametrize(
    ("grain", "days", "before", "year_ago"),
    [
        ("day", "24/11/2026", "23/11/2026", "25/11/2025"),
        ("week", "23/11/2026–24/11/2026", "16/11/2026–17/11/2026", "24/11/2025–25/11/2025"),
        ("month", "01/11/2026–24/11/2026", "01/10/2026–24/10/2026", "01/11/2025–24/11/2025"),
        ("quarter", "01/10/2026–24/11/2026", "01/07/2026–24/08/2026", "01/10/2025–24/11/2025"),
        ("year", "01/01/2026–24/11/2026", "01/01/2025–24/11/2025", "01/01/2025–24/11/2025"),
    ],
)
def test_what_is_not_over_is_compared_with_as_many_days(grain: str, days: str, before: str, year_ago: str) -> None:
    period = periods.of(grain, date(2026, 11, 24))
    assert (period.days, period.before.days, period.year_ago.days) == (days, before, year_ago)
    assert period.before.is_kept and period.year_ago.is_kept and period.after is None


def test_short_months_and_whole_periods() -> None:
    whole_month = periods.of("month", date(2026, 10, 7))
    assert (whole_month.days, whole_month.before.days) == ("01/10/2026–31/10/2026", "01/09/2026–30/09/2026")
    with clock.at(NOW.replace(month=3, day=30)):
        assert periods.of("month", date(2026, 3, 30)).before.days == "01/02/2026–28/02/2026"
    assert not periods.of("week", date(2024, 5, 1)).is_kept
    assert periods.of("quarter", date(2024, 5, 1)).is_kept


def test_what_still_moves_is_not_judged(city: list[Case], lead: Client) -> None:
    actor = actor_of(User.objects.get(username="truong.ca"))
    young = cards.grouped(actor, asking.read(actor, {"grain": "month"}))
    settled = cards.grouped(actor, asking.read(actor, {"grain": "month", "at": "2026-08-01"}))
    of = {card["key"]: {f.indicator.id: f for f in card["figures"]} for card in young}
    old = {card["key"]: {f.indicator.id: f for f in card["figures"]} for card in settled}
    assert of["results"]["true_resolution"].green and of["results"]["true_resolution"].met is None
    assert not of["immediate"]["accepted_in_time"].green
    assert not old["results"]["true_resolution"].green and old["results"]["on_time_original"].met is True


# ── Who may look behind ──


def test_an_agency_sees_itself_and_the_records_of_itself_only(city: list[Case], client: Client) -> None:
    client.force_login(staff("cay.xanh", "officer", "CVX"))
    own = client.get("/desk/scorecards", headers={"accept-language": "en"}).content.decode()
    assert Agency.objects.get(code="CVX").name("en") in own and "/desk/scorecards/records?" in own
    other = client.get("/desk/scorecards?agency=HEP&grain=quarter", headers={"accept-language": "en"}).content.decode()
    assert "/desk/scorecards/records?" not in other and "open to the agency itself" in other
    span = "since=2026-10-01&until=2026-11-24&measure=received"
    assert client.get(f"/desk/scorecards/records?agency=CVX&{span}").status_code == 200
    for path in (f"/desk/scorecards/records?agency=HEP&{span}", f"/desk/scorecards/records?{span}",
                 f"/desk/scorecards/records.csv?agency=HEP&{span}", "/desk/scorecards/brief"):  # fmt: skip
        assert client.get(path).status_code == 404, path


def test_the_chairmans_office_sees_every_record_but_no_secret(city: list[Case], client: Client) -> None:
    Case.objects.filter(pk=city[1].pk).update(category=reference.categories_by_code()["AN02"], agency=None)
    rebuild_tallies()
    head = staff("van.phong", "head", next(a.code for a in reference.agencies().values() if a.is_chair))
    rows = records.page(actor_of(head), Scope(*YEAR), ["received"], limit=200).items
    assert len(rows) == records.count(Scope(*YEAR), ["received"])
    hidden = next(row for row in rows if row.code == city[1].code)
    assert (hidden.may_open, hidden.category, hidden.unit) == (False, None, None)


def test_nobody_else_has_scorecards(city: list[Case], browser: Client, client: Client) -> None:
    assert browser.get("/desk/scorecards").status_code == 404
    client.force_login(staff("quan.tri", "administrator"))
    assert client.get("/desk/scorecards").status_code == 403
    assert client.get("/desk/scorecards/fairness").status_code == 403


# ── Side by side ──


def test_ranks_are_honest(city: list[Case], operator: Actor) -> None:
    asked = asking.read(operator, {"grain": "year", "by": "agency", "show": "true_resolution"})
    lines = tables.lines(operator, asked)
    bars = tables.bars(lines, asking.shown_indicators()["true_resolution"])
    assert [bar.rank for bar in bars if not bar.few] == [1, 2]
    few = [Case.objects.filter(agency__code="HEP").order_by("pk").values_list("pk", flat=True)[:22]]
    Case.objects.filter(pk__in=few[0]).update(agency=Agency.objects.get(code="CVX"))
    rebuild_tallies()
    bars = tables.bars(tables.lines(operator, asked), asking.shown_indicators()["true_resolution"])
    assert [(bar.line.code, bar.rank, bar.few) for bar in bars] == [("CVX", 1, False), ("HEP", 0, True)]


def test_equals_share_a_rank(city: list[Case], operator: Actor) -> None:
    Case.objects.update(reopened=0)
    rebuild_tallies()
    asked = asking.read(operator, {"grain": "year", "by": "agency", "show": "reopen_rate"})
    assert {bar.rank for bar in ranking.ranked(operator, asked, "") if not bar.few} == {1}


def test_standing_of_one_agency_among_its_kind(city: list[Case], lead: Client) -> None:
    page = lead.get("/desk/scorecards/agencies/CVX?grain=year", headers={"accept-language": "en"}).content.decode()
    assert re.search(r"[12] / 2", page) and "Among agencies of its kind" in page
    assert lead.get("/desk/scorecards/agencies/NOBODY").status_code == 404


def test_fairness_is_by_head_and_hints_at_silence(city: list[Case], operator: Actor) -> None:
    here = city[0].unit
    assert here is not None and here.population
    view = equity.view(operator, asking.read(operator, {"grain": "year"}, whole=True), "en")
    ward = view.wards[0]
    received = whole(Scope(date(2026, 1, 1), date(2026, 11, 24))).counts["received"]
    assert (ward.unit.pk, ward.received) == (here.pk, received)
    assert ward.per_1000 == pytest.approx(1000 * received / here.population * 365.25 / 328)
    people = sum(Unit.objects.filter(valid_to=None).values_list("population", flat=True))
    assert ward.index == pytest.approx(people / here.population)
    assert len(view.quiet) == len(view.wards) - 1  # everybody else keeps silent


def test_the_page_says_that_population_is_an_estimate(city: list[Case], lead: Client) -> None:
    page = lead.get("/desk/scorecards/fairness?grain=year", headers={"accept-language": "en"}).content.decode()
    assert "not an official figure" in page


def test_what_makes_no_sense_is_said(city: list[Case], lead: Client) -> None:
    for query in (
        "grain=century", "at=tomorrow", "at=2999-01-01", "unit=1", "agency=%27", "show=hops", "by=colour",
        "grain=day&at=2021-05-01", "unit=19789&category=DT01&agency=HEP", "unit=19789&channel=web", "channel=pigeon",
    ):  # fmt: skip
        assert lead.get(f"/desk/scorecards?{query}").status_code == 422, query
        assert lead.get(f"/desk/scorecards.json?{query}").status_code == 422, query


def test_pages_need_few_statements(
    city: list[Case], lead: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for path, most in PAGES:
        lead.get(path)
        with django_assert_max_num_queries(most, info=path):
            assert lead.get(path).status_code == 200


PAGES = [
    ("/desk/scorecards", 32),
    ("/desk/scorecards?grain=week&by=category&show=hours_to_fix", 32),
    ("/desk/scorecards?grain=day&agency=HEP", 32),
    ("/desk/scorecards/records?measure=resolved&since=2026-01-01&until=2026-11-24", 16),
    ("/desk/scorecards/fairness?grain=year", 16),
    ("/desk/scorecards/agencies", 14),
    ("/desk/scorecards/agencies/HEP", 26),
    ("/desk/scorecards/brief", 34),
]


def test_migrations_are_complete() -> None:
    call_command("makemigrations", "insights", check=True, dry_run=True, verbosity=0)


def test_an_empty_city_has_scorecards(lead: Client) -> None:
    rebuild_tallies()
    for path in ("", "/fairness", "/agencies", "/agencies/HEP", "/indicators", "/brief"):
        assert lead.get(f"/desk/scorecards{path}").status_code == 200, path
