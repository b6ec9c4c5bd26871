"""A participatory budget for small works (居民点单): projects, approval ballots, and which projects are funded.

Money is counted in whole units (yuan), shares of it in exact fractions; nothing is decided by a rounded number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.agree.budget_leap import run_if_same
from hutong.agree.budget_shares import Purchase, ShareRun, Supporters, share_run
from hutong.errors import HutongError
from hutong.text import Text

_INT64_MAX = 2**63 - 1
#: How many units in a row must have changed nothing before a leap is worth its proof.
_TRIED = 8


@dataclass(frozen=True, slots=True)
class BudgetProject:
    """A proposed work: ``cost`` in whole yuan, above 0; ``label`` a neighbourhood or category, or empty."""

    id: str
    cost: int
    title: Text | None = None
    label: str = ""


@dataclass(frozen=True, eq=False)
class BudgetVote:
    """Projects, the ballots on them and the money there is.

    ``approvals`` is bool (voters, projects). The order of ``projects`` is the last tie-break: draw it by lot in
    public before the vote opens.
    """

    projects: tuple[BudgetProject, ...]
    voters: tuple[str, ...]
    approvals: NDArray[np.bool_]
    budget: int

    def __post_init__(self) -> None:
        broken = list(_broken_projects(self.projects, self.budget))
        if self.approvals.shape != (len(self.voters), len(self.projects)):
            broken.append(f"approvals: shape {self.approvals.shape}, not (voters, projects)")
        if len(set(self.voters)) != len(self.voters):
            broken.append("voters: a voter has two ballots")
        if broken:
            raise _bad_vote(broken)

    @classmethod
    def from_ballots(
        cls, projects: Iterable[BudgetProject], ballots: Mapping[Any, Iterable[str]], budget: int
    ) -> BudgetVote:
        """Read ballots given as ``{voter: projects approved}``; an empty ballot is a ballot.

        Raises
        ------
        HutongError
            ``bad-budget-vote`` naming every project and ballot that is broken.
        """
        listed = tuple(projects)
        at = {p.id: i for i, p in enumerate(listed)}
        approvals = np.zeros((len(ballots), len(listed)), bool)
        broken = []
        for row, (voter, approved) in enumerate(ballots.items()):
            for name in approved:
                if name in at:
                    approvals[row, at[name]] = True
                else:
                    broken.append(f"ballot of {voter}: no project {name!r}")
        if broken:
            raise _bad_vote(broken)
        return cls(listed, tuple(map(str, ballots)), approvals, budget)

    @classmethod
    def from_table(cls, projects: Iterable[BudgetProject], table: pd.DataFrame, budget: int) -> BudgetVote:
        """Read ballots in long form: columns ``voter``, ``project``, one row per approval."""
        missing = [c for c in ("voter", "project") if c not in table]
        rows = [f"column {c} is missing" for c in missing]
        rows += [f"row {i}: empty" for i in np.flatnonzero(table.isna().any(axis=1)) if not missing]
        if rows:
            raise _bad_vote(rows)
        ballots: dict[Any, list[str]] = {}
        for voter, project in zip(table["voter"], table["project"], strict=True):
            ballots.setdefault(str(voter), []).append(str(project))
        return cls.from_ballots(projects, ballots, budget)

    @cached_property
    def costs(self) -> tuple[int, ...]:
        """Cost of each project, in order."""
        return tuple(p.cost for p in self.projects)

    @cached_property
    def votes(self) -> tuple[int, ...]:
        """Approvals of each project, in order."""
        return tuple(int(v) for v in self.approvals.sum(axis=0))

    @cached_property
    def supporters(self) -> Supporters:
        """Who approves what, in compressed columns."""
        return Supporters.of(self.approvals)


@dataclass(frozen=True)
class BudgetOutcome:
    """Which projects are funded by a rule, in the order they were chosen.

    ``purchases`` are the steps of equal shares, with what each supporter paid; ``share`` is what each voter was
    given to spend and ``first_share`` budget / voters, both exact and unknown (None) for the greedy rule;
    ``filled`` are the projects added at the end by approvals.
    """

    rule: str
    funded: tuple[str, ...]
    cost: int
    budget: int
    share: Fraction | None = None
    first_share: Fraction | None = None
    purchases: tuple[Purchase, ...] = ()
    filled: tuple[str, ...] = ()

    @property
    def unspent(self) -> int:
        """Money left over."""
        return self.budget - self.cost


def _broken_projects(projects: Sequence[BudgetProject], budget: int) -> Iterable[str]:
    seen: set[str] = set()
    for p in projects:
        if type(p.cost) is not int or p.cost <= 0:
            yield f"project {p.id}: cost {p.cost!r} is not a whole number above 0"
        if p.id in seen:
            yield f"project {p.id}: listed twice"
        seen.add(p.id)
    if type(budget) is not int or not 0 <= budget <= _INT64_MAX:
        yield f"budget: {budget!r} is not a whole number of at least 0"


def _bad_vote(rows: Sequence[str]) -> HutongError:
    return HutongError(
        "bad-budget-vote",
        Text(
            f"项目清单或选票有 {len(rows)} 处不合格。",
            f"The projects or ballots are broken in {len(rows)} places.",
        ),
        Text(
            "造价须为正整数（元）；请更正所列各处后重新读取。",
            "Costs are whole yuan; correct these and read again.",
        ),
        rows,
    )


def greedy_budget(vote: BudgetVote) -> BudgetOutcome:
    """Fund by number of approvals as cities do: most approvals first, skipping what no longer fits.

    Equal approvals: the cheaper project first, then the order of the list. Projects nobody approves are not funded.
    """
    chosen = _fill(vote, [])
    return BudgetOutcome("greedy", _names(vote, chosen), _cost(vote, chosen), vote.budget)


def equal_shares(vote: BudgetVote, complete: bool = True, unit: int = 1, fill: bool = True) -> BudgetOutcome:
    """Fund by the Method of Equal Shares with cost utilities.

    Everyone gets budget / voters. A project is ρ-affordable if its approvers can pay for it with at most
    ρ · cost each, those with less paying all they have; the project of least ρ is bought, again and again.
    Ties: the cheaper project, then more approvals, then the order of the list.

    Parameters
    ----------
    complete
        Add1 completion: raise every voter's share by ``unit`` as long as the result keeps within the budget; stop
        where nothing more would fit, or everything approved is funded. The last outcome within the budget holds.
        Units between which provably nothing changes are leapt over (:mod:`hutong.agree.budget_leap`).
    unit
        Yuan by which the share rises.
    fill
        Spend what is left by number of approvals, as :func:`greedy_budget` does.

    Source: Peters, Pierczyński and Skowron (2021), "Proportional participatory budgeting with additive
    utilities", NeurIPS 34, section 3; completion and tie-breaking as published on equalshares.net.
    """
    if type(unit) is not int or unit < 1:
        raise _bad_vote([f"unit: {unit!r} is not a whole number above 0"])
    if not vote.voters:
        return BudgetOutcome("equal shares", (), 0, vote.budget)
    first = Fraction(vote.budget, len(vote.voters))
    run = _completed(vote, _run(vote, first), unit) if complete else _run(vote, first)
    bought = list(run.projects)
    chosen = _fill(vote, bought) if fill else bought
    return BudgetOutcome(
        "equal shares",
        _names(vote, chosen),
        _cost(vote, chosen),
        vote.budget,
        run.share,
        first,
        run.purchases,
        _names(vote, chosen[len(bought) :]),
    )


def _completed(vote: BudgetVote, run: ShareRun, unit: int) -> ShareRun:
    """Return the last run within the budget as the share rises by units, leaping where nothing can change."""
    wanted = sum(1 for votes in vote.votes if votes)
    leap, same = 1, 0
    while len(run.purchases) < wanted and not _exhaustive(vote, run):
        leap = min(leap, max(1, int(run.share) // unit))
        if leap > 1:
            further = run_if_same(vote.costs, vote.supporters, run, run.share + leap * unit)
            run, leap = (run, leap // 2) if further is None else (further, leap * 2)
            continue
        more = _run(vote, run.share + unit)
        if _cost(vote, more.projects) > vote.budget:
            break
        same = same + 1 if more.projects == run.projects else 0
        run, leap = more, 2 if same >= _TRIED else 1
    return run


def _run(vote: BudgetVote, share: Fraction) -> ShareRun:
    return share_run(vote.costs, vote.supporters, share)


def _exhaustive(vote: BudgetVote, run: ShareRun) -> bool:
    left = vote.budget - _cost(vote, run.projects)
    bought = set(run.projects)
    return all(
        cost > left
        for i, (cost, votes) in enumerate(zip(vote.costs, vote.votes, strict=True))
        if votes and i not in bought
    )


def _fill(vote: BudgetVote, chosen: Sequence[int]) -> list[int]:
    out = list(chosen)
    left = vote.budget - _cost(vote, out)
    for i in sorted(range(len(vote.projects)), key=lambda i: (-vote.votes[i], vote.costs[i], i)):
        if i not in out and vote.votes[i] and vote.costs[i] <= left:
            out.append(i)
            left -= vote.costs[i]
    return out


def _cost(vote: BudgetVote, chosen: Iterable[int]) -> int:
    return sum(vote.costs[i] for i in chosen)


def _names(vote: BudgetVote, chosen: Iterable[int]) -> tuple[str, ...]:
    return tuple(vote.projects[i].id for i in chosen)
