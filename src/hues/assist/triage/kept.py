"""Models of a pack's phrases alone, kept by what they were made from: the same is never trained twice on a machine.

Setup makes one for each pack (`hues assist build`), of the installation like the static files; what a city trains itself
is kept in its data folder.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from hues.assist.triage import model as models
from hues.assist.triage.material import digest_of
from hues.assist.triage.measuring import kept_aside, on_those
from hues.assist.triage.model import Model
from hues.assist.triage.school import Lesson, teach
from hues.runtime.places import data_dir

_KEPT = 3  # files


def _name(digest: str) -> str:
    return f"triage-{digest[:24]}.model"


def lesson(digest: str) -> Lesson | None:
    """What was learned before from the same material, by this city or at setup."""
    for folder in (data_dir() / "assist", settings.ASSIST_DIR):
        try:
            head, _, weights = (folder / _name(digest)).read_bytes().partition(b"\n")
            told = orjson.loads(head)
            return Lesson(told["learned"], told["measured"], weights, told.get("aside", {}))
        except (OSError, ValueError, KeyError):
            continue
    return None


def keep(digest: str, found: Lesson, *, folder: Path | None = None) -> None:
    """Write it down at once or not at all, in the data folder unless told otherwise; the oldest files go."""
    path = (folder or data_dir() / "assist") / _name(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    told = {"learned": found.learned, "measured": found.measured, "aside": found.aside}
    fresh.write_bytes(orjson.dumps(told) + b"\n" + found.weights)
    fresh.replace(path)
    for old in sorted(path.parent.glob("triage-*.model"), key=lambda p: p.stat().st_mtime, reverse=True)[_KEPT:]:
        old.unlink(missing_ok=True)


def build() -> list[str]:
    """Train the model of each pack that has phrases, unless it is there. Returns the packs. Raises school.Failed."""
    made = []
    for pack in sorted(path for path in settings.CITIES_DIR.iterdir() if (path / "assist" / "phrases").is_dir()):
        digest = digest_of(pack)
        if not (settings.ASSIST_DIR / _name(digest)).exists():
            found = lesson(digest) or teach(pack, f"pack-{digest[:6]}")
            keep(digest, replace(found, aside=_aside(pack, found)), folder=settings.ASSIST_DIR)
        made.append(pack.name)
    return made


def _aside(pack: Path, found: Lesson) -> dict[str, Any]:
    """What the page shows of a model that the city has not measured itself: sentences that no phrase was written after."""
    model = models.from_bytes(found.weights)
    asked = kept_aside(pack)
    return on_those(model, asked).as_dict() if model and asked else {}


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
