"""A result as rows of a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hutong.service.budgets.models import group_title
from hutong.service.budgets.telling import told


def outcome_rows(result: Mapping[str, Any], projects: Iterable[Any]) -> dict[str, Any]:
    """Return ``outcome`` (a row per project: votes, funded by each rule), most votes first, and ``groups`` with their names.

    ``votes`` are None, and there are no groups, where too few voted.
    """
    result = told(result)
    shares, greedy = set(result["equal_shares"]["funded"]), set(result["greedy"]["funded"])
    rows = [
        {
            "p": p, "votes": result["votes"].get(str(p.pk)), "shares": str(p.pk) in shares, "greedy": str(p.pk) in greedy,
            "here": (str(p.pk) in shares) != (str(p.pk) in greedy),
        }
        for p in projects
    ]  # fmt: skip
    return {
        "outcome": sorted(rows, key=lambda r: (-(r["votes"] or 0), r["p"].n)),
        "groups": [{**g, "title": group_title(g["group"])} for g in result["groups"]],
    }
