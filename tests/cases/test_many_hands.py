"""Several processes at once, on a city that is served: one wins and the other is told why; nothing fires twice, whoever is killed."""

import signal
import subprocess
import sys

import pytest

from tests.cases.hands import CASES
from tests.served import ROOT, Served, until

pytestmark = pytest.mark.slow
RUNGS = 3  # of the ladder of intake


def start(city: Served, *what: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cases.hands", *what],
        env=city.env, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def said(hand: "subprocess.Popen[str]", *, go: str = "") -> str:
    out, err = hand.communicate(go, timeout=120)
    assert hand.returncode == 0, err
    return out.strip()


def test_timers_fire_once_whoever_fires_them_and_whoever_is_killed(fresh_served: Served) -> None:
    """The city's own worker fires too; it and two of our four are killed in the middle of it."""
    said(start(fresh_served, "open"))
    hands = [start(fresh_served, "fire") for _ in range(4)]
    until(lambda: int(said(start(fresh_served, "count")).split()[0]) > 0, "nobody fires")
    worker = fresh_served.kill("worker")
    for victim in hands[:2]:
        victim.send_signal(signal.SIGKILL)
    for hand in hands:
        hand.communicate(timeout=120)
    fresh_served.wait_restarted("worker", worker)
    until(
        lambda: said(start(fresh_served, "count")) == f"{CASES * RUNGS} {CASES * RUNGS} 0",
        "not every timer fired exactly once",
        within=60,
    )


def test_two_operators_accept_one_case(fresh_served: Served) -> None:
    code = said(start(fresh_served, "open")).split()[0]
    hands = [start(fresh_served, "accept", code) for _ in range(3)]
    results = sorted(said(hand, go="!") for hand in hands)
    assert [result.split()[0] for result in results] == ["lost", "lost", "won"]
    assert "Tiếp nhận và giao" in results[0]
