"""Real telephony: SIPp calls through Kamailio (Debian's packages), whose log our bridge turns into signed events.

Where the programs are not installed the test is skipped, saying so. No fixed ports, no network beyond this machine.
"""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hues.hotline import actions, bridging
from hues.hotline.models import Call, CallBack
from hues.kernel import clock
from hues.kernel.actors import Actor
from tests.hotline.conftest import SECRET, at_desk, staff

HERE = Path(__file__).parent / "sipp"
CONFIG = Path(__file__).resolve().parents[2] / "docs" / "kamailio.cfg"
WITHIN = 15.0
MODULES = (
    "/usr/lib/x86_64-linux-gnu/kamailio/modules",
    "/usr/lib/aarch64-linux-gnu/kamailio/modules",
    "/usr/lib64/kamailio/modules",
)


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        pytest.skip(f"{name} is not installed on this machine (Debian: apt-get install kamailio sip-tester)")
    return found


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Exchange:
    """A Kamailio on a port of its own; its events go to the city as the bridge sends them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.agents, self.port = folder, free_port(), free_port()
        modules = next((path for path in MODULES if Path(path).is_dir()), "")
        if not modules:
            pytest.skip("the modules of Kamailio are not where Debian has them")
        text = CONFIG.read_text().replace("MODULES", f"{modules}/")
        text = text.replace("listen=udp:LISTEN", f"listen=udp:127.0.0.1:{self.port}").replace(
            "sip:AGENTS", f"sip:127.0.0.1:{self.agents}"
        )
        config = folder / "kamailio.cfg"
        config.write_text(text.replace('\\"AGENT\\"', '\\"2001\\"'))
        command = [
            program("kamailio"),
            "-DD",
            "-E",
            "-f",
            str(config),
            "-m",
            "32",
            "-M",
            "4",
            "-Y",
            str(folder),
            "-n",
            "1",
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.log, self.taken = bytearray(), 0  # what it wrote, and how much of it was bridged
        self.written = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait_until_it_listens()
        self.posted: list[int] = []

    def read(self) -> None:
        """Its log, as it is written; whoever waits for a line is woken."""
        assert self.process.stdout
        for line in self.process.stdout:
            with self.written:
                self.log += line
                self.written.notify_all()

    def wait_until_it_listens(self) -> None:
        """It answers a request (405 for a method that it does not take)."""
        deadline = time.monotonic() + WITHIN
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            probe.bind(("127.0.0.1", 0))
            ask = (
                f"OPTIONS sip:127.0.0.1:{self.port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{probe.getsockname()[1]};branch=z9hG4bKready\r\n"
                f"From: <sip:t@127.0.0.1>;tag=1\r\nTo: <sip:t@127.0.0.1>\r\nCall-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
            )
            while time.monotonic() < deadline:
                assert self.process.poll() is None, self.said()
                probe.sendto(ask.encode(), ("127.0.0.1", self.port))
                try:
                    probe.recv(4096)
                    return
                except OSError:
                    continue
        pytest.fail(f"Kamailio does not answer: {self.said()}")

    def said(self) -> str:
        return self.log.decode(errors="replace")[-3000:]

    def lines(self) -> Iterator[str]:
        """What it wrote since the last look."""
        with self.written:
            text = bytes(self.log[self.taken :])
            self.taken += len(text)
        yield from text.decode(errors="replace").splitlines()

    def bridge(self) -> int:
        """Tell the city of what was written, as `hues cti bridge` does."""

        def post(body: bytes, headers: dict[str, str]) -> int:
            answer = Client().post(
                "/api/v1/cti/events", body, content_type="application/cloudevents+json", headers=headers
            )
            self.posted.append(answer.status_code)
            return answer.status_code

        return bridging.follow(self.lines(), source="pbx", secret=SECRET, post=post)

    def bridge_until(self, condition: Any) -> None:
        deadline = time.monotonic() + WITHIN
        while not condition():
            with self.written:
                left = deadline - time.monotonic()
                assert self.written.wait_for(lambda: len(self.log) > self.taken, left), self.said()
            self.bridge()

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait(5)
        self.reader.join(5)


class Phone:
    """A SIPp with a scenario; `end` waits until it has gone through all of it."""

    def __init__(self, scenario: str, folder: Path, *arguments: str) -> None:
        command = [
            program("sipp"),
            "-sf",
            str(HERE / scenario),
            "-i",
            "127.0.0.1",
            "-m",
            "1",
            "-nostdin",
            "-timeout",
            "14",
            "-timeout_error",
            *arguments,
        ]
        self.scenario, self.out = scenario, (folder / f"{scenario}.out").open("wb")
        self.process = subprocess.Popen(command, stdout=self.out, stderr=self.out, cwd=folder, start_new_session=True)

    def end(self) -> None:
        assert self.process.wait(WITHIN) == 0, f"{self.scenario}: {self.process.returncode}"

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)
        self.out.close()


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    program("kamailio"), program("sipp")
    tmp_path.chmod(0o777)
    found = Exchange(tmp_path)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def by_the_wall(db: None) -> Iterator[None]:
    """The wall's clock: Kamailio writes its own times."""
    token = clock._frozen.set(None)
    yield
    clock._frozen.reset(token)


@pytest.fixture
def at_2001(by_the_wall: None) -> Actor:
    """An operator at telephone 2001."""
    found = staff("truc.that", "operator")
    actions.choose(actor=found, chosen="available", extension="2001")
    return found


def test_a_real_call_from_its_ring_to_its_end(exchange: Exchange, at_2001: Actor, tmp_path: Path) -> None:
    (tmp_path / "number.csv").write_text("SEQUENTIAL\n0905123456;\n")
    desk = Phone("answers.xml", tmp_path, "-p", str(exchange.agents), "-bind_local")
    caller = Phone(
        "caller.xml",
        tmp_path,
        "-p",
        str(free_port()),
        "-s",
        "19001075",
        "-inf",
        str(tmp_path / "number.csv"),
        f"127.0.0.1:{exchange.port}",
    )
    try:
        page = at_desk(at_2001)
        exchange.bridge_until(lambda: Call.objects.filter(state="waiting").exists())
        popped = page.get("/desk/calls/pop").content.decode()
        assert "+84 905 123 456" in popped or "+84 90 512 34 56" in popped, (
            "the caller's number is on the operator's desk"
        )
        exchange.bridge_until(lambda: Call.objects.filter(answered_at__isnull=False).exists())
        caller.end()
        desk.end()
        exchange.bridge_until(lambda: Call.objects.filter(state="ended").exists())
    finally:
        caller.close()
        desk.close()
    call = Call.objects.get()
    assert set(exchange.posted) == {202}
    assert list(call.events.order_by("at").values_list("kind", flat=True)) == ["ring", "answer", "hold", "hangup"]
    assert (call.result, call.operator_id, call.extension, call.closed_itself) == (
        "answered",
        at_2001.id,
        "2001",
        False,
    )
    assert call.answered_at and call.ended_at and call.rang_at < call.answered_at < call.ended_at
    assert exchange.bridge() == 0
    assert "Kết thúc" in page.get(f"/desk/calls/{call.pk}").content.decode()


def test_a_caller_who_withholds_the_number_and_gives_up(exchange: Exchange, by_the_wall: None, tmp_path: Path) -> None:
    desk = Phone("only_rings.xml", tmp_path, "-p", str(exchange.agents))
    caller = Phone("gives_up.xml", tmp_path, "-p", str(free_port()), "-s", "19001075", f"127.0.0.1:{exchange.port}")
    try:
        caller.end()
        desk.end()
        exchange.bridge_until(lambda: Call.objects.filter(state="ended").exists())
    finally:
        caller.close()
        desk.close()
    call = Call.objects.get()
    assert (call.result, call.withheld, call.answered_at) == ("lost", True, None), (
        "an asserted identity under Privacy: id is not used"
    )
    assert not CallBack.objects.exists()
