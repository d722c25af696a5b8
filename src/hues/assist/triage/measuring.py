"""How good suggestions are: shares right, by category and by voice, what is taken for what, and how sure a model may be."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hues.assist.triage.material import Labelled
from hues.assist.triage.model import SUREST, Model
from hues.kernel.text import vn_fold

ASIDE = "kept aside"  # the voice of the sentences that no model reads


@dataclass
class Measured:
    """Shares between 0 and 1, each of `asked` sentences whose author the asked model had not read."""

    asked: int = 0
    top1: float = 0.0
    top3: float = 0.0
    top1_folded: float = 0.0
    top3_folded: float = 0.0
    sharpness: float = 0.0
    classes: dict[str, dict[str, float]] = field(default_factory=dict)  # code → precision, recall, support, top3
    voices: dict[str, dict[str, float]] = field(default_factory=dict)  # voice → asked, top1, top3
    confused: list[tuple[str, str, int]] = field(default_factory=list)  # meant, taken for, how often
    sure: list[tuple[float, float, int]] = field(default_factory=list)  # said confidence, share right, how many

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def share(scores: np.ndarray, meant: np.ndarray, most: int) -> float:
    """How often what was meant is among the `most` best."""
    if not len(meant):
        return 0.0
    best = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    return float((best == meant[:, None]).any(axis=1).mean())


def measured(
    asked: Sequence[Labelled], codes: Sequence[str], scores: np.ndarray, folded: np.ndarray, sharpness: float
) -> Measured:
    """Everything about answers to `asked`."""
    number = {code: i for i, code in enumerate(codes)}
    meant = np.array([number[row.code] for row in asked])
    said = scores.argmax(axis=1)
    found = Measured(
        len(asked),
        share(scores, meant, 1),
        share(scores, meant, 3),
        share(folded, meant, 1),
        share(folded, meant, 3),
        sharpness,
    )
    third = (np.argsort(-scores, axis=1, kind="stable")[:, :3] == meant[:, None]).any(axis=1)
    for i, code in enumerate(codes):
        mine, named = meant == i, said == i
        if mine.any() or named.any():
            right = float((mine & named).sum())
            found.classes[code] = {
                "support": int(mine.sum()),
                "recall": right / max(1, int(mine.sum())),
                "precision": right / max(1, int(named.sum())),
                "top3": float(third[mine].mean()) if mine.any() else 0.0,
            }
    who = np.array([row.voice for row in asked])
    for voice in dict.fromkeys(who):
        mine = who == voice
        found.voices[str(voice)] = {
            "asked": int(mine.sum()), "top1": share(scores[mine], meant[mine], 1), "top3": share(scores[mine], meant[mine], 3),
        }  # fmt: skip
    wrong = Counter((codes[a], codes[b]) for a, b in zip(meant, said, strict=True) if a != b)
    found.confused = [(a, b, n) for (a, b), n in wrong.most_common(40)]
    found.sure = _honesty(scores, meant, sharpness)
    return found


def kept_aside(pack: Path) -> list[Labelled]:
    """The sentences of a pack that nothing is ever trained on (assist/evaluation.csv); none where it has none."""
    try:
        with (pack / "assist" / "evaluation.csv").open(newline="", encoding="utf-8-sig") as lines:
            return [Labelled(row["text"], row["code"], ASIDE) for row in csv.DictReader(lines)]
    except FileNotFoundError:
        return []


def on_those(model: Model, asked: Sequence[Labelled]) -> Measured:
    """How good one model is on sentences that it has not read; kinds that it does not know are left out."""
    asked = [row for row in asked if row.code in model.codes]
    if not asked:
        return Measured()
    plain = np.array([model.scores(row.text) for row in asked])
    folded = np.array([model.scores(vn_fold(row.text)) for row in asked])
    return measured(asked, model.codes, plain, folded, model.sharpness)


def chances(scores: np.ndarray, sharpness: float) -> np.ndarray:
    """Confidences of every category, a row a text."""
    powers = np.exp((scores - scores.max(axis=1, keepdims=True)) * sharpness)
    return np.asarray(powers * (SUREST / powers.sum(axis=1, keepdims=True)))


def sharpest(asked: Sequence[Labelled], codes: Sequence[str], scores: np.ndarray) -> float:
    """The sharpness under which what was meant is least surprising: then 70% means right in seven of ten."""
    number = {code: i for i, code in enumerate(codes)}
    meant = np.array([number[row.code] for row in asked])
    lines = np.arange(len(meant))
    tried = np.geomspace(0.5, 20, 60)
    return float(min(tried, key=lambda sharp: -np.log(chances(scores, sharp)[lines, meant] + 1e-12).mean()))


def _honesty(scores: np.ndarray, meant: np.ndarray, sharpness: float) -> list[tuple[float, float, int]]:
    """Said and true confidence, in five steps."""
    all_chances = chances(scores, sharpness)
    said, right = all_chances.max(axis=1), all_chances.argmax(axis=1) == meant
    steps = np.clip((said * 5).astype(int), 0, 4)
    return [
        (float(said[steps == i].mean()), float(right[steps == i].mean()), int((steps == i).sum()))
        for i in range(5)
        if (steps == i).any()
    ]
