"""Where people stand: two principal axes of the votes, the same to the last bit on every machine.

With missing votes set to the statement's mean and columns centred, an entry without a vote is exactly zero. So
the Gram matrix follows from counts of pairs of votes: whole numbers, which no order of summation can change. Its
leading axes are found by subspace iteration in plain loops, not by LAPACK, whose last digits depend on the number
of threads. They are the right singular vectors of the full imputed matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy import sparse

from hutong.agree.opinion_votes import Votes
from hutong.rng import generator

#: People counted at a time: sums of ±1 over so few stay exact even in float32 (below 2^24).
CHUNK = 8192
#: Above this share of votes cast, a dense product counts pairs faster than a sparse one.
DENSE = 0.1
#: Vectors iterated together: two are wanted, the rest make the two converge fast.
BLOCK = 24
#: Residual at which the axes count as found.
TOLERANCE = 1e-13


@dataclass(frozen=True, eq=False)
class Space:
    """The opinion space.

    ``means`` (statements,) is NaN where nobody voted; ``axes`` (statements, 2) has unit columns, zero for
    statements left out; ``variances`` (2,) are the squared singular values; ``positions`` (people, 2).
    """

    means: np.ndarray
    axes: np.ndarray
    variances: np.ndarray
    positions: np.ndarray


def opinion_space(votes: Votes, hidden: np.ndarray, tolerance: float = TOLERANCE) -> Space:
    """Place every person by two principal components, scaled up for those who voted on few statements.

    Parameters
    ----------
    votes
        The votes that count.
    hidden
        Statements hidden by moderators, shape (statements,). They shape no axis; in the scaling they count as
        passed by everyone, as in Polis.

    tolerance
        Residual of an axis, as a share of its variance, at which the search ends.

    Notes
    -----
    Small, Bjorkegren, Erkkilä, Shaw and Megill (2021), "Polis: scaling deliberation by mapping high dimensional
    opinion spaces", RECERCA 26(2): mean imputation, PCA, scaling by √(n_statements / n_votes). Each axis points
    to the side of its largest loading. Positions are rounded to nine decimals.
    """
    voted = np.bincount(votes.columns, minlength=len(votes.statements))
    total = np.bincount(votes.columns, votes.values, minlength=len(votes.statements))
    means = np.divide(total, voted, out=np.full(len(voted), np.nan), where=voted > 0)
    live = (voted > 0) & ~hidden
    axes, variances = np.zeros((len(voted), 2)), np.zeros(2)
    if live.any():
        axes[live], variances = leading_axes(gram(votes, live, means), tolerance)
    used = live[votes.columns]
    rows, columns = votes.rows[used], votes.columns[used]
    away = votes.values[used] - means[columns]
    people = len(votes.participants)
    positions = np.column_stack(
        [np.bincount(rows, away * axes[columns, axis], minlength=people) for axis in (0, 1)]
    )
    answered = np.bincount(rows, minlength=people) + int(hidden.sum())
    counted = int((live | hidden).sum())
    scale = np.sqrt(counted / np.maximum(answered, 1))
    return Space(means, axes, variances, np.round(positions * scale[:, None], 9) + 0.0)


def pair_counts(votes: Votes, live: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count over people, for every two live statements: both voted, first's vote where both voted, product.

    Returns three int64 matrices (live, live): WᵀW, VᵀW and VᵀV with W the mask and V the votes.
    """
    size = int(live.sum())
    to_live = np.cumsum(live) - 1
    both, first, product = (np.zeros((size, size), dtype=np.int64) for _ in range(3))
    for begin in range(0, len(votes.participants), CHUNK):
        end = min(begin + CHUNK, len(votes.participants))
        at = slice(votes.starts[begin], votes.starts[end])
        keep = live[votes.columns[at]]
        rows = np.repeat(np.arange(end - begin), votes.counts[begin:end])[keep]
        columns, values = to_live[votes.columns[at][keep]], votes.values[at][keep]
        if len(values) > DENSE * (end - begin) * size:
            mask, vote = (np.zeros((end - begin, size), dtype=np.float32) for _ in range(2))
            mask[rows, columns] = 1
            vote[rows, columns] = values
            for total, part in ((both, mask.T @ mask), (first, vote.T @ mask), (product, vote.T @ vote)):
                total += part.astype(np.int64)
        else:
            shape = (end - begin, size)
            mask = sparse.csr_array((np.ones(len(values), dtype=np.int32), (rows, columns)), shape=shape)
            vote = sparse.csr_array((values.astype(np.int32), (rows, columns)), shape=shape)
            for total, part in ((both, mask.T @ mask), (first, vote.T @ mask), (product, vote.T @ vote)):
                total += part.toarray()
    return both, first, product


def gram(votes: Votes, live: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return XᵀX of the imputed, centred votes X over live statements, from whole-number counts."""
    both, first, product = pair_counts(votes, live)
    mean = means[live]
    cross = first * mean[None, :]
    out: np.ndarray = product - (cross + cross.T) + both * np.outer(mean, mean)
    return out


def leading_axes(matrix: np.ndarray, tolerance: float = TOLERANCE) -> tuple[np.ndarray, np.ndarray]:
    """Return the two leading eigenvectors (n, 2) of a symmetric positive semidefinite matrix and their values.

    An axis along which nothing varies is zero. The entry of largest size (the first, at ties) is positive.
    """
    size = len(matrix)
    block = min(BLOCK, size)
    start = generator(0, "opinion axes").random((size, block)) - 0.5
    vectors, values = _subspace(np.ascontiguousarray(matrix), start, 1000, tolerance)
    axes, variances = np.zeros((size, 2)), np.zeros(2)
    order = np.argsort(-values, kind="stable")[:2]
    for axis, which in enumerate(order):
        if values[which] <= 1e-12 * max(float(np.trace(matrix)), 1e-300):
            continue
        vector = np.round(vectors[:, which], 12)
        peak = int(np.argmax(np.round(np.abs(vector), 9)))
        axes[:, axis] = vectors[:, which] * np.sign(vector[peak])
        variances[axis] = values[which]
    return axes, variances


@njit(cache=True)
def _jacobi(matrix):  # type: ignore[no-untyped-def]
    """Diagonalise a small symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, 8.5)."""
    n = matrix.shape[0]
    a = matrix.copy()
    v = np.eye(n)
    for _ in range(60):
        off, size = 0.0, 0.0
        for i in range(n):
            size += a[i, i] * a[i, i]
            for j in range(i):
                off += a[i, j] * a[i, j]
        if off <= 1e-32 * size:
            break
        for p in range(n - 1):
            for q in range(p + 1, n):
                if a[p, q] == 0.0:
                    continue
                theta = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
                t = (1.0 if theta >= 0 else -1.0) / (abs(theta) + np.sqrt(theta * theta + 1.0))
                c = 1.0 / np.sqrt(t * t + 1.0)
                s = t * c
                for r in range(n):
                    x, y = a[r, p], a[r, q]
                    a[r, p], a[r, q] = c * x - s * y, s * x + c * y
                for r in range(n):
                    x, y = a[p, r], a[q, r]
                    a[p, r], a[q, r] = c * x - s * y, s * x + c * y
                for r in range(n):
                    x, y = v[r, p], v[r, q]
                    v[r, p], v[r, q] = c * x - s * y, s * x + c * y
    return np.diag(a).copy(), v


@njit(cache=True)
def _times_block(matrix, block):  # type: ignore[no-untyped-def]
    out = np.zeros((matrix.shape[0], block.shape[1]))
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            x = matrix[i, j]
            for c in range(block.shape[1]):
                out[i, c] += x * block[j, c]
    return out


@njit(cache=True)
def _orthonormalise(q):  # type: ignore[no-untyped-def]
    """Make columns orthonormal in place (modified Gram-Schmidt, twice); a dependent column becomes zero."""
    n, block = q.shape
    for c in range(block):
        before = 0.0
        for i in range(n):
            before += q[i, c] * q[i, c]
        for _ in range(2):
            for d in range(c):
                dot = 0.0
                for i in range(n):
                    dot += q[i, d] * q[i, c]
                for i in range(n):
                    q[i, c] -= dot * q[i, d]
        norm = 0.0
        for i in range(n):
            norm += q[i, c] * q[i, c]
        scale = 1.0 / np.sqrt(norm) if norm > 1e-26 * before else 0.0
        for i in range(n):
            q[i, c] *= scale


@njit(cache=True)
def _subspace(matrix, start, rounds, tolerance):  # type: ignore[no-untyped-def]
    """Block power iteration with Rayleigh-Ritz; stops when the two leading residuals are small."""
    n, block = start.shape
    q = start.copy()
    values = np.zeros(block)
    image = q
    for _ in range(rounds):
        _orthonormalise(q)
        image = _times_block(matrix, q)
        small = np.zeros((block, block))
        for i in range(n):
            for c in range(block):
                for d in range(block):
                    small[c, d] += q[i, c] * image[i, d]
        values, turn = _jacobi(0.5 * (small + small.T))
        order = np.argsort(-values, kind="mergesort")
        values, turn = values[order], turn[:, order].copy()
        q, image = _times_block(q, turn), _times_block(image, turn)
        worst = 0.0
        for c in range(min(2, block)):
            residual = 0.0
            for i in range(n):
                residual += (image[i, c] - values[c] * q[i, c]) ** 2
            worst = max(worst, residual)
        if np.sqrt(worst) <= tolerance * max(values[0], 0.0) or values[0] <= 0.0:
            break
        if n == block:  # the block is the whole space: one step is exact
            break
        q = image.copy()
    return q, values
