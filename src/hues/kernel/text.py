"""Vietnamese text: one folding for search, identical in Python and SQL; sort keys; cleaning of what people type."""

import re
import unicodedata

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hues.kernel.errors import Invalid

# ── Folding ──────────────────────────────────────────────────────────────────────────────────────────────────────────
# Canonical decomposition, then this table, then composition again. No lower(): its answer depends on the collation of
# the database and on the Unicode version, so a value stored in a generated column could differ from what Python looks
# for.

_MARKS = "".join(map(chr, range(0x300, 0x370)))  # every tone and hook of Vietnamese, and the accents of Europe
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# Đ has two look-alikes that old keyboards and fonts produce; the other letters have a stroke instead of a mark.
_STROKES = {"đ": "d", "ð": "d", "ɖ": "d", "ø": "o", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "ſ": "s", "ς": "σ"}
_SPACES = "-\u00a0\u2010\u2011\u2012\u2013\u2014\u2015\u202f\u2212"  # "Thừa Thiên-Huế" is found as "thua thien hue"


def _fold_table() -> dict[str, str]:
    """What one character becomes: a letter in lower case without its stroke, or a space for a dash."""
    table = dict(_STROKES) | dict.fromkeys(_SPACES, " ")
    cased = [*range(0xC0, 0x180), 0x189, *range(0x386, 0x3CF), *range(0x400, 0x530)]
    for char in map(chr, cased):
        lower = char.lower()
        if lower != char and len(lower) == 1 and unicodedata.normalize("NFD", char) == char:
            table[char] = _STROKES.get(lower, lower)
    return table


_TABLE = _fold_table()
FOLD_FROM = "".join(_TABLE) + _MARKS + _INVISIBLE  # what has no partner in FOLD_TO is dropped, as translate() does
FOLD_TO = "".join(_TABLE.values())
_ASCII = {chr(code): chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
_FOLD: dict[int, str | None] = str.maketrans(_TABLE | _ASCII) | dict.fromkeys(map(ord, _MARKS + _INVISIBLE))

_ANY_MARK = f"{_MARKS[0]}-{_MARKS[-1]}"
_ACCENTED = re.compile(f"[A-Za-z][{_ANY_MARK}]+")
_LATIN = "".join(c for c in map(chr, range(0xC0, 0x1EFA)) if _ACCENTED.fullmatch(unicodedata.normalize("NFD", c)))

# translate() looks at every entry of its table for every character, so text of Latin letters goes a way with four
# entries.
VN_FOLD_SQL = f"""
create or replace function vn_fold(t text) returns text language sql immutable parallel safe strict
return case when t ~ '[^\\u0001-\\u007f{_ANY_MARK}đĐ–{_LATIN}]'
then normalize(lower(translate(normalize(t, NFD), '{FOLD_FROM}', '{FOLD_TO}') collate "C"), NFC)
else lower(translate(regexp_replace(normalize(t, NFD), '[{_ANY_MARK}]', '', 'g'), 'đĐ-–', 'dd  ') collate "C")
end
"""


def vn_fold(text: str) -> str:
    """Lower case, no diacritics, đ→d, dashes as spaces: "Hoà Đường" and "hòa đường" both give "hoa duong".

    The SQL function `vn_fold(text)` gives the same for every string (tests/kernel compares all of Unicode).
    """
    if text.isascii():
        return text.lower().replace("-", " ")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_FOLD))


# ── Sorting ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}  # huyền hỏi ngã sắc nặng; ngang 0
# ă â đ ê ô ơ ư follow their plain letter: "~" sorts after every letter, so "ab" < "ă" < "â" < "b".
_LETTERS = {("a", "\u0306"): "a~", ("a", "\u0302"): "a~~", ("e", "\u0302"): "e~", ("o", "\u0302"): "o~",
            ("o", "\u031b"): "o~~", ("u", "\u031b"): "u~"}  # fmt: skip
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_DECIMAL = re.compile(r"\d+")


def sort_key(text: str) -> str:
    """A key whose byte order (C locale) is the order of Vietnamese dictionaries; store it beside the name and ORDER BY
    it.

    Syllable by syllable: first the letters (a ă â b c d đ e ê …), then the tone (ngang huyền hỏi ngã sắc nặng); both
    tone styles give one key. Numbers sort by value: "Kiệt 9" comes before "Kiệt 10".
    """
    composed = unicodedata.normalize("NFC", text).lower()
    return " ".join(_number_key(token) if _DECIMAL.fullmatch(token) else _syllable_key(token)
                    for token in _TOKEN.findall(composed))  # fmt: skip


def _number_key(digits: str) -> str:
    value = str(int(digits)) if len(digits) < 400 else digits
    length = len(value)
    return f"{length}{value}" if length < 9 else f"9{length:06d}{value}"


def _syllable_key(syllable: str) -> str:
    letters: list[str] = []
    tone = "0"
    for char in syllable:
        decomposed = unicodedata.normalize("NFD", char)
        base = "d~" if char == "đ" else _STROKES.get(decomposed[0], decomposed[0])
        for mark in decomposed[1:]:
            tone = _TONES.get(mark, tone)
            base = _LETTERS.get((base, mark), base)
        letters.append(base)
    return "".join(letters) + tone


# ── Cleaning ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_SURROGATE = re.compile("[\ud800-\udfff]")
# Controls except tab and line ends; bidirectional embeddings, overrides and isolates, which can make text read as
# something else (Trojan Source); the byte order mark, interlinear and non-characters.
_UNSEEN = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff0-\ufffb\ufffe\uffff]")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")
_ANY_SPACE = re.compile(r"\s+")


def clean(text: str, *, max_length: int, multiline: bool = False, field: str = "") -> str:
    """What a person typed, ready to store: NFC, without control characters and bidirectional overrides, trimmed.

    One line unless `multiline`. Raises Invalid (on `field`, if given) for NUL, lone surrogates and too long a text.
    """
    if "\x00" in text or _SURROGATE.search(text):
        raise _invalid(_("The text contains characters that cannot be stored."), field)
    if len(text) > max_length * 4 + 1000:  # normalising a text of megabytes is work that nobody asked for
        raise _invalid(_too_long(len(text), max_length), field)
    text = _UNSEEN.sub("", _LINE_END.sub("\n", unicodedata.normalize("NFC", text)))
    if multiline:
        lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
        text = _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()
    else:
        text = _ANY_SPACE.sub(" ", text).strip()
    if len(text) > max_length:
        raise _invalid(_too_long(len(text), max_length), field)
    return text


def _too_long(length: int, most: int) -> str:
    return ngettext(
        "The text is too long: {length} characters, at most {most} is allowed.",
        "The text is too long: {length} characters, at most {most} are allowed.",
        most,
    ).format(length=length, most=most)


def _invalid(detail: str, field: str) -> Invalid:
    return Invalid(detail, fields={field: detail} if field else None)


def whole_number(text: str) -> int | None:
    """A number that a form sent, at most nine digits; None for anything else ("²" is a digit to Python, but no number)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
