"""Where a person's data lies: each room that keeps something of a citizen says how to hand it out and how to erase it.

In a room's apps.py, in `ready`:

    from hues.people.erasing import ERASERS, EXPORTERS
    ERASERS.add("follows", actions.erase_of)       # (person_id) -> {"follows": 3}: what went, counted
    EXPORTERS.add("follows", queries.export_of)    # (person_id) -> whatever JSON can say

An eraser is called in a transaction of its own, by a job that may be killed and begun again at any moment: it must be
idempotent (a second call finds nothing and answers zeros), and it must not need the account, which goes last. What it
may do to public texts is in `wish_of(person_id)`. What it does not erase for a legal reason it leaves out of
its counts and tells through HOLDS. An exporter may answer dates, UUIDs and decimals; photos are named by the id of
their StoredFile under a key "files": the archive holds them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hues.kernel.registry import Registry

Eraser = Callable[[UUID], dict[str, int]]
Exporter = Callable[[UUID], Any]

ERASERS: Registry[Eraser] = Registry("eraser")
EXPORTERS: Registry[Exporter] = Registry("exporter")


@dataclass(frozen=True)
class Hold:
    """Something that the law keeps for a while although its owner asked to erase it."""

    subject: str  # what the citizen knows it by: the code of a case
    reason: str  # translated
    until: datetime


# (person_id) -> what must wait, and until when. Asked before the erasure (the page says it) and at each of its runs.
HOLDS: Registry[Callable[[UUID], list[Hold]]] = Registry("legal hold")


def holds_of(person_id: UUID) -> list[Hold]:
    return [hold for _name, ask in HOLDS.items() for hold in ask(person_id)]


def held(person_id: UUID, subject: str) -> bool:
    return any(hold.subject == subject for hold in holds_of(person_id))


def wish_of(person_id: UUID) -> bool:
    """Whether somebody who is being erased wants their published words withdrawn as well."""
    from hues.people.models import Erasure  # a room's apps.py imports this module before there are models

    return Erasure.objects.filter(person_id=person_id, withdraw_public=True).exists()
