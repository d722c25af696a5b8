"""Rows as PostgreSQL's COPY reads them (text format), ids of the past, and the leaves of the log."""

import random
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import orjson

from hues.kernel.ids import CODE_ALPHABET
from hues.kernel.log.tree import Frontier, leaf_hash

NULL = "\\N"


def cell(value: Any) -> str:
    """One value of a row."""
    if value is None:
        return NULL
    kind = type(value)
    if kind is str:
        return escaped(value) if "\\" in value or "\n" in value or "\t" in value or "\r" in value else value
    if kind is bool:
        return "t" if value else "f"
    if kind is datetime or kind is date:
        return str(value.isoformat())
    if kind is dict or kind is list:
        return escaped(orjson.dumps(value).decode())
    return str(value)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


class Ids:
    """Identifiers of the past: UUIDv7 of the moment they name, codes that nobody has. The same seed gives the same."""

    def __init__(self, rng: random.Random, codes: set[str], names: set[str]) -> None:
        self._bits = rng.getrandbits
        self._rng, self._codes, self._names = rng, codes, names
        self._count = 0

    def at(self, moment: datetime) -> str:
        """RFC 9562 §5.7: 48 bits of milliseconds, then a counter, then random bits."""
        self._count = (self._count + 1) & 0xFFF
        value = int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | self._count << 64 | 0b10 << 62 | self._bits(62)
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def code(self, prefix: str) -> str:
        return f"{prefix}-{self._fresh(self._codes, f'{prefix}-')}"

    def name(self) -> str:
        return self._fresh(self._names, "")

    def _fresh(self, taken: set[str], prefix: str) -> str:
        while True:
            body = "".join(self._rng.choices(CODE_ALPHABET, k=6))
            text = f"{body[:4]}-{body[4:]}"
            if prefix + text not in taken:
                taken.add(prefix + text)
                return text


class JournalRows:
    """Journal entries as lines, and their places in the log where this load gives them."""

    def __init__(self, rng: random.Random, frontier: Frontier | None) -> None:
        self._random, self._frontier = rng.randbytes, frontier
        self.entries: list[str] = []
        self.leaves: list[str] = []
        self.nodes: list[str] = []

    def add(
        self,
        entry_id: str,
        at: datetime,
        actor: tuple[str, str | None],
        action: str,
        case_id: str,
        parts: dict[str, Any],
    ) -> None:
        """`at` in UTC, in whole seconds. Topics are empty: nobody is told live of the past."""
        salt, moment = self._random(16), at.isoformat()[:19]
        entry: dict[str, Any] = {
            "id": entry_id, "at": moment + ".000000Z", "actor_kind": actor[0], "actor_id": actor[1], "action": action,
            "subject_kind": "case", "subject_id": case_id, "parts": parts, "topics": [],
        }  # fmt: skip
        text = escaped(orjson.dumps(parts).decode())
        self.entries.append(
            f"{entry_id}\t{moment}Z\t{actor[0]}\t{actor[1] or NULL}\t{action}\tcase\t{case_id}\t{text}\t{{}}\t\\\\x{salt.hex()}\n"
        )
        if self._frontier is not None:
            leaf = leaf_hash(sha256(salt + orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).digest())
            self.leaves.append(f"{self._frontier.size}\t{entry_id}\t\\\\x{leaf.hex()}\n")
            for (level, index), node in self._frontier.add(leaf):
                self.nodes.append(f"{level}\t{index}\t\\\\x{node.hex()}\n")

    def take(self) -> tuple[bytes, bytes, bytes]:
        """The lines so far, as bytes; then empty."""
        taken = tuple("".join(lines).encode() for lines in (self.entries, self.leaves, self.nodes))
        self.entries, self.leaves, self.nodes = [], [], []
        return taken  # type: ignore[return-value]  # three of them
