"""What a set of events makes of a call. Pure: the same set gives the same call, in whatever order it came.

Telephone systems send late, twice, and out of order. So nothing is counted as it arrives: all that is known of a call is
put in the order of its own times and read anew.

- It rang at its first `ring`, else at the first that is known of it.
- It was answered at its first `answer`; what else says that somebody talks (`hold`, `resume`) says so from then on, too.
- It ended at its last `hangup`: two legs may each report one. What is said to have happened later changes nothing.
- `timeout` is our own: nothing was heard for too long. It counts only while no hangup is known and nothing that shows life is later.
- Consent is given when somebody said so and nobody said no.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

RING, ANSWER, HOLD, RESUME, TRANSFER, HANGUP, RECORDING, TRANSCRIPT, CALLBACK, TIMEOUT, CONSENT = (
    "ring", "answer", "hold", "resume", "transfer", "hangup", "recording", "transcript", "callback", "timeout", "consent",
)  # fmt: skip
# At the same moment by the source's clock, the usual order of things decides.
_RANK = {kind: rank for rank, kind in enumerate((RING, ANSWER, RESUME, HOLD, TRANSFER, HANGUP))}
_LIFE = frozenset({RING, ANSWER, HOLD, RESUME, TRANSFER})
_TALK = frozenset({ANSWER, HOLD, RESUME})
_NONE = timedelta()


@dataclass(frozen=True)
class Happening:
    """One event: `id` is the source's. `data`: direction, agent, to, queue, consent, language – as far as it is said."""

    id: str
    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What is known of a call."""

    direction: str
    state: str
    result: str
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    closed_itself: bool
    wait_s: int
    talk_s: int
    hold_s: int
    extension: str
    queue: str
    language: str
    consent: str
    alive_at: datetime  # the last sign of life


def fold(happenings: Iterable[Happening]) -> Told:
    """Raises ValueError for no event at all. An id that comes twice counts once: the earliest, then the smallest."""
    known: dict[str, Happening] = {}
    for one in sorted(happenings, key=_order):
        known.setdefault(one.id, one)
    told = sorted(known.values(), key=_order)
    if not told:
        raise ValueError("a call of which nothing is known")
    rang = next((one.at for one in told if one.kind == RING), told[0].at)
    life = [one for one in told if one.kind in _LIFE] or told[:1]
    ended, by_itself = _end(told, life[-1].at)
    answered = next((one.at for one in told if one.kind in _TALK), None)
    if answered is not None and ended is not None:
        answered = min(answered, ended)  # two clocks that disagree
    held, on_hold = _held(told, answered, ended)
    wait_end = answered or ended
    return Told(
        direction=_said(told, "direction") or "in",
        state="ended" if ended else "waiting" if answered is None else "held" if on_hold else "talking",
        result="" if ended is None else "answered" if answered else "lost",
        rang_at=rang,
        answered_at=answered,
        ended_at=ended,
        closed_itself=by_itself,
        wait_s=_seconds(max(wait_end - rang, _NONE)) if wait_end else 0,
        talk_s=_seconds(max(ended - answered - held, _NONE)) if answered and ended else 0,
        hold_s=_seconds(held),
        extension=_extension(told, answered is not None),
        queue=_said(told, "queue"),
        language=_said(told, "language"),
        consent=_consent(told),
        alive_at=life[-1].at,
    )


def _order(one: Happening) -> tuple[datetime, int, str, str, str]:
    """By time; where two are equal, by everything else: what was heard first must never count."""
    return one.at, _RANK.get(one.kind, len(_RANK)), one.id, one.kind, str(sorted(one.data.items()))


def _end(told: list[Happening], alive: datetime) -> tuple[datetime | None, bool]:
    if hung_up := [one.at for one in told if one.kind == HANGUP]:
        return hung_up[-1], False
    silent = [one.at for one in told if one.kind == TIMEOUT and one.at > alive]
    return (silent[0], True) if silent else (None, False)


def _held(told: list[Happening], answered: datetime | None, ended: datetime | None) -> tuple[timedelta, bool]:
    """How long it was on hold by its end, and whether it still is."""
    if answered is None:
        return _NONE, False
    total, since = _NONE, None
    for one in told:
        if ended is not None and one.at > ended:
            break
        if one.kind == HOLD:
            since = since or max(one.at, answered)
        elif one.kind in (RESUME, TRANSFER, ANSWER) and since is not None:
            total, since = total + max(one.at - since, _NONE), None
    if since is not None and ended is not None:
        total += max(ended - since, _NONE)
    return total, since is not None


def _extension(told: list[Happening], answered: bool) -> str:
    """The telephone at which it is: who took it last, else where it rings."""
    found = ""
    for one in told:
        at = one.data.get("to" if one.kind == TRANSFER else "agent", "")
        if at and one.kind in ((ANSWER, TRANSFER) if answered else (RING, TRANSFER)):
            found = at
    if found or not answered:
        return found
    return next((one.data["agent"] for one in told if one.data.get("agent")), "")


def _said(told: list[Happening], name: str) -> str:
    return next((str(one.data[name]) for one in told if one.data.get(name)), "")


def _consent(told: list[Happening]) -> str:
    said = [one.data["consent"] for one in told if isinstance(one.data.get("consent"), bool)]
    if not said:
        return ""
    return "given" if all(said) else "refused"


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
