"""A text as numbers: hashed pieces of words, so that no vocabulary lies in memory and nothing anybody wrote can be read out of a model.

Two families, weighed apart: what was meant without diacritics (single words, pairs, triples, pairs with one word between, and letters inside
words), and words and pairs with the diacritics that were typed, where there are any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from hues.assist.triage.words import NUMBER, Word

BITS = 17
SIZE = 1 << BITS
_MASK = SIZE - 1


@dataclass(frozen=True, slots=True)
class Piece:
    """One feature: its place in the table, its family, and the words (by number) that it was made of."""

    slot: int
    family: int
    first: int
    last: int


WORDS, LETTERS, ACCENTS = 0, 1, 2
FAMILIES = 3


def pieces(words: Sequence[Word | None]) -> Iterator[Piece]:
    """Every feature of a text."""
    for at, word in enumerate(words):
        if word is None:
            continue
        yield from _of_words(words, at, word)
        if word.plain[0] not in "<0":
            for gram in _letters(word.plain):
                yield Piece(crc32(gram.encode()) & _MASK, LETTERS, at, at)


def _of_words(words: Sequence[Word | None], at: int, word: Word) -> Iterator[Piece]:
    second = words[at + 1] if at + 1 < len(words) else None
    third = words[at + 2] if second and at + 2 < len(words) else None
    if word.plain != NUMBER:
        yield Piece(_slot("w", word.plain), WORDS, at, at)
    if word.accented:
        yield Piece(_slot("a", word.meant), ACCENTS, at, at)
    if second:
        yield Piece(_slot("w", word.plain, second.plain), WORDS, at, at + 1)
        if word.accented or second.accented:
            yield Piece(_slot("a", word.meant, second.meant), ACCENTS, at, at + 1)
    if second and third:
        yield Piece(_slot("w", word.plain, second.plain, third.plain), WORDS, at, at + 2)
        yield Piece(_slot("s", word.plain, third.plain), WORDS, at, at + 2)


def _slot(kind: str, *parts: str) -> int:
    return crc32(f"{kind} {' '.join(parts)}".encode()) & _MASK


def _letters(word: str) -> Iterator[str]:
    """Two to five letters inside a word, with its ends: "duong" gives " d", "du", …, "uong "."""
    padded = f" {word} "
    for length in (2, 3, 4, 5):
        for start in range(len(padded) - length + 1):
            yield padded[start : start + length]


def vector(
    found: Sequence[Piece], idf: np.ndarray | None, rows: np.ndarray | None, shares: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """(slots, values): each family has its share of length, so that long words do not drown out words. `idf` by slot, or by `rows[slot]`."""
    slots: list[np.ndarray] = []
    values: list[np.ndarray] = []
    for family in range(FAMILIES):
        mine = [piece.slot for piece in found if piece.family == family]
        if not mine:
            continue
        unique, counts = np.unique(np.array(mine, np.int32), return_counts=True)
        weights = (1.0 + np.log(counts)).astype(np.float32)
        if idf is not None:
            weights *= idf[unique if rows is None else rows[unique]]
        slots.append(unique)
        values.append(weights * np.float32(shares[family] / np.sqrt(float(weights @ weights))))
    if not slots:
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    return np.concatenate(slots), np.concatenate(values)
