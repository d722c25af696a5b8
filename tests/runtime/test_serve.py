"""Stories of an operator: starting, stopping, and what happens when things are killed or in the way."""

import json
import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.served import Served, alive, make_city, until

from hues.runtime.postgres import Postgres, free_port
from hues.runtime.processes import start
from hues.runtime.shelter import NOBODY, Shelter


def test_a_city_starts_from_nothing_says_ready_and_stops_without_a_trace(nowhere: Served) -> None:
    nowhere.launch()
    assert nowhere.wait_ready() == f"ready {nowhere.base_url}\n"
    assert nowhere.get("/healthz")[0] == 200
    below = nowhere.all_pids()
    assert len(below) >= 6

    assert nowhere.stop() == 0

    assert [pid for pid in below if alive(pid)] == []
    assert not (nowhere.data_dir / "run" / "database.url").exists()


def test_health_tells_of_each_part(fresh_served: Served) -> None:
    until(lambda: fresh_served.health()["state"] == "ok", "not all parts are well")
    parts = fresh_served.health()["parts"]
    assert set(parts) == {"database", "nats", "relay", "worker", "live"}
    assert all(part["ok"] for part in parts.values())


def test_a_killed_process_comes_back(fresh_served: Served) -> None:
    names = ["nats", "relay", "worker", "live", "web"]
    for name in names:
        others = {other: fresh_served.pids(other) for other in ("postgres", *names) if other != name}
        fresh_served.wait_restarted(name, fresh_served.kill(name))
        until(lambda: fresh_served.health()["state"] == "ok", "the city did not recover")
        assert {other: fresh_served.pids(other) for other in others} == others, f"{name} took others along"


def test_the_killed_database_comes_back_with_everything_in_it(fresh_served: Served) -> None:
    url = (fresh_served.data_dir / "run" / "database.url").read_text().strip()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 42 as answer")

    fresh_served.wait_restarted("postgres", fresh_served.kill("postgres"))

    until(lambda: fresh_served.get("/healthz")[0] == 200, "the pages did not come back")
    with psycopg.connect(url) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)
    until(lambda: fresh_served.health()["state"] == "ok", "the city did not recover", within=90)


def test_a_city_on_another_database_says_when_it_is_away(fresh_city: Served, other_database: "OtherDatabase") -> None:
    """DATABASE_URL: no PostgreSQL of ours is started. Without the database /healthz answers 503, and 200 when it is
    back.
    """
    fresh_city.environment["DATABASE_URL"] = other_database.url
    fresh_city.start()
    assert fresh_city.pids("postgres") == []
    assert fresh_city.get("/healthz")[0] == 200

    other_database.stop()
    status, body = fresh_city.get("/healthz")
    assert (status, json.loads(body)["state"]) == (503, "down")

    other_database.start()
    until(lambda: fresh_city.health()["state"] == "ok", "the city did not recover")
    assert fresh_city.hues("doctor", check=False).stdout.count("PostgreSQL 17") == 1


def test_another_machine_takes_part_of_the_work(fresh_served: Served, nowhere: Served) -> None:
    """Scale-out: the same database and NATS, some of the processes, a data folder of its own."""
    run_dir = fresh_served.data_dir / "run"
    for name in ("database", "nats"):
        nowhere.environment[f"{name.upper()}_URL"] = (run_dir / f"{name}.url").read_text().strip()
    nowhere.launch("--only", "worker,relay")
    assert nowhere.wait_ready() == "ready\n"
    assert set(json.loads((nowhere.data_dir / "run" / "processes.json").read_text())) == {"worker", "relay"}
    assert nowhere.stop() == 0
    assert fresh_served.get("/healthz")[0] == 200


def test_what_has_begun_is_finished_before_the_end(fresh_served: Served) -> None:
    """SIGTERM while a request waits for the database: it is answered."""
    url = (fresh_served.data_dir / "run" / "database.url").read_text().strip()
    answers: list[int] = []
    with psycopg.connect(url) as blocking, psycopg.connect(url, autocommit=True) as watching:
        blocking.execute("lock table kernel_outbox in access exclusive mode")
        caller = threading.Thread(target=lambda: answers.append(fresh_served.get("/healthz")[0]))
        caller.start()
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%%heartbeat%%'"
        until(lambda: watching.execute(waiting).fetchone() != (0,), "the request does not wait")
        assert fresh_served.process
        fresh_served.process.send_signal(signal.SIGTERM)
        until(lambda: '"stopping"' in fresh_served.said, "the city does not stop")
        blocking.rollback()
        caller.join(20)
    assert answers == [200]
    assert fresh_served.process.wait(60) == 0


def test_all_processes_at_rest_fit_into_600_megabytes(fresh_served: Served) -> None:
    for path in ("/healthz", "/", "/cases", "/map") * 4:
        fresh_served.get(path)
    assert fresh_served.process
    pids = [fresh_served.process.pid, *fresh_served.all_pids()]
    used = sum(proportional_share(pid) for pid in pids)
    assert used <= 600, f"{used:.0f} MB"


def proportional_share(pid: int) -> float:
    """Megabytes of a process, shared pages divided among those who share them (Linux, proc(5): PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def test_callers_wait_while_the_web_processes_are_killed(fresh_served: Served) -> None:
    """The listening socket belongs to the supervisor: nobody is refused, only requests in the killed process's hands
    break."""
    stop, refused, answered = threading.Event(), [], []

    def call() -> None:
        while not stop.is_set():
            try:
                answered.append(fresh_served.get("/healthz")[0])
            except httpx.ConnectError as error:
                refused.append(error)
            except httpx.HTTPError:
                pass  # it was in the hands of the killed process

    callers = [threading.Thread(target=call) for _ in range(3)]
    for caller in callers:
        caller.start()
    for _ in range(3):
        fresh_served.wait_restarted("web", fresh_served.kill("web"))
    before = len(answered)
    until(lambda: len(answered) > before + 10, "nobody is answered any more")
    stop.set()
    for caller in callers:
        caller.join()
    assert refused == []


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_works(fresh_city: Served) -> None:
    fresh_city.start()
    below = fresh_city.all_pids()
    assert fresh_city.process
    os.kill(fresh_city.process.pid, signal.SIGKILL)
    fresh_city.process.wait(10)
    until(lambda: not any(alive(pid) for pid in below), "processes outlived their supervisor")

    fresh_city.start()
    assert fresh_city.get("/healthz")[0] == 200


def test_a_city_starts_again_after_everything_was_killed(fresh_city: Served) -> None:
    fresh_city.start()
    url = (fresh_city.data_dir / "run" / "database.url").read_text().strip()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 42 as answer")
    fresh_city.kill_everything()
    marks = [fresh_city.data_dir / "postgres" / "data" / "postmaster.pid", fresh_city.data_dir / "run" / "database.url"]
    assert all(mark.exists() for mark in marks), "nothing was left to be mended"
    # The worst of it: after a restart of the machine the number in the pid file belongs to somebody else.
    lines = marks[0].read_text().splitlines()
    marks[0].write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    fresh_city.start()

    url = (fresh_city.data_dir / "run" / "database.url").read_text().strip()
    with psycopg.connect(url) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


def test_a_second_serve_on_the_same_data_says_so_in_one_line(fresh_served: Served) -> None:
    done = fresh_served.hues("serve", "--port", str(free_port()), check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "already served" in done.stderr and fresh_served.base_url in done.stderr
    assert fresh_served.get("/healthz")[0] == 200


@pytest.mark.parametrize("offset", [0, 1], ids=["pages", "live"])
def test_a_port_in_use_is_one_line(offset: int, fresh_city: Served) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", fresh_city.port + offset))
        other.listen()
        done = fresh_city.hues("serve", "--port", str(fresh_city.port), check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"port {fresh_city.port + offset}" in done.stderr and "in use" in done.stderr
    assert fresh_city.all_pids() == []


def test_a_folder_that_cannot_be_written_is_one_line(fresh_city: Served) -> None:
    (fresh_city.data_dir / "file").write_text("in the way")
    done = fresh_city.hues("serve", "--data-dir", str(fresh_city.data_dir / "file" / "var"), check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be written" in done.stderr


def test_a_broken_cluster_is_one_line_that_names_the_log(fresh_city: Served) -> None:
    (fresh_city.data_dir / "postgres" / "data" / "global" / "pg_control").unlink()
    done = fresh_city.hues("serve", "--port", str(fresh_city.port), check=False)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("hues: PostgreSQL does not start") and "postgres.log" in last
    assert "pg_control" in (fresh_city.data_dir / "logs" / "postgres.log").read_text()


def test_an_unreachable_database_is_one_line(fresh_city: Served) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    done = fresh_city.hues("serve", "--port", str(fresh_city.port), check=False, DATABASE_URL=url)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "cannot be reached" in done.stderr


def test_a_too_old_database_is_one_line(fresh_city: Served) -> None:
    with OldServer() as port:
        url = f"postgresql://hues@127.0.0.1:{port}/hues?sslmode=disable"
        done = fresh_city.hues("serve", "--port", str(fresh_city.port), check=False, DATABASE_URL=url)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "PostgreSQL 14.9" in done.stderr and "15 or newer" in done.stderr


@pytest.fixture
def nowhere() -> Iterator[Served]:
    """A city without even a database cluster."""
    city = make_city()
    try:
        yield city
    finally:
        city.clean_up()


class OtherDatabase:
    """A PostgreSQL that is not the city's own."""

    def __init__(self, folder: Path) -> None:
        self.postgres = Postgres(Shelter(folder, NOBODY if os.geteuid() == 0 else None), careless=True)
        self.postgres.initialise()
        self.url = self.postgres.url

    def start(self) -> None:
        self.pid = start(self.postgres.program(log=None))
        until(self.postgres.ready, "the other database does not start")

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGQUIT)
        os.waitpid(self.pid, 0)


@pytest.fixture
def other_database() -> Iterator[OtherDatabase]:
    folder = Path(tempfile.mkdtemp(prefix="hues-other-"))
    folder.chmod(0o711)
    database = OtherDatabase(folder)
    database.start()
    try:
        yield database
    finally:
        database.stop()
        shutil.rmtree(folder)


class OldServer:
    """Greets like a PostgreSQL 14.9 (its protocol, chapter "Message Flow": startup), and answers every query with
    nothing."""

    PARAMETERS = {"server_version": "14.9", "client_encoding": "UTF8", "standard_conforming_strings": "on"}

    def __enter__(self) -> int:
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return int(self.listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        ready = self._message(b"Z", b"I")
        with connection:
            connection.recv(4096)
            said = [self._message(b"S", f"{k}\0{v}\0".encode()) for k, v in self.PARAMETERS.items()]
            connection.sendall(self._message(b"R", bytes(4)) + b"".join(said) + ready)
            while asked := connection.recv(4096):
                if asked[:1] == b"X":
                    return
                connection.sendall(self._message(b"C", b"SET\0") + ready)

    @staticmethod
    def _message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has an unprivileged user to turn to")
def test_root_s_database_belongs_to_nobody_and_no_other_permission_changes(tmp_path: Path) -> None:
    """Also where that user cannot enter the data folder, as in root's home: then the database lives outside, and the
    folder stays closed."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    closed = Served(home / "var", free_port(), demo="none")
    closed.data_dir.mkdir(mode=0o700)
    pointer = closed.data_dir / "servers.path"
    try:
        closed.start()
        owner = Path(f"/proc/{closed.pids('postgres')[0]}").stat().st_uid
        outside = Path(pointer.read_text().strip())
        assert owner == 65534
        assert (home.stat().st_mode & 0o777, closed.data_dir.stat().st_mode & 0o777) == (0o700, 0o700)
        assert outside.is_dir() and tmp_path not in outside.parents
    finally:
        left = pointer.read_text().strip() if pointer.exists() else None
        closed.clean_up()
        if left:
            shutil.rmtree(left)
