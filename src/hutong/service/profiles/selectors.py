"""Reading profiles: a place's measures with intervals, places alike, and what went before their gains."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from django.http import Http404

from hutong.agree.grassroots import (
    Count,
    beside,
    difference,
    enough,
    estimate,
    groups,
    helped,
    measures,
    similar,
    tools,
)
from hutong.service.places.models import Place
from hutong.service.profiles.models import Counted
from hutong.text import Text

FEATURES = {
    "homes": Text("住户多少", "number of homes"),
    "year": Text("房屋年代", "age of the buildings"),
    "public": Text("公房比例", "share of public housing"),
    "low": Text("低层住房比例", "share of homes in low buildings"),
}
BESIDE = {
    "above": Text("高于相似的地方", "above places alike"),
    "below": Text("低于相似的地方", "below places alike"),
    "unclear": Text("与相似的地方分不出高低", "not to be told from places alike"),
    "few": Text("可比的太少", "too little to compare"),
}


def profiled() -> list[Counted]:
    """Return what was counted of every place, in the order of the tree: no other."""
    return list(Counted.objects.select_related("place").order_by("place__path"))


def of_place(pk: int) -> Counted:
    """Return what was counted of a place, or raise ``Http404``."""
    found = Counted.objects.select_related("place").filter(place_id=pk).first()
    if found is None:
        raise Http404
    return found


def _count(of: Counted, measure: str, period: int = -1) -> Count:
    yes, n = of.data["counts"][period][measure]
    return Count(int(yes), float(n))


def peers(of: Counted) -> list[tuple[Counted, float]]:
    """Return the places of the same kind most like one, nearest first, each with its distance."""
    rows = [c for c in profiled() if c.place.kind == of.place.kind]
    table = pd.DataFrame({str(c.place_id): c.data["features"] for c in rows}).T.astype(float)
    by_id = {str(c.place_id): c for c in rows}
    return [(by_id[k], d) for k, d in similar(table, str(of.place_id))]


def profile(of: Counted) -> list[dict[str, Any]]:
    """Return a place's measures by group: value with interval, change, and how it stands to places alike."""
    alike = [c for c, _ in peers(of)]
    out = []
    for group, title in groups().items():
        rows = [_row(of, m, alike) for m in measures().values() if m.group == group]
        out.append({"id": group, "title": title, "rows": rows})
    return out


def _row(of: Counted, m: Any, alike: list[Counted]) -> dict[str, Any]:
    before, now = _count(of, m.id, 0), _count(of, m.id)
    value, theirs = estimate(m, now), [_count(c, m.id) for c in alike]
    kept = [c for c in theirs if enough(m, c)]
    whole = estimate(m, Count(sum(c.yes for c in kept), sum(c.n for c in kept)))
    change = difference(estimate(m, before), value) if enough(m, before) and enough(m, now) else None
    stands = beside(m, now, theirs)
    return {
        "m": m,
        "count": now,
        "value": value,
        "alike": whole if whole.known else None,
        "change": change,
        "moved": "unknown"
        if change is None
        else "up"
        if change.low > 0
        else "down"
        if change.high < 0
        else "same",
        "stands": stands,
        "told": BESIDE[stands],
        "share": m.kind == "share",
        "drawn": _drawn(m, value, whole),
    }


def _drawn(m: Any, value: Any, alike: Any) -> dict[str, Any] | None:
    """Return where an interval is drawn on a line of 200, with the band of places alike."""
    if not value.known:
        return None
    ends = [value.high, alike.high if alike.known else 0.0]
    top = 1.0 if m.kind == "share" else max(ends) * 1.05 or 1.0
    at = {"low": value.low, "value": value.value, "high": value.high}
    if alike.known:
        at |= {"alike_low": alike.low, "alike_high": alike.high}
    out: dict[str, Any] = {k: round(min(v / top, 1.0) * 200, 1) for k, v in at.items()}
    out["width"] = max(1.0, round(out["high"] - out["low"], 1))
    if alike.known:
        out["alike_width"] = max(1.0, round(out["alike_high"] - out["alike_low"], 1))
    return out


def took_up(of: Counted) -> list[str]:
    """Return the tools that a place first used within the two half-years that are compared."""
    since, until = (dt.date.fromisoformat(d) for d in (of.data["periods"][0][0], of.data["periods"][-1][1]))
    return [k for k, day in of.data["tools"].items() if since <= dt.date.fromisoformat(day) < until]


def what_helped(of: Counted) -> list[dict[str, Any]]:
    """Return what places alike took up before a sure gain in a measure, with the gain's interval."""
    alike = [c for c, _ in peers(of)]
    named = {str(c.place_id): c for c in alike}
    used = {k: took_up(c) for k, c in named.items()}
    out = []
    for m in measures().values():
        before, after = ({k: _count(c, m.id, p) for k, c in named.items()} for p in (0, -1))
        found = helped(m, list(named), before, after, used)
        out += [
            {"m": m, "place": named[h.place].place, "gain": h.gain, "tools": [tools()[t] for t in h.tools], "share": m.kind == "share"}
            for h in found
        ]  # fmt: skip
    return out


def tools_of(of: Counted) -> list[dict[str, Any]]:
    """Return every tool with the day on which a place first used it, if it did."""
    used = of.data["tools"]
    return [
        {"title": t, "since": dt.date.fromisoformat(used[k]) if k in used else None}
        for k, t in tools().items()
    ]


def features_of(of: Counted) -> list[dict[str, Any]]:
    """Return what a place is matched by, in words' order."""
    told = of.data["features"]
    return [{"id": k, "title": t, "value": of.data["homes"] if k == "homes" and told[k] is not None else told[k]} for k, t in FEATURES.items()]  # fmt: skip


def has_bodies(place: Place) -> bool:
    """Return whether the network of who acted with whom can be drawn there."""
    from hutong.service.bodies.models import Body

    return bool(Body.objects.filter(place__path__startswith=place.path).exists())
