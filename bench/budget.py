"""Time of the participatory budget: equal shares with add1 completion beside greedy, on an invented town.

    python bench/budget.py                 # 6,586 ballots x 64 projects
    python bench/budget.py 50000 120       # another size
    python bench/budget.py 50 20           # few voters, large sums: leaps instead of single yuan

Voters live in eight neighbourhoods and mostly approve what is near; projects cost from 20,000 to 1,500,000 yuan, with 5 million to spend. The
kernels are compiled, or loaded from the cache, before the clock starts.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from hutong.agree.budget import BudgetProject, BudgetVote, equal_shares, greedy_budget
from hutong.agree.budget_compare import compare_budgets
from hutong.rng import generator


def town(voters: int, projects: int, seed: int = 1) -> tuple[BudgetVote, list[str]]:
    draw = generator(seed, "bench budget")
    home, site = draw.integers(0, 8, voters), draw.integers(0, 8, projects)
    appeal = draw.beta(1.2, 5, projects)
    near = home[:, None] == site[None, :]
    approvals = draw.random((voters, projects)) < np.where(near, 0.1 + 2.2 * appeal, 0.6 * appeal)
    cost = np.round(np.exp(draw.uniform(np.log(20_000), np.log(1_500_000), projects)), -2).astype(int)
    listed = tuple(
        BudgetProject(f"p{i}", int(c), label=f"n{s}") for i, (c, s) in enumerate(zip(cost, site, strict=True))
    )
    names = tuple(f"v{i}" for i in range(voters))
    return BudgetVote(listed, names, approvals, 5_000_000), [f"n{h}" for h in home]


def main() -> None:
    size = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) == 3 else (6586, 64)
    equal_shares(town(50, 8)[0], complete=False)
    vote, homes = town(*size)
    start = time.perf_counter()
    shares = equal_shares(vote)
    seconds = time.perf_counter() - start
    plain = greedy_budget(vote)
    raised = int(shares.share - shares.first_share) if shares.share and shares.first_share else 0
    print(f"{size[0]} ballots x {size[1]} projects, {vote.approvals.sum()} approvals, budget {vote.budget}")
    print(
        f"equal shares {seconds:.2f} s, share raised by {raised} yuan, {len(shares.purchases)} bought, filled {shares.filled}"
    )
    print(
        f"share {float(shares.first_share):.2f} -> {float(shares.share):.2f} yuan; spent {shares.cost}, greedy {plain.cost}"
    )
    print(compare_budgets(vote, plain, shares, homes).groups.to_string())
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
