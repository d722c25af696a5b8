"""One spelling for what is learned and what is asked: the words of a text as they were typed, and as they are meant.

Slang, dialect, tone styles, keys that were not turned into diacritics, drawn-out letters, numbers and names of streets become one
form, the same in training and later. Each word keeps the piece of text that it came from, so that a reason can be shown as typed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from hues.assist.triage.telex import untyped
from hues.kernel.text import vn_fold

MOST = 800  # characters that are looked at: who writes more has said by then what it is about
NUMBER, PLACE, PHONE, LINK = "0", "<place>", "<phone>", "<link>"

_PIECE = re.compile(
    r"(?P<link>https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+)"
    r"|(?P<phone>(?<!\d)(?:\+?84|0)(?:[ .-]?\d){8,10}(?!\d))"
    r"|(?P<number>\d[\d.,/:hxkm%-]*)"
    r"|(?P<word>đ/c|[^\W\d_]+(?:['’][^\W\d_]+)?)"
    r"|(?P<stop>[.,!?;:()\n])"
)
_DRAWN = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Word:
    """`meant` in lower case with the diacritics that were typed, `plain` without; `typed` as in the text. `accented`: it has some."""

    meant: str
    plain: str
    typed: str
    accented: bool


@dataclass(frozen=True)
class Spelling:
    """What stands for what, by the words as typed, folded or not; and what says nothing."""

    exact: Mapping[tuple[str, ...], tuple[str, ...]]
    folded: Mapping[tuple[str, ...], tuple[str, ...]]
    particles: frozenset[str]
    longest: Mapping[str, int]  # by the first word of entries, meant or plain: how many words the longest of them has


@cache
def spelling() -> Spelling:
    """The list beside this module."""
    rows = yaml.safe_load((Path(__file__).parent / "spelling.yaml").read_text(encoding="utf-8"))
    both = {
        tuple(one_style(k).split()): tuple(v.split()) for k, v in (rows["slang"] | rows["dialect"]).items() if k != v
    }
    folded = {key: value for key, value in both.items() if vn_fold(" ".join(key)) == " ".join(key)}
    for key, value in both.items():
        if len(key) > 1:
            folded.setdefault(tuple(vn_fold(part) for part in key), value)
    exact = both | {(one_style(k),): tuple(v.split()) for k, v in rows["accented"].items()}
    longest: dict[str, int] = {}
    for key in [*exact, *folded]:
        longest[key[0]] = max(len(key), longest.get(key[0], 0))
    return Spelling(exact, folded, frozenset(map(one_style, rows["particles"])), longest)


# ── one tone style ──

_TONE = "\u0300\u0301\u0303\u0309\u0323"
_OPEN = re.compile(rf"(?<!q)(o[aeo]|u[y\u00ea])([{_TONE}])(?![a-z])|(o[ae]|uy)([{_TONE}])")


@cache
def _styles() -> dict[str, str]:
    """Old style → new: hoà → hòa, thuỷ → thủy, khoẻ → khỏe (the mark on the first letter of an open pair)."""
    table = {}
    for first, second in ("oa", "oe", "uy"):
        for mark in _TONE:
            new = unicodedata.normalize("NFC", first + second + mark)
            table[new] = unicodedata.normalize("NFC", first + mark + second)
    return table


_OLD = re.compile("(?<!q)(?:" + "|".join(_styles()) + r")(?!\w)")


def one_style(text: str) -> str:
    """Lower case, composed, tone marks of oa, oe, uy in one style."""
    lower = unicodedata.normalize("NFC", text).lower()
    return lower if lower.isascii() else _OLD.sub(lambda found: _styles()[found[0]], lower)


# ── words ──


def words(text: str, places: "Places | None" = None) -> list[Word | None]:
    """The words of a text as meant; None where a sentence ends."""
    rough = list(_rough(unicodedata.normalize("NFC", text[:MOST])))
    return list(_meant(places.replaced(rough) if places else rough))


def _rough(text: str) -> Iterator[Word | None]:
    for piece in _PIECE.finditer(text):
        typed = piece[0]
        match piece.lastgroup:
            case "word":
                yield _word(typed)
            case "stop":
                yield None
            case "link":
                yield Word(LINK, LINK, typed, accented=False)
            case "phone":
                yield Word(PHONE, PHONE, typed, accented=False)
            case _:
                yield Word(NUMBER, NUMBER, typed, accented=False)


@lru_cache(maxsize=8192)
def _word(typed: str) -> Word:
    form = one_style(_undrawn(typed))
    form = untyped(form) if form.isascii() else form
    plain = vn_fold(form).replace("'", "").replace("’", "")
    return Word(form, plain, typed, plain != form)


def _undrawn(typed: str) -> str:
    """ "quáaaaa" is "quá"."""
    form = _DRAWN.sub(r"\1", typed)
    return form[:-1] if form != typed and len(form) > 1 and vn_fold(form[-1]) == vn_fold(form[-2]) else form


def _meant(rough: list[Word | None]) -> Iterator[Word | None]:
    """Slang and dialect put into common words, the longest entry first; particles left out."""
    book = spelling()
    spelled = any(word and word.accented for word in rough)  # the author writes with diacritics
    at = 0
    while at < len(rough):
        word = rough[at]
        if word is None:
            yield None
            at += 1
            continue
        for length in range(max(book.longest.get(word.meant, 0), book.longest.get(word.plain, 0)), 0, -1):
            run = rough[at : at + length]
            if len(run) < length or None in run:
                continue
            found = book.exact.get(tuple(w.meant for w in run)) or (  # type: ignore[union-attr]
                None if any(w.accented for w in run) else book.folded.get(tuple(w.plain for w in run))  # type: ignore[union-attr]
            )
            if found:
                typed = " ".join(w.typed for w in run)  # type: ignore[union-attr]
                for part in found:
                    plain = vn_fold(part)
                    yield Word(part if spelled else plain, plain, typed, spelled and plain != part)
                at += length
                break
        else:
            if word.meant not in book.particles:
                yield word
            at += 1


class Places:
    """Names of streets and units: where a thing is says nothing about what it is."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted({folded for name in names if len((folded := vn_fold(name)).split()) > 1})
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for name in self.names:
            parts = tuple(name.split())
            self._by_first.setdefault(parts[0], []).append(parts)
        for rows in self._by_first.values():
            rows.sort(key=len, reverse=True)

    def replaced(self, rough: list[Word | None]) -> list[Word | None]:
        """Each name becomes one neutral word. With a capital, or in a text without any, so that common words stay words."""
        found: list[Word | None] = []
        at = 0
        while at < len(rough):
            word = rough[at]
            length = self._length(rough, at) if word else 0
            if length:
                typed = " ".join(w.typed for w in rough[at : at + length] if w)
                found.append(Word(PLACE, PLACE, typed, accented=False))
            else:
                found.append(word)
            at += length or 1
        return found

    def _length(self, rough: list[Word | None], at: int) -> int:
        first = rough[at]
        for parts in self._by_first.get(first.plain, ()) if first else ():
            run = rough[at : at + len(parts)]
            if len(run) == len(parts) and all(w and w.plain == part for w, part in zip(run, parts, strict=True)):
                return len(parts)
        return 0
