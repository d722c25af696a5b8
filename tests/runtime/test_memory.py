"""What a city costs at rest: everything of it together, shared pages counted once (PSS)."""

import re
from pathlib import Path

from tests.served import Served

BOUND_MB = 600


def pss_mb(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    return int(found.group(1)) / 1024 if found else 0.0


def test_all_processes_together_fit_into_600_megabytes(served: Served) -> None:
    assert served.process
    served.get("/")
    parts = {pid: pss_mb(pid) for pid in [served.process.pid, *served.all_pids()]}
    assert len(parts) >= 7, "web, live, worker, relay, PostgreSQL, NATS and their supervisor"
    assert sum(parts.values()) <= BOUND_MB, parts
