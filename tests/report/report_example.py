"""A tiny fictional quarter and hand-made results of every stage, for the page's own tests."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, box

from hutong.city import City, Meta, Provenance, Source
from hutong.evolve.dials import Dials
from hutong.evolve.results import SERIES, Ensemble, Setting
from hutong.plan import load_measures
from hutong.plan.results import (
    BENEFITS,
    CHOICE_COLUMNS,
    FLOW_COLUMNS,
    Binding,
    Certificate,
    Plan,
    Scheme,
)
from hutong.rules.results import Parameter, Violation
from hutong.sense.results import VALUE_COLUMNS, Access, Checkup, Finding, Indicator
from hutong.text import Text

CRS = "EPSG:4548"
X0, Y0 = 500_000.0, 4_420_000.0
EVIL = "<script>alert('x')</script>\"&院"


def make_city(evil: str = "槐荫里小区") -> City:
    """Return 24 buildings in three estates, with observed, imputed, assumed and unknown cells."""
    rng = np.random.default_rng(7)
    shapes, rows = [], []
    for i in range(12):  # courtyards in two rows along a lane
        x, y = X0 + 10 + (i % 6) * 30, Y0 + 10 + (i // 6) * 40
        outer = box(x, y, x + 24, y + 30)
        shapes.append(outer.difference(box(x + 8, y + 8, x + 16, y + 20)))
        rows.append(
            ("p0", f"柳荫胡同{2 * i + 1}号", "residential", "courtyard", 1, 520, 1930 + i, "brick_timber")
        )
    for i in range(6):
        x, y = X0 + 220, Y0 + 10 + i * 32
        shapes.append(box(x, y, x + 60, y + 12))
        rows.append(("p1", f"{i + 1}号楼", "residential", "slab", 6, 4300, 1978 + i, "brick_concrete"))
    for i in range(2):
        x, y = X0 + 320, Y0 + 20 + i * 70
        shapes.append(box(x, y, x + 28, y + 28))
        rows.append(("p2", f"{'甲乙'[i]}座", "residential", "tower", 18, 12000, 2004, "shear_wall"))
    for use, x in (("education", 20), ("commercial", 110), ("office", 150), ("utility", 185)):
        shapes.append(box(X0 + x, Y0 + 120, X0 + x + 32, Y0 + 150))
        rows.append(("p3", None, use, "other", 3, 2400, np.nan, None))
    names = ["plot_id", "name", "use", "form", "storeys", "floor_area_m2", "built_year", "structure"]
    buildings = gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry=shapes, crs=CRS)
    n = len(buildings)
    buildings.insert(0, "building_id", [f"b{i:02d}" for i in range(n)])
    grades = rng.integers(1, 5, (n, 5)).astype(float)
    grades[-4:] = np.nan
    for j, part in enumerate(("structure", "envelope", "pipes", "fire", "access")):
        buildings[f"cond_{part}"] = grades[:, j]
    buildings["storeys__origin"] = ["observed"] * 14 + ["imputed"] * (n - 14)
    homes = np.repeat(np.arange(20), [4] * 12 + [36] * 6 + [72] * 2)
    dwellings = pd.DataFrame(
        {
            "dwelling_id": [f"d{i:04d}" for i in range(len(homes))],
            "building_id": buildings["building_id"].to_numpy()[homes],
            "tenure": np.where(homes < 12, "public_direct", "reform"),
            "residents": rng.integers(1, 5, len(homes)).astype(float),
            "elders": rng.integers(0, 2, len(homes)).astype(float),
            "deed_cm2": np.where(homes < 12, 210_000.0, 560_000.0),
        }
    )
    hull = [
        box(X0, Y0, X0 + 200, Y0 + 105),
        box(X0 + 205, Y0, X0 + 300, Y0 + 210),
        box(X0 + 305, Y0, X0 + 370, Y0 + 210),
    ]
    estates = gpd.GeoDataFrame(
        {
            "estate_id": ["e0", "e1", "e2"],
            "block_id": ["k0"] * 3,
            "name": ["柳荫胡同", evil, None],
            "kind": ["hutong", "danwei", "commodity"],
            "property_managed": [False, False, True],
        },
        geometry=hull,
        crs=CRS,
    )
    plots = gpd.GeoDataFrame(
        {
            "plot_id": ["p0", "p1", "p2", "p3"],
            "block_id": ["k0"] * 4,
            "estate_id": ["e0", "e1", "e2", None],
            "land_use": ["residential", "residential", "residential", "public_service"],
        },
        geometry=[*hull, box(X0, Y0 + 110, X0 + 200, Y0 + 210)],
        crs=CRS,
    )
    blocks = gpd.GeoDataFrame(
        {"block_id": ["k0"], "name": ["槐荫街区"]},
        geometry=[box(X0 - 10, Y0 - 10, X0 + 380, Y0 + 220)],
        crs=CRS,
    )
    nodes = gpd.GeoDataFrame(
        {"node_id": [0, 1, 2]},
        geometry=[Point(X0 - 10, Y0 + 45), Point(X0 + 202, Y0 + 45), Point(X0 + 202, Y0 + 215)],
        crs=CRS,
    )
    lines = [LineString([nodes.geometry[a], nodes.geometry[b]]) for a, b in ((0, 1), (1, 2))]
    streets = gpd.GeoDataFrame(
        {
            "street_id": [0, 1],
            "from_node": [0, 1],
            "to_node": [1, 2],
            "length_m": [212.0, 170.0],
            "kind": ["lane", "street"],
        },
        geometry=lines,
        crs=CRS,
    )
    kinds = ["park", "clinic", "bus_stop", "primary_school", "convenience"]
    facilities = gpd.GeoDataFrame(
        {
            "facility_id": [f"f{i}" for i in range(5)],
            "kind": kinds,
            "name": ["槐荫公园", None, "柳荫站", "槐荫小学", None],
            "area_m2": [2400.0, np.nan, np.nan, np.nan, np.nan],
        },
        geometry=[Point(X0 + x, Y0 + y) for x, y in ((60, 180), (205, 100), (0, 50), (40, 135), (130, 108))],
        crs=CRS,
    )
    seen, filled, invented = (
        Provenance(o, s)
        for o, s in (("observed", "osm"), ("imputed", "census2020"), ("assumed", "synthetic"))
    )
    provenance = {
        "buildings": {
            **dict.fromkeys(("geometry", "name", "use"), seen),
            **dict.fromkeys(("form", "built_year", "structure", "floor_area_m2"), filled),
            **{f"cond_{p}": invented for p in ("structure", "envelope", "pipes", "fire", "access")},
            "storeys": Provenance("mixed", "osm+census2020"),
        },
        "dwellings": {"tenure": invented, "residents": filled, "elders": filled, "deed_cm2": filled},
        "estates": {"name": seen, "kind": filled, "property_managed": invented},
        "facilities": {"kind": seen, "name": seen},
        "streets": {"kind": seen},
    }
    meta = Meta(
        "huaiyin",
        Text("槐荫片区（虚构）", "Huaiyin quarter (fictional)"),
        "2026-11-23",
        CRS,
        (
            Source("osm", "OpenStreetMap", "ODbL 1.0", "© OpenStreetMap contributors"),
            Source("census2020", "第七次全国人口普查", "public statistics"),
        ),
        ("An example made by hand.",),
        {"seed": 1, "command": "hutong new huaiyin --quarter 300"},
    )
    tables = {
        "blocks": blocks, "estates": estates, "plots": plots, "buildings": buildings, "dwellings": dwellings,
        "street_nodes": nodes, "streets": streets, "facilities": facilities,
    }  # fmt: skip
    return City.build(meta, tables, provenance)


def make_rules() -> list[Parameter]:
    """Return a few parameters: documented, secondary and assumed ones."""
    day = dt.date(2021, 1, 1)

    def vote(name: str, zh: str, en: str, value: Fraction, note: str = "D") -> Parameter:
        return Parameter(f"vote.{name}", Text(zh, en), value, "ratio", "民法典", "278", day, note, "china")

    return [
        vote("quorum.area", "参与表决的专有面积", "Floor area taking part", Fraction(2, 3)),
        vote("quorum.heads", "参与表决的人数", "Owners taking part", Fraction(2, 3)),
        vote("special.area", "特别事项同意面积", "Area in favour, special matters", Fraction(3, 4)),
        vote("special.heads", "特别事项同意人数", "Owners in favour, special matters", Fraction(3, 4)),
        Parameter(
            "cost.lift",
            Text("加装电梯造价", "Cost of a lift"),
            850_000,
            "yuan",
            "市场调查",
            "",
            day,
            "U",
            "beijing",
        ),
        Parameter(
            "unit.demolition_max",
            Text("拆除比例上限", "Most demolition"),
            Fraction(1, 5),
            "ratio",
            "北京市城市更新专项规划",
            "",
            day,
            "D",
            "beijing",
        ),
    ]


def make_check(city: City) -> Checkup:
    """Return four indicators: one of each status, one without data."""

    def indicator(
        name: str, zh: str, en: str, unit: str, standard: float | None, higher: bool = True
    ) -> Indicator:
        return Indicator(
            name, Text(zh, en), "estate", unit, "higher" if higher else "lower", standard, None, None,
            "建科〔2023〕75号", "附件 指标5", "D", Text("符合者所占比例", "Share that complies"), ("buildings.storeys",),
        )  # fmt: skip

    indicators = (
        indicator("lift_share", "多层住宅电梯覆盖率", "Staircases with a lift", "ratio", 0.8),
        indicator("park_walk", "步行五分钟可达公园", "Homes within 5 minutes of a park", "ratio", 0.9),
        indicator("pipe_age", "管线平均使用年限", "Mean age of pipes", "years", 30.0, higher=False),
        indicator("property_managed", "有物业管理的住房", "Homes with property management", "ratio", 1.0),
    )
    figures = {
        "lift_share": (0.0, "alarm", 0.4),
        "park_walk": (0.93, "good", 1.0),
        "pipe_age": (36.5, "warn", 0.0),
        "property_managed": (np.nan, "unknown", 0.0),
    }
    rows = []
    for name, (value, status, coverage) in figures.items():
        why = ("没有物业登记数据", "no register of property managers") if status == "unknown" else ("", "")
        rows.append((name, "quarter", "", "", value, status, coverage, 20, 900.0, *why))
        rows.append((name, "estate", "e0", "柳荫胡同", value, status, coverage, 12, 120.0, *why))
        rows.append(
            (name, "estate", "e1", city["estates"]["name"].iloc[1], value, status, coverage, 8, 780.0, *why)
        )
    findings = (
        Finding("lift_share", "estate", "e1", str(city["estates"]["name"].iloc[1]), "alarm", 0.0, 0.8, 520.0, 0.9,
                Text("六栋六层住宅都没有电梯，216 户中有 104 位老人。", "None of the six six-storey blocks has a lift; 104 elders live in its 216 homes."),
                tuple(f"b{i:02d}" for i in range(12, 18))),
        Finding("pipe_age", "estate", "e0", "柳荫胡同", "warn", 36.5, 30.0, 120.0, 0.6,
                Text("给排水管线平均用了 36.5 年，超过 30 年。", "Water pipes are 36.5 years old on average; the standard is 30."),
                tuple(f"b{i:02d}" for i in range(12))),
    )  # fmt: skip
    n = len(city["buildings"])
    return Checkup(
        indicators,
        pd.DataFrame(rows, columns=list(VALUE_COLUMNS)),
        findings,
        Access(("park",), np.full((n, 1), 250.0), 1200.0, np.zeros(n)),
        (
            Text(
                "门牌数据缺失，步行距离从楼栋中心算起。",
                "No doors are mapped; walks start at the centre of each building.",
            ),
        ),
    )


def make_plan(city: City) -> Plan:
    """Return three schemes of growing ambition over the same buildings."""
    measures = load_measures()
    schemes = []
    packages = {
        "least": ["pipes"],
        "balanced": ["pipes+insulation", "lease_surrender"],
        "most": ["pipes+insulation+lift", "lease_surrender"],
    }
    titles = {
        "least": Text("最低成本", "Least cost"),
        "balanced": Text("均衡", "Balanced"),
        "most": Text("最大效益", "Most benefit"),
    }
    for k, (name, chosen) in enumerate(packages.items()):
        choices, flows = [], []
        for i in range(20):
            courtyard = i < 12
            if courtyard and len(chosen) == 1:
                continue
            package = chosen[1] if courtyard else chosen[0]
            capital = 4e5 if courtyard else 1.5e6 * (k + 1)
            acceptance = 0.95 - 0.028 * i
            choices.append(
                (
                    f"b{i:02d}",
                    "courtyard" if courtyard else "building",
                    city["buildings"]["name"].iloc[i],
                    f"b{i:02d}",
                    package,
                    "standard",
                    capital,
                    capital * 0.6,
                    capital * 0.3,
                    capital * 0.1,
                    90.0,
                    36.0,
                    acceptance,
                    float(acceptance > 0.7),
                    520.0,
                    500.0,
                    20.0,
                    0.2 * k,
                    0.5,
                    0.3,
                    0.4 if courtyard else 0.0,
                    0.5 if courtyard else float("nan"),
                )
            )
            flows += [
                (0, "city", "operator", capital * 0.6, "subsidy", f"b{i:02d}"),
                (0, "owners", "operator", capital * 0.3, "share", f"b{i:02d}"),
                (0, "operator", "outside", capital, "capital", f"b{i:02d}"),
            ]
            flows += [
                (year, "outside", "operator", capital * 0.02, "rent", f"b{i:02d}") for year in range(1, 16)
            ]
        certificate = Certificate("optimal", 10.0 + k, 10.1 + k, 0.001 * k, 120, 300, (
            Binding("budget.public", Text("公共资金预算", "Public budget"), 8e6, 8e6, "yuan", Text("区财政年度安排", "the district's yearly budget")),
        ))  # fmt: skip
        violations = (
            ()
            if k < 2
            else (
                Violation(
                    "unit.demolition_max",
                    Text("拆除比例高于两成。", "More than a fifth is demolished."),
                    0.22,
                    0.2,
                    ("b01",),
                    "北京市城市更新专项规划",
                    "",
                    False,
                ),
            )
        )
        frame = pd.DataFrame(choices, columns=list(CHOICE_COLUMNS))
        totals = {
            "capital_yuan": float(frame["capital_yuan"].sum()),
            "dwellings_helped": float(frame["dwellings"].sum()),
            "alarms_lifted": k,
            "alarms_total": 2,
            **{f"benefit_{b}": float(frame[f"benefit_{b}"].sum()) for b in BENEFITS},
        }
        schemes.append(
            Scheme(
                name,
                titles[name],
                frame,
                pd.DataFrame(flows, columns=list(FLOW_COLUMNS)),
                totals,
                certificate,
                violations,
                {"rate": 0.05},
            )
        )
    return Plan(
        tuple(schemes),
        measures,
        pd.DataFrame(),
        (Text("造价按市场询价的中值。", "Costs are the middle of market quotes."),),
    )


def make_ensemble(months: int = 24, runs: int = 20) -> Ensemble:
    """Return four settings whose scores rise the more, the more is switched on."""
    settings = tuple(
        Setting(f"{'digital' if d else 'paper'}-{'deliberate' if c else 'alone'}", Text(f"{'有' if d else '无'}数字平台、{'有' if c else '无'}协商", f"{'With' if d else 'No'} platform, {'with' if c else 'no'} deliberation"), Dials(sensing=float(d), structure=float(c)))
        for d in (False, True)
        for c in (False, True)
    )  # fmt: skip
    rng = np.random.default_rng(3)
    rise = np.linspace(0, 0.3, months + 1)
    series = {
        name: np.clip(
            0.3
            + rise * (1 + 0.4 * np.arange(4)[:, None, None])
            + 0.05 * rng.standard_normal((4, runs, 1)) * rise * 3,
            0,
            1,
        )
        for name in SERIES
    }
    parts = {"condition": series["space"], "service": series["space"]}
    return Ensemble(
        settings,
        months,
        runs,
        series,
        {"seed": 1, "model": "co-evolution 1"},
        (Text("居民网络按邻近生成。", "Neighbours form the social network."),),
        parts,
    )
