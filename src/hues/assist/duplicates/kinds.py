"""Which kinds of matter are akin, from the city pack: its domains, and the words that people use for both."""

import math
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from hues.assist.duplicates.scoring import RELATED, SAME_FAMILY, SAME_KIND, UNRELATED
from hues.cases import reference
from hues.city.memory import remembered
from hues.kernel.text import vn_fold

# Cosines of keywords: "flooded street" and "water level at a place" have 0.12, most pairs 0.
CLOSE, AKIN = 0.06, 0.03


def kinship(one: int, other: int) -> int:
    """How near two categories are: SAME_KIND … UNRELATED."""
    if one == other:
        return SAME_KIND
    return _kin().get((min(one, other), max(one, other)), UNRELATED)


@remembered
def _kin() -> Mapping[tuple[int, int], int]:
    """Pairs of categories that have something to do with each other, the lower id first."""
    categories = list(reference.categories().values())
    said = {category.pk: _sayings(category.keywords) for category in categories}
    common = Counter(saying for sayings in said.values() for saying in sayings)
    rare = {saying: math.log(len(categories) / many) ** 2 for saying, many in common.items()}
    length = {pk: math.sqrt(sum(rare[saying] for saying in sayings)) or 1.0 for pk, sayings in said.items()}
    found = {}
    for one in categories:
        for other in categories:
            if one.pk < other.pk:
                alike = sum(rare[saying] for saying in said[one.pk] & said[other.pk])
                alike /= length[one.pk] * length[other.pk]
                if one.domain == other.domain or alike >= CLOSE:
                    found[one.pk, other.pk] = SAME_FAMILY
                elif alike >= AKIN:
                    found[one.pk, other.pk] = RELATED
    return found


def _sayings(keywords: Mapping[str, list[str]]) -> set[str]:
    """The words of the keywords, alone and in pairs."""
    found: set[str] = set()
    for texts in keywords.values():
        for text in texts:
            words = vn_fold(text).split()
            found.update(words, map(" ".join, pairwise(words)))
    return found
