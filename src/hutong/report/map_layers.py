"""What each layer of the map shows: a class per building, a legend with counts, and the origin of the value."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.plan.results import Plan, Scheme
from hutong.report.format import same
from hutong.report.words import word
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
#: Status of findings on a building, from the gravest.
FINDING_STATUSES = ("alarm", "warn", "watch")


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
    symbols: tuple[str, ...] = ()

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
        (origins > 0).any(axis=0),
        UNKNOWN,
        Text(
            "结构、围护、管线、消防、无障碍五项中最差的一项。",
            "The worst of structure, envelope, pipes, fire safety and step-free access.",
        ),
        "condition",
    )


def finding_layer(city: City, check: Checkup) -> Layer:
    """Return buildings by the gravest finding that names them."""
    rows = pd.Index(city["buildings"]["building_id"])
    codes = np.full(len(rows), -1)
    for rank in range(len(FINDING_STATUSES) - 1, -1, -1):
        named = [o for f in check.findings if f.status == FINDING_STATUSES[rank] for o in f.objects]
        at = rows.get_indexer(pd.Index(named, dtype=object))
        codes[at[at >= 0]] = rank
    return Layer(
        "finding",
        Text("问题", "Findings"),
        tuple(word("status", s) for s in FINDING_STATUSES),
        codes,
        _never(len(rows)),
        Text("没有指名的问题", "no finding names it"),
        Text(
            "体检指名的楼栋，按最重的一项上色。", "Buildings that the checkup names, by the gravest finding."
        ),
        "finding",
        FINDING_STATUSES,
    )


def scheme_layer(city: City, plan: Plan, scheme: Scheme, groups: Sequence[str]) -> Layer:
    """Return buildings by the highest measure group among what a scheme chooses for them."""
    rows = pd.Index(city["buildings"]["building_id"])
    codes = np.full(len(rows), -1)
    rank = {group: k for k, group in enumerate(groups)}
    of_measure = {m.id: rank[m.group] for m in plan.measures}
    at = rows.get_indexer(pd.Index(scheme.choices["building_id"], dtype=object))
    for row, package in zip(at, scheme.choices["package"], strict=True):
        ranks = [of_measure[m] for m in measures_of(package) if m in of_measure]
        if row >= 0 and ranks:
            codes[row] = max(codes[row], *ranks)
    return Layer(
        f"scheme-{scheme.id}",
        scheme.title,
        tuple(word("measure_group", g) for g in groups),
        codes,
        _never(len(rows)),
        Text("保持现状", "left as it is"),
        Text("每栋楼的措施包中级别最高的一类。", "The highest class of measure in each building's package."),
        "scheme",
    )


def measures_of(package: str) -> list[str]:
    """Return the ids of the measures in a package."""
    return [m for m in str(package).split("+") if m]


def measure_groups(plan: Plan) -> list[str]:
    """Return the measure groups of the catalogue, from basic to public, at most six."""
    order = ["basic", "improving", "upgrading", "courtyard", "public"]
    used = {m.group for m in plan.measures}
    return [g for g in order if g in used] + sorted(used - set(order))


def layers(city: City, check: Checkup, plan: Plan) -> list[Layer]:
    """Return every layer of the map in the order of its switch."""
    groups = measure_groups(plan)
    base = [use_layer(city), year_layer(city), condition_layer(city), finding_layer(city, check)]
    return base + [scheme_layer(city, plan, s, groups) for s in plan.schemes]
