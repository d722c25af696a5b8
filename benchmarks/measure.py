"""Measures a request as it costs the server: CPU of web process and PostgreSQL session, SQL statements, wall time.

Everything runs in one process through Django's whole stack (middleware, session, templates), without a network between,
so that CPU time is what the request costs and not what the machine was doing besides.
"""

import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Bound:
    """A hard upper bound; crossing one fails the benchmark."""

    cpu_ms: float | None = None  # web process, median
    total_cpu_ms: float | None = None  # web and database together, mean
    p95_ms: float | None = None  # wall
    statements: int | None = None


@dataclass
class Result:
    name: str
    bound: Bound
    cpu_ms: float
    database_cpu_ms: float
    p50_ms: float
    p95_ms: float
    statements: int
    notes: str = ""
    broken: list[str] = field(default_factory=list)

    def check(self) -> None:
        pairs = [
            ("CPU", self.cpu_ms, self.bound.cpu_ms),
            ("CPU with database", self.cpu_ms + self.database_cpu_ms, self.bound.total_cpu_ms),
            ("p95", self.p95_ms, self.bound.p95_ms),
            ("statements", self.statements, self.bound.statements),
        ]
        self.broken = [
            f"{what} {value:.2f} > {limit}" for what, value, limit in pairs if limit is not None and value > limit
        ]

    def line(self) -> str:
        verdict = "ok" if not self.broken else "BROKEN " + "; ".join(self.broken)
        return (
            f"{self.name:<44} {self.cpu_ms:7.2f} {self.database_cpu_ms:7.2f} {self.p50_ms:7.2f} {self.p95_ms:7.2f} "
            f"{self.statements:5d}  {verdict} {self.notes}"
        )


HEADER = f"{'request':<44} {'web':>7} {'db':>7} {'p50':>7} {'p95':>7} {'SQL':>5}   (ms CPU, ms CPU, ms, ms, statements)"


def _database_cpu(pid: int) -> float | None:
    """CPU seconds of our session's backend; None where the database is on another machine."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(stat[11]) + int(stat[12])) / TICK


def measure(
    name: str, call: Callable[[int], Any], bound: Bound, *, times: int = 100, warm: int = 10, notes: str = ""
) -> Result:
    """Run `call(i)` `times` times after `warm` unmeasured runs."""
    for i in range(warm):
        call(-1 - i)
    gc.collect()
    gc.freeze()  # as a web process does once it is loaded (hues.cli.serve): the collector does not walk through what stays
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        pid = cursor.fetchone()[0]
    counted = 0

    def count(execute: Any, *args: Any) -> Any:
        nonlocal counted
        counted += 1
        return execute(*args)

    before = _database_cpu(pid)
    wall, cpu = [], []
    with connection.execute_wrapper(count):
        for i in range(times):
            w, c = time.perf_counter(), time.process_time()
            call(i)
            cpu.append((time.process_time() - c) * 1000)
            wall.append((time.perf_counter() - w) * 1000)
    after = _database_cpu(pid)
    database = (after - before) / times * 1000 if before is not None and after is not None else 0.0
    result = Result(
        name, bound, statistics.median(cpu), database, statistics.median(wall),
        statistics.quantiles(wall, n=20)[18], -(-counted // times), notes,
    )  # fmt: skip
    result.check()
    return result
