"""From the snapshot, a scheme and the rules to the arrays of one model world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.agree import consent_rule
from hutong.agree.rule import Rule
from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.bodies_read import heritage, read_bodies
from hutong.evolve.households import World
from hutong.evolve.network import Network, build_network, morton
from hutong.evolve.programme import MATTERS, Programme, read_programme
from hutong.evolve.projects import ABSTAIN, ACT, COMMON, NOBODY_ASKED, OF_ALL, VOLUNTARY, WIDTH
from hutong.plan.results import Scheme
from hutong.rules import Rules
from hutong.text import Text, number

GRADES = ("cond_structure", "cond_envelope", "cond_pipes", "cond_fire")
#: Predicted acceptance is kept off 0 and 1, where its logit is infinite.
LEAST_ACCEPTANCE = 0.02


@dataclass(frozen=True)
class Built:
    """The world, its network and what had to be assumed to build it."""

    world: World
    network: Network
    programme: Programme
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class Homes:
    """Occupied dwellings in the order of the kernel, and the buildings they stand in."""

    rows: np.ndarray  # row positions in ``dwellings``
    buildings: np.ndarray  # row positions in ``buildings``, in kernel order
    building: np.ndarray  # place of each household's building in ``buildings``
    estate: np.ndarray  # estate row of each household; plots outside estates: −1
    stair: np.ndarray


def build_world(city: City, scheme: Scheme, rules: Rules) -> Built:
    """Return the world for one city and one scheme.

    Raises
    ------
    HutongError
        ``no-households`` where nobody lives; ``incomplete-city`` where a needed column holds no value at all;
        ``scheme-of-another-city`` where the scheme names buildings that the city does not have.
    """
    homes = occupied(city)
    notes: list[Text] = []
    dwellings = city["dwellings"].iloc[homes.rows]
    network = build_network(homes.stair, homes.building, homes.estate)
    programme = read_programme(city, scheme, homes.buildings)
    condition, service = building_scores(city, homes.buildings, notes)
    area = np.maximum(_area_cm2(city["dwellings"], notes), 1)
    rolls = _rolls(city, homes, programme, area)
    income = _known(dwellings["income_band"], "dwellings.income_band", notes)
    elder = _known((dwellings["elders"] > 0).where(dwellings["elders"].notna()), "dwellings.elders", notes)
    residents = _known(dwellings["residents"], "dwellings.residents", notes)
    stake, lean = _stakes(homes, programme)
    poor = np.clip(3.0 - income, 0.0, 1.0)
    world = World(
        building=homes.building.astype(np.uint32),
        indptr=network.indptr,
        indices=network.indices,
        area_cm2=area[homes.rows],
        elder=elder.astype(np.float32),
        low_income=poor.astype(np.float32),
        people=np.maximum(np.rint(residents), 1).astype(np.int32),
        stake=stake,
        lean=lean,
        tenant=_tenants(dwellings),
        condition=condition.astype(np.float32),
        service=service.astype(np.float32),
        homes=np.bincount(homes.building, minlength=len(homes.buildings)).astype(np.int32),
        member_ptr=programme.member_ptr,
        member=programme.member,
        voter_ptr=rolls.voter_ptr,
        voter=rolls.voter,
        roll_area=rolls.area,
        roll_heads=rolls.heads,
        matter=programme.matter,
        leave=_logit(programme.leave),
        private=programme.private,
        public_yuan=programme.public_yuan,
        upkeep=programme.upkeep,
        intensity=programme.capital_yuan / np.maximum(rolls.heads, 1) / 1e5,
        disruption=programme.disruption,
        condition_gain=programme.condition_gain,
        service_gain=programme.service_gain,
        value_gain=programme.value_gain,
        thresholds=threshold_rows(rules),
        budget=programme.budget,
        bases=_bases(city, condition, homes.buildings, notes),
        bodies=read_bodies(city, programme, rules, homes.buildings, homes.building, poor),
    )
    return Built(world, network, programme, tuple(notes))


def occupied(city: City) -> Homes:
    """Return the occupied dwellings sorted by estate, place, building and staircase, so that ties are near."""
    dwellings, buildings = city["dwellings"], city["buildings"]
    lived_in = (dwellings["occupancy"] != "vacant").fillna(True).to_numpy(bool)
    rows = np.flatnonzero(lived_in)
    if not len(rows):
        raise HutongError(
            "no-households",
            Text(
                "城市快照里没有有人居住的住房，无法推演。",
                "Nobody lives in this city, so nothing can be run forward.",
            ),
            Text("请先补全 dwellings 表。", "Complete the dwellings table first."),
        )
    building = city.positions("dwellings", "building_id")[rows]
    plot = city.positions("buildings", "plot_id")[building]
    estate = city.positions("plots", "estate_id")[plot]
    stair = city.positions("dwellings", "staircase_id")[rows]
    where = buildings.geometry.centroid
    code = morton(where.x.to_numpy(), where.y.to_numpy())
    order = np.lexsort((rows, stair, building, code[building], estate))
    rows, building, estate, stair = rows[order], building[order], estate[order], stair[order]
    names, place = np.unique(building, return_inverse=True)
    # A courtyard, or a building without staircases on record, is one staircase of its own.
    stair = np.where(stair >= 0, stair, len(city["staircases"]) + building)
    return Homes(rows, names, place.astype(np.int64), estate, stair)


def building_scores(city: City, rows: np.ndarray, notes: list[Text]) -> tuple[np.ndarray, np.ndarray]:
    """Return condition and service of buildings, each in [0, 1].

    Condition: mean of the known grades of structure, envelope, pipes and fire safety, A = 1 … D = 0.
    Service: mean of what is known of access (the same grades), insulation, a lift (from four storeys on), and the
    share of homes with a kitchen and toilet of their own. A building of which nothing is known takes the mean
    of the others.
    """
    table = city["buildings"].iloc[rows]
    grades = np.stack([(4.0 - table[g].to_numpy(float)) / 3.0 for g in GRADES])
    condition = _known(pd.Series(_mean_known(grades)), "buildings.cond_*", notes)
    lift = table["lift"].to_numpy(dtype=float, na_value=np.nan)
    lift = np.where(table["storeys"].to_numpy(float) >= 4, lift, np.nan)
    dwellings = city["dwellings"]
    whole = np.fmin(
        *(dwellings[c].to_numpy(dtype=float, na_value=np.nan) for c in ("own_kitchen", "own_toilet"))
    )
    share = (
        pd.Series(whole)
        .groupby(city.positions("dwellings", "building_id"))
        .mean()
        .reindex(rows)
        .to_numpy(float)
    )
    parts = np.stack(
        [
            (4.0 - table["cond_access"].to_numpy(float)) / 3.0,
            table["insulated"].to_numpy(dtype=float, na_value=np.nan),
            lift,
            share,
        ]
    )
    return condition, _known(pd.Series(_mean_known(parts)), "buildings: services", notes)


def threshold_rows(rules: Rules) -> np.ndarray:
    """Return what each matter requires as integers, int64 (matters, WIDTH), from the rules of ``hutong.agree``."""
    rows = np.zeros((len(MATTERS), WIDTH), np.int64)
    for row, matter in zip(rows, MATTERS, strict=True):
        rule = consent_rule(rules, matter)
        if rule is None:
            row[ACT] = VOLUNTARY if matter == "surrender" else NOBODY_ASKED
        else:
            fill_row(row, rule)
    return rows


def fill_row(row: np.ndarray, rule: Rule) -> None:
    """Write what a rule of ``hutong.agree`` requires into a row of thresholds."""
    for k, threshold in enumerate((rule.quorum_area, rule.quorum_heads, rule.pass_area, rule.pass_heads)):
        if threshold is not None:
            row[4 * k : 4 * k + 4] = 1, threshold.numerator, threshold.denominator, threshold.strict
    row[OF_ALL] = rule.population == "all"
    row[ABSTAIN] = rule.silence == "abstain"
    row[ACT] = COMMON


@dataclass(frozen=True)
class Rolls:
    """Who is asked about each project: households as rows, and the totals of the roll with empty homes."""

    voter_ptr: np.ndarray
    voter: np.ndarray
    area: np.ndarray
    heads: np.ndarray


def _rolls(city: City, homes: Homes, programme: Programme, area: np.ndarray) -> Rolls:
    """Each dwelling is one head (holders of several are not on record), empty ones included."""
    by_building = np.argsort(homes.building, kind="stable")
    starts = np.searchsorted(homes.building[by_building], np.arange(len(homes.buildings) + 1))
    everyone = city.positions("dwellings", "building_id")
    size = len(city["buildings"])
    building_area = np.bincount(everyone, weights=area.astype(float), minlength=size)
    building_heads = np.bincount(everyone, minlength=size)
    ptr, voters, areas, heads = [0], [], [], []
    for j in range(len(programme.matter)):
        members = programme.member[programme.member_ptr[j] : programme.member_ptr[j + 1]]
        who = np.concatenate(
            [by_building[starts[b] : starts[b + 1]] for b in members] or [np.empty(0, np.int64)]
        )
        voters.append(np.sort(who))
        ptr.append(ptr[-1] + len(who))
        rows = homes.buildings[members]
        areas.append(int(building_area[rows].sum()))
        heads.append(int(building_heads[rows].sum()))
    return Rolls(
        np.array(ptr, np.uint32),
        np.concatenate([*voters, np.empty(0, np.int64)]).astype(np.uint32),
        np.array(areas, np.int64),
        np.array(heads, np.int64),
    )


def _tenants(dwellings: pd.DataFrame) -> np.ndarray:
    """Return who rents public housing and so may surrender the lease, uint8 (H,)."""
    public = dwellings["tenure"].isin(["public_direct", "public_unit"]).to_numpy(bool)
    return (public & (dwellings["occupancy"] == "tenant").fillna(False).to_numpy(bool)).astype(np.uint8)


def _logit(share: np.ndarray) -> np.ndarray:
    kept = np.clip(share, LEAST_ACCEPTANCE, 1 - LEAST_ACCEPTANCE)
    return np.asarray(np.log(kept / (1 - kept)))


def _stakes(homes: Homes, programme: Programme) -> tuple[np.ndarray, np.ndarray]:
    """Return who has a project at home, and the logit of the acceptance that the plan predicts there.

    A home in several projects takes that of its own building (the project with the fewest buildings); a home in
    none has nothing at stake, and its logit is 0.
    """
    size = len(homes.buildings)
    fewest = np.full(size, np.iinfo(np.int64).max)
    acceptance = np.full(size, 0.5)
    for j in range(len(programme.matter)):
        members = programme.member[programme.member_ptr[j] : programme.member_ptr[j + 1]]
        closer = members[fewest[members] > len(members)]
        fewest[closer] = len(members)
        if np.isfinite(programme.acceptance[j]):
            acceptance[closer] = programme.acceptance[j]
    touched = fewest < np.iinfo(np.int64).max
    return touched[homes.building].astype(np.uint8), _logit(acceptance)[homes.building].astype(np.float32)


def _bases(city: City, condition: np.ndarray, rows: np.ndarray, notes: list[Text]) -> np.ndarray:
    """Return ecological value today (share of buildings insulated) and cultural (condition of the heritage)."""
    table = city["buildings"].iloc[rows]
    green = table["insulated"].to_numpy(dtype=float, na_value=np.nan)
    known = green[np.isfinite(green)]
    if not len(known):
        notes.append(
            Text(
                "不知道哪些楼栋有保温，生态现状按 0 计",
                "which buildings are insulated is unknown; ecological value starts at 0",
            )
        )
    old = heritage(table)
    return np.array([known.mean() if len(known) else 0.0, condition[old].mean() if old.any() else np.nan])


def _area_cm2(dwellings: pd.DataFrame, notes: list[Text]) -> np.ndarray:
    """Return the area with which each dwelling counts: deed, else lease, else the mean of the others."""
    area = dwellings["deed_cm2"].where(dwellings["deed_cm2"] > 0, dwellings["lease_cm2"])
    return np.rint(_known(area.where(area > 0), "dwellings.deed_cm2/lease_cm2", notes)).astype(np.int64)


def _mean_known(parts: np.ndarray) -> np.ndarray:
    known = np.isfinite(parts).sum(axis=0)
    return np.where(known > 0, np.nansum(parts, axis=0) / np.maximum(known, 1), np.nan)


def _known(values: pd.Series, name: str, notes: list[Text]) -> np.ndarray:
    """Return values with the unknown ones at the mean of the known, and note how many those are.

    Raises
    ------
    HutongError
        ``incomplete-city`` where nothing is known.
    """
    given = values.to_numpy(dtype=float, na_value=np.nan)
    missing = ~np.isfinite(given)
    if missing.all():
        raise HutongError(
            "incomplete-city",
            Text(
                f"{name} 全部未知，无法推演。",
                f"{name} is unknown everywhere, so nothing can be run forward.",
            ),
            Text("请先用 complete 补全快照。", "Complete the snapshot first."),
        )
    if missing.any():
        n = number(int(missing.sum()))
        notes.append(
            Text(
                f"{name} 有 {n} 处未知，按已知均值计",
                f"{name}: {n} unknown values taken at the mean of the known",
            )
        )
    return np.where(missing, given[~missing].mean(), given)
