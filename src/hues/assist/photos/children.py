"""Starting the child processes that look into photos and videos: with little memory, little time, no secrets, and none
that outlives us. They read what strangers sent, through libraries written in C.
"""

import ctypes
import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger("hues.photos")

MEMORY = 1_600_000_000  # bytes of address space; what is really used stays below a third of it
_PR_SET_PDEATHSIG = 1
_SOURCE = str(Path(__file__).parents[3])


class Died(Exception):
    """A child ended badly, or took too long. `output` is what it said until then."""

    def __init__(self, reason: str, output: str) -> None:
        super().__init__(reason)
        self.output = output


def run(module: str, arguments: Sequence[str], *, said: str = "", seconds: float, cpu: int) -> str:
    """Run one of our modules as a program and return what it wrote. Raises Died.

    `seconds` on the wall, `cpu` seconds of processor, then it is killed.
    """
    parent = os.getpid()
    command = [sys.executable, "-m", f"hues.assist.photos.{module}", *arguments]
    child = subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
        preexec_fn=lambda: _confine(parent, cpu),
        start_new_session=True,
    )
    try:
        output, errors = child.communicate(said, timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        output, _errors = child.communicate()
        raise Died("took too long", output) from None
    except BaseException:
        child.kill()
        child.wait()
        raise
    if child.returncode:
        # The last line of a traceback names the error; nothing of the picture is in it.
        reason = errors.strip().splitlines()[-1:] or [f"signal {-child.returncode}"]
        raise Died(reason[0][:200], output)
    return output


def _environment() -> dict[str, str]:
    """Where Python finds us, and nothing else: no addresses, no keys."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "OPENCV_FOR_THREADS_NUM": "1"}
    return kept | one | {"PYTHONPATH": _SOURCE, "LC_ALL": "C.UTF-8"}


def _confine(parent: int, cpu: int) -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000_000, 200_000_000))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)


_LIBC = ctypes.CDLL(None)
