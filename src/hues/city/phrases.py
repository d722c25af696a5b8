"""Words in what people write: the same phrase with diacritics, in either tone style, or without any.

"cháy" (fire), "chảy" (flows) and "chạy" (runs) are one word to a folded search. A phrase is therefore found where each word is written as in the
phrase, or without a single diacritic. A strict book finds a phrase of one syllable only with its diacritics.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from hues.kernel.text import sort_key, vn_fold

V = TypeVar("V")

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Word:
    """One word: `plain` is folded; `spelled` tells the same letters and tone in both tone styles, empty if written without diacritics."""

    plain: str
    spelled: str


def words(text: str) -> list[Word]:
    """The words of a text, in order."""
    return [word(found) for found in _WORD.findall(unicodedata.normalize("NFC", text))]


@lru_cache(maxsize=8192)  # people use the same words, and each book of phrases reads the text again
def word(written: str) -> Word:
    """One word as it was written."""
    written = unicodedata.normalize("NFC", written).lower()
    plain = vn_fold(written)
    return Word(plain, sort_key(written) if plain != written else "")


def _same(wanted: Word, written: Word) -> bool:
    if wanted.plain == "#":
        return written.plain[:1].isdigit()
    return wanted.plain == written.plain and (not written.spelled or wanted.spelled == written.spelled)


@dataclass(frozen=True)
class Phrase:
    text: str
    words: tuple[Word, ...]
    exact: bool = False  # without its diacritics it means something else

    def found_at(self, written: list[Word], start: int) -> bool:
        """Whether the phrase begins at word number `start`."""
        if start + len(self.words) > len(written):
            return False
        return all(_same(wanted, written[start + i]) for i, wanted in enumerate(self.words))

    def is_unclear(self, written: list[Word], start: int) -> bool:
        """Whether at `start`, where the phrase was found, it lacks diacritics that it has."""
        return any(wanted.spelled and not written[start + i].spelled for i, wanted in enumerate(self.words))


def phrase_of(text: str) -> Phrase:
    """A phrase to look for. `#` stands for a number ("kiệt #"); "=xe cháy" is only found with its diacritics ("xe chạy" is a car that runs)."""
    parts = tuple(Word("#", "") if part == "#" else word(part) for part in re.findall(r"#|\w+", text))
    return Phrase(text, parts, exact=text.startswith("="))


class PhraseBook(Generic[V]):
    """Phrases, each with a value; finds those that occur in a text."""

    def __init__(self, entries: Iterable[tuple[str, V]], *, strict: bool = True) -> None:
        self._strict = strict
        self._by_first: dict[str, list[tuple[Phrase, list[str], V]]] = {}
        for text, value in entries:
            phrase = phrase_of(text)
            plain = [one.plain for one in phrase.words]
            self._by_first.setdefault(plain[0], []).append((phrase, [] if "#" in plain else plain, value))

    def found(self, text: str | list[Word]) -> list[tuple[int, Phrase, V]]:
        """(position in words, phrase, value), in the order of the text; of its `words`, where several books read it."""
        written = words(text) if isinstance(text, str) else text
        letters = [one.plain for one in written]
        known = self._by_first
        return [
            (start, phrase, value)
            for start, first in enumerate(letters)
            if first in known
            for phrase, plain, value in known[first]
            if letters[start : start + len(plain)] == plain  # most end here, cheaply
            and phrase.found_at(written, start)
            and not self._too_unclear(phrase, written, start)
        ]

    def _too_unclear(self, phrase: Phrase, written: list[Word], start: int) -> bool:
        must_be_clear = phrase.exact or (self._strict and len(phrase.words) == 1)
        return must_be_clear and phrase.is_unclear(written, start)
