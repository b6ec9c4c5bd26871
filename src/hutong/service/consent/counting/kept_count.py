"""A count as it is kept with its vote."""

from __future__ import annotations

import hashlib
from typing import Any

from hutong.agree.ballot_box import BoxResult
from hutong.agree.tally import Tally
from hutong.agree.totals import Totals
from hutong.service.consent.models import Ballot


def kept(of: Ballot, tally: Tally, totals: Totals, found: BoxResult, listed: str) -> dict[str, Any]:
    """Return a count as it is stored: heads, areas in cm², what they fall short of, and the hash of the text that is ``listed``."""
    versions = of.roll.versions.order_by("-number").values_list("number", flat=True)
    return {
        "passed": tally.passed, "quorum": tally.quorum, "roll_hash": tally.roll_hash, "conflicts": found.conflicts,
        "version": of.result["version"] if of.result else versions[0],
        "heads": totals.heads | {"all": tally.heads, "part": tally.part_heads},
        "area": totals.area_cm2 | {"all": tally.area_cm2, "part": tally.part_area_cm2},
        "short": {
            "quorum_heads": tally.quorum_short_heads, "quorum_area": tally.quorum_short_area_cm2,
            "pass_heads": tally.pass_short_heads, "pass_area": tally.pass_short_area_cm2,
        },
        "survey": list(found.survey),
        "digest": hashlib.sha256(listed.encode()).hexdigest(),
        "papers": of.casts.filter(channel__in=("paper", "counter")).count(),
        "casts": of.casts.count(),
    }  # fmt: skip
