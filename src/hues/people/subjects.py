"""What this room must know of cases, although it stands below them: the room of cases puts its answers here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hues.kernel.actors import Actor
from hues.kernel.registry import Registry


@dataclass(frozen=True)
class Subject:
    """A case, as far as identity and conduct are concerned."""

    id: UUID
    code: str
    title: str
    person_id: UUID | None  # None: nobody reported it with an account, or they were erased
    topics: tuple[str, ...]  # of the centre's pages that show it


@dataclass(frozen=True)
class Signal:
    """Somebody whose reports were turned away as abuse more than once: for a person to look at, never a verdict."""

    person_id: UUID
    rejected: int
    sent: int
    codes: tuple[str, ...]  # of what was turned away, the latest first
    last_at: datetime


class CaseBook(Protocol):
    def find(self, actor: Actor, code: str) -> Subject:
        """Raises NotFound where this viewer may not see the case."""

    def signals(self) -> list[Signal]: ...

    def are_of(self, person_id: UUID, codes: list[str]) -> bool:
        """Whether all these cases came from one person."""


BOOKS: Registry[CaseBook] = Registry("case book")


def cases() -> CaseBook:
    return BOOKS.get("cases")
