"""How much of a count may be told: the same to the page, the sealed text, the API and the open data.

What each work won is the result of the ballot and is told whatever it is: without it nobody could check who won and why. Secret is
who chose what. Five ballots keep that secret in the totals; of fewer only what is funded is told. How a group of voters fares is no
result: there small counts are left out, and what would give them away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hutong.few import FEWEST_PEOPLE

#: Columns of the groups that add up, and are told or left out together.
_FAMILIES = (("gain", "lose", "same"), ("none_first",), ("none_second",))


def told(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be told of a count; of what may be told itself, the same."""
    if result["voters"] is None or result["voters"] < FEWEST_PEOPLE:
        return {**result, "voters": None, "votes": {}, "groups": [], "labels": []}
    return {**result, "groups": _groups(result["groups"])}


def _groups(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    out = [dict(r) for r in rows]
    whole, parts = [r for r in out if r["group"] == "all"], [r for r in out if r["group"] != "all"]
    for family in _FAMILIES:
        for of in (whole, parts):
            if any(_few(r, family) for r in of):
                for r in of:
                    r |= dict.fromkeys(family)
    return out


def _few(row: Mapping[str, Any], family: Sequence[str]) -> bool:
    """Return whether a row tells of few people who fare in a way, or of few who do not."""
    if any(row[c] is None for c in family):
        return True
    sizes = [row[c] for c in family] if len(family) > 1 else [row[family[0]], row["voters"] - row[family[0]]]
    return any(0 < n < FEWEST_PEOPLE for n in sizes)
