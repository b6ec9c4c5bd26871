"""The tree against the definitions of RFC 6962 written out plainly, for every size up to 300."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.act.ledger.checker import (
    consistency_holds,
    inclusion_holds,
    leaf_hash,
    node_hash,
    tree_root,
)
from hutong.act.ledger.tree import Tree
from hutong.errors import HutongError

MOST = 300
LEAVES = [leaf_hash(bytes([i & 255, i >> 8])) for i in range(MOST)]


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def slow_root(leaves):
    """MTH of RFC 6962 §2.1."""
    n = len(leaves)
    if n == 0:
        return hashlib.sha256(b"").digest()
    if n == 1:
        return leaves[0]
    return node_hash(slow_root(leaves[: split(n)]), slow_root(leaves[split(n) :]))


def slow_path(m, leaves):
    """PATH of RFC 6962 §2.1.1."""
    n = len(leaves)
    if n == 1:
        return []
    k = split(n)
    if m < k:
        return [*slow_path(m, leaves[:k]), slow_root(leaves[k:])]
    return [*slow_path(m - k, leaves[k:]), slow_root(leaves[:k])]


def slow_proof(m, leaves, whole=True):
    """SUBPROOF of RFC 6962 §2.1.2."""
    n = len(leaves)
    if m == n:
        return [] if whole else [slow_root(leaves)]
    k = split(n)
    if m <= k:
        return [*slow_proof(m, leaves[:k], whole), slow_root(leaves[k:])]
    return [*slow_proof(m - k, leaves[k:], False), slow_root(leaves[:k])]


@pytest.fixture(scope="module")
def tree():
    return Tree(LEAVES)


def test_roots_of_all_sizes(tree):
    for n in range(MOST + 1):
        assert tree.root(n) == slow_root(LEAVES[:n]) == tree_root(LEAVES[:n])


def test_inclusion_of_every_leaf_of_every_size(tree):
    for n in range(1, MOST + 1):
        root = tree.root(n)
        for at in range(n):
            proof = tree.inclusion(at, n)
            assert inclusion_holds(LEAVES[at], at, n, proof, root)
            assert not inclusion_holds(LEAVES[at], (at + 1) % n, n, proof, root) or n == 1


def test_consistency_of_every_pair_of_sizes(tree):
    roots = [tree.root(n) for n in range(MOST + 1)]
    for n in range(MOST + 1):
        for m in range(n + 1):
            assert consistency_holds(m, roots[m], n, roots[n], tree.consistency(m, n))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 31, 100, 101])
def test_proofs_equal_the_definitions(tree, n):
    for m in range(n):
        assert tree.inclusion(m, n) == slow_path(m, LEAVES[:n])
    for m in range(1, n + 1):
        assert tree.consistency(m, n) == slow_proof(m, LEAVES[:n])


def test_the_example_of_the_rfc():
    """RFC 6962 §2.1.3: seven leaves, nodes named as in its figure."""
    d = [leaf_hash(bytes([i])) for i in range(7)]
    a, b, c, dd, e, f, j = d
    g, h, i = node_hash(a, b), node_hash(c, dd), node_hash(e, f)
    k, left, hash0 = node_hash(g, h), node_hash(i, j), node_hash(a, b)
    tree = Tree(d)
    assert tree.root() == node_hash(k, left)
    assert tree.inclusion(0) == [b, h, left]
    assert tree.inclusion(3) == [c, g, left]
    assert tree.inclusion(4) == [f, j, k]
    assert tree.inclusion(6) == [i, k]
    assert tree.root(2) == hash0
    assert tree.consistency(3) == [c, dd, g, left]
    assert tree.consistency(4) == [left]
    assert tree.consistency(6) == [i, j, k]


def test_published_roots():
    """The leaves and roots that the Certificate Transparency implementations test with."""
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    hashes = [leaf_hash(bytes.fromhex(x)) for x in leaves]
    assert tree_root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree_root(hashes[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert tree_root(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.data())
def test_a_wrong_proof_does_not_hold(data):
    n = data.draw(st.integers(2, 64))
    tree = Tree(LEAVES[:n])
    at = data.draw(st.integers(0, n - 1))
    proof = tree.inclusion(at)
    step = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    bad = list(proof)
    bad[step] = bytes(x ^ (1 << bit % 8 if i == bit // 8 else 0) for i, x in enumerate(bad[step]))
    assert not inclusion_holds(LEAVES[at], at, n, bad, tree.root())
    assert not inclusion_holds(LEAVES[at], at, n, proof[:-1], tree.root())
    assert not inclusion_holds(LEAVES[at], at, n, [*proof, proof[0]], tree.root())
    m = data.draw(st.integers(1, n - 1))
    steps = tree.consistency(m)
    assert not consistency_holds(m, LEAVES[0] if m > 1 else LEAVES[1], n, tree.root(), steps)
    assert not consistency_holds(m, tree.root(m), n, LEAVES[0], steps)
    assert not consistency_holds(m, tree.root(m), n, tree.root(), steps[:-1])


def test_what_is_not_there_is_an_error():
    tree = Tree(LEAVES[:3])
    for call in (
        lambda: tree.root(4),
        lambda: tree.inclusion(3),
        lambda: tree.inclusion(-1),
        lambda: tree.consistency(4),
        lambda: tree.consistency(1, 9),
    ):
        with pytest.raises(HutongError, match="no entry"):
            call()
    with pytest.raises(ValueError, match="32 bytes"):
        tree.append(b"short")
