"""A trained model: small tables of numbers that one text goes through in well under a millisecond, with numpy alone.

Scores of each category are a sum over the pieces of the text, so the words that speak for a category can be named.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import orjson

from hues.assist.triage.features import SIZE, Pieces, Vector, pieces, vector
from hues.assist.triage.words import Places, Word, words
from hues.kernel.text import vn_fold

FORM = 1  # of the bytes; a model of another form is trained anew

# However sure: of the sentences that looked certain to it, about so many were right (measured by voices left out).
SUREST = 0.96

_MOST_REASONS = 3
_SPEAKS = 0.3  # of the strongest word's share: below, a word is not named
_JOINS = 0.06  # from here on it is named with a neighbour that is: "ổ" with "gà"
# Words that hold a sentence together are no reason by themselves.
_SAID_SMALL = """
a an the is are was of on in at to and or it my our this that for with from there be i we you not no have has very so
là có không và của cho ở bị các những nhiều một này đó thì mà đến đi ra vào lên đã đang rồi rất quá lắm tôi anh chị em
ai gì sao đâu cũng còn được với từ trong trên dưới ngoài mới xin để khi nên lại hay hơn như vậy đây kia thấy biết mấy
lần mai chưa giờ hôm chào ạ
"""
_SMALL = frozenset(_SAID_SMALL.split())
_SMALL_PLAIN = frozenset(map(vn_fold, _SMALL))


@dataclass(frozen=True, slots=True)
class Guess:
    """A category that the text may be about. `because`: its words that speak for it, as typed, in the text's order."""

    code: str
    confidence: float
    because: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """`rows[slot]` is the line of `weights` (8 bits, by class, times `scale`) and of `idf`; -1: the piece was never learned."""

    codes: tuple[str, ...]
    rows: np.ndarray
    weights: np.ndarray
    scale: np.ndarray
    bias: np.ndarray
    idf: np.ndarray
    shares: tuple[float, ...]
    sharpness: float  # scores times this, then softmax: calibrated on voices that the model had not read
    places: Places
    version: str = ""

    # ── asking ──

    def scores(self, text: str) -> np.ndarray:
        """The score of every category, in the order of `codes`."""
        return self._scored(self._vector(self._known(self.read(text))))[0]

    def read(self, text: str) -> list[Word | None]:
        """The words of a text as the model takes them."""
        return words(text, self.places)

    def guesses(self, text: str, most: int = 3, *, offered: Callable[[str], bool] | None = None) -> list[Guess]:
        """The likeliest categories (that are `offered`) with reasons; none for a text that says nothing the model knows."""
        read = self.read(text)
        known = self._known(read)
        if not len(known):
            return []
        asked = self._vector(known)
        scores, table = self._scored(asked)
        chances = np.exp((scores - scores.max()) * self.sharpness)
        chances *= SUREST / chances.sum()
        order = (i for i in np.argsort(-scores, kind="stable") if offered is None or offered(self.codes[i]))
        best = np.fromiter(islice(order, most), np.intp)
        reasons = self._reasons(read, known, asked, table, best)
        return [Guess(self.codes[i], float(chances[i]), because) for i, because in zip(best, reasons, strict=True)]

    def _known(self, read: Sequence[Word | None]) -> Pieces:
        return pieces(read).only(self.rows >= 0)

    def _vector(self, known: Pieces) -> Vector:
        return vector(known, self.rarity, self.shares)

    @cached_property
    def rarity(self) -> np.ndarray:
        """`idf` by slot."""
        return np.where(self.rows >= 0, self.idf[self.rows], np.float32(0))

    def _scored(self, asked: Vector) -> tuple[np.ndarray, np.ndarray]:
        """The score of every category, and the lines of the table that it is made of, to be multiplied with `scale`."""
        table = self.weights[self.rows[asked.slots]].astype(np.float32)
        return (asked.values @ table) * self.scale + self.bias, table

    def _reasons(
        self, read: Sequence[Word | None], known: Pieces, asked: Vector, table: np.ndarray, best: np.ndarray
    ) -> list[tuple[str, ...]]:
        """For each of `best`: the share of every word in what speaks for it, above the mean of all categories."""
        mean = table @ (self.scale / len(self.scale))
        above = np.maximum(table[:, best] * self.scale[best] - mean[:, None], 0) * asked.values[:, None]
        halves = np.where(known.first == known.last, 1, 2) * asked.times
        parts = above[asked.line] / halves[:, None]
        longer = known.first != known.last
        found = []
        for part in parts.T:
            spoken = np.bincount(known.first, part, len(read))
            spoken += np.bincount(known.last[longer], part[longer], len(read))
            found.append(named(read, spoken))
        return found

    # ── keeping ──

    def as_bytes(self) -> bytes:
        """The model as one file; no code in it."""
        head = {"form": FORM, "codes": self.codes, "shares": self.shares, "sharpness": self.sharpness,
                "places": self.places.names, "version": self.version}  # fmt: skip
        used = np.flatnonzero(self.rows >= 0).astype(np.int32)
        file = io.BytesIO()
        np.savez_compressed(
            file, head=np.frombuffer(orjson.dumps(head), np.uint8), used=used, weights=self.weights[self.rows[used]],
            scale=self.scale, bias=self.bias, idf=self.idf[self.rows[used]],
        )  # fmt: skip
        return file.getvalue()


def from_bytes(content: bytes, version: str = "") -> Model | None:
    """The model of `as_bytes`; None for another form."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        head: dict[str, Any] = orjson.loads(file["head"].tobytes())
        if head["form"] != FORM:
            return None
        used = file["used"]
        rows = np.full(SIZE, -1, np.int32)
        rows[used] = np.arange(len(used), dtype=np.int32)
        return Model(
            codes=tuple(head["codes"]), rows=rows, weights=file["weights"], scale=file["scale"], bias=file["bias"], idf=file["idf"],
            shares=tuple(head["shares"]), sharpness=head["sharpness"], places=Places(head["places"]), version=version or head["version"],
        )  # fmt: skip


def named(read: Sequence[Word | None], shares: np.ndarray) -> tuple[str, ...]:
    """The words that speak loudest, neighbours together, as typed, in the order of the text."""
    if not len(shares) or shares.max() <= 0:
        return ()
    heard = [float(share) if word else 0.0 for word, share in zip(read, shares, strict=True)]
    speaks, joins = max(heard) * _SPEAKS, max(heard) * _JOINS
    loud = [share >= speaks and not _is_small(word) for word, share in zip(read, heard, strict=True)]
    for at, share in enumerate(heard):
        if joins <= share < speaks and not _is_small(read[at]):
            loud[at] = max(heard[max(0, at - 1) : at + 2]) >= speaks
    runs: list[tuple[float, int, str]] = []
    at = 0
    while at < len(read):
        if not loud[at]:
            at += 1
            continue
        end = at
        while end < len(read) and loud[end]:
            end += 1
        start, stop = at, end
        at = end
        while start < stop and _is_small(read[start]):
            start += 1
        while stop > start and _is_small(read[stop - 1]):
            stop -= 1
        if start < stop:
            runs.append((float(shares[start:stop].sum()), start, _typed(read[start:stop])))
    best = sorted(runs, key=lambda run: -run[0])[:_MOST_REASONS]
    return tuple(dict.fromkeys(text for _, _, text in sorted(best, key=lambda run: run[1])))


def _is_small(word: Word | None) -> bool:
    """Whether it only holds the sentence together: "ở", but not "ổ"."""
    return word is not None and (word.meant in _SMALL if word.accented else word.plain in _SMALL_PLAIN)


def _typed(read: Sequence[Word | None]) -> str:
    """As in the text; what one typed word became several stands once."""
    parts: list[str] = []
    for word in read:
        if word and (not parts or parts[-1] != word.typed):
            parts.append(word.typed)
    return " ".join(parts[:6]).lower() if parts else ""
