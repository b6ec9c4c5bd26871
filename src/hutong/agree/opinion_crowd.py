"""One crowd without a gap, as votes: everyone stands in one bell-shaped crowd, and each statement parts it as it really did.

A two-parameter logistic model (item response theory: Birnbaum 1968) with one axis or two, whichever has the lower BIC
(Schwarz 1978), fitted by marginal maximum likelihood (Bock and Aitkin 1981): a person at ``z``, drawn from the standard normal, agrees to statement ``j`` with chance
``1 / (1 + exp(-(c_j + b_j · z)))``. Strong statements pull such a crowd apart in its votes though nobody stands apart in
it; so the votes of a fitted crowd show how clear groups come out where there are no camps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hutong.agree.opinion_votes import Votes

#: Points of the grid along each axis, and how far it reaches (standard deviations).
POINTS, REACH = 13, 3.6
#: Rounds of the fit, at most, and the largest change of a slope at which it ends.
ROUNDS, CLOSE = 60, 0.01
#: Pull of slopes and intercepts to zero (a normal prior of this variance; confidence U): a statement that all of one side
#: answered alike has no finite slope.
VARIANCE = 9.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """How each statement parts one bell-shaped crowd.

    ``weights`` of shape (statements, 1 + axes): intercept and slopes; ``bic`` of the fit, lower is better.
    """

    weights: np.ndarray
    bic: float

    def draw(self, votes: Votes, draw: np.random.Generator) -> Votes:
        """Return votes of a new crowd: who voted or passed on what stays, agreeing and disagreeing is drawn anew."""
        intercept, slopes = self.weights[:, 0], self.weights[:, 1:]
        place = draw.normal(size=(len(votes.participants), slopes.shape[1]))
        lean = intercept[votes.columns] + (slopes[votes.columns] * place[votes.rows]).sum(axis=1)
        agrees = draw.random(len(lean)) < _chance(lean)
        drawn = np.where(agrees, 1, -1).astype(votes.values.dtype)
        return replace(votes, values=np.where(votes.values == 0, votes.values, drawn))


def fit_crowd(votes: Votes, positions: np.ndarray) -> Crowd:
    """Fit one crowd to votes; ``positions`` (people, 2) of the opinion space are where the search begins."""
    yes, no = _matrix(votes, 1), _matrix(votes, -1)
    return min((_fit(yes, no, positions[:, :axes]) for axes in (1, 2)), key=lambda crowd: crowd.bic)


def _fit(yes: np.ndarray, no: np.ndarray, positions: np.ndarray) -> Crowd:
    axes, grid = positions.shape[1], np.linspace(-REACH, REACH, POINTS)
    points = np.stack(np.meshgrid(*[grid] * axes, indexing="ij"), axis=-1).reshape(-1, axes)
    design = np.column_stack([np.ones(len(points)), points])
    prior = -0.5 * (points**2).sum(axis=1)
    prior -= np.log(np.exp(prior).sum())
    weights = _begin(yes, no, positions)
    for _ in range(ROUNDS):
        lean = weights @ design.T
        fit = yes @ -np.logaddexp(0, -lean) + no @ -np.logaddexp(0, lean) + prior
        most = fit.max(axis=1, keepdims=True)
        fit = np.exp(fit - most)
        total = fit.sum(axis=1, keepdims=True)
        likelihood = float((np.log(total) + most).sum())
        fit /= total
        new = _newton(weights, design, yes.T @ fit, no.T @ fit)
        moved = np.abs(new - weights).max(initial=0.0)
        weights = new
        if moved < CLOSE:
            break
    return Crowd(weights, weights.size * np.log(max(len(yes), 1)) - 2 * likelihood)


def _matrix(votes: Votes, value: int) -> np.ndarray:
    out = np.zeros((len(votes.participants), len(votes.statements)))
    out[votes.rows, votes.columns] = votes.values == value
    return out


def _begin(yes: np.ndarray, no: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return first weights: the log-odds of agreeing, and how far votes go with the places of those who cast them."""
    spread = positions.std(axis=0)
    place = (positions - positions.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    agreed, voted = yes.sum(axis=0) + 0.5, (yes + no).sum(axis=0) + 1.0
    slopes = 1.7 * ((yes - no).T @ place) / voted[:, None]
    return np.column_stack([np.log(agreed / (voted - agreed)), slopes])


def _newton(weights: np.ndarray, design: np.ndarray, yes: np.ndarray, no: np.ndarray) -> np.ndarray:
    """Return the weights after two steps of Newton on the expected votes at each point of the grid, none longer than one."""
    for _ in range(2):
        chance = _chance(weights @ design.T)
        voted = yes + no
        slope = (yes - voted * chance) @ design - weights / VARIANCE
        bend = np.einsum("jq,qa,qb->jab", voted * chance * (1 - chance), design, design, optimize=True)
        step = np.linalg.solve(bend + np.eye(design.shape[1]) / VARIANCE, slope[:, :, None])[:, :, 0]
        length = np.abs(step).max(axis=1, keepdims=True)
        weights = weights + step / np.maximum(length, 1.0)
    return weights


def _chance(lean: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-lean)))
