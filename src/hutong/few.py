"""The fewest that a published count may be about, for every page, file and dataset: below it the count would tell of somebody.

Both are working conventions (confidence U). A count of zero may be told where it points at nobody.
"""

from __future__ import annotations

from typing import TypeVar

_N = TypeVar("_N", int, float)

#: People and households who voted, answered, rated, applied or were offered something, and homes on a roll.
FEWEST_PEOPLE = 5
#: Requests at a place and homes of a kind, behind which people stand who are not counted themselves.
FEWEST_THINGS = 3


def told(count: _N | None, fewest: int = FEWEST_PEOPLE) -> _N | None:
    """Return a count as it may be told: none and ``fewest`` or more as they are; None for few, as for an unknown one."""
    return None if count is None or 0 < count < fewest else count
