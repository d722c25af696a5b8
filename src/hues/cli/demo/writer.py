"""Writes the sample city's reports, answers and ratings out of its texts: the same seed writes the same."""

import random
from functools import lru_cache
from typing import Any

from hues.cli.demo.places import Spot
from hues.cli.demo.texts import Kind, Texts
from hues.kernel.text import vn_fold

_VOICES = ("polite", "polite", "polite", "polite", "short", "short", "short", "angry", "dialect", "bare")


class Writer:
    def __init__(self, texts: Texts, rng: random.Random) -> None:
        self.texts, self.rng = texts, rng
        self.v = texts.voices
        self._urgent = frozenset(texts.shape["urgent"])

    def report(self, kind: Kind, spot: Spot, language: str = "vi") -> str:
        """What somebody writes: courteous, short, angry, in dialect, or without diacritics."""
        pick = self.rng.choice
        words = self.words(kind, spot, language)
        if language == "en" and kind.en:
            return _tidy(f"{pick(kind.en).format_map(words)} {pick(self.v['english']['closings'])}")
        text = pick(kind.vi).format_map(words)
        voice = "urgent" if kind.code in self._urgent else pick(_VOICES)
        if voice == "bare":
            return without_marks(text)
        if text[:1].islower():  # already typed in a hurry
            return text
        if voice == "polite":
            opening = pick(self.v["openings"])
            if opening.endswith((", ", ": ")) and not text.startswith("Kính"):
                text = opening + text[:1].lower() + text[1:]
            elif opening.endswith(". "):
                text = opening + text
        return _tidy(f"{text} {pick(self.v['closings'].get(voice, ['']))}")

    def words(self, kind: Kind, spot: Spot, language: str = "vi") -> dict[str, Any]:
        """The slots of a text at this place."""
        rng, v = self.rng, self.v
        n = rng.randrange(2, 10)
        manner = "en" if language == "en" else "village" if spot.village else "street"
        if manner not in spot.words:  # chosen once: whoever answers speaks of the same place
            spot.words[manner] = rng.choice(v["spots"][manner]).format_map({**spot.words, "n": n})
        return {
            **spot.words,
            "n": n,
            "o": spot.words[manner],
            "luc": rng.choice(v["moments"]),
            "lau": rng.choice(v["spans"]).format(n=n),
            "gio": rng.choice(v["hours"].get(kind.hours, v["hours"]["day"])),
        }

    def answer(self, kind: Kind, spot: Spot, outcome: str, *, agency: str, about: str, date: str = "") -> str:
        """The agency's reply: courteous, and about this case."""
        rng, answers = self.rng, self.v["answers"]
        words = self.words(kind, spot) | {"ngay": date, "lan": rng.randrange(2, 4)}
        lines = kind.done if outcome in ("fixed_with_evidence", "enforcement_done") else answers[outcome]
        done = rng.choice(lines).format_map(words)
        frames = answers["frames"] if outcome == "fixed_with_evidence" else answers["frames"][:3]
        frame = rng.choice(frames)
        return str(frame.format_map(words | {"don_vi": agency, "viec": about[:1].lower() + about[1:], "da_lam": done}))

    def pick(self, *path: str) -> str:
        """One of the texts under a path of voices.yaml."""
        found: Any = self.v
        for name in path:
            found = found[name]
        return str(self.rng.choice(found))

    def weighted(self, shares: dict[str, float]) -> str:
        return self.rng.choices(list(shares), list(shares.values()))[0]


def without_marks(text: str) -> str:
    """As people type in a hurry: "Đèn đường" → "Den duong"."""
    return "".join(map(_plain, text))


@lru_cache(maxsize=1_000)
def _plain(char: str) -> str:
    if not char.isalpha():
        return char
    folded = vn_fold(char)
    return folded.upper() if char.isupper() else folded


def _tidy(text: str) -> str:
    return " ".join(text.replace("đường đường", "đường").split())
