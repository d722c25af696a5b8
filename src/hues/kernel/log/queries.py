"""Reading the log: its size, its checkpoints, proofs. Each in at most three statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from hues.kernel.errors import Invalid, NotFound
from hues.kernel.log import tree
from hues.kernel.models import LogCheckpoint, LogLeaf


@dataclass(frozen=True)
class Inclusion:
    """That a leaf is in the tree of a checkpoint."""

    place: int
    leaf: bytes
    proof: list[bytes]
    checkpoint: LogCheckpoint


def size() -> int:
    """Leaves in the log."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(place) + 1, 0) from kernel_logleaf")
        return int(cursor.fetchone()[0])


def nodes(wanted: list[tree.Coordinates]) -> Mapping[tree.Coordinates, bytes]:
    """Stored hashes by (level, index), leaves being level 0; what is not there is missing from the answer."""
    sql = """
    select w.level, w.index, coalesce(n.hash, l.leaf_hash) from unnest(%s::int[], %s::bigint[]) w(level, index)
    left join kernel_lognode n on n.level = w.level and n.index = w.index and w.level > 0
    left join kernel_logleaf l on l.place = w.index and w.level = 0
    """
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [[level for level, _index in wanted], [index for _level, index in wanted]])
        return {(level, index): bytes(found) for level, index, found in cursor.fetchall() if found is not None}


def frontier() -> tree.Frontier:
    """The right edge of the tree as stored, ready to grow."""
    now = size()
    return tree.answer_with(lambda stored: tree.Frontier(now, stored), nodes)


def newest_checkpoint() -> LogCheckpoint:
    """Raises NotFound before the first one is signed."""
    newest = LogCheckpoint.objects.order_by("-size").first()
    if newest is None:
        raise NotFound(_("The log has no checkpoint yet."))
    return newest


def prove_entry(entry_id: UUID) -> Inclusion:
    """That an entry is in the log of the newest checkpoint. Raises NotFound, also for an entry that it does not cover
    yet.
    """
    leaf = LogLeaf.objects.filter(entry_id=entry_id).first()
    newest = newest_checkpoint()
    if leaf is None or leaf.place >= newest.size:
        raise NotFound(_("The log does not hold this entry, or not yet."))
    proof = tree.answer_with(lambda stored: tree.inclusion_proof(leaf.place, newest.size, stored), nodes)
    return Inclusion(leaf.place, bytes(leaf.leaf_hash), proof, newest)


def prove_growth(old: int, new: int) -> list[bytes]:
    """That the log of `old` entries is the beginning of the log of `new`. Raises Invalid."""
    if not 0 < old <= new <= size():
        raise Invalid(_("The log has no such sizes."))
    return tree.answer_with(lambda stored: tree.consistency_proof(old, new, stored), nodes)
