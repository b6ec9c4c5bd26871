"""What residents have decided and care about, brought into a plan: choices of the menu, and attachment to places.

A choice changes what may be planned, never how it is reckoned: what was not chosen is not offered, what was chosen
needs no prediction of its vote, what is basic is wanted wherever it applies, and a lift is built where its staircase
said yes. Attachment raises the worth of restoring a building; it forbids and permits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.errors import HutongError
from hutong.plan.catalogue import load_assumptions, load_measures
from hutong.plan.limits import Target
from hutong.plan.objects import KINDS, Objects
from hutong.plan.options import Options
from hutong.plan.problem import Row
from hutong.plan.results import Measure, Scheme
from hutong.text import Text

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
#: Columns of the choices, as :func:`hutong.agree.menu_choices` gives them.
COLUMNS = ("scope", "object", "measure", "item", "mandatory", "support_heads", "support_area", "passes")
#: Prefix of the rows that ask for basic items.
BASIC = "menu_basic"
SOURCE = Text("居民菜单（基础类必做）", "the residents' menu: basic items are done in any case")


@dataclass(frozen=True, eq=False)
class Wishes:
    """What a plan is told beside the snapshot; either may be left out.

    Parameters
    ----------
    menu
        One row per object and measure (:data:`COLUMNS`). Where a measure has no row at an object, nobody was asked, and
        it stays with the prediction.
    heat
        ``building_id`` and ``heat`` in [0, 1], NaN where unknown (:func:`hutong.agree.attachment_of_buildings`).
    """

    menu: pd.DataFrame | None = None
    heat: pd.DataFrame | None = None

    def heard(
        self, objects: Objects, measures: Sequence[Measure], city: City
    ) -> tuple[Objects, tuple[Measure, ...]]:
        """Return objects and measures with what is not chosen ruled out and the worth of places raised.

        Raises
        ------
        HutongError
            ``menu-rows`` naming each choice of a measure, object or scope that the plan does not know.
        """
        columns, homes, listed = dict(objects.columns), objects.households, list(measures)
        if self.heat is not None:
            columns["heritage_worth"] = _raised(objects, city, self.heat)
        if self.menu is not None:
            said = _Said.of(self.menu, objects, measures, city)
            for k, measure in enumerate(measures):
                if not said.allowed[:, k].all():
                    name = f"menu_allows_{measure.id}"
                    columns[name] = said.allowed[:, k].astype(float)
                    listed[k] = replace(listed[k], condition=f"({measure.condition}) & {name}")
                asked = np.flatnonzero(~np.isnan(said.staircases[:, k]))
                if asked.size:
                    name = f"menu_count_{measure.id}"
                    columns[name] = objects[measure.quantity].copy()
                    columns[name][asked] = np.minimum(columns[name][asked], said.staircases[asked, k])
                    listed[k] = replace(listed[k], quantity=name)
            refused = np.isin(homes.staircase, said.without_lift) & (homes.staircase >= 0)
            homes = replace(homes, lift_missing=homes.lift_missing & ~refused)
        return replace(objects, columns=columns, households=homes), tuple(listed)

    def settled(self, options: Options, city: City) -> Options:
        """Return the options with predicted votes replaced where residents have decided.

        A package passes for sure where every vote it needs has been held and passed, or is of a basic item; its
        acceptance is then the least support among them.
        """
        if self.menu is None:
            return options
        said = _Said.of(self.menu, options.objects, options.measures, city)
        votes = np.array([m.matter not in ("none", "surrender") for m in options.measures])
        decided = said.decided[options.object] & options.packages
        done = decided.any(axis=1) & ~(options.packages & votes & ~decided).any(axis=1)
        support = np.where(decided, said.support[options.object], np.nan)
        known = ~np.isnan(support).all(axis=1)
        least = np.where(np.isnan(support), np.inf, support).min(axis=1, initial=np.inf)
        answer = replace(
            options.answer,
            acceptance=np.where(done & known, least, options.answer.acceptance),
            pass_probability=np.where(done, 1.0, options.answer.pass_probability),
        )
        return replace(options, answer=answer)

    def required(self, options: Options, city: City) -> list[Target]:
        """Return one target per object: its basic items, wherever an option holds them."""
        if self.menu is None:
            return []
        said = _Said.of(self.menu, options.objects, options.measures, city)
        held = (options.packages & said.mandatory[options.object]).sum(axis=1).astype(np.float64)
        out = []
        for at in np.unique(options.object[held > 0]).tolist():
            mine = np.where(options.object == at, held, 0.0)
            name = options.objects.titles[at]
            title = Text(f"{name.zh}：基础类必做", f"{name.en}: basic items")
            row = Row(f"{BASIC}:{options.objects.ids[at]}", title, "ratio", SOURCE)
            out.append(Target(row, mine / mine.max(), 1.0, 1.0))
        return out

    def kept(self, scheme: Scheme, city: City) -> pd.DataFrame:
        """Return each choice with ``planned``: the share of the buildings or estate it is about that get the measure.

        NaN where the measure is for another kind of object, as courtyards are another kind than buildings.
        """
        if self.menu is None:
            return pd.DataFrame(columns=[*COLUMNS, "planned"])
        done = {
            (str(row.object_id), measure)
            for row in scheme.choices.itertuples()
            for measure in str(row.package).split("+")
        }
        home, applies = _buildings_of(city), {m.id: m.applies_to for m in load_measures()}
        form = city["buildings"]["form"]
        yards = set(city["buildings"].loc[(form == "courtyard").fillna(False), "building_id"])
        planned = []
        for row in self.menu.itertuples():
            kind = "courtyard" if row.object in yards else "building"
            if row.scope == "building" and applies[row.measure] != kind:
                planned.append(float("nan"))
                continue
            at = {str(row.object), *home.get((str(row.scope), str(row.object)), ())}
            hits = sum((name, str(row.measure)) in done for name in at)
            whole = 1 if (str(row.object), str(row.measure)) in done or row.scope != "estate" else len(at) - 1
            planned.append(min(1.0, hits / max(whole, 1)))
        return self.menu.assign(planned=planned)

    def notes(self, scheme: Scheme, city: City) -> tuple[Text, ...]:
        """Return in words what the wishes changed, and what of them a scheme leaves out."""
        out = []
        if self.menu is not None:
            table = self.kept(scheme, city).dropna(subset=["planned"])
            basic = table["mandatory"].to_numpy(bool)
            chosen = table["passes"].to_numpy(bool) & ~basic
            done = table["planned"].to_numpy(float) > 0
            no, asked = int((~chosen & ~basic).sum()), int(basic.sum())
            out.append(
                Text(
                    f"已按居民菜单编制：表决通过 {int(chosen.sum())} 项，本方案安排 {int((chosen & done).sum())} 项；未通过的 {no} 项一律不安排；"
                    f"基础类 {asked} 项，安排 {int((basic & done).sum())} 项，其余此处不需要或做不了。",
                    f"Made by the residents' menu: {int(chosen.sum())} choices passed, of which this scheme plans "
                    f"{int((chosen & done).sum())}; the {no} that did not pass are not planned; of {asked} basic items "
                    f"{int((basic & done).sum())} are planned, the others are not needed or not possible where they stand.",
                )
            )
        if self.heat is not None:
            weight = load_assumptions()["attachment_weight"]
            known = int(self.heat["heat"].notna().sum())
            out.append(
                Text(
                    f"{known} 处建筑有公众情感热度，修缮的文化效益最多按 {1 + weight.value:.2f} 倍计（{weight.source.zh}）；热度不代替历史价值评定。",
                    f"People told of their attachment to {known} buildings; restoring these counts up to {1 + weight.value:.2f} times "
                    f"({weight.source.en}). It does not replace an appraisal of heritage.",
                )
            )
        return tuple(out)


def _buildings_of(city: City) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the homes' buildings of every staircase and estate."""
    out: dict[tuple[str, str], tuple[str, ...]] = {}
    for stair, building in zip(
        city["staircases"]["staircase_id"], city["staircases"]["building_id"], strict=True
    ):
        out["staircase", str(stair)] = (str(building),)
    estate = city["plots"].set_index("plot_id")["estate_id"]
    of = city["buildings"]["plot_id"].map(estate)
    lived = city["buildings"]["building_id"].isin(set(city["dwellings"]["building_id"]))
    for name, part in city["buildings"].loc[lived & of.notna(), "building_id"].groupby(of, observed=True):
        out["estate", str(name)] = tuple(part.astype(str))
    return out


def _raised(objects: Objects, city: City, heat: pd.DataFrame) -> Floats:
    """Return the cultural worth of objects, raised by ``attachment_weight`` × heat where the heat is known."""
    known = pd.Series(heat["heat"].to_numpy(float), index=heat["building_id"].astype(str))
    of = known.reindex(city["buildings"]["building_id"].astype(str)).to_numpy()
    at = np.where(objects.building >= 0, np.append(of, np.nan)[objects.building], np.nan)
    return objects["heritage_worth"] * (1 + load_assumptions()["attachment_weight"].value * np.nan_to_num(at))


@dataclass(frozen=True, eq=False)
class _Said:
    """The menu as arrays (objects, measures); ``staircases`` NaN where the measure was not put to staircases."""

    allowed: Bools
    decided: Bools
    mandatory: Bools
    support: Floats
    staircases: Floats
    without_lift: Ints  # rows in city["staircases"] that were asked for a lift and did not choose it

    @classmethod
    def of(cls, menu: pd.DataFrame, objects: Objects, measures: Sequence[Measure], city: City) -> _Said:
        shape = (len(objects), len(measures))
        allowed, decided, mandatory = np.ones(shape, bool), np.zeros(shape, bool), np.zeros(shape, bool)
        support, staircases = np.full(shape, np.nan), np.full(shape, np.nan)
        stair_row = {str(s): i for i, s in enumerate(city["staircases"]["staircase_id"])}
        column, faults, refused = {m.id: k for k, m in enumerate(measures)}, [], []
        fitted = {(str(i), str(m)): False for i, m in zip(menu["item"], menu["measure"], strict=True)}
        home = _buildings_of(city)
        for number, row in enumerate(menu.itertuples(), start=2):
            try:
                k = column[str(row.measure)]
                rows = _rows(objects, measures[k], str(row.scope), str(row.object), home)
            except (KeyError, _MisfitError) as why:
                fault = why.args[0] if isinstance(why, _MisfitError) else f"no measure {row.measure!r}"
                faults.append(f"row {number}: {fault}")
                continue
            fitted[str(row.item), str(row.measure)] |= rows.size > 0
            yes = bool(row.passes) or bool(row.mandatory)
            mandatory[rows, k] |= bool(row.mandatory)
            if row.scope == "staircase":
                staircases[rows, k] = np.nan_to_num(staircases[rows, k]) + yes
                if not yes and row.measure == "lift":
                    refused.append(stair_row[str(row.object)])
            if yes:
                decided[rows, k] = True
                support[rows, k] = np.fmin(support[rows, k], float(row.support_heads))
            elif row.scope != "staircase":
                allowed[rows, k] = False
        if not faults:
            faults = [
                f"item {i}: {m} fits none of its objects" for (i, m), fits in fitted.items() if not fits
            ]
        if faults:
            raise _unknown(faults)
        nobody = staircases == 0
        return cls(allowed & ~nobody, decided, mandatory, support, staircases, np.array(refused, np.int64))


class _MisfitError(Exception):
    """A choice that does not fit the plan, in words."""


def _rows(
    objects: Objects, measure: Measure, scope: str, name: str, home: dict[tuple[str, str], tuple[str, ...]]
) -> Ints:
    """Return the rows of the objects that a choice is about: of several measures of an item each has its kind of object."""
    kind = KINDS.index(measure.applies_to)
    if scope == "staircase" and measure.unit != "staircase":
        raise _MisfitError(f"{measure.id} is not done per staircase; let the building or the estate decide")
    if scope == "estate" and measure.applies_to == "estate":
        names: Iterable[str] = (name,)
    else:
        names = home.get((scope, name), (name,)) if scope != "building" else (name,)
    at = np.array([objects.row_of_id[n] for n in names if n in objects.row_of_id], np.int64)
    if not at.size:
        raise _MisfitError(f"no {scope} {name!r} with homes")
    return at[objects.kind[at] == kind]


def _unknown(rows: list[str]) -> HutongError:
    return HutongError(
        "menu-rows",
        Text(
            f"菜单结果有 {len(rows)} 行与片区或措施目录不符。",
            f"{len(rows)} rows of the menu's choices fit neither the quarter nor the measures.",
        ),
        Text(
            "请核对措施、对象编号和层级（措施见 docs/council.md）。",
            "Check measures, ids and scopes (docs/council.md lists what a menu may name).",
        ),
        rows,
    )


def read_choices(table: pd.DataFrame) -> pd.DataFrame:
    """Return choices read as text (:data:`COLUMNS`) with their kinds.

    Raises
    ------
    HutongError
        ``menu-columns``, or ``menu-rows`` naming each cell that is no share and no true or false.
    """
    missing = [c for c in COLUMNS if c not in table]
    if missing:
        raise HutongError(
            "menu-columns",
            Text(f"菜单结果缺少列：{'、'.join(missing)}。", f"The choices lack the columns {', '.join(missing)}."),
            Text(
                "请用 hutong agree menu --out 写出的文件。", "Use the file that hutong agree menu --out writes."
            ),
        )  # fmt: skip
    words = {"true": True, "false": False, "1": True, "0": False}
    out: dict[str, list[Any]] = {c: [] for c in COLUMNS}
    faults = []
    for number, row in enumerate(table[list(COLUMNS)].to_dict("records"), start=2):
        for name in COLUMNS:
            cell = "" if pd.isna(row[name]) else str(row[name]).strip()
            value: Any = cell
            if name in ("mandatory", "passes"):
                value = words.get(cell.lower())
            elif name.startswith("support"):
                value = _share(cell)
            if value is None or (value == "" and name != "item"):
                faults.append(f"row {number}: {name} {cell!r}")
            out[name].append(value)
    if faults:
        raise _unknown(faults)
    return pd.DataFrame(out)


def _share(cell: str) -> float | None:
    if not cell:
        return float("nan")
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
