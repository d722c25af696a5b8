"""Keys that were not turned into diacritics: "dduwowngf" is "đường" typed with the input method off (Telex)."""

import re
import unicodedata
from functools import lru_cache

_TONES = {"f": "\u0300", "s": "\u0301", "x": "\u0303", "r": "\u0309", "j": "\u0323"}
_SHAPES = (
    ("uow", "ươ"),
    ("uwow", "ươ"),
    ("dd", "đ"),
    ("aa", "â"),
    ("aw", "ă"),
    ("ee", "ê"),
    ("oo", "ô"),
    ("ow", "ơ"),
    ("uw", "ư"),
)
_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnprstvx])?"
_VOWELS = "(?:ươ|iê|yê|uô|uê|uâ|oă|uơ|[âăêôơư]|[âêôơư][iuyơa]|ươ[iu]|iêu|yêu|uôi|uây)"
_SYLLABLE = re.compile(f"{_ONSET}{_VOWELS}(?:ch|ng|nh|[cmnpt])?")
_TYPED = re.compile("[a-z]{3,12}")
_SIGN = re.compile("dd|uw|uow|([aeo])\\1|ow|aw")
# English words that could be read so, and would have a tone.
_ENGLISH = frozenset(
    (
        "floor",
        "poor",
        "door",
        "roof",
        "loos",
        "trees",
        "seems",
        "sees",
        "keeps",
        "boots",
        "roots",
        "tools",
        "zoos",
        "moor",
    )
)


@lru_cache(maxsize=4096)
def untyped(word: str) -> str:
    """The word that the keys stand for; the word itself if they are not Telex beyond doubt: a letter's shape and a tone, or đ or ư."""
    if not _TYPED.fullmatch(word) or not _SIGN.search(word) or word in _ENGLISH:
        return word
    tone = _TONES.get(word[-1], "")
    if not tone and not ("dd" in word or "uw" in word):
        return word
    shaped = word[:-1] if tone else word
    for keys, letters in _SHAPES:
        shaped = shaped.replace(keys, letters)
    if not _SYLLABLE.fullmatch(shaped):
        return word
    return _with_tone(shaped, tone)


def _with_tone(syllable: str, tone: str) -> str:
    """The mark belongs on the letter with a shape, of two on the second (ươ)."""
    place = max(i for i, letter in enumerate(syllable) if letter in "âăêôơư")
    return unicodedata.normalize("NFC", syllable[: place + 1] + tone + syllable[place + 1 :])
