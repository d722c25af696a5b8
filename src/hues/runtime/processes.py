"""Starting processes that cannot outlive us: forked Python functions and other programs alike."""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from hues.runtime.trouble import Trouble

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_M_ARENA_MAX = -8
_HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


@dataclass(frozen=True)
class Program:
    """What to run: a function in a fork of this process (which shares its memory), or the words of a command."""

    name: str
    run: Callable[[], object] | Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0  # seconds from the stop signal to SIGKILL
    death_signal: signal.Signals = signal.SIGKILL  # what it gets if this process dies
    uid: int | None = None
    folder: Path = Path("/")
    log: Path | None = None  # stdout and stderr; None: ours
    environment: dict[str, str] = field(default_factory=dict)
    before: Callable[[], None] | None = None  # runs in the parent before every start


def start(program: Program) -> int:
    """Fork, and run the program in the child. Returns the process id."""
    if program.before:
        program.before()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    _become(program, parent)


def _become(program: Program, parent: int) -> NoReturn:
    """The child's side: never returns, never runs the parent's exit handlers."""
    code = 1
    try:
        for number in _HANDLED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.setsid()  # a Ctrl-C at the terminal reaches only the supervisor, which stops everything in order
        if program.log:
            log = os.open(program.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
        if program.uid is not None:
            become_user(program.uid)
        die_with_parent(parent, program.death_signal)  # after the change of user, which clears it
        if callable(program.run):
            _rename(f"hues-{program.name}")
            program.run()
            code = 0
        else:
            os.chdir(program.folder)
            os.execve(program.run[0], list(program.run), _plain_environment() | program.environment)  # noqa: S606
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        code = 0
    except Trouble as trouble:
        print(f"hues: {trouble}", file=sys.stderr)
        code = trouble.exit_code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def become_user(uid: int) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    os.umask(0o077)


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Linux sends `number` to this process when its parent ends, even by SIGKILL. Elsewhere nothing of the kind
    exists.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)


def save_memory() -> None:
    """Few heaps for threads (glibc would make eight a core), and single-threaded number libraries."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if sys.platform.startswith("linux") and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_ARENA_MAX, 2)


def _rename(name: str) -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def _plain_environment() -> dict[str, str]:
    """What servers of others need to know: nothing of ours, least of all keys."""
    return {key: os.environ[key] for key in ("PATH", "TZ", "TMPDIR") if key in os.environ} | {"LC_ALL": "C.UTF-8"}
