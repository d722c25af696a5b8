"""Merkle tree hashes and proofs as RFC 6962 §2.1 and RFC 9162 §2.1 have them. Pure: nodes come from a function.

Complete nodes are stored by (level, index): node (l, i) covers the leaves [i·2^l, (i+1)·2^l). They never change once
there; all else is computed from about log2(n) of them.
"""

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import TypeVar

Coordinates = tuple[int, int]  # level, index
Nodes = Callable[[Coordinates], bytes]
Answer = TypeVar("Answer")

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: for each set bit of the size, the root of that complete subtree."""

    def __init__(self, size: int, nodes: Nodes) -> None:
        self.size = size
        self.edge = {level: nodes((level, (size >> level) - 1)) for level in _bits(size)}

    def add(self, leaf: bytes) -> list[tuple[Coordinates, bytes]]:
        """Append a leaf hash. Returns the inner nodes that it completes."""
        level, index, node, completed = 0, self.size, leaf, []
        while index & 1:
            node = node_hash(self.edge.pop(level), node)
            level, index = level + 1, index >> 1
            completed.append(((level, index), node))
        self.edge[level] = node
        self.size += 1
        return completed

    def root(self) -> bytes:
        if not self.size:
            return EMPTY_ROOT
        levels = sorted(self.edge)
        node = self.edge[levels[0]]
        for level in levels[1:]:
            node = node_hash(self.edge[level], node)
        return node


def root(size: int, nodes: Nodes) -> bytes:
    """MTH(D[n]) of RFC 6962 §2.1."""
    return _range(0, size, nodes) if size else EMPTY_ROOT


def inclusion_proof(place: int, size: int, nodes: Nodes) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1: from the leaf's sibling up."""
    if not 0 <= place < size:
        raise ValueError(f"place {place} is not in a tree of {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if place < middle:
            path.append(_range(middle, high, nodes))
            high = middle
        else:
            path.append(_range(low, middle, nodes))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 6962 §2.1.2: that the tree of `old` leaves is the beginning of the tree of `new`."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} to {new}")
    low, high, whole, path = 0, new, True, []
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(middle, high, nodes))
            high = middle
        else:
            path.append(_range(low, middle, nodes))
            low, whole = middle, False
    return ([] if whole else [_range(low, high, nodes)]) + path[::-1]


def verify_inclusion(leaf: bytes, place: int, size: int, proof: Iterable[bytes], root: bytes) -> bool:
    """RFC 9162 §2.1.3.2."""
    if not 0 <= place < size:
        return False
    index, last, node = place, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(old: int, new: int, proof: Iterable[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162 §2.1.4.2."""
    path = list(proof)
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    if not old & (old - 1):
        path.insert(0, old_root)
    if not path:
        return False
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    first = second = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            first, second = node_hash(node, first), node_hash(node, second)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            second = node_hash(second, node)
        index, last = index >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def answer_with(
    compute: Callable[[Nodes], Answer], fetch: Callable[[list[Coordinates]], Mapping[Coordinates, bytes]]
) -> Answer:
    """Run `compute` with stored nodes fetched all at once: a first run only writes down which ones it asks for."""
    wanted: list[Coordinates] = []

    def note(where: Coordinates) -> bytes:
        wanted.append(where)
        return b""

    compute(note)
    return compute(fetch(wanted).__getitem__)


def _range(low: int, high: int, nodes: Nodes) -> bytes:
    """The hash over the leaves [low, high), where low is a multiple of the largest power of two within."""
    size = high - low
    if not size & (size - 1):
        level = size.bit_length() - 1
        return nodes((level, low >> level))
    middle = low + _split(size)
    return node_hash(_range(low, middle, nodes), _range(middle, high, nodes))


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (k in RFC 6962 §2.1)."""
    return 1 << (size - 1).bit_length() - 1


def _bits(size: int) -> list[int]:
    return [level for level in range(size.bit_length()) if size >> level & 1]
