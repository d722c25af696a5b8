"""A text as numbers: hashed pieces of words, so that no vocabulary lies in memory and nothing anybody wrote can be read out of a model.

Two families, weighed apart: what was meant without diacritics (single words, pairs, triples, pairs with one word between, and letters inside
words), and words and pairs with the diacritics that were typed, where there are any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from hues.assist.triage.words import NUMBER, Word

BITS = 17
SIZE = 1 << BITS
_MASK = SIZE - 1

WORDS, LETTERS, ACCENTS = 0, 1, 2
FAMILIES = 3


@dataclass(frozen=True)
class Pieces:
    """The features of a text, side by side: place in the table, family, and the words (by number) that each was made of."""

    slot: np.ndarray
    family: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def __len__(self) -> int:
        return len(self.slot)

    def only(self, wanted: np.ndarray) -> "Pieces":
        """Those of the places that are true in `wanted`."""
        kept = wanted[self.slot]
        return Pieces(self.slot[kept], self.family[kept], self.first[kept], self.last[kept])


@dataclass(frozen=True)
class Vector:
    """The same as numbers: `values` at `slots`. `line` says for each piece which of these it is, `times` how many pieces one is."""

    slots: np.ndarray
    values: np.ndarray
    line: np.ndarray
    times: np.ndarray


def pieces(words: Sequence[Word | None]) -> Pieces:
    """Every feature of a text."""
    slot: list[int] = []
    family: list[int] = []
    first: list[int] = []
    last: list[int] = []

    def add(kind: int, end: int, *parts: str) -> None:
        slot.append(crc32(" ".join(parts).encode()) & _MASK)
        family.append(kind)
        first.append(at)
        last.append(end)

    for at, word in enumerate(words):
        if word is None:
            continue
        second = words[at + 1] if at + 1 < len(words) else None
        third = words[at + 2] if second and at + 2 < len(words) else None
        if word.plain != NUMBER:
            add(WORDS, at, "w", word.plain)
        if word.accented:
            add(ACCENTS, at, "a", word.meant)
        if second:
            add(WORDS, at + 1, "w", word.plain, second.plain)
            if word.accented or second.accented:
                add(ACCENTS, at + 1, "a", word.meant, second.meant)
        if second and third:
            add(WORDS, at + 2, "w", word.plain, second.plain, third.plain)
            add(WORDS, at + 2, "s", word.plain, third.plain)
        if word.plain[0] not in "<0":
            letters = _letters(word.plain)
            slot += letters
            family += [LETTERS] * len(letters)
            first += [at] * len(letters)
            last += [at] * len(letters)
    return Pieces(*(np.array(column, np.int32) for column in (slot, family, first, last)))


@lru_cache(maxsize=4096)
def _letters(word: str) -> tuple[int, ...]:
    """Two to five letters inside a word, with its ends: "duong" gives " d", "du", …, "uong "."""
    padded = f" {word} "
    return tuple(
        crc32(padded[start : start + length].encode()) & _MASK
        for length in (2, 3, 4, 5)
        for start in range(len(padded) - length + 1)
    )


def vector(found: Pieces, idf: np.ndarray, shares: Sequence[float]) -> Vector:
    """Each family has its share of length, so that long words do not drown out words. `idf`: how much each slot says by itself."""
    slots: list[np.ndarray] = []
    values: list[np.ndarray] = []
    line = np.zeros(len(found), np.int32)
    times = np.ones(len(found), np.float32)
    before = 0
    for family in range(FAMILIES):
        mine = found.family == family
        if not mine.any():
            continue
        unique, back, counts = np.unique(found.slot[mine], return_inverse=True, return_counts=True)
        weights = (1.0 + np.log(counts)).astype(np.float32) * idf[unique]
        slots.append(unique)
        values.append(weights * np.float32(shares[family] / np.sqrt(float(weights @ weights))))
        line[mine] = back + before
        times[mine] = counts[back]
        before += len(unique)
    if not slots:
        return Vector(np.zeros(0, np.int32), np.zeros(0, np.float32), line, times)
    return Vector(np.concatenate(slots), np.concatenate(values), line, times)
