"""C2SP tlog-tiles: paths, entry bundles, and growing in steps."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.proof.merkle import leaf_hash, tree_root
from temoin.proof.tile import (
    EMPTY_EDGE,
    ENTRIES,
    Growth,
    TileRef,
    bundle,
    grow,
    parse_tile_path,
    right_edge,
    tile_path,
    unbundle,
    width_at,
)

LOG = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(70_000)]
LEAVES = [leaf_hash(entry) for entry in LOG]


@cache
def _log_of(size: int) -> Growth:
    return grow(EMPTY_EDGE, LOG[:size])


def test_paths_are_those_of_the_standard() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(0, 1234067, 8) == "tile/0/x001/x234/067.p/8"
    assert tile_path(ENTRIES, 0) == "tile/entries/000"
    assert tile_path(63, 999, 255) == "tile/63/999.p/255"


@settings(deadline=None)
@given(st.integers(-1, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_reads_back_as_its_tile(level: int, index: int, width: int) -> None:
    ref = TileRef(level, index, width)
    assert parse_tile_path(ref.path) == ref


@pytest.mark.parametrize(
    "path",
    [
        *("tile/64/000", "tile/00/000", "tile/-1/000", "tile/0/0", "tile/0/x000/001", "tile/0/001/002", "tile/0/1234"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/08", "tile/0/000.p/", "tile/data/000", "tile/0/000\n"),
        *("tile/8/0/000", "tile/0/../000", "", "tile", "tile/entries/x1/000", "tile/0/٠٠٠"),
    ],
)
def test_other_paths_are_no_tiles(path: str) -> None:
    assert parse_tile_path(path) is None


def test_the_standards_example_of_70_000_entries_has_its_tiles() -> None:
    growth = grow(EMPTY_EDGE, LOG)
    partial = {path for path in growth.tiles if ".p/" in path}
    assert partial == {"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"}
    assert len(growth.tiles) == 273 + 273 + 1 + 4
    assert all(
        len(growth.tiles[path]) == 8192 for path in growth.tiles if path.startswith("tile/0/") and ".p" not in path
    )


def test_256_entries_are_a_full_tile_and_a_partial_one_above() -> None:
    growth = grow(EMPTY_EDGE, LOG[:256])
    assert set(growth.tiles) == {"tile/0/000", "tile/entries/000", "tile/1/000.p/1"}
    assert growth.tiles["tile/1/000.p/1"] == growth.edge.root()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=8), st.sampled_from([0, 255, 256]))
def test_growing_in_steps_leaves_what_growing_at_once_leaves(steps: list[int], start: int) -> None:
    first = _log_of(start)
    kept, edge = dict(first.tiles), first.edge
    for step in steps:
        growth = grow(edge, LOG[edge.size : edge.size + step])
        for path in growth.obsolete:
            del kept[path]  # what is dropped was there
        kept |= growth.tiles
        edge = growth.edge
        assert {ref.level: kept[ref.path] for ref in right_edge(edge.size)} == edge.partial
    assert kept == grow(EMPTY_EDGE, LOG[: edge.size]).tiles
    assert edge.root() == tree_root(LEAVES[: edge.size])


def test_growing_past_65_536_entries_begins_a_third_level() -> None:
    first = _log_of(65_500)
    growth = grow(first.edge, LOG[65_500:65_700])
    assert set(first.tiles) - set(growth.obsolete) | set(growth.tiles) == set(_log_of(65_700).tiles)
    assert growth.edge.root() == tree_root(LEAVES[:65_700])
    assert "tile/2/000.p/1" in growth.tiles


@settings(deadline=None)
@given(st.integers(1, 2000), st.integers(1, 2000))
def test_a_tile_that_is_dropped_is_the_beginning_of_one_that_is_kept(old: int, more: int) -> None:
    before = grow(EMPTY_EDGE, LOG[:old])
    after = grow(before.edge, LOG[old : old + more])
    for path in after.obsolete:
        ref = parse_tile_path(path)
        assert ref is not None
        wider = TileRef(ref.level, ref.index, width_at(ref.level, ref.index, old + more))
        assert after.tiles[wider.path][: ref.size] == before.tiles[path]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=5))
def test_an_entry_bundle_reads_back(entries: list[bytes]) -> None:
    whole = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    assert unbundle(whole) == entries
    if len(entries) == 1 and len(whole) > 2:
        with pytest.raises(ValueError, match="cut off"):
            unbundle(whole[:-1])


def test_a_commitment_takes_34_bytes_in_its_bundle() -> None:
    assert bundle(LOG[:2]) == b"\x00\x20" + LOG[0] + b"\x00\x20" + LOG[1]
    with pytest.raises(ValueError, match="32 bytes"):
        grow(EMPTY_EDGE, [b"short"])
