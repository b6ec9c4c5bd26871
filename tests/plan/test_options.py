"""Options: lawful, funded in full, counted by the real tally."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.agree.probability import pass_probability
from hutong.agree.rule import consent_rule
from hutong.plan import load_assumptions, load_measures
from hutong.plan.acceptance import Ask, added, answers, effects_of, household_gains, surrender_share, vote_on
from hutong.plan.catalogue import load_acceptance
from hutong.plan.money import LINES
from hutong.plan.objects import BUILDING, COURTYARD, ESTATE, TENURES
from hutong.plan.options import build_options, option_table

from .conftest import Quarter

WORKS = np.array([line.name == "works" for line in LINES])


def test_every_yuan_of_works_is_paid_by_someone(quarter: Quarter) -> None:
    o = quarter.options
    paid = o.amounts[:, WORKS].sum(axis=1)
    assert (np.abs(paid - o.capital.sum(axis=1)) <= WORKS.sum()).all()
    assert (o.amounts >= 0).all()
    assert (o.amounts == np.round(o.amounts)).all()


def test_objects_are_the_homes_of_the_city(quarter: Quarter) -> None:
    objects, city = quarter.objects, quarter.city
    homes = city["dwellings"]
    assert objects["dwellings"][objects.members].sum() == len(homes)
    assert objects["people"][objects.members].sum() == pytest.approx(homes["residents"].sum())
    forms = city["buildings"]["form"].astype(str).to_numpy()[objects.building[objects.members]]
    assert ((forms == "courtyard") == (objects.kind[objects.members] == COURTYARD)).all()
    assert (objects.kind[objects.estate] == ESTATE).all()
    assert set(np.unique(objects.kind)) == {BUILDING, COURTYARD, ESTATE}


def test_offered_only_where_the_condition_holds(quarter: Quarter) -> None:
    o, objects = quarter.options, quarter.objects
    assert (objects["cond_structure"][o.object[o.has("seismic_retrofit")]] >= 3).all()
    assert (objects["storeys"][o.object[o.has("lift")]] >= 4).all()
    assert (objects.kind[o.object[o.has("lease_surrender")]] == COURTYARD).all()
    assert (o.has("lease_surrender") == o.has("courtyard_restoration")).all()
    idle = objects["idle_m2"][o.object]
    space = o.packages @ np.array([m.space_m2 for m in o.measures])
    assert (space[space > 0] <= idle[space > 0]).all()


def test_few_likely_votes_are_not_offered(quarter: Quarter) -> None:
    o = quarter.options
    assert (o.answer.pass_probability >= load_assumptions()["pass_probability_min"].value).all()
    assert o.left_out["consent"] > 0
    assert (o.answer.pass_probability[o.has("lease_surrender") & (o.packages.sum(axis=1) == 2)] == 1).all()


def test_paying_more_is_accepted_less(quarter: Quarter) -> None:
    table = option_table(quarter.options)
    rows = table[table["offer"].isin(["share0", "share20"]) & (table["object_kind"] == "building")]
    both = rows.pivot_table(
        index=["object_id", "package"], columns="offer", values=["acceptance", "owner_yuan"]
    ).dropna()
    paying = both[both[("owner_yuan", "share20")] > 0]
    assert len(paying) > 3
    assert (paying[("acceptance", "share20")] <= paying[("acceptance", "share0")]).all()


def test_surrender_follows_the_offer_and_the_published_range(quarter: Quarter) -> None:
    objects = quarter.objects
    rows = objects["leases"] > 0
    low, mid, high = (surrender_share(objects, level, near=False)[rows].mean() for level in (0.9, 1.0, 1.1))
    assert 0.25 < low < mid < high < 0.75
    assert 0.4 <= mid <= 0.7  # published cases: 40–70 % of the tenants


def test_pass_probability_is_that_of_the_real_tally(quarter: Quarter) -> None:
    """One building of owners only, one package: the same figure as asking agree directly."""
    objects, measures = quarter.objects, load_measures()
    homes = objects.households
    at = next(
        r
        for r in objects.members
        if objects.kind[r] == BUILDING and not homes.leased[homes.object == r].any()
    )
    package = np.array([[m.id == "pipes" for m in measures]])
    ask = Ask(int(at), np.array([0]), package, package.astype(float), np.zeros(1), np.array([90_000.0]))
    found = answers(objects, measures, [ask], 1, quarter.rules, seed=9)
    rows = np.flatnonzero(homes.object == at)
    a = load_acceptance()
    gain = household_gains(objects, measures)[rows][:, [m.id for m in measures].index("pipes")]
    cost = 90_000.0 * homes.area_cm2[rows] / homes.area_cm2[rows].sum()
    trouble = next(m.disruption for m in measures if m.id == "pipes") * (
        1 + a["elder_trouble"] * homes.elders[rows]
    )
    trouble = trouble * homes.occupied[rows]
    utility = (
        a["intercept"]["ordinary"] + (a["gain"] * gain - a["cost"] * cost) / homes.income_yuan[rows]
        - a["disruption"] * trouble + np.array([a["tenure"][TENURES[t]] for t in homes.tenure[rows]])
    )  # fmt: skip
    p = 1 / (1 + np.exp(-utility))
    rule = consent_rule(quarter.rules, "ordinary")
    assert rule is not None
    expected = pass_probability(
        homes.area_cm2[rows], p, a["turnout"], rule, a["draws"], seed=9, entities=homes.dwelling[rows]
    )
    assert found.acceptance[0] == pytest.approx(p[homes.occupied[rows]].mean())
    assert found.pass_probability[0] == expected
    # the same households as one vote on a scheme that holds nothing else
    effects = effects_of(objects, measures, [ask])
    vote = vote_on(objects, effects, added(objects, effects))
    assert vote is not None
    assert vote.matter == "ordinary"
    assert (vote.area_cm2 == homes.area_cm2[rows]).all()
    assert vote.in_favour == pytest.approx(p * a["turnout"])


def test_a_scheme_is_one_vote_under_its_strictest_matter(quarter: Quarter) -> None:
    """Two buildings, one with an ordinary and one with a special matter; leased homes are one head of their owner unit."""
    objects, measures = quarter.objects, load_measures()
    names, homes, a = [m.id for m in measures], objects.households, load_acceptance()
    first, second = [
        r for r in objects.members if objects.kind[r] == BUILDING and homes.leased[homes.object == r].any()
    ][:2]
    special = next(m.id for m in measures if m.matter == "special" and m.id != "lift")

    def ask(at: int, measure: str) -> Ask:
        package = np.array([[name == measure for name in names]])
        return Ask(int(at), np.array([0]), package, package.astype(float), np.zeros(1), np.zeros(1))

    asks = [ask(first, "pipes"), ask(second, special)]
    effects = effects_of(objects, measures, asks)
    done = added(objects, effects)
    vote = vote_on(objects, effects, done)
    assert vote is not None
    assert vote.matter == "special"
    rows = np.flatnonzero(done.asked)
    leased = homes.leased[rows]
    units = np.unique(homes.tenure[rows][leased])
    assert vote.area_cm2.size == (~leased).sum() + units.size
    assert vote.area_cm2.sum() == homes.area_cm2[rows].sum()
    assert (vote.in_favour[-units.size :] == a["unit_yes"]).all()
    none = next(m.id for m in measures if m.matter == "none")
    quiet = effects_of(objects, measures, [ask(first, none)])
    assert vote_on(objects, quiet, added(objects, quiet)) is None


def test_a_lift_needs_every_staircase(quarter: Quarter) -> None:
    """Whoever lives where nobody gains says no: one unwilling staircase is enough."""
    objects, measures = quarter.objects, load_measures()
    at = next(
        r
        for r in objects.members
        if objects["staircases_without_lift"][r] >= 2 and objects["storeys"][r] >= 4
    )
    package = np.array([[m.id == "lift" for m in measures]])
    free = Ask(int(at), np.array([0]), package, package.astype(float), np.zeros(1), np.zeros(1))
    dear = Ask(int(at), np.array([0]), package, package.astype(float), np.array([9e6]), np.zeros(1))
    p_free = answers(objects, measures, [free], 1, quarter.rules, seed=2).pass_probability[0]
    p_dear = answers(objects, measures, [dear], 1, quarter.rules, seed=2).pass_probability[0]
    assert p_free > p_dear
    assert p_dear == 0


def test_same_seed_same_options_and_fewer_packages_when_asked(quarter: Quarter) -> None:
    again = build_options(quarter.objects, load_measures(), quarter.rules, seed=1)
    assert (again.amounts == quarter.options.amounts).all()
    assert (again.answer.pass_probability == quarter.options.answer.pass_probability).all()
    few = build_options(quarter.objects, load_measures(), quarter.rules, seed=1, most_packages=3)
    assert len(few) < len(again)


def test_needs_are_shares(quarter: Quarter) -> None:
    needs = quarter.needs
    assert len(needs.findings) > 5
    assert needs.share.shape == (len(needs.findings), len(quarter.options))
    assert needs.share.data.min() >= 0
    assert needs.share.data.max() <= 1 + 1e-9
    assert ((needs.lift_alarm > 0) & (needs.lift_alarm <= 1)).all()
    assert (needs.mend >= needs.lift_alarm - 1e-9).all()
    for row, finding in enumerate(needs.findings):
        if finding.indicator == "not_insulated":
            options = needs.share[[row], :].toarray()[0] > 0
            assert (
                quarter.options.has("insulation")
                | quarter.options.has("courtyard_insulation")
                | quarter.options.has("rebuild_in_place")
            )[options].all()
