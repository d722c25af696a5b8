"""A ticket lets its holder follow the topics it names, for its time, and nothing else."""

import subprocess
import sys
import time

import pytest

from hues.kernel.tickets import MAX_TOPICS, TicketRefused, issue, open_ticket


def test_a_ticket_names_its_topics() -> None:
    ticket = open_ticket(issue(["case:1", "person:2", "case:1"]))
    assert ticket.topics == {"case:1", "person:2"}
    assert ticket.issued <= time.time() < ticket.expires <= time.time() + 30 * 60


def test_an_old_ticket_is_refused() -> None:
    with pytest.raises(TicketRefused, match="over"):
        open_ticket(issue(["centre"], ttl=-1))


def test_nobody_can_write_a_ticket_of_their_own() -> None:
    citizen, centre = issue(["case:1"]), issue(["centre"])
    with pytest.raises(TicketRefused, match="forged"):
        open_ticket(centre.split(".")[0] + "." + citizen.split(".")[1])


@pytest.mark.parametrize("text", ["", ".", "a", "a.b", "é.é", "....", "=" * 50, "A" * 100_000, "\x00.\x00", "e30.e30"])
def test_rubbish_is_refused_quietly(text: str) -> None:
    with pytest.raises(TicketRefused):
        open_ticket(text)


def test_a_ticket_stays_small() -> None:
    with pytest.raises(ValueError, match="topics"):
        issue([])
    with pytest.raises(ValueError, match="topics"):
        issue([f"case:{number}" for number in range(MAX_TOPICS + 1)])


def test_the_stream_server_runs_without_django() -> None:
    code = "import sys, hues.live.app; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
