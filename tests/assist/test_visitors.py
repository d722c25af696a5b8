"""A visitor who was cheated: from the row of the home page to the clock that makes the centre keep its two hours, all in English."""

# ruff: noqa: F401, F811 - the fixture of cases is pytest's to find
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from tests.cases.conftest import MONDAY, People, people
from tests.reports.conftest import HERE

from hues.assist import queries
from hues.assist.triage import kept, store
from hues.cases.actions import fire_timers, take_step
from hues.cases.models import Case, CaseTimer
from hues.city import queries as city
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.models import JournalEntry
from hues.people.models import User

ENGLISH = {"accept-language": "en-GB,en;q=0.9"}
HUE = Path(__file__).resolve().parents[2] / "cities" / "hue"
TWO_HOURS = timedelta(hours=2)

# What tourists say when they ask us, in words that no file of phrases holds.
CHEATED = [
    "I was scammed by a taxi",
    "I was scammed by a restaurant",
    "scam",
    "We have been scammed by a fake tour operator",
    "taxi meter scam from the airport",
    "A shop scammed my wife when she bought silk",
    "The driver ripped us off, three times the normal fare",
    "Restaurant overcharged us, the bill does not match the menu",
]
ON_THE_PHONE = [
    "I got a scam call from somebody who says he is a policeman",
    "Scam website took my credit card number",
    "My Facebook account was hacked and they ask friends for money",
    "phone scam, they wanted my OTP",
    "online scam, I made a bank transfer and the seller vanished",
]


@pytest.fixture(autouse=True)
def _now(settings: LazySettings, db: None) -> object:
    settings.SANDBOX = True
    cache.clear()
    store.forget()
    with clock.at(MONDAY):
        yield
    store.forget()


@pytest.fixture
def packs_own(settings: LazySettings) -> None:
    """The model of all of the pack's phrases, as `make setup` keeps it; trained now where it does not."""
    kept.model_of_pack(HUE)
    store.forget()


def first(text: str) -> str:
    return queries.suggest(text, language="en").categories[0].code


@pytest.mark.parametrize("text", CHEATED)
def test_a_visitor_who_was_cheated_is_not_sent_to_online_fraud(text: str, packs_own: None) -> None:
    assert first(text) == "DL01"


@pytest.mark.parametrize("text", ON_THE_PHONE)
def test_online_fraud_stays_where_it_is(text: str, packs_own: None) -> None:
    assert first(text) == "AN03"


def test_the_keywords_say_the_same_where_nothing_was_trained() -> None:
    for word in ("scam", "scammed", "taxi scam", "rip off", "fake tour", "overcharged"):
        assert city.search_categories(word, "en")[0].code == "DL01", word
    for word in ("phone scam", "scam call", "phishing", "online fraud"):
        assert city.search_categories(word, "en")[0].code == "AN03", word


# ── from the home page to the clock ──


@pytest.fixture
def visitor() -> Client:
    client = Client(headers=ENGLISH)
    client.force_login(User.objects.create(kind="citizen", username="visitor", created_at=clock.now()))
    return client


def filed(visitor: Client) -> Case:
    """What somebody files who follows the row of the home page."""
    home = visitor.get("/").content.decode()
    row = re.search(r'<a class="visitors" href="([^"]+)".*?</a>', home, re.S)
    assert row and "within 2 hours" in row.group()
    form = visitor.get(row.group(1)).content.decode()
    assert '<html lang="en"' in form
    assert "Tourist overcharging" in form
    assert "first help within 2 hours" in form
    kind = row.group(1).rpartition("=")[2]
    sent = {
        "category": kind, "body": "A cyclo driver scammed us: agreed on 100,000, then wanted a million.",
        "lat": HERE[0], "lon": HERE[1], "address": "23 Le Loi",
    }  # fmt: skip
    answer = visitor.post("/api/v1/reports", json.dumps(sent), content_type="application/json")
    assert answer.status_code == 201, answer.content
    case = Case.objects.get(code=answer.json()["code"])
    assert (case.category.code, case.language) == ("DL01", "en")
    return case


def rung_of(case: Case) -> datetime | None:
    return (
        CaseTimer.objects.filter(case=case, kind="make-safe", fired_at=None).values_list("fire_at", flat=True).first()
    )


def reminded(case: Case) -> list[JournalEntry]:
    found = JournalEntry.objects.filter(action="case.timer", subject_id=case.pk).order_by("id")
    return [entry for entry in found if entry.parts["staff"]["kind"] == "make-safe"]


def test_the_two_hours_run_from_the_moment_the_report_arrived(visitor: Client, people: People) -> None:
    case = filed(visitor)
    assert rung_of(case) == case.received_at + TWO_HOURS, "before anybody has read it"
    operator: Actor = people.operator
    with clock.at(MONDAY + timedelta(minutes=50)):
        take_step(actor=operator, code=case.code, step="send", data={"agency": "SDL"})
        assert rung_of(case) == case.received_at + TWO_HOURS, "the centre's own fifty minutes are not added"
    with clock.at(MONDAY + TWO_HOURS - timedelta(seconds=1)):
        fire_timers()
        assert reminded(case) == []
    with clock.at(MONDAY + TWO_HOURS):
        fire_timers()
        fire_timers()
    (entry,) = reminded(case)
    assert "the time promised for first help is over" in entry.parts["staff"]["said"]["en"]
    assert "()" not in entry.parts["staff"]["said"]["vi"]


def test_a_report_that_nobody_took_for_two_hours_is_told_to_the_centre_once(visitor: Client, people: People) -> None:
    operator = people.operator
    case = filed(visitor)
    with clock.at(MONDAY + TWO_HOURS):
        fire_timers()
        assert len(reminded(case)) == 1
    with clock.at(MONDAY + TWO_HOURS + timedelta(minutes=5)):
        take_step(actor=operator, code=case.code, step="send", data={"agency": "SDL"})
        assert rung_of(case) is None, "it is not promised anew"
    with clock.at(MONDAY + timedelta(days=2)):
        fire_timers()
    assert len(reminded(case)) == 1


def test_what_has_its_time_from_the_assignment_keeps_it(people: People) -> None:
    """Advice about fraud on the telephone within 24 hours of the assignment: the timed process is as it was."""
    from hues.cases.actions import open_case

    case = open_case(
        actor=people.citizen(), category="AN03", body="Có người gọi giả danh công an", lat=HERE[0], lon=HERE[1]
    )
    assert rung_of(case) is None
    with clock.at(MONDAY + timedelta(hours=3)):
        take_step(actor=people.operator, code=case.code, step="accept", data={})
        assert rung_of(case) == MONDAY + timedelta(hours=27)
