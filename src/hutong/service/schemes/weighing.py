"""What a version does, as plain data: what it breaks, who pays, who is likely to agree, what becomes of the findings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hutong.agree.probability import share_in_favour
from hutong.few import FEWEST_PEOPLE
from hutong.plan.acceptance import added, vote_on
from hutong.plan.accounts import accounts, party_rows
from hutong.plan.catalogue_words import group_title
from hutong.plan.document import SchemeDocument
from hutong.plan.results import BENEFITS
from hutong.plan.review import Review
from hutong.plan.studio import Studio
from hutong.plan.who_gains import distribution
from hutong.rules import Rules
from hutong.text import Text

#: Doubts and objects of a violation that are named; the rest is counted.
MOST_DOUBTS, MOST_OBJECTS = 60, 40


def summary_of(studio: Studio, review: Review) -> dict[str, Any]:
    """Return what a page shows of a review and a database keeps: plain data, unknown numbers are null."""
    scheme, report = review.scheme, review.report
    return {
        "version": review.document.version,
        "objects": len(scheme.choices),
        "lawful": review.lawful,
        "sound": review.sound,
        "violations": [_violation(v, studio.rules) for v in report.violations],
        "justified": [{**_violation(v, studio.rules), "reason": _both(j.reason)} for v, j in report.justified],
        "unchecked": [{"rule": u.rule, "message": _both(u.message)} for u in report.unchecked],
        "limits": [
            {"title": _both(b.title), "value": _number(b.value), "limit": _number(b.limit), "unit": b.unit, "source": _both(b.source)}
            for b in review.limits
        ],
        "doubts": [{"object": d.object_id, "kind": d.kind, "message": _both(d.message)} for d in review.doubts[:MOST_DOUBTS]],
        "doubts_all": len(review.doubts),
        "totals": {k: _number(v) for k, v in scheme.totals.items()},
        "terms": {k: _number(v) for k, v in scheme.terms.items()},
        "money": _money(studio, review),
        "benefits": {b: _number(scheme.totals[f"benefit_{b}"]) for b in BENEFITS},
        "findings": {k: int(v) for k, v in review.findings["state"].value_counts().items()},
        **_people(studio, review),
        "measures": _measures(studio, review.document),
    }  # fmt: skip


def _violation(v: Any, rules: Rules) -> dict[str, Any]:
    note = (
        rules[v.rule].note if v.rule in rules else None
    )  # an assumption has no document: its note says what it rests on
    law = f"{v.source} {v.article}".strip()
    return {
        "rule": v.rule,
        "message": _both(v.message),
        "rigid": v.rigid,
        "source": _both(note) if note is not None and v.source == note.zh else law,
        "objects": list(v.objects[:MOST_OBJECTS]),
        "objects_all": len(v.objects),
    }


def _money(studio: Studio, review: Review) -> list[dict[str, Any]]:
    """Return what each party receives (+) and pays (−): while building, over all years, and what that is worth today."""
    if review.scheme.flows.empty:
        return []
    rows = party_rows(accounts(review.scheme, studio.rules))
    return [
        {k: _both(v) if isinstance(v, Text) else _number(v) if isinstance(v, float) else v for k, v in row.items()}
        for row in rows
        if row["party"] != "outside"
    ]  # fmt: skip


def _people(studio: Studio, review: Review) -> dict[str, Any]:
    """Return how many households gain and lose, and the share of the owners that is predicted to be in favour.

    The share is given by heads and by area, each as mean and standard deviation; none where nothing needs a vote, or few
    would have one.
    """
    effects = studio.effects(review.picks)
    done = added(studio.objects, effects)
    found, vote = distribution(studio.objects, done), vote_on(studio.objects, effects, done)
    people = {
        "households": found.households,
        "winners": found.winners,
        "losers": found.losers,
        "lines": [_both(t) for t in found.lines()],
    }
    if vote is None or vote.area_cm2.size < FEWEST_PEOPLE:
        return {"people": people, "consent": None}
    by = {"heads": np.ones(vote.area_cm2.size), "area": vote.area_cm2}
    consent = {"matter": vote.matter, **{n: list(share_in_favour(w, vote.in_favour)) for n, w in by.items()}}
    return {"people": people, "consent": consent}


def _measures(studio: Studio, document: SchemeDocument) -> list[dict[str, Any]]:
    """Return at how many objects each measure stands, by group of the catalogue."""
    counts: dict[str, int] = {}
    for choice in document.choices.values():
        for m in choice.measures:
            counts[m] = counts.get(m, 0) + 1
    return [
        {"id": m.id, "title": _both(m.title), "group": _both(group_title(m.group)), "objects": counts[m.id]}
        for m in studio.measures
        if m.id in counts
    ]


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
