"""Checking the whole log against the journal: what an auditor runs, and what finds a changed row."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from hues.kernel.log import notes, tree
from hues.kernel.log.leaves import COLUMNS, is_erased, leaf_of

_BATCH = 5_000
_MOST = 50  # findings told one by one


@dataclass
class Verdict:
    entries: int = 0
    erased: int = 0
    checkpoints: int = 0
    waiting: int = 0  # in the outbox: younger than the log
    root: bytes = b""
    problems: list[str] = field(default_factory=list)
    unsaid: int = 0  # further problems

    @property
    def sound(self) -> bool:
        return not self.problems

    def blame(self, problem: str) -> None:
        if len(self.problems) < _MOST:
            self.problems.append(problem)
        else:
            self.unsaid += 1


def verify(witnessed: str | None = None) -> Verdict:
    """Recompute every leaf, node, root and signature. `witnessed`: a checkpoint note kept elsewhere, to find a log that
    was cut.

    Reads the journal once, in batches; 100,000 entries take about three seconds.
    """
    verdict = Verdict()
    checkpoints = _checkpoints(verdict)
    if witnessed:
        _check_witnessed(witnessed, checkpoints, verdict)
    told_erased, found_erased = _told_erased(), set()
    frontier = tree.Frontier(0, lambda _where: b"")
    _check_root(frontier, checkpoints, verdict)
    for place, entry_id, stored, row in _leaves():
        if place != frontier.size:
            verdict.blame(f"leaf {frontier.size} is missing: the next one there is {place}")
            break
        if row is None:
            verdict.blame(f"entry {entry_id} (place {place}) was removed from the journal")
        elif is_erased(row):
            found_erased.add(entry_id)
        elif leaf_of(row) != stored:
            verdict.blame(f"entry {entry_id} (place {place}) is not what it was when it was logged")
        frontier.add(stored)
        _check_root(frontier, checkpoints, verdict)
    for entry_id in found_erased - told_erased:
        verdict.blame(f"entry {entry_id} was erased, and no entry says who did it and why")
    verdict.entries, verdict.erased, verdict.root = frontier.size, len(found_erased), frontier.root()
    for size in (size for size in checkpoints if size > frontier.size):
        verdict.blame(f"the checkpoint of size {size} covers more than the log holds ({frontier.size})")
    _check_nodes(frontier, verdict)
    _check_unlogged(verdict)
    return verdict


def _check_root(frontier: tree.Frontier, checkpoints: dict[int, bytes], verdict: Verdict) -> None:
    expected = checkpoints.get(frontier.size)
    if expected is not None and expected != frontier.root():
        verdict.blame(f"the leaves do not give the root of the checkpoint of size {frontier.size}")


def _checkpoints(verdict: Verdict) -> dict[int, bytes]:
    """Size → signed root, for every checkpoint whose note and signature are right."""
    found = {}
    for size, root, note in _rows("select size, root, note from kernel_logcheckpoint order by size"):
        verdict.checkpoints += 1
        try:
            signed = notes.open_note(note)
        except notes.BadNote as error:
            verdict.blame(f"the checkpoint of size {size}: {error}")
            continue
        if (signed.size, signed.root) != (size, bytes(root)):
            verdict.blame(f"the checkpoint of size {size} says something else than its row")
        found[signed.size] = signed.root
    return found


def _check_witnessed(note: str, checkpoints: dict[int, bytes], verdict: Verdict) -> None:
    try:
        seen = notes.open_note(note)
    except notes.BadNote as error:
        verdict.blame(f"the checkpoint that was given: {error}")
        return
    if checkpoints.setdefault(seen.size, seen.root) != seen.root:
        verdict.blame(f"the checkpoint that was given has another root for size {seen.size}: there are two histories")


def _told_erased() -> set[UUID]:
    return {row[0] for row in _rows("select subject_id from kernel_journalentry where action = 'journal.erased'")}


def _leaves() -> Iterator[tuple[int, UUID, bytes, tuple[Any, ...] | None]]:
    sql = f"""
    select l.place, l.entry_id, l.leaf_hash, {COLUMNS} from kernel_logleaf l
    left join kernel_journalentry e on e.id = l.entry_id order by l.place
    """  # noqa: S608  # COLUMNS is a constant
    for row in _rows(sql):
        yield row[0], row[1], bytes(row[2]), row[3:] if row[3] is not None else None


def _check_nodes(frontier: tree.Frontier, verdict: Verdict) -> None:
    """Inner nodes serve proofs only: each must be the hash of its two children."""
    sql = """
    with node as (
      select 0 as level, place as index, leaf_hash as hash from kernel_logleaf
      union all select level, index, hash from kernel_lognode
    )
    select p.level, p.index from node p
    left join node l on l.level = p.level - 1 and l.index = p.index * 2
    left join node r on r.level = p.level - 1 and r.index = p.index * 2 + 1
    where p.level > 0 and sha256('\\x01'::bytea || l.hash || r.hash) is distinct from p.hash
    """
    for level, index in _rows(sql):
        verdict.blame(f"inner node {index} of level {level} is not the hash of its children")
    expected = sum(frontier.size >> level for level in range(1, frontier.size.bit_length()))
    [(stored,)] = _rows("select count(*) from kernel_lognode")
    if stored != expected:
        verdict.blame(f"there are {stored} inner nodes where {expected} belong")


def _check_unlogged(verdict: Verdict) -> None:
    """Every entry is in the log or on its way there."""
    [(verdict.waiting,)] = _rows("select count(*) from kernel_outbox")
    sql = """
    select e.id from kernel_journalentry e
    where not exists (select from kernel_logleaf l where l.entry_id = e.id)
      and not exists (select from kernel_outbox o where o.entry_id = e.id)
    """
    for (entry_id,) in _rows(sql):
        verdict.blame(f"entry {entry_id} never reached the log")


def _rows(sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows of a statement, from a cursor on the server: memory stays flat."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(_BATCH):
            yield from rows
