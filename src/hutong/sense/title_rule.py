"""Which homes are cleared for a roll, and what keeps the others off it: one rule for rolls, register and checkup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text

ACTS = ("owners", "lessees")
# the worst state of several titles of one home decides; an unknown one is worse than a clear one only
_RANK = {"missing": 0, "disputed": 1, "deceased_holder": 2, "sublet": 3, "": 4, "clear": 5}


@dataclass(frozen=True, slots=True)
class Gap:
    """One reason why a home stays off a roll, with what clears it and who acts; ``case``: whether it can be cleared."""

    id: str
    title: Text
    documents: Text
    who: Text
    acts: tuple[str, ...]
    case: bool


@dataclass(frozen=True)
class RollGaps:
    """What keeps the homes of a city off the roll of one act.

    Attributes
    ----------
    act
        ``owners`` (votes of art. 278) or ``lessees`` (agreements on public homes).
    concerned
        Whether a home belongs on the roll at all, cleared or not (dwellings,).
    holds
        Which gaps hold: (dwellings, gaps) in the order of :func:`gap_book`.
    reason
        The first gap that holds, "" where none does (dwellings,).
    """

    act: str
    concerned: NDArray[np.bool_]
    holds: NDArray[np.bool_]
    reason: NDArray[np.str_]

    @property
    def cleared(self) -> NDArray[np.bool_]:
        """Whether a home stands on the roll (dwellings,)."""
        return np.asarray(self.concerned & ~self.holds.any(axis=1))


@cache
def gap_book() -> Mapping[str, Gap]:
    """Return the reasons, in the order in which they are named (``title_gaps.yaml``)."""
    return {
        name: Gap(
            name,
            Text.of(spec),
            Text.of(spec["documents"]),
            Text.of(spec["who"]),
            tuple(act for act in ACTS if spec[act]),
            spec.get("case", True),
        )
        for name, spec in _raw()["gaps"].items()
    }


@cache
def owner_of() -> Mapping[str, str]:
    """Return who owns a home of each tenure: holder, unit or own (its own procedure)."""
    owners: Mapping[str, str] = _raw()["owner_of"]
    return owners


@cache
def _raw() -> Mapping[str, Any]:
    read: Mapping[str, Any] = read_yaml(files(__package__).joinpath("title_gaps.yaml").read_text("utf-8"))
    return read


def cleared(city: City, act: str = "owners", holdings: pd.DataFrame | None = None) -> NDArray[np.bool_]:
    """Return which dwellings stand on the roll of an act (dwellings,), in the row order of ``dwellings``."""
    return roll_gaps(city, act, holdings).cleared


def roll_gaps(city: City, act: str = "owners", holdings: pd.DataFrame | None = None) -> RollGaps:
    """Return what keeps each home off the roll of an act.

    Parameters
    ----------
    act
        ``owners`` or ``lessees``.
    holdings
        ``dwelling_id``, ``holder``, ``kind`` (owner, heir, developer, unit, lessee, successor, co_resident). Without
        the table each clear title has one holder of its own, and nobody is known to follow one who has died.

    Raises
    ------
    HutongError
        ``bad-act`` for another act.
    """
    if act not in ACTS:
        raise HutongError(
            "bad-act",
            Text(f"没有名册 {act!r}。", f"There is no roll {act!r}."),
            Text(f"可用：{'、'.join(ACTS)}。", f"Use one of {', '.join(ACTS)}."),
        )
    homes = home_titles(city)
    named = _named(homes["dwelling_id"], holdings)
    flags = _owners(homes, named) if act == "owners" else _lessees(homes, named)
    concerned = flags.pop("concerned")
    order = list(gap_book())
    holds = np.column_stack([flags.get(g, np.zeros(len(homes), bool)) & concerned for g in order])
    first = np.where(holds.any(axis=1), np.array(order)[holds.argmax(axis=1)] if len(homes) else "", "")
    return RollGaps(act, concerned, holds, first.astype(str))


def home_titles(city: City) -> pd.DataFrame:
    """Return each home with the worst of its titles, one row per dwelling in the order of ``dwellings``.

    Columns: dwelling_id, tenure, occupancy, deed_cm2, lease_cm2, title_id, document, managing_unit, state; words are
    "" where unknown. A home that a register of titles does not have has the state ``missing``; where there is no
    register at all, nothing is known of any home and the state is "".
    """
    dwellings, titles = city["dwellings"], city["titles"]
    worst = _worst(city)
    homes = pd.DataFrame({c: words(dwellings[c]) for c in ("dwelling_id", "tenure", "occupancy")})
    for column in ("deed_cm2", "lease_cm2"):
        homes[column] = dwellings[column].to_numpy(dtype=float, na_value=np.nan)
    for column, none in (
        ("title_id", ""),
        ("document", ""),
        ("managing_unit", ""),
        ("state", "missing" if len(titles) else ""),
    ):
        homes[column] = np.append(words(titles[column]), none)[worst]
    return homes


def _worst(city: City) -> NDArray[np.int64]:
    """Return the row of the worst title of each dwelling, the first of equals; -1 where it has none."""
    home = city.positions("titles", "dwelling_id")
    states = words(city["titles"]["state"])
    kinds, which = np.unique(states.astype(str), return_inverse=True)
    rank = np.array([_RANK[k] for k in kinds], np.int64)[which] if len(states) else np.empty(0, np.int64)
    out = np.full(len(city["dwellings"]), -1, np.int64)
    order = np.lexsort((-np.arange(len(home)), -rank))  # the worst, and of equals the first, is written last
    order = order[home[order] >= 0]
    out[home[order]] = order
    return out


def words(column: pd.Series) -> NDArray[np.object_]:
    """Return a column of words, "" where unknown."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        kinds = np.append(np.asarray(column.cat.categories, dtype=object), "")
        return np.asarray(kinds[column.cat.codes.to_numpy()])
    return np.asarray(column.to_numpy(dtype=object, na_value=""))


def _named(homes: pd.Series, holdings: pd.DataFrame | None) -> Mapping[str, NDArray[np.bool_]] | None:
    if holdings is None:
        return None
    kinds = holdings["kind"].astype(str)
    return {k: homes.isin(holdings.loc[kinds == k, "dwelling_id"]).to_numpy(bool) for k in kinds.unique()}


Flags = dict[str, NDArray[np.bool_]]


def _known(named: Mapping[str, NDArray[np.bool_]] | None, n: int, *kinds: str) -> NDArray[np.bool_]:
    """Return which homes have a holder of any of the kinds; none where there is no table."""
    out = np.zeros(n, bool)
    for kind in kinds:
        out |= (named or {}).get(kind, False)
    return out


def _owners(homes: pd.DataFrame, named: Mapping[str, NDArray[np.bool_]] | None) -> Flags:
    n = len(homes)
    owner = homes["tenure"].map(owner_of()).fillna("").to_numpy()
    unit = (owner == "unit") & (homes["document"] != "ownership_certificate").to_numpy()
    people = ((owner == "holder") | (owner == "unit")) & ~unit
    state, deed = homes["state"].to_numpy(), homes["deed_cm2"].to_numpy()
    deceased = state == "deceased_holder"
    unnamed = np.zeros(n, bool) if named is None else ~_known(named, n, "owner", "developer", "unit")
    no_unit = (homes["managing_unit"] == "").to_numpy() & ~_known(named, n, "unit")
    area = np.where(_there(deed), deed, homes["lease_cm2"].to_numpy())
    return {
        "concerned": np.ones(n, bool),
        "tenure_unknown": owner == "",
        "own_procedure": owner == "own",
        **{g: f & people for g, f in _of_state(state).items()},
        "heirs_unnamed": people & deceased & ~_known(named, n, "heir"),
        "holder_unknown": people & ~deceased & unnamed,
        "unit_unknown": unit & no_unit,
        "area_unknown": (people & ~_there(deed)) | (unit & ~_there(area)),
    }


def _lessees(homes: pd.DataFrame, named: Mapping[str, NDArray[np.bool_]] | None) -> Flags:
    n = len(homes)
    state = homes["state"].to_numpy()
    deceased = state == "deceased_holder"
    unnamed = np.zeros(n, bool) if named is None else ~_known(named, n, "lessee")
    public = (homes["tenure"].map(owner_of()) == "unit").to_numpy()
    # an empty home without a lease has nobody who could sign
    leased = (
        public
        & ((homes["document"] != "ownership_certificate") & (homes["occupancy"] != "vacant")).to_numpy()
    )
    return {
        "concerned": leased,
        **_of_state(state),
        "sublet": state == "sublet",
        "successor_unnamed": deceased & ~_known(named, n, "successor"),
        "holder_unknown": ~deceased & unnamed,
        "unit_unknown": (homes["managing_unit"] == "").to_numpy(),
        "area_unknown": ~_there(homes["lease_cm2"].to_numpy()),
    }


def _of_state(state: NDArray[np.object_]) -> Flags:
    return {"no_title": state == "missing", "disputed": state == "disputed", "state_unknown": state == ""}


def _there(area: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where an area is known and above 0."""
    return np.asarray(np.nan_to_num(area) > 0)
