"""The relay: one place for every entry, in order; followers that fail; NATS that comes and goes."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import nats
import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.journal import FOLLOWERS, Entry, Following, Notify
from hues.kernel.log import queries
from hues.kernel.models import LogLeaf, Outbox, ParkedEntry, RelayPosition
from hues.kernel.registry import Registry
from hues.kernel.relay import broker, run_once
from hues.kernel.relay.following import Followers
from hues.kernel.relay.placing import Log
from hues.runtime.nats import executable, greets
from hues.runtime.postgres import free_port
from tests import loops
from tests.served import ROOT, Served, until

pytestmark = pytest.mark.django_db


def record(**more: Any) -> UUID:
    given = {
        "actor": SYSTEM,
        "action": "case.opened",
        "subject_kind": "case",
        "subject_id": uuid4(),
        "public": {"a": 1},
    }
    return journal.record(**(given | more))


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch) -> Registry[Following]:
    """Only those that the test adds."""
    own: Registry[Following] = Registry("journal follower")
    monkeypatch.setattr(journal, "FOLLOWERS", own)
    return own


# ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_entry_gets_one_place_in_the_order_of_the_changes() -> None:
    run_once()
    before = queries.size()
    ids = [record() for _ in range(7)]
    assert run_once() == 7
    assert [LogLeaf.objects.get(entry_id=i).place for i in ids] == list(range(before, before + 7))
    assert not Outbox.objects.exists()
    assert run_once() == 0


def test_an_idle_relay_asks_the_database_one_thing() -> None:
    run_once()
    log = Log()
    with CaptureQueriesContext(connection) as asked:
        assert log.place_waiting() == 0
    assert len(asked) == 1


def test_a_batch_costs_few_statements_however_large() -> None:
    log = Log()
    for _ in range(50):
        record()
    with CaptureQueriesContext(connection) as asked:
        log.place_waiting()
    assert len(asked) <= 7  # look twice, savepoint, leaves, nodes, outbox, release


def test_an_outbox_that_came_out_of_a_backup_is_relayed_in_order() -> None:
    run_once()
    first, second = record(), record()
    with connection.cursor() as cursor:
        cursor.execute("update kernel_outbox set xid = '9000000000'")  # a transaction number of another server
    assert run_once() == 2
    assert LogLeaf.objects.get(entry_id=first).place + 1 == LogLeaf.objects.get(entry_id=second).place


# ── Followers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_followers_get_every_entry_or_only_those_with_their_part(followers: Registry[Following]) -> None:
    all_seen: list[UUID] = []
    told: list[Entry] = []
    followers.add("all", Following(lambda entry: all_seen.append(entry.id)))
    followers.add("told", Following(told.append, part="notify"))
    run_once()
    plain, telling = record(), record(notify=[Notify(uuid4(), "case-opened")])
    run_once()
    assert all_seen[-2:] == [plain, telling]
    assert [entry.id for entry in told] == [telling]
    assert told[0].parts["notify"][0]["template"] == "case-opened"


def test_a_new_follower_begins_with_what_comes_not_with_the_history(followers: Registry[Following]) -> None:
    record()
    run_once()
    seen: list[UUID] = []
    followers.add("new", Following(lambda entry: seen.append(entry.id)))
    run_once()
    fresh = record()
    run_once()
    assert seen == [fresh]


def test_a_follower_that_fails_neither_stops_the_log_nor_loses_the_entry(
    followers: Registry[Following], caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[UUID] = []
    broken = [True]

    def follow(entry: Entry) -> None:
        record(action="side.effect", public=None)  # undone with the failure
        if broken[0] and entry.id == bad:
            raise RuntimeError("gateway away")
        if entry.action == "case.opened":
            seen.append(entry.id)

    followers.add("fragile", Following(follow, part="public"))
    run_once()
    bad, good = record(), record()
    run_once()
    assert seen == [good]
    parked = ParkedEntry.objects.get()
    assert (parked.reader, parked.entry_id, parked.tries) == ("fragile", bad, 1)
    assert "gateway away" in parked.error
    assert "parked" in caplog.text

    run_once()
    assert seen == [good], "not before its time"
    with clock.at(parked.next_at + timedelta(seconds=1)):
        run_once()
        assert ParkedEntry.objects.get().tries == 2
        assert ParkedEntry.objects.get().next_at > clock.now() + timedelta(seconds=3), "later and later"
    broken[0] = False
    with clock.at(parked.next_at + timedelta(hours=2)):
        run_once()
    assert seen == [good, bad]
    assert not ParkedEntry.objects.exists()


def test_a_follower_goes_on_where_it_was_after_a_crash(followers: Registry[Following]) -> None:
    seen: list[UUID] = []
    followers.add("steady", Following(lambda entry: seen.append(entry.id)))
    run_once()
    seen.clear()
    ids = [record() for _ in range(3)]
    Log().place_waiting()  # … and killed before anybody followed
    Followers(queries.size()).follow(queries.size())
    assert seen == ids
    RelayPosition.objects.filter(reader="steady").update(place=queries.size() - 1)  # killed before it was written down
    Followers(queries.size()).follow(queries.size())
    assert seen == [*ids, ids[-1]], "at least once"


def test_the_rooms_registered_their_followers() -> None:
    assert "notices" in FOLLOWERS


# ── NATS ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_event_shows_the_public_part_and_nothing_else() -> None:
    secret = {"phone": "0905123456"}
    entry_id = record(topics=["centre", "case:1"], public={"title": "Ổ gà"}, party=secret, staff=secret, audit=secret,
                      notify=[Notify(uuid4(), "x")])  # fmt: skip
    run_once()
    with connection.cursor() as cursor:
        cursor.execute(broker._NEXT, [LogLeaf.objects.get(entry_id=entry_id).place, 1])
        event = orjson.loads(broker.cloud_event(cursor.fetchone()))
    assert event["data"] == {"title": "Ổ gà"}
    assert "0905" not in str(event)
    assert {name: type(event[name]) for name in ("specversion", "id", "source", "type", "time", "topics", "place")} == {
        "specversion": str, "id": str, "source": str, "type": str, "time": str, "topics": str, "place": int,
    }  # fmt: skip
    assert event["topics"] == "case:1,centre"


@pytest.mark.parametrize(
    ("kind", "action", "subject"),
    [
        ("case", "case.opened", "hues.journal.case.opened"),
        ("person", "people.account_opened", "hues.journal.person.people.account_opened"),
        ("case", "a b.*>", "hues.journal.case.a_b._"),
    ],
)
def test_subjects_are_fit_for_nats(kind: str, action: str, subject: str) -> None:
    assert broker.subject_of(kind, action) == subject


@pytest.fixture
def start_nats(tmp_path: Path, settings: Any) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """A NATS server on this machine; called again, the same one comes back."""
    port = free_port()
    settings.NATS_URL = f"nats://127.0.0.1:{port}"
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [
            str(executable()),
            "-a",
            "127.0.0.1",
            "-p",
            str(port),
            "-js",
            "-sd",
            str(tmp_path),
            "-l",
            "/dev/null",
        ]
        running.append(subprocess.Popen(command))
        until(lambda: greets("127.0.0.1", port), "nats did not start")
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def stored(url: str) -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        client = await nats.connect(url)
        stream = client.jetstream()
        count = (await stream.stream_info("HUES_JOURNAL")).state.messages
        messages = await stream.subscribe("hues.journal.>", ordered_consumer=True)
        events = [orjson.loads((await messages.next_msg(5)).data) for _ in range(count)]
        await client.close()
        return events

    return loops.run(read())


def publish(link: broker.Broker, size: int) -> None:
    """Let it work until it is done; NATS being away for a moment is part of the test."""
    deadline = time.monotonic() + 20
    while link.place < size and time.monotonic() < deadline:
        link.publish_waiting(size)


def test_nats_gets_every_entry_once_in_order_whatever_happens_to_it(
    start_nats: Callable[[], subprocess.Popen[bytes]], settings: Any
) -> None:
    run_once()
    server = start_nats()
    first = queries.size()
    link = broker.Broker(first)
    try:
        ids = [str(record()) for _ in range(5)]
        run_once()
        publish(link, queries.size())
        server.kill()
        server.wait()
        ids += [str(record()) for _ in range(5)]
        assert run_once() == 5, "the log goes on without NATS"
        assert link.publish_waiting(queries.size()) == 0
        start_nats()
        publish(link, queries.size())
    finally:
        link.close()
    RelayPosition.objects.filter(reader="nats").update(
        place=first + 2
    )  # killed before it could write down how far it was
    again = broker.Broker(first)
    try:
        publish(again, queries.size())
    finally:
        again.close()
    events = stored(settings.NATS_URL)
    assert [event["id"] for event in events] == ids
    assert [event["place"] for event in events] == list(range(first, first + 10))


def test_an_entry_too_large_for_a_message_goes_without_its_data(
    start_nats: Callable[[], subprocess.Popen[bytes]], settings: Any
) -> None:
    run_once()
    start_nats()
    link = broker.Broker(queries.size())
    try:
        record(public={"text": "x" * 3_000_000})
        run_once()
        publish(link, queries.size())
    finally:
        link.close()
    [event] = stored(settings.NATS_URL)
    assert "data" not in event


# ── The process ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_killing_the_relay_under_load_gives_every_entry_exactly_one_place(fresh_served: Served) -> None:
    script = """
import uuid
from django.db import transaction
from hues.kernel import journal
from hues.kernel.actors import SYSTEM
for n in range(600):
    with transaction.atomic():
        for _ in range(3):
            journal.record(actor=SYSTEM, action="case.opened", subject_kind="case", subject_id=uuid.uuid4(), public={"n": n})
"""
    command = [sys.executable, "-m", "hues", "manage", "shell", "--no-imports", "-c", script]
    load = subprocess.Popen(command, env=fresh_served.env, cwd=ROOT)
    for _ in range(3):
        killed = fresh_served.kill("relay")
        fresh_served.wait_restarted("relay", killed)
    assert load.wait(120) == 0
    until(lambda: not fresh_served.health()["parts"]["relay"]["waiting"], "the relay did not catch up")
    assert "the log is sound" in fresh_served.hues("log", "verify").stdout
