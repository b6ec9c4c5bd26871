"""An append-only tree of hashes that proves what it holds (RFC 6962)."""

from __future__ import annotations

from collections.abc import Iterable

from hutong.act.ledger.checker import HASH_BYTES, node_hash, tree_root
from hutong.errors import HutongError
from hutong.text import Text


class Tree:
    """The hashes of every complete subtree, so that each proof takes a few steps.

    Appending costs one hash on average; a proof of a tree of n entries about log₂ n of them. Level 0 holds the leaf
    hashes, level k the roots of complete subtrees of 2ᵏ leaves: 64 bytes an entry in all.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[bytearray] = [bytearray()]
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._levels[0]) // HASH_BYTES

    def leaf(self, index: int) -> bytes:
        """Return the hash of an entry; it raises ``ledger-range`` if there is none."""
        if not 0 <= index < self.size:
            raise _range_error(index, self.size)
        return self._node(0, index)

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash (32 bytes) and return its index."""
        if len(leaf) != HASH_BYTES:
            raise ValueError("a leaf is the 32 bytes of its hash")
        index = at = self.size
        self._levels[0] += leaf
        level, top = 0, leaf
        while at & 1:
            top = node_hash(self._node(level, at - 1), top)
            level, at = level + 1, at >> 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += top
        return index

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first ``size`` entries (default: all); it raises ``ledger-range`` beyond them."""
        size = self._within(self.size if size is None else size)
        return self._range(0, size) if size else tree_root(())

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that entry ``index`` stands in the tree of ``size`` (RFC 6962 §2.1.1).

        Raises
        ------
        HutongError
            ``ledger-range`` if there is no such entry or no such tree.
        """
        size = self._within(self.size if size is None else size)
        if not 0 <= index < size:
            raise _range_error(index, size)
        first, proof = 0, []
        while size > 1:
            left = _split(size)
            if index < left:
                proof.append(self._range(first + left, size - left))
                size = left
            else:
                proof.append(self._range(first, left))
                first, index, size = first + left, index - left, size - left
        return proof[::-1]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Return the proof that the tree of ``size`` extends the one of ``old`` entries (RFC 6962 §2.1.2).

        Raises
        ------
        HutongError
            ``ledger-range`` if there are no such trees.
        """
        size = self._within(self.size if size is None else size)
        if not 0 <= old <= size:
            raise _range_error(old, size)
        if old in (0, size):
            return []
        first, proof, whole = 0, [], True
        while old != size:
            left = _split(size)
            if old <= left:
                proof.append(self._range(first + left, size - left))
                size = left
            else:
                proof.append(self._range(first, left))
                first, old, size, whole = first + left, old - left, size - left, False
        if not whole:
            proof.append(self._range(first, size))
        return proof[::-1]

    def _node(self, level: int, at: int) -> bytes:
        return bytes(self._levels[level][at * HASH_BYTES : (at + 1) * HASH_BYTES])

    def _range(self, first: int, size: int) -> bytes:
        """Return the root over ``size`` leaves from ``first``, which is a multiple of the power of two ≥ size."""
        if size & (size - 1) == 0:
            level = size.bit_length() - 1
            return self._node(level, first >> level)
        left = _split(size)
        return node_hash(self._range(first, left), self._range(first + left, size - left))

    def _within(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise _range_error(size, self.size)
        return size


def _split(size: int) -> int:
    """Return the largest power of two smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _range_error(asked: int, size: int) -> HutongError:
    return HutongError(
        "ledger-range",
        Text(
            f"台账没有第 {asked} 条（共 {size} 条）。", f"The ledger has no entry {asked} (it holds {size})."
        ),
        Text("请检查编号。", "Check the number."),
    )
