"""Section 1: what is there — the map, its layers, and each building in short."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from hutong.city import City
from hutong.plan.results import Plan
from hutong.report import map as maps
from hutong.report.format import area, bi, grade, num, same
from hutong.report.map_layers import CONDITION_PARTS, Layer, layers, measures_of
from hutong.report.marks import kind_of, origin_shares
from hutong.report.words import word
from hutong.sense.results import Checkup
from hutong.text import UNKNOWN, Text

MOST_ESTATES = 40
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


def _per_building(city: City, column: str | None) -> np.ndarray:
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


def _findings_by_building(city: City, check: Checkup) -> dict[str, list[Text]]:
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
            named[str(building)] = Text(f"{before.zh}；{zh}", f"{before.en}; {en}") if before else Text(zh, en)
        out.append(named)
    return out


def details(city: City, check: Checkup, plan: Plan, rows: np.ndarray) -> Markup:
    """Return what the page tells of each drawn building, as JSON that is safe inside a script element."""
    table = city["buildings"]
    texts = Texts()
    dwellings, residents = _per_building(city, None), _per_building(city, "residents")
    grades = table[[f"cond_{p}" for p in CONDITION_PARTS]].to_numpy(float)
    estates, found, chosen = _estate_names(city), _findings_by_building(city, check), _choices_by_building(plan)
    fields: list[tuple[Text, list[Text], np.ndarray | None]] = [
        (Text("所属小区", "Estate"), estates, None),
        (Text("用途", "Use"), _enum(table["use"], "building_use"), city.origin("buildings", "use")),
        (Text("形态", "Form"), _enum(table["form"], "building_form"), city.origin("buildings", "form")),
        (Text("层数", "Storeys"), [num(v) for v in table["storeys"]], city.origin("buildings", "storeys")),
        (Text("建成年份", "Built"), [UNKNOWN if np.isnan(v) else same(f"{v:.0f}") for v in table["built_year"]], city.origin("buildings", "built_year")),
        (Text("结构", "Structure"), _enum(table["structure"], "structure"), city.origin("buildings", "structure")),
        (Text("建筑面积", "Floor area"), [area(v) for v in table["floor_area_m2"]], city.origin("buildings", "floor_area_m2")),
        (Text("住房", "Dwellings"), [num(v) for v in dwellings], _dwelling_origin(city, "building_id")),
        (Text("居民", "Residents"), [num(v) if not np.isnan(v) else (num(0) if d == 0 else UNKNOWN) for v, d in zip(residents, dwellings, strict=True)], _dwelling_origin(city, "residents")),
        *(
            (Text(f"{zh}等级", f"{en} grade"), [grade(v) for v in grades[:, k]], city.origin("buildings", f"cond_{part}"))
            for k, (part, zh, en) in enumerate(zip(CONDITION_PARTS, ("结构", "围护", "管线", "消防", "无障碍"), ("Structure", "Envelope", "Pipes", "Fire safety", "Step-free"), strict=True))
        ),
    ]  # fmt: skip
    none, still = Text("无", "none"), Text("保持现状", "left as it is")
    ids = table["building_id"].to_numpy()
    names = table["name"].to_numpy()
    out = []
    for row in rows:
        name = same(names[row]) if isinstance(names[row], str) else Text(f"未命名（{ids[row]}）", f"unnamed ({ids[row]})")
        cells = [texts(name), *(texts(values[row]) for _, values, _ in fields)]
        cells.append([texts(t) for t in found.get(ids[row], [none])])
        cells += [texts(c.get(ids[row], still)) for c in chosen]
        marks = "".join("m" if o is None else CODES[int(o[row])] for _, _, o in fields)
        out.append([*cells, marks])
    labels = [f[0] for f in fields] + [Text("问题", "Findings")]
    labels += [Text(f"“{s.title.zh}”方案", f"Scheme “{s.title.en}”") for s in plan.schemes]
    data = {"labels": [[t.zh, t.en] for t in labels], "texts": texts.listed(), "rows": out}
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        raw = raw.replace(sign, code)
    return Markup(raw)  # noqa: S704 (no sign is left that could end the element)


def _enum(series: pd.Series, group: str) -> list[Text]:
    return [UNKNOWN if not isinstance(v, str) else word(group, v) for v in series.astype("object")]


def legend(layer: Layer) -> list[dict[str, Any]]:
    """Return the entries of a layer's legend with the number of buildings of each."""
    counts = layer.counts()
    rows = [
        {"code": k, "title": t, "n": num(counts[k]), "symbol": layer.symbols[k] if layer.symbols else None}
        for k, t in enumerate(layer.classes)
    ]
    if counts[-1]:
        rows.append({"code": None, "title": layer.absent, "n": num(counts[-1]), "symbol": None})
    return rows


def estates(city: City) -> list[dict[str, Any]]:
    """Return the estates with buildings, homes and people, the most populous first."""
    plot = city.positions("buildings", "plot_id")
    of_building = np.where(plot >= 0, city.positions("plots", "estate_id")[plot], -1)
    homes, people = _per_building(city, None), _per_building(city, "residents")
    rows = []
    for k, estate in enumerate(city["estates"].itertuples(index=False)):
        mine = of_building == k
        known = people[mine]
        rows.append(
            {
                "name": same(estate.name) if isinstance(estate.name, str) else Text(f"未命名（{estate.estate_id}）", f"unnamed ({estate.estate_id})"),
                "kind": word("estate_kind", estate.kind) if isinstance(estate.kind, str) else UNKNOWN,
                "buildings": num(int(mine.sum())),
                "homes": num(float(homes[mine].sum())),
                "people": num(float(np.nansum(known)) if (~np.isnan(known)).any() else float("nan")),
                "order": (-float(homes[mine].sum()), str(estate.estate_id)),
            }
        )  # fmt: skip
    return sorted(rows, key=lambda r: r["order"])


def view(city: City, check: Checkup, plan: Plan) -> dict[str, Any]:
    """Return the map with its layers, legend, facilities, estates and details."""
    shown = layers(city, check, plan)
    rows = maps.drawn(city)
    listed = estates(city)
    title = city.meta.title
    kinds = [
        {"kind": k if k in maps.SIGNS else "other", "title": t, "n": num(n)} for k, t, n in maps.kinds_present(city)
    ]
    return {
        "svg": maps.draw(city, shown, rows, Text(f"{title.zh}地图", f"Map of {title.en}")),
        "symbols": maps.symbols(),
        "layers": [{"layer": x, "legend": legend(x), "guessed": num(int(x.guessed.sum()))} for x in shown],
        "facilities": kinds,
        "estates": listed[:MOST_ESTATES],
        "estate_marks": {
            "kind": kind_of(origin_shares(city, "estates", "kind")),
            **{c: kind_of(origin_shares(city, "dwellings", c)) for c in ("building_id", "residents")},
        },
        "estates_left": max(0, len(listed) - MOST_ESTATES),
        "details": details(city, check, plan, rows),
        "drawn": {str(city["buildings"]["building_id"].iloc[r]): k for k, r in enumerate(rows)},
        "left_out": num(len(city["buildings"]) - len(rows)) if len(rows) < len(city["buildings"]) else None,
        "attribution": maps.attribution(city),
        "streets_km": num(float(city["streets"]["length_m"].sum()) / 1000, 1),
        "hint": bi(Text("指向、点按或用方向键选一栋楼。", "Point at, tap, or use the arrow keys to choose a building.")),
    }
