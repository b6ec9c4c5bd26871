"""What each layer of the map shows: a class per building, a legend with counts, and the origin of the value."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.plan.catalogue import GROUPS
from hutong.plan.results import Plan, Scheme
from hutong.report.format import money, same
from hutong.sense.results import Checkup
from hutong.text import UNKNOWN, Text

#: Building uses, gathered to at most five classes that can be told apart.
USE_CLASSES: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("居住", "Homes"), ("residential", "dormitory")),
    (Text("商业与旅馆", "Shops and hotels"), ("commercial", "hotel")),
    (Text("办公", "Offices"), ("office",)),
    (
        Text("教育、医疗与公共服务", "Schools, health and public services"),
        ("education", "medical", "public_service"),
    ),
    (
        Text("工业、市政与其他", "Industry, utilities and other"),
        ("industrial", "utility", "parking", "other"),
    ),
)
YEAR_BOUNDS = (1950, 1970, 1980, 1990, 2000)
CONDITION_PARTS = ("structure", "envelope", "pipes", "fire", "access")
GRADES = (
    Text("A 完好", "A sound"),
    Text("B 一般", "B fair"),
    Text("C 局部危险", "C partly dangerous"),
    Text("D 整栋危险", "D dangerous as a whole"),
)
#: From how many findings, and from how many yuan per dwelling, a class begins.
FINDING_BOUNDS = (1, 3, 5, 8)
MONEY_BOUNDS = (0, 20_000, 50_000, 100_000, 200_000, 400_000)


@dataclass(frozen=True)
class Layer:
    """One layer of the map.

    ``codes`` gives the class of each building (row order of ``city["buildings"]``; -1 unknown or none);
    ``guessed`` marks values that were not observed.
    """

    id: str
    title: Text
    classes: tuple[Text, ...]
    codes: np.ndarray
    guessed: np.ndarray
    absent: Text
    note: Text
    palette: str

    def counts(self) -> list[int]:
        """Return the number of buildings in each class, then of those without one."""
        return [int((self.codes == k).sum()) for k in (*range(len(self.classes)), -1)]


def _never(n: int) -> np.ndarray:
    return np.zeros(n, bool)


def use_layer(city: City) -> Layer:
    """Return buildings by use."""
    code = {use: k for k, (_, uses) in enumerate(USE_CLASSES) for use in uses}
    uses = city["buildings"]["use"].astype("object")
    codes = np.array([code.get(u, -1) for u in uses], int)
    return Layer(
        "use",
        Text("用途", "Use"),
        tuple(t for t, _ in USE_CLASSES),
        codes,
        city.origin("buildings", "use") > 0,
        UNKNOWN,
        Text("建筑当前的主要用途。", "The main use of each building today."),
        "use",
    )


def year_layer(city: City) -> Layer:
    """Return buildings by the decade in which they were built."""
    years = city["buildings"]["built_year"].to_numpy(float)
    codes = np.where(np.isnan(years), -1, np.digitize(years, YEAR_BOUNDS))
    titles = [Text("1950 年以前", "before 1950")]
    for low, high in itertools.pairwise(YEAR_BOUNDS):
        titles.append(same(f"{low}–{high - 1}"))
    titles.append(Text("2000 年以后", "2000 and later"))
    return Layer(
        "year",
        Text("建成年代", "Year built"),
        tuple(titles),
        codes,
        city.origin("buildings", "built_year") > 0,
        UNKNOWN,
        Text("颜色越深，房子越老。", "The darker, the older."),
        "year",
    )


def worst_grade(city: City) -> np.ndarray:
    """Return the worst of the five condition grades of each building (1–4; NaN where none is known)."""
    grades = city["buildings"][[f"cond_{p}" for p in CONDITION_PARTS]].to_numpy(float)
    known = ~np.isnan(grades).all(axis=1)
    out = np.full(len(grades), np.nan)
    out[known] = np.nanmax(grades[known], axis=1)
    return out


def condition_layer(city: City) -> Layer:
    """Return buildings by their worst condition grade."""
    worst = worst_grade(city)
    codes = np.where(np.isnan(worst), -1, np.clip(np.round(np.nan_to_num(worst, nan=1)), 1, 4) - 1).astype(
        int
    )
    origins = np.stack([city.origin("buildings", f"cond_{p}") for p in CONDITION_PARTS])
    return Layer(
        "condition",
        Text("房屋状况", "Condition"),
        GRADES,
        codes,
        np.asarray((origins > 0).any(axis=0)),
        UNKNOWN,
        Text(
            "结构、围护、管线、消防、无障碍五项中最差的一项。",
            "The worst of structure, envelope, pipes, fire safety and step-free access.",
        ),
        "condition",
    )


def _ranges(bounds: tuple[int, ...], form: Callable[[int, int | None], Text]) -> tuple[Text, ...]:
    """Return the names of the classes that begin at ``bounds``."""
    return tuple(form(low, high) for low, high in itertools.zip_longest(bounds, bounds[1:]))


def _count_class(low: int, high: int | None) -> Text:
    if high is None:
        return Text(f"{low} 项及以上", f"{low} or more")
    return Text(f"{low}–{high - 1} 项", f"{low}–{high - 1}")


def _money_class(low: int, high: int | None) -> Text:
    if high is None:
        return Text(f"{money(low).zh}以上", f"{money(low).en} or more")
    if low == 0:
        return Text(f"{money(high).zh}以下", f"under {money(high).en}")
    return Text(f"{low / 1e4:g}–{high / 1e4:g} 万元", f"{money(low).en}–{money(high).en}")


def finding_layer(city: City, check: Checkup) -> Layer:
    """Return buildings by the number of findings that name them."""
    rows = pd.Index(city["buildings"]["building_id"])
    count = np.zeros(len(rows), int)
    for finding in check.findings:
        at = rows.get_indexer(pd.Index(list(dict.fromkeys(finding.objects)), dtype=object))
        count[at[at >= 0]] += 1
    return Layer(
        "finding",
        Text("问题", "Findings"),
        _ranges(FINDING_BOUNDS, _count_class),
        np.where(count == 0, -1, np.digitize(count, FINDING_BOUNDS) - 1),
        _never(len(rows)),
        Text("没有指名的问题", "no finding names it"),
        Text("体检在几项问题中指名这栋楼。", "In how many findings the checkup names a building."),
        "finding",
    )


def scheme_layer(city: City, scheme: Scheme) -> Layer:
    """Return buildings by what a scheme spends on works in each, per dwelling."""
    rows = pd.Index(city["buildings"]["building_id"])
    choices = scheme.choices[scheme.choices["building_id"].notna()]
    sums = choices.groupby("building_id").agg({"capital_yuan": "sum", "dwellings": "max"})
    at = rows.get_indexer(pd.Index(sums.index, dtype=object))
    each = sums["capital_yuan"].to_numpy(float) / np.maximum(sums["dwellings"].to_numpy(float), 1.0)
    codes = np.full(len(rows), -1)
    codes[at[at >= 0]] = (np.digitize(each, MONEY_BOUNDS) - 1)[at >= 0]
    return Layer(
        f"scheme-{scheme.id}",
        scheme.title,
        _ranges(MONEY_BOUNDS, _money_class),
        codes,
        _never(len(rows)),
        Text("保持现状", "left as it is"),
        Text(
            "平均每户的工程投资；小区级的措施不在图上。",
            "Cost of works per dwelling. What is done for a whole estate is not on the map.",
        ),
        "scheme",
    )


def measures_of(package: str) -> list[str]:
    """Return the ids of the measures in a package."""
    return [m for m in str(package).split("+") if m]


def measure_groups(plan: Plan) -> list[str]:
    """Return the measure groups of the catalogue in their order."""
    used = {m.group for m in plan.measures}
    return [g for g in GROUPS if g in used]


def layers(city: City, check: Checkup, plan: Plan) -> list[Layer]:
    """Return every layer of the map in the order of its switch."""
    base = [use_layer(city), year_layer(city), condition_layer(city), finding_layer(city, check)]
    return base + [scheme_layer(city, s) for s in plan.schemes]
