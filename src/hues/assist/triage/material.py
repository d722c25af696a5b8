"""What a model is trained on, as the city pack has it: labelled texts by the voice (author) who wrote them."""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

KEYWORDS, SAMPLES, CASES = "keywords", "samples", "cases"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, what it is about, who wrote it, how much it counts."""

    text: str
    code: str
    voice: str
    weight: float = 1.0


@dataclass
class Material:
    """Everything to learn from. `places`: names that say where and not what. `kept`: codes of all categories, in the pack's order."""

    codes: list[str] = field(default_factory=list)
    texts: list[Labelled] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    digest: str = ""

    def voices(self) -> list[str]:
        """Who wrote."""
        return sorted({row.voice for row in self.texts})

    def counts(self) -> dict[str, int]:
        """Texts by voice."""
        counts: dict[str, int] = {}
        for row in self.texts:
            counts[row.voice] = counts.get(row.voice, 0) + 1
        return counts


def read_material(folder: Path) -> Material:
    """The phrases, the keywords and the sample reports of a city pack. A city without phrases has its keywords."""
    content = _yaml(folder / "categories.yaml")
    codes = [row["code"] for row in content["categories"]]
    known = frozenset(codes)
    texts = [
        *_keywords(content["categories"]),
        *_samples(folder / "demo" / "reports", known),
        *_phrases(folder / "assist", known),
    ]
    found = Material(codes, texts, list(_places(folder)))
    found.digest = digest_of(folder)
    return found


def sources(folder: Path) -> list[Path]:
    """The files that the material is read from."""
    named = [folder / name for name in ("categories.yaml", "places.csv", "units.csv", "former_units.csv")]
    return [
        path
        for path in [*named, *_listed(folder / "demo" / "reports"), *_listed(folder / "assist" / "phrases")]
        if path.is_file()
    ]


def digest_of(folder: Path) -> str:
    """SHA-256 over those files, and over what this program makes of them."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in [
        *sources(folder),
        *(here / name for name in ("spelling.yaml", "words.py", "telex.py", "features.py", "training.py", "voices.py")),
    ]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml")) if folder.is_dir() else []


def _phrases(folder: Path, known: frozenset[str]) -> Iterator[Labelled]:
    for path in _listed(folder / "phrases"):
        for code, texts in (_yaml(path) or {}).items():
            if code in known:
                for text in texts or ():
                    yield Labelled(str(text), code, path.stem)


def _keywords(categories: list[dict[str, Any]]) -> Iterator[Labelled]:
    """Names, keywords and the labels of questions. A keyword is a hint of a word or two: it counts less than a sentence."""
    for row in categories:
        for name in row["names"].values():
            for part in [name, *name.split(",")]:
                yield Labelled(part.strip(" ()"), row["code"], KEYWORDS)
        for texts in row["keywords"].values():
            for text in texts:
                yield Labelled(str(text), row["code"], KEYWORDS)
        for question in row.get("questions", ()):
            for label in question["labels"].values():
                yield Labelled(str(label), row["code"], KEYWORDS, 0.3)


_SLOT = re.compile(r"\{\w+\}\w*")


def _samples(folder: Path, known: frozenset[str]) -> Iterator[Labelled]:
    """The sample city's reports, their slots for places and times left out."""
    for path in _listed(folder):
        for code, kind in (_yaml(path) or {}).items():
            if code in known:
                for text in [*kind.get("vi", ()), *kind.get("en", ())]:
                    yield Labelled(" ".join(_SLOT.sub("", str(text)).split()), code, SAMPLES)


def _places(folder: Path) -> Iterator[str]:
    """Streets and units. Landmarks stay words: a market or a tomb does say something about the matter."""
    for name in ("units.csv", "former_units.csv", "places.csv"):
        path = folder / name
        if path.is_file():
            rows = csv.DictReader(
                line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
            )
            for row in rows:
                if row.get("kind") in (None, "street", "area", "phuong", "xa", "thi_tran", "ward") and row.get("name"):
                    yield row["name"]
