"""Lease surrender (申请式退租): each lessee decides alone, no threshold, and who stays may have the home improved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from hutong.agree.roll_book import RollBook
from hutong.agree.steps import move
from hutong.city import City
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.text import Text

#: What a lessee may do, from each state; until the home is handed over nothing is final.
MOVES = {
    "staying": {"apply": "applied"},
    "applied": {"withdraw": "staying", "assess": "assessed"},
    "assessed": {"withdraw": "staying", "offer": "offered"},
    "offered": {"withdraw": "staying", "offer": "offered", "sign": "signed"},
    "signed": {"choose": "chosen", "rescind": "staying"},
    "chosen": {"rescind": "staying", "hand_over": "surrendered"},
    "surrendered": {},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a surrender project; dates are None where the project has not said them."""

    id: str
    title: Text
    who: Text
    starts: dt.date | None
    ends: dt.date | None


@dataclass(frozen=True)
class Surrender:
    """What one lessee has done: the state, the form chosen, and the log of (event, when)."""

    dwelling_id: str
    state: str = "staying"
    form: str = ""
    log: tuple[tuple[str, dt.datetime], ...] = ()

    def does(self, event: str, at: dt.datetime, form: str = "") -> Surrender:
        """Return the surrender after one event (:data:`MOVES`); ``choose`` names the form of compensation.

        Raises
        ------
        HutongError
            ``not-now`` for what cannot happen in this state; ``bad-surrender`` for a moment out of order or a form
            that is not on offer.
        """
        state = move(MOVES, self.state, event)
        if at.tzinfo is None or (self.log and at < self.log[-1][1]):
            raise _bad("the moment has no time zone or lies before the last one", "时间缺时区或早于上一记录")
        if (event == "choose") != (form in surrender_forms()):
            raise _bad("the form of compensation does not fit", "补偿方式不合格")
        if state == "staying":
            form = ""
        return replace(
            self,
            state=state,
            form=form or ("" if state == "staying" else self.form),
            log=(*self.log, (event, at)),
        )


def _bad(en: str, zh: str) -> HutongError:
    return HutongError(
        "bad-surrender",
        Text(f"退租记录不合格：{zh}。", f"The record of a surrender does not fit: {en}."),
        Text(
            "请核对时间与补偿方式。",
            f"Check the moment, and use one of {', '.join(surrender_forms())} when choosing.",
        ),
    )


@cache
def _data() -> Mapping[str, Any]:
    read: Mapping[str, Any] = read_yaml(
        files(__package__).joinpath("data", "surrender.yaml").read_text("utf-8")
    )
    return read


def surrender_forms() -> Mapping[str, Text]:
    """Return the forms of compensation, by id."""
    return {name: Text.of(said) for name, said in _data()["forms"].items()}


def surrender_steps(
    rules: Rules, briefing_from: dt.date, signing_from: dt.date | None = None
) -> tuple[Step, ...]:
    """Return the steps of a project with the windows that are known.

    Parameters
    ----------
    briefing_from
        First day of the briefing.
    signing_from
        First day of the signing; by default the day after the briefing ends, as in the projects published (故宫周边
        2021, 砖塔胡同 2019).

    Raises
    ------
    HutongError
        If the rules give surrender a threshold (it is voluntary), or the signing would start before the briefing ends.
    """
    if rules.flag("surrender.has_threshold"):
        raise HutongError(
            "surrender-threshold",
            Text(
                "该规则给退租设了门槛，而退租是自愿的。",
                "These rules give surrender a threshold; it is voluntary.",
            ),
            Text("请核对 surrender.has_threshold。", "Check surrender.has_threshold."),
        )
    closes = _last_day(rules, "briefing", briefing_from)
    opens = closes + dt.timedelta(days=1) if signing_from is None else signing_from
    if opens <= closes:
        raise HutongError(
            "signing-too-early",
            Text(
                f"签约不能早于宣讲结束（{closes}）。",
                f"Signing cannot start before the briefing ends ({closes}).",
            ),
            Text("请推迟签约开始日期。", "Start the signing later."),
        )
    windows = {"briefing": (briefing_from, closes), "signing": (opens, _last_day(rules, "signing", opens))}
    return tuple(
        Step(s["id"], Text.of(s["title"]), Text.of(s["who"]), *windows.get(s["id"], (None, None)))
        for s in _data()["steps"]
    )


def _last_day(rules: Rules, step: str, first: dt.date) -> dt.date:
    parameter = next(s["days"] for s in _data()["steps"] if s["id"] == step)
    return first + dt.timedelta(days=int(rules.number(parameter)) - 1)


def whole_courtyards(city: City, surrendered: Iterable[str]) -> pd.DataFrame:
    """Return, for every courtyard, how many of its homes are left and whether it has become whole.

    Whole is a fact, not an aim that anyone owes: surrender does not ask for whole courtyards. Where only homes are left
    that may be empty public ones, it is <NA>.

    Returns
    -------
    One row per courtyard with homes: ``building_id``, ``homes``, ``surrendered``, ``public_left`` (let public homes),
    ``other_left`` (private and other homes), ``whole`` (nullable bool). For the office: it shows single households
    (:func:`courtyards_in_public`).
    """
    gone = set(map(str, surrendered))
    homes = city["dwellings"]
    unknown = sorted(gone - set(homes["dwelling_id"]))
    if unknown:
        raise HutongError(
            "no-such-home",
            Text(
                f"有 {len(unknown)} 处退租住房不在底图中。",
                f"{len(unknown)} homes surrendered are not in the city.",
            ),
            Text("请核对住房编号。", "Check the ids."),
            unknown,
        )
    buildings = city["buildings"]
    yards = set(buildings.loc[(buildings["form"] == "courtyard").fillna(False), "building_id"])
    part = homes[homes["building_id"].isin(yards)]
    left = ~part["dwelling_id"].isin(gone)
    public = part["tenure"].isin(["public_direct", "public_unit", "central"])
    # an empty public home has no lessee who would have to surrender it
    vacant = (part["occupancy"] == "vacant").fillna(False)
    perhaps = part["occupancy"].isna() | vacant
    unsure = left & ((part["tenure"].isna() & perhaps) | (public & part["occupancy"].isna()))
    marks = pd.DataFrame(
        {
            "building_id": part["building_id"].astype(str),
            "homes": 1,
            "surrendered": (~left).astype(int),
            "public_left": (left & public & ~vacant).astype(int),
            "other_left": (left & ~public).astype(int),
            "unsure": unsure.astype(int),
        }
    )
    table = marks.groupby("building_id", sort=True).sum().reset_index()
    remaining = table["public_left"] + table["other_left"]
    table["whole"] = (remaining == 0).astype("boolean").mask((remaining > 0) & (remaining == table["unsure"]))
    return table.drop(columns="unsure")


def courtyards_in_public(table: pd.DataFrame, least: int = 5) -> pd.DataFrame:
    """Return :func:`whole_courtyards` without the counts that would point at the last households of a courtyard."""
    out = table.copy()
    left = out["public_left"] + out["other_left"]
    few = ((left > 0) & (left < least)) | ((out["surrendered"] > 0) & (out["surrendered"] < least))
    for column in ("surrendered", "public_left", "other_left"):
        out[column] = out[column].astype("Int64").mask(few & (left > 0))
    return out


def stay_rights(city: City, book: RollBook, surrendered: Iterable[str]) -> pd.DataFrame:
    """Return what each lessee who stays may ask for: kitchen, toilet, and works in the courtyard.

    Staying needs no reason and loses nothing: lease and rent stand. Nobody is asked to leave.

    Returns
    -------
    One row per home on the roll that was not surrendered: ``dwelling_id``, ``building_id``, and per improvement a
    nullable bool, <NA> where it is not known whether the home has one.
    """
    gone = set(map(str, surrendered))
    stay = {e.dwelling_id for e in book.entries} | {h.dwelling_id for h in book.held_back}
    part = city["dwellings"]
    part = part[part["dwelling_id"].isin(stay - gone)]
    form = city["buildings"].set_index("building_id")["form"].reindex(part["building_id"]).to_numpy()
    out = {"dwelling_id": part["dwelling_id"].to_numpy(), "building_id": part["building_id"].to_numpy()}
    table = pd.DataFrame(out)
    for name, said in _data()["improvements"].items():
        if "when_missing" in said:
            table[name] = ~part[said["when_missing"]].reset_index(drop=True)
        else:
            table[name] = pd.array(np.where(pd.isna(form), None, form == "courtyard"), dtype="boolean")
    return table


def improvements() -> Mapping[str, Text]:
    """Return the improvements that who stays may ask for, by id."""
    return {name: Text.of(said) for name, said in _data()["improvements"].items()}
