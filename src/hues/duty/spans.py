"""Arithmetic on spans of time: half open, so that one that ends when another begins does not touch it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Thin:
    """A time in which there are fewer people than there must be."""

    starts_at: datetime
    ends_at: datetime
    there: int
    needed: int


def minus(span: Span, cuts: Iterable[Span]) -> list[Span]:
    """What is left of a span."""
    left = [span]
    for start, end in cuts:
        left = [piece for a, b in left for piece in ((a, min(b, start)), (max(a, end), b)) if piece[0] < piece[1]]
    return left


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as can be, in order."""
    out: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def thin(required: Iterable[Span], there: Iterable[Span], needed: int) -> list[Thin]:
    """Where in the required time fewer than `needed` of the spans `there` hold, neighbours with the same count as one."""
    present = [span for span in there if span[0] < span[1]]
    found: list[Thin] = []
    for span in joined(required):
        for start, end in _pieces(span, present):
            count = sum(1 for a, b in present if a <= start and end <= b)
            if count >= needed:
                continue
            if found and found[-1].ends_at == start and found[-1].there == count:
                start = found.pop().starts_at
            found.append(Thin(start, end, count, needed))
    return found


def _pieces(span: Span, present: list[Span]) -> Iterator[Span]:
    """The span, cut wherever somebody comes or goes."""
    cuts = sorted({span[0], span[1], *(moment for one in present for moment in one if span[0] < moment < span[1])})
    yield from pairwise(cuts)
