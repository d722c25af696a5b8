"""What an address as people write it says of the place: street and number, whatever the order and the language."""

import re
from dataclasses import dataclass
from functools import lru_cache

from hues.kernel.text import vn_fold

NUMBER_M = 4.0  # metres from one house number to the next
BESIDE_M = 5.0  # two addresses with the same number and street, written differently
ALONG_M = 80.0  # somewhere in the same street

_PARTS = re.compile(r",|;|\s{2,}|\n")
_CROSSING = re.compile(r"&|/(?=\s)|\s(?:và|and|giao(?: với)?|x)\s", re.IGNORECASE)
# What stands before the name of a street. Folded.
_BEFORE = re.compile(
    r"^(?:intersection of|corner of|opposite|near|gan|doi dien|truoc|sau|canh|ben canh|nga ba|nga tu|nga nam|goc|so nha|so|nha so|no"
    r"|kiet|hem|ngo|ngach|duong|pho|street)\b\.?\s*"
)
_NUMBER = re.compile(r"^(\d{1,5})[a-z]?(?:[\s/]+\d+[a-z]?)*\b[\s,]*")


@dataclass(frozen=True, slots=True)
class Address:
    """`whole` is the folded text. `streets` name their area too, where one was written; two of them are a crossing."""

    whole: str
    streets: tuple[str, ...]
    number: int  # of the house; -1 where there is none


NOWHERE = Address("", (), -1)


@lru_cache(maxsize=4096)
def parse(address: str) -> Address:
    """ "27 Lê Lợi, phường Thuận Hóa" → number 27, street "le loi" in "phuong thuan hoa"."""
    parts = [part for piece in _PARTS.split(address) if (part := piece.strip())]
    if not parts:
        return NOWHERE
    area = vn_fold(parts[1]) if len(parts) > 1 else ""
    number, streets = -1, []
    for piece in _CROSSING.split(parts[0]):
        name, found = _street(vn_fold(piece))
        number = found if found >= 0 else number
        if len(name) > 2:
            streets.append(f"{name}|{area}")
    return Address(" ".join(vn_fold(address).split()), tuple(streets[:2]), number)


def _street(text: str) -> tuple[str, int]:
    """The name of a street without what stands before it, and the number."""
    text, number = " ".join(text.split()), -1
    while True:
        if found := _NUMBER.match(text):
            number = int(found[1]) if number < 0 else number
            shorter = text[found.end() :]
        else:
            shorter = _BEFORE.sub("", text)
        if shorter == text:
            return text, number
        text = shorter


def metres_along(one: Address, other: Address) -> float:
    """How far two addresses are from each other as far as they tell; inf where they name no common street."""
    if one.whole and one.whole == other.whole:
        return 0.0
    if not set(one.streets) & set(other.streets):
        return float("inf")
    if one.number < 0 or other.number < 0:
        return ALONG_M
    return max(BESIDE_M, NUMBER_M * abs(one.number - other.number))
