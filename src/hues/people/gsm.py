"""Text messages as the network carries them: which alphabet, how many parts, what they cost (3GPP TS 23.038, 23.040)."""

import unicodedata
from dataclasses import dataclass

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_CODES = {char: bytes([code]) for code, char in enumerate(BASIC) if char != "\x1b"} | {
    char: b"\x1b" + bytes([code]) for char, code in EXTENDED.items()
}
_SIGNS = str.maketrans({"đ": "d", "Đ": "D", "–": "-", "—": "-", "−": "-", "…": "...", "“": '"', "”": '"', "„": '"', "‘": "'",
                        "’": "'", "•": "-", "·": "-", "₫": "d", "\u00a0": " ", "\u202f": " ", "\t": " "})  # fmt: skip
GSM7, UCS2 = "gsm7", "ucs2"
_ALONE, _JOINED = {GSM7: 160, UCS2: 70}, {GSM7: 153, UCS2: 67}  # characters (septets, UTF-16 units) of a part


@dataclass(frozen=True)
class Measure:
    """What a text costs: `units` are septets or UTF-16 units, `parts` what is charged."""

    alphabet: str
    units: int
    parts: int


def plain(text: str) -> str:
    """Without diacritics ("không dấu"), in the GSM alphabet: "Đã có kết quả" → "Da co ket qua"."""
    folded = unicodedata.normalize("NFD", text.translate(_SIGNS))
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return "".join(char if char in _CODES else "?" for char in bare)


def alphabet_of(text: str) -> str:
    return GSM7 if all(char in _CODES for char in text) else UCS2


def segments(text: str) -> tuple[str, list[bytes]]:
    """The alphabet, and the text in parts that fit; no part ends within a character. GSM-7 has one septet a byte."""
    alphabet = alphabet_of(text)
    pieces = [_CODES[char] if alphabet == GSM7 else char.encode("utf-16-be") for char in text]
    width = 1 if alphabet == GSM7 else 2
    if sum(map(len, pieces)) <= _ALONE[alphabet] * width:
        return alphabet, [b"".join(pieces)]
    parts, part = [], b""
    for piece in pieces:
        if len(part) + len(piece) > _JOINED[alphabet] * width:
            parts.append(part)
            part = b""
        part += piece
    return alphabet, [*parts, part]


def measure(text: str) -> Measure:
    alphabet, parts = segments(text)
    return Measure(alphabet, sum(map(len, parts)) // (1 if alphabet == GSM7 else 2), len(parts))


@dataclass(frozen=True)
class Preview:
    """A text as it is, and without diacritics, each with what it costs."""

    text: str
    as_is: Measure
    plain_text: str
    plain: Measure

    def cost(self, price: int, *, plain: bool) -> int:
        """In đồng, at so many for each part."""
        return price * (self.plain if plain else self.as_is).parts


def preview(text: str) -> Preview:
    bare = plain(text)
    return Preview(text, measure(text), bare, measure(bare))
