"""Training in a process of its own, so that no serving process ever loads the libraries for it: `python -m hues.assist.triage.school`.

Reads one JSON object {folder, version, cases: [[text, code], …], measure} and writes one line of JSON {learned, measured}, then the model.
With `measure` it only measures, and no model follows.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from hues.assist.triage.material import CASES, Labelled, read_material

PATIENCE = 1800.0  # seconds; with 20,000 cases on a slow machine
_PR_SET_PDEATHSIG = 1
_SOURCE = str(Path(__file__).parents[3])
_CASE_WEIGHT = 0.7  # what one operator decided about one text, against a phrase that was written to be typical


class Failed(Exception):
    """Training did not come to its end."""


@dataclass(frozen=True)
class Lesson:
    """What came out: how many texts of which voice, how good it is (empty unless asked), the model's bytes (empty if only measured).

    `aside`: how good it is on the pack's sentences that are kept aside; of models made at setup.
    """

    learned: dict[str, int]
    measured: dict[str, Any]
    weights: bytes
    aside: dict[str, Any] = field(default_factory=dict)


def teach(folder: Path, version: str, cases: Sequence[tuple[str, str]] = (), *, measure: bool = False) -> Lesson:
    """Train, or with `measure` find out how good such a model is on voices left out. Raises Failed."""
    task = orjson.dumps({"folder": str(folder), "version": version, "cases": list(cases), "measure": measure})
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "hues.assist.triage.school"],
            input=task,
            capture_output=True,
            timeout=PATIENCE,
            env=kept | threads | {"PYTHONPATH": _SOURCE, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed("training took too long") from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise Failed(last[0][:300])
    head, _, weights = done.stdout.partition(b"\n")
    told = orjson.loads(head)
    return Lesson(told["learned"], told["measured"], weights)


def main() -> None:
    """What the child does, with the lowest priority: people come first."""
    os.nice(15)
    _die_with_parent()
    from hues.assist.triage import training

    task = orjson.loads(sys.stdin.buffer.read())
    material = read_material(Path(task["folder"]))
    known = frozenset(material.codes)
    material.texts += [Labelled(text, code, CASES, _CASE_WEIGHT) for text, code in task["cases"] if code in known]
    learned = material.counts()
    if task["measure"]:
        told, weights = training.measure(material).as_dict(), b""
    else:
        told, weights = {}, training.train(material, version=task["version"]).as_bytes()
    sys.stdout.buffer.write(orjson.dumps({"learned": learned, "measured": told}) + b"\n" + weights)


def _die_with_parent() -> None:
    """A worker that is killed takes its lesson with it: the job is queued again."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


if __name__ == "__main__":
    main()
