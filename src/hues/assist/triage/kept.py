"""Models of a pack's phrases alone, kept in the data folder by what they were made from: the same is never trained twice on a machine."""

import os
from pathlib import Path

import orjson

from hues.assist.triage import model as models
from hues.assist.triage.material import digest_of
from hues.assist.triage.model import Model
from hues.assist.triage.school import Lesson, teach
from hues.runtime.places import data_dir

_KEPT = 3  # files


def _file(digest: str) -> Path:
    return data_dir() / "assist" / f"triage-{digest[:24]}.model"


def lesson(digest: str) -> Lesson | None:
    """What was learned before from the same material."""
    try:
        head, _, weights = _file(digest).read_bytes().partition(b"\n")
        told = orjson.loads(head)
        return Lesson(told["learned"], told["measured"], weights)
    except (OSError, ValueError, KeyError):
        return None


def keep(digest: str, found: Lesson) -> None:
    """Write it down at once or not at all; the oldest files go."""
    path = _file(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(orjson.dumps({"learned": found.learned, "measured": found.measured}) + b"\n" + found.weights)
    fresh.replace(path)
    for old in sorted(path.parent.glob("triage-*.model"), key=lambda p: p.stat().st_mtime, reverse=True)[_KEPT:]:
        old.unlink(missing_ok=True)


def model_of_pack(folder: Path) -> Model:
    """The model of a pack's phrases, trained now if it is not kept here. Needs no database. Raises school.Failed."""
    digest = digest_of(folder)
    version = f"pack-{digest[:6]}"
    found = lesson(digest)
    if found is None:
        found = teach(folder, version)
        keep(digest, found)
    model = models.from_bytes(found.weights, version)
    if model is None:
        found = teach(folder, version)
        keep(digest, found)
        model = models.from_bytes(found.weights, version)
    assert model is not None  # noqa: S101 - just made by this program
    return model
