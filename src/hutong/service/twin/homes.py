"""What is said in public of the homes of a building: counts, never one that points at a family."""

from __future__ import annotations

from dataclasses import dataclass

from hutong.few import FEWEST_THINGS, told


@dataclass(frozen=True)
class PublicHomes:
    """Homes by tenure as anyone may see them, most first; ``others`` homes are of tenures too rare to be named."""

    dwellings: int
    residents: float | None
    tenure: tuple[tuple[str, int], ...]
    others: int
    withheld: bool


def public_homes(homes: dict) -> PublicHomes:
    """Return the homes of a building with small counts taken together.

    Tenures with fewer than ``FEWEST_THINGS`` homes are counted together; while those are still fewer, the next smallest joins
    them, so that the total gives nothing away. Of a building with fewer homes than that, only the number is said; few residents are not counted out.
    """
    total = int(homes.get("dwellings", 0))
    if total < FEWEST_THINGS:
        return PublicHomes(total, None, (), 0, withheld=total > 0)
    ordered = sorted(homes.get("tenure", {}).items(), key=lambda item: (-item[1], item[0]))
    kept, rest = list(ordered), 0
    while kept and (kept[-1][1] < FEWEST_THINGS or 0 < rest < FEWEST_THINGS):
        rest += kept.pop()[1]
    return PublicHomes(total, told(homes.get("residents")), tuple(kept), rest, withheld=rest > 0)
