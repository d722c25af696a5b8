"""Six years of rows that the engine never wrote must be what the engine would have written."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from django.db import connection

from hues.cases import reference
from hues.cases.actions import open_case, take_step
from hues.cases.models import Case
from hues.cli.demo.accounts import Staff, open_citizens
from hues.cli.demo.texts import read_texts
from hues.cli.demo.years import build_city
from hues.cli.demo.years.history import History, World
from hues.cli.demo.years.load import RELAY_LOCK
from hues.cli.demo.years.way import Way
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.ids import new_id
from hues.kernel.log import queries as log
from hues.kernel.log.verify import verify
from hues.kernel.models import JournalEntry, Outbox
from hues.kernel.relay import run_once
from hues.people.queries import actor_for

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def test_while_a_relay_works_the_entries_wait_for_it() -> None:
    settings = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{key: settings[key] for key in wanted if settings.get(key)}, autocommit=True) as relay:
        relay.execute("select pg_advisory_lock(%s)", [RELAY_LOCK])
        with clock.at(NOW):
            build_city(read_texts(), NOW, 60)
    assert log.size() == 0 and Outbox.objects.count() > 300
    run_once()
    assert verify().problems == [] and not Outbox.objects.exists()


def test_the_same_seed_makes_the_same_city() -> None:
    assert _print_of(200) == _print_of(200)


def _print_of(total: int) -> str:
    officers = {pk: [str(new_id())] for pk in reference.agencies()}
    fixed = {pk: [f"0198c0de-0000-7000-8000-{pk:012}"] for pk in officers}
    people = [f"0198c0de-0000-7000-9000-{n:012}" for n in range(3)]
    world = World(people[:1], people[1], fixed, people[2:], set(), set(), None)
    digest = sha256()
    for batch in History(read_texts(), NOW, world, total).batches(date(2025, 9, 1)):
        for lines in (batch.users, batch.cases, batch.journal, batch.timers, batch.messages):
            digest.update(lines)
    return digest.hexdigest()


@pytest.mark.slow
def test_a_way_in_memory_is_the_way_through_the_engine() -> None:
    """One case with an extension, an answer, a publication and a rating, taken both ways at the same moments."""
    monday = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
    with clock.at(monday - timedelta(days=5)):
        staff, citizens = Staff(read_texts()), open_citizens(read_texts())
    citizen, operator, lead = actor_for(citizens[0]), staff.operators[0], staff.lead
    at = {name: monday + timedelta(hours=hours) for name, hours in _HOURS.items()}
    with clock.at(at["opened"]):
        real = open_case(
            actor=citizen, category="HT04", body="Cống tắc", lat=16.4637, lon=107.5909, address="27 Lê Lợi", is_sample=True,
            file_ids=[_photo(citizen)],
        )  # fmt: skip
    steps: list[tuple[str, Actor | None, dict[str, Any]]] = [
        ("accept", operator, {"public_body": "Cống tắc", "public_address": "27 Lê Lợi"}),
        ("start", None, {}),
        ("request_extension", None, {"days": 5, "reason": "Vật tư phải đặt hàng, tuần tới mới về."}),
        ("approve_extension", lead, {}),
        ("answer", None, {"outcome": "temporary_fix", "text": "Đã khơi thông tạm, chờ thay cống mới."}),
        ("publish", operator, {"text": "Đã khơi thông tạm, chờ thay cống mới."}),
        ("rate", citizen, {"rating": "accepts"}),
    ]
    for name, actor, data in steps:
        with clock.at(at[name]):
            real.refresh_from_db()
            taker = actor or staff.officers(real.agency_id or 0)[0]
            take_step(actor=taker, code=real.code, step=name, data=data)
    real.refresh_from_db()

    with clock.at(NOW):
        world = World([str(operator.id)], str(lead.id), {}, [], set(), set(), None)
        history = History(read_texts(), NOW, world, 10)
    way = _in_memory(history, real, at, str(staff.officers(real.agency_id or 0)[0].id), str(citizen.id))
    way.finish()
    for name in _SAME:
        assert getattr(real, name) == way.row[name], name
    told = [json.loads(line.split("\t")[7].replace("\\\\", "\\")) for line in history.journal.entries]
    entries = (
        JournalEntry.objects.filter(subject_id=real.pk).exclude(action__in=("case.opened", "case.read")).order_by("id")
    )
    for entry, parts in zip(entries, told, strict=True):
        for audience, shown in parts.items():
            assert shown.items() <= entry.parts[audience].items(), entry.action


_HOURS = {
    "opened": 0, "accept": 1, "start": 3, "request_extension": 27, "approve_extension": 29, "answer": 172, "publish": 174,
    "rate": 200,
}  # fmt: skip
_SAME = (
    "state", "phase", "is_open", "version", "clock", "due_at", "due_original_at", "due_final_at", "closed_at", "updated_at",
    "accepted_at", "assigned_at", "started_at", "answered_at", "published_at", "rated_at", "rating", "outcome", "answer",
    "pending", "wake_on", "hops", "reopened",
)  # fmt: skip


def _in_memory(history: History, real: Case, at: dict[str, datetime], officer: str, citizen: str) -> Way:
    category = reference.categories()[real.category_id]
    row = history.blank | {
        "id": str(real.pk), "code": real.code, "received_at": at["opened"], "updated_at": at["opened"], "pending": {},
        "category_id": category.pk, "unit_id": real.unit_id, "address": real.address, "lat": real.lat, "lon": real.lon, "body": real.body,
        "visibility": real.visibility, "priority": real.priority, "group": real.group, "reporter_id": citizen,
    }  # fmt: skip
    way = Way(history.around, row, category, category.names)
    history.world.officers = {real.agency_id or 0: [officer]}
    stories, taker = history.stories, ("staff", officer)
    history._assign(way, at["accept"])
    stories.start(way, taker, at["start"])
    reason = "Vật tư phải đặt hàng, tuần tới mới về."
    pending = {"by": officer, "at": at["request_extension"].isoformat(), "days": 5, "reason": reason}
    way.step("request_extension", at["request_extension"], taker, state="extension_requested",
             staff={"days": 5, "reason": reason}, columns={"pending": {"request_extension": pending}})  # fmt: skip
    way.step("approve_extension", at["approve_extension"], ("staff", stories.lead), state="in_progress", more_days=5,
             told={"days_vi": "5", "days_en": "5"}, public={"days": 5}, columns={"pending": {}})  # fmt: skip
    text = "Đã khơi thông tạm, chờ thay cống mới."
    way.step("answer", at["answer"], taker, state="answered", staff={"outcome": "temporary_fix"},
             columns={"outcome": "temporary_fix", "answer": text, "answered_at": at["answer"]})  # fmt: skip
    stories.publish(way, at["publish"])
    label = way.process.steps["rate"].fields["rating"].options["accepts"]
    way.step("rate", at["rate"], ("citizen", citizen), state="closed", public={"rating": "accepts"},
             told={f"text_{k}": v for k, v in label.items()},
             columns={"rating": "accepts", "rating_reason": "", "rated_at": at["rate"]})  # fmt: skip
    return way


def _photo(owner: Actor) -> Any:
    from hues.cli.demo.photos import Album

    return Album().photo("drain", 1, after=False, owner_id=owner.id)
