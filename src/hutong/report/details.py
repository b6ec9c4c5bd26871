"""What the page tells of each building when it is pointed at: figures, their origins, findings and measures."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from hutong.city import City
from hutong.city.naming import titles
from hutong.plan.results import Plan
from hutong.report.format import area, grade, num, same
from hutong.report.map_layers import measures_of
from hutong.report.words import word, words
from hutong.sense.results import Checkup
from hutong.text import UNKNOWN, Text

#: Findings named in the short account of a building.
MOST_NAMED = 5
#: Origins as one letter per field: observed, imputed, assumed, unknown, and no mark (a result, not data).
CODES = {0: "o", 1: "i", 2: "a", -1: "u"}


class Texts:
    """Texts kept once and named by number, so that thousands of buildings share them."""

    def __init__(self) -> None:
        self.number: dict[tuple[str, str], int] = {}

    def __call__(self, text: Text) -> int:
        """Return the number of a text."""
        return self.number.setdefault((text.zh, text.en), len(self.number))

    def listed(self) -> list[list[str]]:
        """Return the texts by number; those that read the same in both languages as one string."""
        return [[zh] if zh == en else [zh, en] for zh, en in self.number]


def per_building(city: City, column: str | None) -> np.ndarray:
    """Return, per building, its dwellings or the sum of a column over them (NaN: none known)."""
    at = city.positions("dwellings", "building_id")
    n = len(city["buildings"])
    if column is None:
        return np.bincount(at[at >= 0], minlength=n).astype(float)
    values = city["dwellings"][column].to_numpy(float)
    known = (at >= 0) & ~np.isnan(values)
    total = np.bincount(at[known], weights=values[known], minlength=n)
    return np.where(np.bincount(at[known], minlength=n) > 0, total, np.nan)


def _dwelling_origin(city: City, column: str) -> np.ndarray:
    """Return, per building, the weakest origin of a column of its dwellings."""
    at = city.positions("dwellings", "building_id")
    out = np.full(len(city["buildings"]), -1, np.int8)
    np.maximum.at(out, at[at >= 0], city.origin("dwellings", column)[at >= 0])
    return out


def _estate_names(city: City) -> list[Text]:
    """Return the name of each building's estate."""
    plot = city.positions("buildings", "plot_id")
    estate = np.where(plot >= 0, city.positions("plots", "estate_id")[plot], -1)
    names = city["estates"]["name"].to_numpy()
    return [UNKNOWN if e < 0 or pd.isna(names[e]) else same(names[e]) for e in estate]


def _findings_by_building(check: Checkup) -> dict[str, list[Text]]:
    titles = {i.id: i.title for i in check.indicators}
    out: dict[str, list[Text]] = {}
    for finding in check.findings:
        title = titles[finding.indicator]
        status = word("status", finding.status)
        text = Text(f"{title.zh}（{status.zh}）", f"{title.en} ({status.en})")
        for building in finding.objects:
            if text not in out.setdefault(building, []):
                out[building].append(text)
    return out


def _choices_by_building(plan: Plan) -> list[dict[str, Text]]:
    titles = {m.id: m.title for m in plan.measures}
    out = []
    for scheme in plan.schemes:
        named: dict[str, Text] = {}
        for building, package in zip(scheme.choices["building_id"], scheme.choices["package"], strict=True):
            parts = [titles[m] for m in measures_of(package) if m in titles]
            before = named.get(str(building))
            zh, en = " + ".join(t.zh for t in parts), " + ".join(t.en for t in parts)
            named[str(building)] = (
                Text(f"{before.zh}；{zh}", f"{before.en}; {en}") if before else Text(zh, en)
            )
        out.append(named)
    return out


#: A field: its name, its text for each building, and the origin of each (None: a result, not data).
Field = tuple[Text, list[Text], np.ndarray | None]


def _fields(city: City) -> list[Field]:
    """Return the figures of every building, in the order in which they are shown."""
    table = city["buildings"]
    dwellings, residents = per_building(city, None), per_building(city, "residents")
    years = [UNKNOWN if np.isnan(v) else same(f"{v:.0f}") for v in table["built_year"]]
    people = [num(0) if d == 0 else num(v) for v, d in zip(residents, dwellings, strict=True)]

    def own(zh: str, en: str, texts: list[Text], column: str) -> Field:
        return Text(zh, en), texts, city.origin("buildings", column)

    return [
        (Text("所属小区", "Estate"), _estate_names(city), None),
        own("用途", "Use", _enum(table["use"], "building_use"), "use"),
        own("形态", "Form", _enum(table["form"], "building_form"), "form"),
        own("层数", "Storeys", [num(v) for v in table["storeys"]], "storeys"),
        own("建成年份", "Built", years, "built_year"),
        own("结构", "Structure", _enum(table["structure"], "structure"), "structure"),
        own("建筑面积", "Floor area", [area(v) for v in table["floor_area_m2"]], "floor_area_m2"),
        (Text("住房", "Dwellings"), [num(v) for v in dwellings], _dwelling_origin(city, "building_id")),
        (Text("居民", "Residents"), people, _dwelling_origin(city, "residents")),
        *(
            own(title.zh, title.en, [grade(v) for v in table[f"cond_{part}"]], f"cond_{part}")
            for part, title in words("condition").items()
        ),
    ]


def _found(problems: list[Text]) -> list[Text]:
    """Return the findings of one building, the first by name and the rest by number."""
    more = len(problems) - MOST_NAMED
    rest = [Text(f"还有 {more} 项", f"and {more} more")] if more > 0 else []
    return [*problems[:MOST_NAMED], *rest]


def details(city: City, check: Checkup, plan: Plan, rows: np.ndarray) -> Markup:
    """Return what the page tells of each drawn building, as JSON that is safe inside a script element."""
    fields, found, chosen = _fields(city), _findings_by_building(check), _choices_by_building(plan)
    none, still = Text("无", "none"), Text("保持现状", "left as it is")
    ids, names = city["buildings"]["building_id"].to_numpy(), titles(city, "buildings")
    texts = Texts()
    out = []
    for row in rows:
        cells: list[Any] = [texts(names[row])]
        cells += [texts(values[row]) for _, values, _ in fields]
        cells.append([texts(t) for t in _found(found.get(ids[row], [none]))])
        cells += [texts(c.get(ids[row], still)) for c in chosen]
        cells.append("".join("m" if o is None else CODES[int(o[row])] for _, _, o in fields))
        out.append(cells)
    labels = [title for title, _, _ in fields] + [Text("问题", "Findings")]
    labels += [Text(f"“{s.title.zh}”方案", f"Scheme “{s.title.en}”") for s in plan.schemes]
    return _safe({"labels": [[t.zh, t.en] for t in labels], "texts": texts.listed(), "rows": out})


def _safe(data: Any) -> Markup:
    """Return JSON without any sign that could end the element it stands in."""
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        raw = raw.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(raw)  # noqa: S704 (see above)


def _enum(series: pd.Series, group: str) -> list[Text]:
    return [UNKNOWN if not isinstance(v, str) else word(group, v) for v in series.astype("object")]
