"""What each group says and what all share: counts, representative statements, consensus, what to ask next.

Formulas of Small, Bjorkegren, Erkkilä, Shaw and Megill (2021), "Polis: scaling deliberation by mapping high
dimensional opinion spaces", RECERCA 26(2).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.agree.opinion_groups import OpinionSettings
from hutong.agree.opinion_votes import Votes

#: Importance of a statement about the process itself, before squaring.
META_IMPORTANCE = 7.0


def count_votes(votes: Votes, groups: np.ndarray, k: int) -> np.ndarray:
    """Count agree, disagree and pass by group, shape (k, statements, 3); people with group -1 are not counted."""
    size = len(votes.statements)
    who = groups[votes.rows]
    kind = np.where(votes.values == 1, 0, np.where(votes.values == -1, 1, 2))
    inside = who >= 0
    cell = (who[inside] * size + votes.columns[inside]) * 3 + kind[inside]
    return np.bincount(cell, minlength=k * size * 3).reshape(k, size, 3)


def one_proportion(successes: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Return z of the test that more than half would choose so, each count raised by one as published."""
    return np.asarray(2 * np.sqrt(trials + 1) * ((successes + 1) / (trials + 1) - 0.5))


def two_proportions(
    successes: np.ndarray, trials: np.ndarray, other_successes: np.ndarray, other_trials: np.ndarray
) -> np.ndarray:
    """Return z of the test that a proportion exceeds the other, each count raised by one as published.

    Where all in both chose alike there is nothing to tell apart, and z is zero.
    """
    a, n, b, m = successes + 1, trials + 1, other_successes + 1, other_trials + 1
    pooled = (a + b) / (n + m)
    spread = np.sqrt(pooled * np.maximum(1 - pooled, 0) * (1 / n + 1 / m))
    return np.divide(a / n - b / m, spread, out=np.zeros_like(spread), where=spread > 0)


def group_statistics(votes: Votes, counts: np.ndarray) -> pd.DataFrame:
    """Return one row per group and statement: counts, shares, how far the group differs from the others.

    ``p_* = (n + 1) / (seen + 2)``; ``z_*`` tests that more than half would choose so; ``ratio_*`` is p in the
    group over p among all others, ``z_ratio_*`` the test that it is higher here.
    """
    k, size, _ = counts.shape
    seen = counts.sum(axis=2)
    others, others_seen = counts.sum(axis=0) - counts, seen.sum(axis=0) - seen
    out: dict[str, np.ndarray] = {
        "group": np.repeat(np.arange(k), size),
        "statement": np.tile(votes.statements, k),
        "agree": counts[..., 0],
        "disagree": counts[..., 1],
        "passes": counts[..., 2],
        "seen": seen,
    }
    for name, kind in (("agree", 0), ("disagree", 1)):
        n, rest = counts[..., kind], others[..., kind]
        share = (n + 1) / (seen + 2)
        out[f"p_{name}"] = share
        out[f"z_{name}"] = one_proportion(n, seen)
        out[f"ratio_{name}"] = share / ((rest + 1) / (others_seen + 2))
        out[f"z_ratio_{name}"] = two_proportions(n, seen, rest, others_seen)
    return pd.DataFrame({name: np.ravel(column) for name, column in out.items()})


def representative(statistics: pd.DataFrame, hidden: np.ndarray, settings: OpinionSettings) -> pd.DataFrame:
    """Choose up to five statements that show what sets each group apart, agreements before disagreements.

    A statement counts for the side (agree or disagree) on which both tests pass; if both sides pass, for the one
    that differs more from the others. They are ranked by ratio × z_ratio × p × z. If none passes, the statement
    that differs most is given and marked ``significant = False``.
    """
    size = len(hidden)
    chosen = []
    for group in range(len(statistics) // size):
        rows = statistics.iloc[group * size : (group + 1) * size]
        rows = rows[(rows["seen"] > 0).to_numpy() & ~hidden]
        sides = [_side(rows, name, vote, settings.z) for name, vote in (("agree", 1), ("disagree", -1))]
        both = pd.concat(sides, ignore_index=True)
        both = both.sort_values(["z_ratio", "vote"], ascending=False, kind="stable")
        sure = both[both["significant"]].drop_duplicates("statement")
        if len(sure):
            best = sure.sort_values(["metric", "statement"], ascending=[False, True], kind="stable")
            best = best.head(settings.most_representative)
            chosen.append(best.sort_values("vote", ascending=False, kind="stable"))
        else:
            chosen.append(both.head(1))
    out = pd.concat(chosen, ignore_index=True)
    out.insert(1, "rank", out.groupby("group").cumcount() + 1)
    return out


def _side(rows: pd.DataFrame, name: str, vote: int, z: float) -> pd.DataFrame:
    side = rows[["group", "statement", "seen"]].assign(
        vote=vote,
        votes=rows[name],
        p=rows[f"p_{name}"],
        z=rows[f"z_{name}"],
        ratio=rows[f"ratio_{name}"],
        z_ratio=rows[f"z_ratio_{name}"],
    )
    metric = side["ratio"] * side["z_ratio"] * side["p"] * side["z"]
    return side.assign(metric=metric, significant=(side["z"] > z) & (side["z_ratio"] > z))


def group_consensus(counts: np.ndarray, kind: int) -> np.ndarray:
    """Return Π_g (n_g + 1) / (S_g + 2) by statement: high only if every group agrees (kind 0) or disagrees (1)."""
    shares = (counts[..., kind] + 1) / (counts.sum(axis=2) + 2)
    out = np.ones(counts.shape[1])
    for share in shares:
        out = out * share
    return out


def extremity(axes: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return how far from the middle a person stands who has only agreed with the statement, shape (statements,).

    √n · |1 − mean| · ‖loadings‖, with n the number of statements with votes; zero without votes.
    """
    away = np.abs(1 - np.nan_to_num(means, nan=1.0))
    length = np.sqrt(axes[:, 0] ** 2 + axes[:, 1] ** 2)
    return np.asarray(np.sqrt(np.count_nonzero(~np.isnan(means))) * away * length)


def priority(counts: np.ndarray, extremities: np.ndarray, meta: np.ndarray) -> np.ndarray:
    """Return the weight with which a statement is shown next, shape (statements,).

    ((1 − (P + 1)/(S + 2)) · (1 + E) · (A + 1)/(S + 2) · (1 + 8 · 2^(−S/5)))² with A agreements and P passes of S
    votes and extremity E: few passes, many agreements, telling apart, new. Statements about the process: 49.
    Rounded to nine decimals, so that the last bit of a power cannot differ between machines.
    """
    total = counts.sum(axis=0)
    seen = total.sum(axis=1)
    passed, agreed = (total[:, 2] + 1) / (seen + 2), (total[:, 0] + 1) / (seen + 2)
    weight = (1 - passed) * (1 + extremities) * agreed * (1 + 8 * np.exp2(-seen / 5))
    return np.asarray(np.round(np.where(meta, META_IMPORTANCE, weight) ** 2, 9))
