"""The title register: the rule is the rolls' own, each gap a case, and places are told by what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree.homes import tenures
from hutong.agree.lease import lease_roll
from hutong.agree.owners import owners_roll
from hutong.agree.roll_book import HELD_BACK
from hutong.city import City, make_quarter
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.sense.title_register import cleared, title_cases, title_checkup, title_register
from hutong.sense.title_rule import gap_book, home_titles, owner_of, roll_gaps

RULES = load_rules("beijing")
KINDS = ("owner", "heir", "developer", "unit", "lessee", "successor", "co_resident")


@pytest.fixture(scope="module")
def city() -> City:
    return make_quarter(dwellings=300, seed=1)


def altered(city: City, seed: int) -> City:
    """Return the city with unknown words and areas, titles dropped and doubled, so that every gap occurs."""
    rng = np.random.default_rng(seed)
    tables = {name: frame.copy() for name, frame in city.tables.items()}
    titles, homes = tables["titles"], tables["dwellings"]
    for column in ("state", "document", "managing_unit"):
        titles.loc[rng.random(len(titles)) < 0.15, column] = None
    double = titles[rng.random(len(titles)) < 0.1].copy()
    double["title_id"] = double["title_id"] + "b"
    double["state"] = rng.choice(["clear", "disputed", "missing", "sublet"], len(double))
    double["state"] = double["state"].astype(titles["state"].dtype)
    titles = titles[rng.random(len(titles)) > 0.1]
    tables["titles"] = pd.concat([titles, double], ignore_index=True)
    for column, none in (("tenure", None), ("deed_cm2", np.nan), ("lease_cm2", np.nan)):
        homes.loc[rng.random(len(homes)) < 0.1, column] = none
    homes.loc[rng.random(len(homes)) < 0.05, "deed_cm2"] = 0.0
    homes["tenure"] = homes["tenure"].where(rng.random(len(homes)) > 0.05, "collective")
    return City.build(city.meta, tables, {})


def held_of(city: City, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ids = city["dwellings"]["dwelling_id"].to_numpy(object)
    rows = rng.integers(0, len(ids), 400)
    table = pd.DataFrame({"dwelling_id": ids[rows], "kind": rng.choice(KINDS, 400)})
    table["holder"] = [f"h{i}" for i in range(400)]
    return table


@pytest.mark.parametrize("with_holdings", [False, True])
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_rule_is_that_of_the_rolls(city, with_holdings, seed):
    place = altered(city, seed)
    held = held_of(place, seed) if with_holdings else None
    rows = np.arange(len(place["dwellings"]))
    ids = place["dwellings"]["dwelling_id"].to_numpy(object)
    for act, make in (("owners", owners_roll), ("lessees", lease_roll)):
        book = make(place, rows, "quarter", held)
        found = roll_gaps(place, act, held)
        assert {e.dwelling_id for e in book.entries} == set(ids[found.cleared])
        assert {h.dwelling_id: h.reason for h in book.held_back} == dict(
            zip(ids[found.reason != ""], found.reason[found.reason != ""], strict=True)
        )
        assert (cleared(place, act, held) == found.cleared).all()


def test_the_words_are_those_of_the_rolls():
    assert set(gap_book()) == set(HELD_BACK)
    for gap in gap_book().values():
        assert gap.documents.zh
        assert gap.who.en
    assert set(owner_of()) == set(tenures())
    assert set(owner_of().values()) == {"holder", "unit", "own"}


def test_one_row_per_title_and_one_for_each_home_without(city):
    place = altered(city, 3)
    register = title_register(place)
    without = set(place["dwellings"]["dwelling_id"]) - set(place["titles"]["dwelling_id"])
    assert len(register) == len(place["titles"]) + len(without)
    assert set(register.loc[register["title_id"] == "", "dwelling_id"]) == without
    assert (register.loc[register["title_id"] == "", "state"] == "missing").all()
    assert set(register["holder_kind"]) <= {"people", "unit", "own", ""}
    unknown = register["state"] == ""
    assert unknown.any()
    assert register.loc[unknown, "disputed"].isna().all()
    assert register.loc[register["state"] == "sublet", "sublet"].all()
    bought = register[
        (register["tenure"] == "public_direct") & (register["document"] == "ownership_certificate")
    ]
    assert (bought["holder_kind"] == "people").all()
    clear = register[register["on_owners_roll"]]
    assert (clear["gaps_owners"] == "").all()


def test_a_courtyard_room_is_marked(city):
    register = title_register(city)
    courtyard = city["buildings"].set_index("building_id")["form"].eq("courtyard")
    assert (register["courtyard"] == register["building_id"].map(courtyard)).all()
    assert register["courtyard"].any()
    # nothing of a synthetic quarter was observed
    assert set(register["state_origin"]) <= {"imputed", "assumed", ""}


def test_each_gap_is_a_case_with_papers_and_someone_who_acts(city):
    place = altered(city, 5)
    held = held_of(place, 5)
    cases = title_cases(place, held)
    assert cases["case_id"].is_unique
    assert set(cases["gap"]) == {g.id for g in gap_book().values() if g.case}
    for column in ("reason_zh", "reason_en", "documents_zh", "documents_en", "who_zh", "who_en", "rolls"):
        assert (cases[column].str.len() > 0).all()
    per_home = {act: roll_gaps(place, act, held) for act in ("owners", "lessees")}
    ids = place["dwellings"]["dwelling_id"].to_numpy(object)
    for act, found in per_home.items():
        cases_of = cases[cases["rolls"].str.contains(act)].groupby("dwelling_id").size()
        keep = [k for k, g in enumerate(gap_book().values()) if g.case]
        expected = pd.Series(found.holds[:, keep].sum(axis=1), index=ids)
        assert (expected[expected > 0] == cases_of.reindex(expected[expected > 0].index)).all()
    assert not cases["gap"].eq("own_procedure").any()


def test_no_gaps_no_cases(city):
    tables = {name: frame.copy() for name, frame in city.tables.items()}
    homes, titles = tables["dwellings"], tables["titles"]
    homes["tenure"] = pd.Categorical(["commodity"] * len(homes), categories=homes["tenure"].cat.categories)
    homes["deed_cm2"] = 500_000.0
    titles["state"] = pd.Categorical(["clear"] * len(titles), categories=titles["state"].cat.categories)
    clean = City.build(city.meta, tables, {})
    assert title_cases(clean).empty
    assert cleared(clean).all()
    assert not cleared(clean, "lessees").any()  # none is leased: none belongs on that roll
    assert set(title_checkup(clean, RULES, "estate")["status"]) == {"good"}


@pytest.mark.parametrize("level", ["courtyard", "building", "estate", "block", "quarter"])
def test_places_add_up_and_are_judged_by_the_share_that_must_sign(city, level):
    place = altered(city, 7)
    found = title_checkup(place, RULES, level)
    gaps = [c for c in found if c.startswith("gap_")]
    assert "gap_own_procedure" not in gaps
    assert (found["cleared"] <= found["concerned"]).all()
    assert (found["concerned"] <= found["homes"]).all()
    if level in ("building", "block", "quarter"):
        assert found["homes"].sum() == len(place["dwellings"])
    for row in found.itertuples():
        expected = "good" if row.share == 1 else "watch" if row.share >= 0.95 else "warn"
        assert row.status in (expected, "unknown")


def test_a_place_whose_titles_were_never_recorded_is_unknown(city):
    tables = {name: frame.copy() for name, frame in city.tables.items()}
    tables["titles"] = tables["titles"].iloc[:0]
    bare = City.build(city.meta, tables, {})
    found = title_checkup(bare, RULES, "courtyard")
    assert set(found["status"]) == {"unknown"}
    assert found["observed"].isna().all()
    assert (title_register(bare)["state"] == "missing").all()


def test_the_worst_title_of_a_home_decides(city):
    tables = {name: frame.copy() for name, frame in city.tables.items()}
    first = tables["titles"].iloc[[0]].copy()
    first["title_id"], first["state"] = "extra", "disputed"
    first["state"] = first["state"].astype(tables["titles"]["state"].dtype)
    tables["titles"] = pd.concat([tables["titles"], first], ignore_index=True)
    homes = home_titles(City.build(city.meta, tables, {}))
    assert homes.loc[homes["dwelling_id"] == first["dwelling_id"].iloc[0], "state"].item() == "disputed"


def test_words_that_do_not_exist(city):
    for call, code in (
        (lambda: cleared(city, "tenants"), "bad-act"),
        (lambda: title_checkup(city, RULES, "street"), "bad-level"),
    ):
        with pytest.raises(HutongError) as caught:
            call()
        assert caught.value.code == code
