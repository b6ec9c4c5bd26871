"""Reading budgets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

import rules as permissions
from hutong.agree.budget import BudgetProject, BudgetVote, equal_shares, greedy_budget
from hutong.agree.budget_compare import compare_budgets
from hutong.service.accounts.models import User
from hutong.service.budgets.models import DRAFT, GROUPS, OPEN, Budget, Paper, Project
from hutong.service.budgets.telling import told
from hutong.service.places.models import Place


def budget(pk: int) -> Budget:
    """Return a budget, or raise ``Http404``."""
    found = Budget.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def budgets(reader: Any) -> list[Budget]:
    """Return the budgets that a reader may see, newest first."""
    rows = Budget.objects.select_related("place")
    return [b for b in rows if b.phase != DRAFT or permissions.has_perm("budgets.see", reader, b)]


def public_budgets() -> QuerySet[Budget]:
    """Return the budgets that everyone may see, newest first."""
    return Budget.objects.exclude(phase=DRAFT).select_related("place").prefetch_related("projects")


def open_for(reader: Any) -> list[Budget]:
    """Return the budgets in which a reader has a say now."""
    rows = Budget.objects.filter(phase=OPEN).select_related("place")
    return [b for b in rows if permissions.has_perm("budgets.vote", reader, b)]


def places_below(path: str) -> QuerySet[Place]:
    """Return the places within a path that may have a budget."""
    return Place.objects.filter(path__startswith=path, kind__in=("subdistrict", "quarter", "block", "estate"))


def ballot_of(of: Budget, user: User) -> Paper | None:
    """Return a person's ballot."""
    return of.papers.filter(user=user).first()


def group_of(of: Budget, user: User) -> str:
    """Return the role in which a person has a say: as owner before tenant before council member."""
    at = of.place.path
    held = {role for role, path in user.held if path.startswith(at) or at.startswith(path)}
    return next((g for g in GROUPS if g in held), "")


def vote_of(of: Budget) -> tuple[BudgetVote, list[str]]:
    """Return the ballots as :mod:`hutong.agree.budget` counts them, and each voter's group, in order."""
    projects = [BudgetProject(str(p.pk), p.cost, p.title, p.label) for p in of.projects.all()]
    papers = list(of.papers.all())
    ballots = {str(p.pk): [str(a) for a in p.approved] for p in papers}
    return BudgetVote.from_ballots(projects, ballots, of.yuan), [p.group for p in papers]


def count(counted: BudgetVote, groups: list[str]) -> dict[str, Any]:
    """Return the result of ballots as it is sealed: what both rules fund, and as much of the count as may be told."""
    shares, greedy = equal_shares(counted), greedy_budget(counted)
    beside = compare_budgets(counted, greedy, shares, groups)
    return told({
        "voters": len(counted.voters),
        "votes": dict(zip([p.id for p in counted.projects], counted.votes, strict=True)),
        "equal_shares": {"funded": list(shares.funded), "cost": shares.cost, "filled": list(shares.filled)},
        "greedy": {"funded": list(greedy.funded), "cost": greedy.cost},
        "groups": [{"group": str(g), **{k: int(row[k]) for k in ("voters", "gain", "lose", "same", "none_first", "none_second")}} for g, row in beside.groups.iterrows()],
        "labels": [{"label": str(k), **{c: float(row[c]) for c in ("first", "second", "fair_share")}} for k, row in beside.labels.iterrows()],
    })  # fmt: skip


def recount(of: Budget) -> dict[str, Any]:
    """Count a closed budget again from every ballot: whether it is as sealed, and the votes of each work; for the auditor."""
    counted, groups = vote_of(of)
    votes = zip(of.projects.all(), counted.votes, strict=True)
    return {"holds": count(counted, groups) == told(of.result), "votes": [(p.title, n) for p, n in votes]}


def named(of: Budget, keys: Iterable[str]) -> list[Project]:
    """Return projects by the keys of a result, in its order."""
    rows = {str(p.pk): p for p in of.projects.all()}
    return [rows[k] for k in keys]
