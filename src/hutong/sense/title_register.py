"""The title register: one row per title, a case for each gap, and how many gaps a courtyard, estate or block has."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.sense.places import Places
from hutong.sense.title_rule import ACTS, cleared, gap_book, home_titles, owner_of, roll_gaps, words
from hutong.text import Text

__all__ = ["LEVELS", "cleared", "title_cases", "title_checkup", "title_register"]

LEVELS = ("courtyard", "building", "estate", "block", "quarter")


def title_register(city: City, holdings: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row per title, and one for each home that has none.

    Parameters
    ----------
    holdings
        As for :func:`~hutong.sense.title_rule.roll_gaps`.

    Returns
    -------
    DataFrame
        title_id, dwelling_id, building_id, estate_id, block_id, courtyard, tenure, document, holder_kind (people, unit,
        own), managing_unit, state, deceased_holder, sublet, disputed (<NA> where the state is unknown), gaps_owners,
        gaps_lessees (ids joined by ";"), on_owners_roll, on_lessees_roll, state_origin (observed, imputed, assumed, "").
    """
    homes = _homes(city)
    titles = city["titles"]
    row = (
        pd.Series(np.arange(len(homes)), index=homes["dwelling_id"]).reindex(titles["dwelling_id"]).to_numpy()
    )
    without = np.setdiff1d(np.arange(len(homes)), row)
    at = np.concatenate([row, without]).astype(np.int64)
    out = homes.iloc[at][
        ["dwelling_id", "building_id", "estate_id", "block_id", "courtyard", "tenure"]
    ].reset_index(drop=True)
    for column in ("title_id", "document", "managing_unit", "state"):
        none = "missing" if column == "state" else ""
        out[column] = np.concatenate([words(titles[column]), np.full(len(without), none, object)])
    owner = out["tenure"].map(owner_of()).fillna("")
    owner = owner.mask((owner == "unit") & (out["document"] == "ownership_certificate"), "holder")
    out["holder_kind"] = owner.replace({"holder": "people"})
    for word in ("deceased_holder", "sublet", "disputed"):
        out[word] = (out["state"] == word).astype("boolean").mask(out["state"] == "")
    for act in ACTS:
        found = roll_gaps(city, act, holdings)
        out[f"gaps_{act}"] = _joined(found.holds)[at]
        out[f"on_{act}_roll"] = found.cleared[at]
    names = np.array(["", "observed", "imputed", "assumed"], dtype=object)
    origin = (
        names[city.origin("titles", "state").astype(np.int64) + 1] if len(titles) else np.empty(0, object)
    )
    out["state_origin"] = np.concatenate([origin, np.full(len(without), "", object)])
    return out


def _joined(holds: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return the ids of the gaps of each home, joined by ";" (few combinations occur, so each is joined once)."""
    ids = np.array(list(gap_book()), dtype=object)
    kinds, which = np.unique(holds @ (1 << np.arange(len(ids))), return_inverse=True)
    joined = [";".join(ids[(int(kind) >> np.arange(len(ids))) & 1 == 1]) for kind in kinds]
    return np.asarray(np.array(joined, dtype=object)[which])


def title_cases(city: City, holdings: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row per gap of each home that keeps it off a roll: what clears it, and who acts.

    Columns: case_id, dwelling_id, building_id, estate_id, block_id, courtyard, gap, reason_zh/_en, documents_zh/_en,
    who_zh/_en, rolls (the rolls it keeps the home off, joined by ";"). Military and collective homes make no case:
    there is nothing to clear.
    """
    homes, book = _homes(city), gap_book()
    by_act = {act: roll_gaps(city, act, holdings).holds for act in ACTS}
    parts = []
    for k, gap in enumerate(book.values()):
        hit = np.flatnonzero(np.any([holds[:, k] for holds in by_act.values()], axis=0))
        if not gap.case or not len(hit):
            continue
        part = homes.iloc[hit][["dwelling_id", "building_id", "estate_id", "block_id", "courtyard"]].copy()
        part.insert(0, "case_id", part["dwelling_id"] + ":" + gap.id)
        part["gap"] = gap.id
        for name, text in (("reason", gap.title), ("documents", gap.documents), ("who", gap.who)):
            part[f"{name}_zh"], part[f"{name}_en"] = text.zh, text.en
        part["rolls"] = [";".join(a for a in ACTS if by_act[a][i, k]) for i in hit]
        part["row"] = hit
        parts.append(part)
    columns = [
        "case_id", "dwelling_id", "building_id", "estate_id", "block_id", "courtyard", "gap", "reason_zh", "reason_en",
        "documents_zh", "documents_en", "who_zh", "who_en", "rolls",
    ]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts).sort_values("row", kind="stable")[columns].reset_index(drop=True)


def title_checkup(
    city: City, rules: Rules, level: str = "courtyard", holdings: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return, for each courtyard, building, estate or block, how many homes are cleared and what the others lack.

    Parameters
    ----------
    rules
        Their signing shares decide the status: where fewer homes are cleared than must sign before mediation may be
        asked for (``signing.mediation_trigger*``), signing cannot reach it.
    level
        One of :data:`LEVELS`.

    Returns
    -------
    DataFrame
        level, place_id, homes, concerned, cleared, share, status (good: all cleared; watch: some are not; warn: too few
        for signing to reach its share; unknown: no title of the place was ever recorded), observed (share of the titles'
        states that were observed, NaN without titles), and one column ``gap_<id>`` with its homes for each gap.

    Raises
    ------
    HutongError
        ``bad-level`` for another level.
    """
    if level not in LEVELS:
        raise HutongError(
            "bad-level",
            Text(f"没有层级 {level!r}。", f"There is no level {level!r}."),
            Text(f"可用：{'、'.join(LEVELS)}。", f"Use one of {', '.join(LEVELS)}."),
        )
    homes = _homes(city)
    acts = {act: roll_gaps(city, act, holdings) for act in ACTS}
    # a public home is signed for by its lessee, any other by its owner
    leased = acts["lessees"].concerned
    clear = np.where(leased, acts["lessees"].cleared, acts["owners"].cleared)
    concerned = leased | ~_own_procedure(acts["owners"].holds)
    work = pd.DataFrame(
        {"place_id": _place(city, homes, level), "concerned": concerned, "cleared": clear & concerned}
    )
    recorded = homes["dwelling_id"].isin(city["titles"]["dwelling_id"]).to_numpy()
    work["recorded"] = recorded
    for k, gap in enumerate(gap_book().values()):
        hit = np.where(leased, acts["lessees"].holds[:, k], acts["owners"].holds[:, k])
        work[f"gap_{gap.id}"] = hit if gap.case else False
    work["observed"] = _observed(city, homes)
    work = work[work["place_id"].notna() & (work["place_id"] != "")]
    grouped = work.groupby("place_id", sort=True)
    out = grouped[[c for c in work if c not in ("place_id", "observed", "recorded")]].sum().astype(np.int64)
    out.insert(0, "homes", grouped.size())
    out.insert(
        3, "share", np.where(out["concerned"] > 0, out["cleared"] / out["concerned"].clip(lower=1), np.nan)
    )
    out.insert(4, "status", _status(out, grouped["recorded"].any(), rules))
    out.insert(5, "observed", grouped["observed"].mean())
    out = out.drop(columns=[f"gap_{g.id}" for g in gap_book().values() if not g.case]).reset_index()
    out.insert(0, "level", level)
    return out


def _status(out: pd.DataFrame, recorded: pd.Series, rules: Rules) -> NDArray[np.object_]:
    triggers = [n for n in ("signing.mediation_trigger", "signing.mediation_trigger_public") if n in rules]
    least = min((rules.number(n) for n in triggers), default=0.0)
    share = out["share"].to_numpy()
    status = np.select([share >= 1, share >= least - 1e-12], ["good", "watch"], "warn").astype(object)
    status[np.isnan(share) | ~recorded.to_numpy(bool)] = "unknown"
    return np.asarray(status)


def _own_procedure(holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(holds[:, list(gap_book()).index("own_procedure")])


def _observed(city: City, homes: pd.DataFrame) -> NDArray[np.float64]:
    """Return 1 where the state of a home's titles was observed, 0 where it was not, NaN without a title."""
    titles = city["titles"]
    seen = pd.Series(
        (city.origin("titles", "state") == 0).astype(float), index=titles["dwelling_id"].to_numpy()
    )
    return np.asarray(seen.groupby(level=0).mean().reindex(homes["dwelling_id"]).to_numpy(), float)


def _homes(city: City) -> pd.DataFrame:
    """Return the homes with their building, estate and block, and whether they lie in a courtyard."""
    homes = home_titles(city)
    at = city.positions("dwellings", "building_id")
    buildings = city["buildings"]
    where = Places.of(city).rows("dwellings")
    homes["building_id"] = buildings["building_id"].to_numpy(dtype=object)[at]
    homes["courtyard"] = (buildings["form"] == "courtyard").to_numpy(bool)[at]
    for name, code in (("estate", where.estate), ("block", where.block)):
        ids = np.append(city[f"{name}s"][f"{name}_id"].to_numpy(dtype=object), "")
        homes[f"{name}_id"] = ids[code]
    return homes


def _place(city: City, homes: pd.DataFrame, level: str) -> NDArray[np.object_]:
    if level == "quarter":
        return np.full(len(homes), city.meta.name, object)
    if level == "courtyard":
        return np.asarray(homes["building_id"].where(homes["courtyard"], "").to_numpy(dtype=object))
    return np.asarray(homes[f"{level}_id"].to_numpy(dtype=object))
