"""RFC 6962 trees: the arithmetic against the definition."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.proof.merkle import (
    EMPTY_ROOT,
    Frontier,
    Range,
    consistency_ranges,
    fold,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from tests.proof.logs import naive_root

LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(600)]
SIZES = st.integers(1, 600)


def _hashes(ranges: Sequence[Range]) -> list[bytes]:
    return [naive_root(LEAVES[start:end]) for start, end in ranges]


def test_hashes_are_those_of_the_standard() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_root_of_the_reference_tree_is_the_known_one() -> None:
    entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    root = tree_root(leaf_hash(bytes.fromhex(entry)) for entry in entries)
    assert root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@settings(deadline=None)
@given(SIZES)
def test_appending_gives_the_root_of_the_definition(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert frontier.root() == naive_root(LEAVES[:size])


@settings(deadline=None)
@given(SIZES, st.data())
def test_every_entry_is_proven_and_no_other_is(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, root = _hashes(inclusion_ranges(index, size)), naive_root(LEAVES[:size])
    assert verify_inclusion(LEAVES[index], index, size, path, root)
    other = data.draw(st.integers(0, 599).filter(lambda number: number != index))
    assert not verify_inclusion(LEAVES[other], index, size, path, root)
    assert not verify_inclusion(LEAVES[index], index, size, [*path, root], root)
    if path:
        broken = data.draw(st.integers(0, len(path) - 1))
        path[broken] = bytes([path[broken][0] ^ 1]) + path[broken][1:]
        assert not verify_inclusion(LEAVES[index], index, size, path, root)
        assert not verify_inclusion(LEAVES[index], index, size, path[1:], root)


@settings(deadline=None)
@given(SIZES, SIZES, st.data())
def test_growth_is_proven_and_a_fork_is_not(first: int, second: int, data: st.DataObject) -> None:
    old, new = sorted((first, second))
    proof = _hashes(consistency_ranges(old, new))
    old_root, new_root = naive_root(LEAVES[:old]), naive_root(LEAVES[:new])
    assert verify_consistency(old, old_root, new, new_root, proof)
    forged = hashlib.sha256(old_root).digest()
    assert not verify_consistency(old, forged, new, new_root, proof)
    assert not verify_consistency(old, old_root, new, forged, proof)
    if proof:
        broken = data.draw(st.integers(0, len(proof) - 1))
        proof[broken] = hashlib.sha256(proof[broken]).digest()
        assert not verify_consistency(old, old_root, new, new_root, proof)


def test_outside_of_the_tree_there_is_no_proof() -> None:
    assert not verify_inclusion(LEAVES[0], 1, 1, [], LEAVES[0])
    assert not verify_consistency(3, EMPTY_ROOT, 2, EMPTY_ROOT, [])
    assert verify_consistency(0, EMPTY_ROOT, 5, naive_root(LEAVES[:5]), [])
    assert fold([]) == EMPTY_ROOT
