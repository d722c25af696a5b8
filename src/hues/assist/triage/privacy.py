"""What in a text should not be seen in public: somebody's numbers and names beside an accusation, and insults. Only pointed at, never removed."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from hues.city.phrases import PhraseBook
from hues.kernel.text import vn_fold

PRIVATE, ABUSIVE = "private", "abusive"
_MOST = 6  # flags of one text
READ = 4_000  # characters: what a report may have (hues.cases.opening.BODY_MAX)
_AROUND = 80  # characters: how near a name or a plate stands to what somebody is accused of


@dataclass(frozen=True, slots=True)
class Flag:
    """`kind` is private or abusive; `excerpt` the piece of the text; `what`: phone, id, bank, email, plate, name or insult."""

    kind: str
    excerpt: str
    what: str


_PHONE = re.compile(r"(?<![\d.,/])(?:\+?84|0)(?:[ .-]?\d){9}(?![\d/]|[.,]\d)")
_EMAIL = re.compile(r"[\w.+-]{2,64}@[\w-]{2,}(?:\.[\w-]{2,})+")
_ID_WORDS = r"(?:cccd|cmnd|cmt|cmtnd|can cuoc(?: cong dan)?|chung minh(?: nhan dan| thu)?|so dinh danh|passport|ho chieu|id card)"
_ID = re.compile(
    rf"{_ID_WORDS}\W{{0,4}}(?:so|la|number|no)?\W{{0,4}}((?:[a-z]\d{{7}}|\d(?:[ .]?\d){{8}}(?:(?:[ .]?\d){{3}})?))(?!\d)"
)
_ID_BARE = re.compile(
    r"(?<!\d)0\d{11}(?!\d)"
)  # a province, a century and sex, a year, six digits (Circular 59/2021/TT-BCA)
_BANK = re.compile(
    r"(?:stk|so tai khoan|tai khoan|\btk\b|bank account|account (?:number|no)|chuyen khoan|\bck\b"
    r"|vietcombank|vcb|agribank|bidv|vietinbank|techcombank|momo)"
    r"[^\d\n]{0,25}(\d(?:[ .]?\d){7,18})(?!\d)"
)
_PLATE = re.compile(
    r"(?<![\w])(\d{2}\s?-?\s?[A-ZĐ]{1,2}\d?\s?[-. ]\s?\d{3}[. ]?\d{1,2}|\d{2}[A-ZĐ]\d?\d{4,5})(?!\w)", re.I
)
_UPPER = "A-ZĐÀ-ÖØ-Þ\u0102\u0110\u0128\u0168\u01a0\u01afẠ-Ỹ"
_NAME = re.compile(
    rf"\b((?:[ÔÔôo]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]hú|[Tt]hầy|[Bb]ác|Mr\.?|Mrs\.?|Ms\.?)\s+(?:[{_UPPER}][^\W\d_]*\s?){{2,4}})"
)
_STREET = re.compile(r"(?:duong|pho|kiet|hem|ngo|cau|cho|truong|phuong|street|lang|den|chua|mieu)\s*$")

_ACCUSED = PhraseBook(
    [(text, None) for text in (
        "ăn cắp", "trộm", "cướp", "lừa đảo", "lừa", "đánh", "hành hung", "chửi", "đe dọa", "hối lộ", "tham nhũng", "nhận tiền", "vòi tiền",
        "nhũng nhiễu", "bạo hành", "xâm hại", "quấy rối", "dâm", "bán ma túy", "ma túy", "buôn lậu", "hàng giả", "cờ bạc", "đánh bạc",
        "đòi nợ", "cho vay", "nặng lãi", "lấn chiếm", "xây trái phép", "xây lấn", "vi phạm", "làm giả", "gian lận", "chặt chém", "say rượu",
        "mại dâm", "đổ trộm", "xả trộm", "vứt rác", "đổ rác", "đốt rác", "gây ồn", "gây rối", "phá", "cố tình", "ngoại tình", "phóng nhanh",
        "vượt đèn đỏ", "gây tai nạn", "bỏ chạy", "thái độ", "hách dịch", "quát", "tố cáo", "kẻ", "thủ phạm", "bảo kê",
        "stole", "thief", "cheated", "scam", "scammed", "bribe", "corrupt", "threatened", "beat", "harassed", "drunk", "overcharged", "illegal",
        "illegally", "hit and run",
    )],
    strict=True,
)  # fmt: skip

_INSULTS = PhraseBook(
    [(text, None) for text in (
        "=địt", "địt mẹ", "dit me", "=đụ", "đụ má", "đụ mẹ", "du ma may", "=lồn", "cái lồn", "=cặc", "con cặc", "=buồi", "đầu buồi", "=đéo",
        "=đ m", "=đm", "đcm", "dcm", "đkm", "dkm", "đmm", "dmm", "đậu má", "vcl", "vkl", "vãi lồn", "clgt", "clm", "cmm", "cmnr", "đồ chó",
        "lũ chó", "thằng chó", "óc chó", "chó má", "chó đẻ", "đồ ngu", "thằng ngu", "lũ ngu", "bọn ngu", "ngu như bò", "ngu như chó",
        "ngu như lợn", "khốn nạn", "mất dạy", "đồ súc vật", "lũ súc vật", "đồ khốn", "thằng khốn", "con đĩ", "đồ đĩ", "đĩ điếm", "ăn cứt",
        "ăn lồn", "mẹ mày", "má mày", "bố mày", "tổ cha", "chết mẹ mày", "cút mẹ", "đồ vô học", "lũ vô học", "lũ ăn hại", "đồ ăn hại",
        "bọn ăn hại", "đồ rác rưởi", "thằng điên", "con điên", "thằng hâm", "lũ mọi", "bọn mọi",
        "fuck", "fucking", "fucked", "fucker", "motherfucker", "bullshit", "asshole", "bitch", "bastard", "bastards", "cunt", "dickhead",
        "idiots", "morons", "retard", "retarded", "scumbag", "piece of shit", "stfu",
    )],
    strict=False,
)  # fmt: skip
# Letters behind stars and dots: "đ.m", "v.c.l", "l*n", "f*ck", "đ!t".
_MASKED = re.compile(
    r"(?<!\w)(?:đ[.*_\-]+\s?m+(?:[.*_\-]+m)?|đ[.*]+c[.*]+m|v[.*_\-]+[ck][.*_\-]*l|vc[.*_]l|c[.*]l[.*]g[.*]t|l[*]+n|c[*]+c|b[*]+i"
    r"|[đd][*!1]+t\s+m[eẹ*]*|f[*@#u]*[*@#]+c?k(?:ing)?|sh[*!@]t|b[*!]tch|a[*@s$]{1,2}hole)(?!\w)",
    re.I,
)


def flags(text: str) -> list[Flag]:
    """What should be looked at before anybody else reads the text, in the order of kinds; each piece once."""
    text = unicodedata.normalize("NFC", text[:READ])
    found: list[Flag] = []
    taken: list[tuple[int, int]] = []
    for flag, start, end in chain(_numbers(text), _people(text), _insults(text)):
        if len(found) == _MOST:
            break
        if not any(start < other_end and other_start < end for other_start, other_end in taken):
            taken.append((start, end))
            found.append(flag)
    return found


Found = tuple[Flag, int, int]


def _numbers(text: str) -> Iterator[Found]:
    folded = _same_length(text)
    for pattern, what in ((_ID, "id"), (_BANK, "bank")):
        for match in pattern.finditer(folded):
            yield _private(text, match.start(1), match.end(1), what)
    for pattern, what in ((_EMAIL, "email"), (_ID_BARE, "id"), (_PHONE, "phone")):
        for match in pattern.finditer(text):
            yield _private(text, match.start(), match.end(), what)


def _people(text: str) -> Iterator[Found]:
    """Plates and names, where somebody is accused close by."""
    found = [
        *((match, "plate") for match in _PLATE.finditer(text)),
        *((match, "name") for match in _NAME.finditer(text)),
    ]
    accused = list(_spans(_ACCUSED, text)) if found else []
    for match, what in found:
        start, end = match.start(1), match.end(1)
        if what == "name" and _STREET.search(vn_fold(text[max(0, start - 12) : start])):
            continue
        if any(start - _AROUND <= first and last <= end + _AROUND for first, last in accused):
            yield _private(text, start, end, what)


def _insults(text: str) -> Iterator[Found]:
    for start, end in _spans(_INSULTS, text):
        yield Flag(ABUSIVE, text[start:end], "insult"), start, end
    for match in _MASKED.finditer(text):
        yield Flag(ABUSIVE, match[0], "insult"), match.start(), match.end()


def _spans(book: PhraseBook[Any], text: str) -> Iterator[tuple[int, int]]:
    """Where in the text phrases of the book begin and end."""
    found = book.found(text)
    spans = [word.span() for word in re.finditer(r"\w+", text)] if found else []
    for at, phrase, _value in found:
        yield spans[at][0], spans[at + len(phrase.words) - 1][1]


def _private(text: str, start: int, end: int, what: str) -> Found:
    return Flag(PRIVATE, text[start:end].strip(), what), start, end


def _same_length(text: str) -> str:
    """Folded letter by letter, so that places in it are places in the text."""
    return text.translate(_FOLDED)


class _Letters(dict[int, str]):
    """Each letter without its diacritics, as `str.translate` asks for it."""

    def __missing__(self, letter: int) -> str:
        folded = (vn_fold(chr(letter)) or " ")[0]
        if len(self) < 4096:  # whoever sends every sign there is fills no memory
            self[letter] = folded
        return folded


_FOLDED = _Letters()
