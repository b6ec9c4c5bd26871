"""The five co's (五共) as a checklist of a process: what was done is what can be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text


@cache
def five_co() -> Mapping[str, Mapping[str, Any]]:
    """Return the five co's with their checks (``data/five_co.yaml``)."""
    read: Mapping[str, Mapping[str, Any]] = read_yaml(
        files(__package__).joinpath("data", "five_co.yaml").read_text("utf-8")
    )
    return read


def check_five_co(
    evidence: Mapping[str, Sequence[str]], not_applicable: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return every check of the five co's with the records that show it.

    Parameters
    ----------
    evidence
        For each check the references of its records (ledger entries, documents). An empty list says that it was looked
        for and there is none; a check left out is unknown.
    not_applicable
        For each check that does not concern this process, the reason.

    Returns
    -------
    One row per check: ``co``, ``check``, ``state`` (shown, missing, unknown, not_applicable), ``records`` (tuple),
    ``reason``, and ``zh``, ``en``.

    Raises
    ------
    HutongError
        For checks that do not exist, an empty reference or reason, or a check that has both.
    """
    waived = dict(not_applicable or {})
    known = {check for co in five_co().values() for check in co["checks"]}
    rows = [f"no check {c!r}" for c in (*evidence, *waived) if c not in known]
    rows += [f"{c}: an empty reference" for c, refs in evidence.items() if not all(r.strip() for r in refs)]
    rows += [f"{c}: no reason" for c, why in waived.items() if not why.strip()]
    rows += [f"{c}: has evidence and is said not to apply" for c in waived if evidence.get(c)]
    if rows:
        raise HutongError(
            "bad-evidence",
            Text(f"五共证据有 {len(rows)} 处不合格。", f"The evidence is broken in {len(rows)} places."),
            Text("检查项见 five_co()。", "five_co() lists the checks."),
            rows,
        )
    return pd.DataFrame(
        [
            {
                "co": co,
                "check": check,
                "state": _state(check, evidence, waived),
                "records": tuple(evidence.get(check, ())),
                "reason": waived.get(check, ""),
                "zh": said["zh"],
                "en": said["en"],
            }
            for co, spec in five_co().items()
            for check, said in spec["checks"].items()
        ]
    )


def _state(check: str, evidence: Mapping[str, Sequence[str]], waived: Mapping[str, str]) -> str:
    if check in waived:
        return "not_applicable"
    if check not in evidence:
        return "unknown"
    return "shown" if evidence[check] else "missing"


def five_co_summary(checks: pd.DataFrame) -> pd.DataFrame:
    """Return per co how many checks are shown, missing, unknown and not applicable, and whether all that apply are shown.

    ``done`` is False as soon as one check is missing, <NA> while any is unknown and none missing.
    """
    rows = []
    for co, spec in five_co().items():
        states = checks.loc[checks["co"] == co, "state"]
        n = {s: int((states == s).sum()) for s in ("shown", "missing", "unknown", "not_applicable")}
        done = False if n["missing"] else pd.NA if n["unknown"] or not n["shown"] else True
        rows.append({"co": co, **n, "done": done, "zh": spec["zh"], "en": spec["en"]})
    return pd.DataFrame(rows).astype({"done": "boolean"})
