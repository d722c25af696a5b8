"""Whether the name that somebody typed for an incident may hang on a wall, where anybody who passes reads it.

A name is shown only where each word of it is understood: words of the kinds and categories of the city, names of its units, places and agencies,
words without a capital. Whatever else has a capital may be a person ("Tìm kiếm Bình"), and a number may lead to a telephone or a door; then kind,
area, level and code stand for the name. That hides a name too many now and then; the commander is told and may choose another one.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from hues.assist.triage.privacy import flags
from hues.cases import reference
from hues.city.memory import remembered
from hues.city.models import Place, UnitAlias
from hues.city.pack import settings as pack_settings
from hues.command.playbooks import playbook
from hues.kernel.text import vn_fold

_WORD = re.compile(r"\d+(?:[/.-]\d+)*[a-z]?\b|[^\W\d_]+")
_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b|\b\d{1,2}[:hg]\d{0,2}\b")
_MANY_DIGITS = re.compile(r"\d(?:[ .-]?\d){5,}")
_DOOR = re.compile(r"\b(?:số nhà|nhà(?: số)?|kiệt|hẻm|ngõ|ngách|house|lane)\s*(?:số\s*)?\d", re.I)
_NUMBERED = frozenset({"bão số", "cấp", "đợt", "lần", "giai đoạn", "storm", "level"})  # what else has a number
_PERSON = frozenset(  # who is spoken of, and the surnames that mean nothing else
    {"ông", "bà", "anh", "chị", "cháu", "bé", "cụ", "bác", "chú", "cô", "dì", "cậu", "mợ", "thím", "thầy"}
    | {"mr", "mrs", "ms", "miss", "nguyễn", "huỳnh"}
)
_STORM = frozenset({"bão", "storm", "typhoon"})  # has a name of its own
_LONGEST = 8  # words of a place's name


def names_somebody(name: str) -> bool:
    """Whether a name says, or might say, who somebody is, where they live or how they are reached. No statement."""
    text = unicodedata.normalize("NFC", name)
    if flags(text) or _DOOR.search(text):
        return True
    text = _DATE.sub(" ", text)
    if _MANY_DIGITS.search(text):
        return True
    words = list(_unknown(_WORD.findall(text)))
    return any(_speaks_of_somebody(words, at) for at in range(len(words)))


def _speaks_of_somebody(words: Sequence[str], at: int) -> bool:
    word, before = words[at], words[at - 1] if at else ""
    if word[:1].isdigit():  # in front of a street it is a house
        following = words[at + 1] if at + 1 < len(words) else ""
        numbered = before.lower() in _NUMBERED or " ".join(words[max(0, at - 2) : at]).lower() in _NUMBERED
        return not numbered and (following == _PLACE or following[:1].isupper())
    if word.lower() in _PERSON:
        return True
    if not word[:1].isupper() or word.lower() in _plain_words() or before.lower() in _STORM:
        return False
    following = words[at + 1] if at + 1 < len(words) else ""
    return at > 0 or following[:1].isupper()  # a sentence begins with a capital


_PLACE = "\0"  # stands for the known name of a place in what is left of a text


def _unknown(words: Sequence[str]) -> Iterator[str]:
    """The words of a text, the longest names that are known taken together as one."""
    known, folded, at = _known_names(), [vn_fold(word) for word in words], 0
    while at < len(words):
        length = next(
            (n for n in range(min(_LONGEST, len(words) - at), 0, -1) if tuple(folded[at : at + n]) in known), 0
        )
        if length and words[at][:1].isupper():
            yield _PLACE
            at += length
        else:
            yield words[at]
            at += 1


@remembered
def _known_names() -> frozenset[tuple[str, ...]]:
    """Names of units (of today and before), places, agencies and the city, folded, as words. Four statements, once."""
    names: set[str] = set()
    for name in pack_settings()["names"].values():  # "Thành phố Huế", and "Huế"
        words = name.split()
        names |= {" ".join(words[n:]) for n in range(len(words))} | {words[0]}
    for one in (*reference.units().values(), *reference.agencies().values()):
        names |= set(one.names.values())
    names |= {name.partition(" ")[2] for one in reference.units().values() for name in one.names.values()}
    names |= set(UnitAlias.objects.values_list("name", flat=True))
    for place in Place.objects.only("names"):
        names |= set(place.names.values())
    return frozenset(tuple(_WORD_FOLDED.findall(vn_fold(name))) for name in names if name)


_WORD_FOLDED = re.compile(r"\w+")


@remembered
def _plain_words() -> frozenset[str]:
    """Words of the kinds of incident and of the categories: no name of anybody, however they are written."""
    sources: list[Mapping[str, str]] = [kind.names for kind in playbook().kinds.values()]
    sources += [category.names for category in reference.categories().values()]
    return frozenset(word.lower() for names in sources for text in names.values() for word in _WORD.findall(text))
