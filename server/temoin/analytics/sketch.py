"""Counting distinct visitors without keeping any: a HyperLogLog sketch.

Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog", 2007, with the estimator of Ertl, "New cardinality estimation
algorithms for HyperLogLog sketches", 2017, section 4, which needs no table of corrections and no special case for
small or large counts. 2**14 registers: a standard error of 1.04 / sqrt(2**14) = 0.8 %. A register keeps the longest
run of zeros among thousands of hashes; which ones they were cannot be told from it.
"""

from __future__ import annotations

import math
import zlib

_BITS = 14
SIZE = 1 << _BITS
_REST = 64 - _BITS
_MASK = (1 << _REST) - 1
_MOST = _REST + 1


class Sketch:
    """A set of 64-bit hashes that can be added to, joined and counted, and never read."""

    __slots__ = ("_registers",)

    def __init__(self) -> None:
        self._registers = bytearray(SIZE)

    def add(self, value: int) -> None:
        """Counts a uniformly distributed 64-bit hash in."""
        place = value >> _REST
        rank = _MOST - (value & _MASK).bit_length()
        if rank > self._registers[place]:
            self._registers[place] = rank

    def merge(self, other: Sketch) -> None:
        """Makes this the sketch of both sets together."""
        self._registers = bytearray(map(max, self._registers, other._registers))

    def count(self) -> int:
        """The estimated number of distinct hashes."""
        histogram = [0] * (_MOST + 1)
        for rank in self._registers:
            histogram[rank] += 1
        total = SIZE * _tau(1 - histogram[_MOST] / SIZE)
        for rank in range(_MOST - 1, 0, -1):
            total = (total + histogram[rank]) / 2
        total += SIZE * _sigma(histogram[0] / SIZE)
        return 0 if math.isinf(total) else round(SIZE * SIZE / (2 * math.log(2) * total))

    def to_bytes(self) -> bytes:
        """One byte a register, by zlib: tens of bytes for a small site, about 8 kB at most."""
        return zlib.compress(self._registers, 1)

    @classmethod
    def from_bytes(cls, data: bytes) -> Sketch:
        """The sketch that `to_bytes` wrote; raises ValueError for anything else."""
        unpacking = zlib.decompressobj()
        try:
            unpacked = unpacking.decompress(data, SIZE + 1)
        except zlib.error as error:
            raise ValueError("not a sketch") from error
        if not unpacking.eof or len(unpacked) != SIZE or max(unpacked) > _MOST:
            raise ValueError("not a sketch of this size")
        sketch = cls()
        sketch._registers = bytearray(unpacked)
        return sketch


def _sigma(share: float) -> float:
    """Ertl 2017, algorithm 6: what empty registers add; infinite where all are."""
    if share == 1:
        return math.inf
    weight, total = 1.0, share
    while True:
        share *= share
        before = total
        total += share * weight
        weight += weight
        if total == before:
            return total


def _tau(share: float) -> float:
    """Ertl 2017, algorithm 6: what full registers add."""
    if share in (0, 1):
        return 0.0
    weight, total = 1.0, 1 - share
    while True:
        share = math.sqrt(share)
        before = total
        weight /= 2
        total -= (1 - share) ** 2 * weight
        if total == before:
            return total / 3
