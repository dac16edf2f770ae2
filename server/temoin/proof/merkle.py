"""Merkle tree hashes and proofs of RFC 6962, section 2.1. Pure arithmetic: no web, no storage, no clock.

A proof is a list of subtree hashes. `inclusion_ranges` and `consistency_ranges` say which leaves each of those hashes
covers, as half-open ranges; `complete_subtrees` cuts a range into subtrees that are full and never change again.
Whoever keeps hashes (tiles, see `tile.py`) can so produce any proof without this module knowing how they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]
Subtree = tuple[int, int]


def leaf_hash(entry: bytes) -> bytes:
    """H(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def split_point(size: int) -> int:
    """The largest power of two smaller than `size` (at least 2): where RFC 6962 splits a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def complete_subtrees(span: Range) -> list[Subtree]:
    """The full subtrees that make up the leaves of one proof hash, left to right, each as (height, index).

    `span` must start at a multiple of the power of two that covers it, as every range of a proof does.
    """
    start, end = span
    parts: list[Subtree] = []
    while start < end:
        height = (end - start).bit_length() - 1
        parts.append((height, start >> height))
        start += 1 << height
    return parts


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over full subtrees that stand side by side, larger ones first (MTH of a ragged range)."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """What the hashes of PATH(index, D[size]) cover, from the leaf's sibling up; raises ValueError outside the tree."""
    if not 0 <= index < size:
        raise ValueError(f"index {index} is not in a tree of {size}")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_point(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """What the hashes of PROOF(old, D[new]) cover; empty for old = 0 and old = new."""
    if not 0 <= old <= new:
        raise ValueError(f"{old} and {new} are not the sizes of a growing tree")
    if old in (0, new):
        return []
    ranges: list[Range] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + split_point(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, end))
    return ranges[::-1]


def root_of_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that `path` leads to from `leaf`; raises ValueError where its length does not fit."""
    ranges = inclusion_ranges(index, size)
    if len(path) != len(ranges):
        raise ValueError(f"an inclusion proof of {len(path)} hashes, where {len(ranges)} are needed")
    result = leaf
    for (start, _), sibling in zip(ranges, path, strict=True):
        result = node_hash(result, sibling) if start > index else node_hash(sibling, result)
    return result


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that the tree of `size` leaves under `root` has `leaf` (a leaf hash) at `index`."""
    try:
        return root_of_inclusion(leaf, index, size, path) == root
    except ValueError:
        return False


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree under `new_root` begins with all of the tree under `old_root`."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    try:
        ranges = consistency_ranges(old, new)
    except ValueError:
        return False
    whole = old & (old - 1) == 0
    hashes = list(proof)
    if len(hashes) != len(ranges):
        return False
    before = after = old_root if whole else hashes.pop(0)
    for (start, _), sibling in zip(ranges if whole else ranges[1:], hashes, strict=True):
        if start >= old:
            after = node_hash(after, sibling)
        else:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
    return before == old_root and after == new_root


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """MTH over leaf hashes, all in memory; `Frontier` does the same as a stream."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


class Frontier:
    """The full subtrees along a growing tree's right edge: all that is needed to append and to know the root."""

    __slots__ = ("_hashes", "size")

    def __init__(self) -> None:
        self.size = 0
        self._hashes: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        carry, size, hashes = leaf, self.size, self._hashes
        while size & 1:
            carry = sha256(b"\x01" + hashes.pop() + carry).digest()
            size >>= 1
        hashes.append(carry)
        self.size += 1

    def root(self) -> bytes:
        return fold(self._hashes)
