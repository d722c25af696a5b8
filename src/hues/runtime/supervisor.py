"""Keeps a set of processes alive, and ends them in order.

One thread, no handlers: signals are blocked and waited for, so that nothing happens between two lines. Children are
forks of this process; what it has
imported, they share.
"""

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

from hues.runtime.places import write_private
from hues.runtime.processes import Program, start
from hues.runtime.trouble import Trouble

_STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_WATCHED = _STOP | {signal.SIGCHLD}
_HEALTHY_AFTER = 30.0  # seconds of life that forgive earlier deaths
_LONGEST_PAUSE = 10.0
_HOPELESS = 8  # deaths in a row, some twelve seconds: while starting, nobody waits longer


class Stopped(Exception):
    """Somebody asked us to stop while something was being waited for."""


@dataclass
class Child:
    program: Program
    pid: int | None = None
    started: float = 0.0
    deaths: int = 0  # in a row
    due: float = 0.0  # when to start it again


class Supervisor:
    """`with Supervisor(run_dir) as supervisor:` … leaving the block ends every child, the last started first."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.stages: list[list[Child]] = []
        self._stopping = False

    def __enter__(self) -> "Supervisor":
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)

    @contextlib.contextmanager
    def signals_as_usual(self) -> Iterator[None]:
        """Inside, Ctrl-C and SIGTERM raise as in any command, while the children go on (unwatched)."""
        before = signal.signal(signal.SIGTERM, _interrupt)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
            signal.signal(signal.SIGTERM, before)

    @property
    def children(self) -> Iterable[Child]:
        return [child for stage in self.stages for child in stage]

    def add(self, *programs: Program) -> None:
        """Start programs as one stage: they are stopped together, before the stages that were added earlier."""
        stage = [Child(program) for program in programs]
        self.stages.append(stage)
        for child in stage:
            self._start(child)
        self._write_down()

    def wait_until(self, condition: Callable[[], bool], *, within: float, otherwise: str) -> None:
        """Look after the children until the condition holds. Raises Trouble after `within` seconds, Stopped on a
        signal.
        """
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline or any(child.deaths >= _HOPELESS for child in self.children):
                raise Trouble(otherwise, exit_code=1)
            self._step(0.03)

    def run_once(self, program: Program) -> int:
        """Run a program to its end while looking after the children. Returns its exit code."""
        pid = start(program)
        try:
            while True:
                found, status = os.waitpid(pid, os.WNOHANG)
                if found:
                    return os.waitstatus_to_exitcode(status)
                self._step(0.1)
        except Stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
            raise

    def watch(self) -> None:
        """Look after the children until somebody asks to stop."""
        with contextlib.suppress(Stopped):
            while True:
                self._step(1.0)

    def _step(self, longest: float) -> None:
        """Wait for something to happen, at most so long; then bring back what died."""
        pauses = [child.due - time.monotonic() for child in self.children if child.pid is None]
        got = signal.sigtimedwait(_WATCHED, max(0.0, min([longest, *pauses])))
        if got and got.si_signo in _STOP:
            raise Stopped
        self._reap()
        for child in self.children:
            if child.pid is None and child.due <= time.monotonic():
                self._start(child)
                self._write_down()

    def _start(self, child: Child) -> None:
        child.pid = start(child.program)
        child.started = time.monotonic()

    def _reap(self) -> None:
        for child in self.children:
            if child.pid is None:
                continue
            found, status = os.waitpid(child.pid, os.WNOHANG)
            if not found:
                continue
            lived = time.monotonic() - child.started
            child.deaths = 1 if lived > _HEALTHY_AFTER else child.deaths + 1
            pause = min(0.05 * 2 ** (child.deaths - 1), _LONGEST_PAUSE)
            child.pid, child.due = None, time.monotonic() + pause
            if not self._stopping:
                say(f"{child.program.name} ended ({_how(status)}); starting it again in {pause:.2f} s")

    def stop(self) -> None:
        """Stop stage after stage, the latest first. A second request stops waiting for any of them."""
        self._stopping = True
        while self.stages:
            stage = self.stages.pop()
            for child in stage:
                _send(child, child.program.stop_signal)
            deadlines = {id(child): time.monotonic() + child.program.grace for child in stage}
            self.stages.append(stage)
            while alive := [child for child in stage if child.pid is not None]:
                got = signal.sigtimedwait(_WATCHED, 0.1)
                hurried = bool(got and got.si_signo in _STOP)
                for child in alive:
                    if hurried or time.monotonic() > deadlines[id(child)]:
                        _send(child, _hardest(child.program))
                self._reap()
            self.stages.pop()
        self._write_down()
        self._stopping = False

    def _write_down(self) -> None:
        """Who runs, for `hues doctor` and whoever looks for a process."""
        pids = {child.program.name: child.pid for child in self.children if child.pid}
        write_private(self.run_dir / "processes.json", json.dumps(pids))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _send(child: Child, number: signal.Signals) -> None:
    if child.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, number)


def _hardest(program: Program) -> signal.Signals:
    """SIGKILL; for PostgreSQL SIGQUIT, which is as quick and lets it end its own children."""
    return signal.SIGQUIT if program.stop_signal is signal.SIGINT else signal.SIGKILL


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def say(line: str) -> None:
    """To the person who watches: a plain line at a terminal, a JSON line in a log."""
    if not sys.stderr.isatty():
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = json.dumps({"at": at, "level": "INFO", "logger": "hues.runtime", "message": line}, ensure_ascii=False)
    else:
        line = f"hues: {line}"
    print(line, file=sys.stderr, flush=True)
