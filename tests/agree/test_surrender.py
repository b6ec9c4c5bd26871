"""Voluntary: each alone, nothing final before the handover, and who stays loses nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree.lease import lease_roll
from hutong.agree.surrender import (
    MOVES,
    Surrender,
    courtyards_in_public,
    improvements,
    stay_rights,
    surrender_forms,
    surrender_steps,
    whole_courtyards,
)
from hutong.city import City, make_quarter, schema
from hutong.errors import HutongError
from hutong.rules import load_rules

RULES = load_rules("beijing")
DAY = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def city() -> City:
    return make_quarter(dwellings=300, seed=1)


def test_windows_as_a_published_project_had_them():
    # 故宫周边 2021: briefing 3/29 to 4/28 (31 days by the calendar); 30 days and signing next day by the rules
    steps = {s.id: s for s in surrender_steps(RULES, dt.date(2021, 3, 29))}
    assert list(steps) == [
        "scope",
        "briefing",
        "application",
        "assessment",
        "signing",
        "choice",
        "handover",
        "restoration",
        "operation",
    ]
    assert (steps["briefing"].starts, steps["briefing"].ends) == (dt.date(2021, 3, 29), dt.date(2021, 4, 27))
    assert (steps["signing"].starts, steps["signing"].ends) == (dt.date(2021, 4, 28), dt.date(2021, 5, 27))
    assert steps["handover"].starts is None
    later = {s.id: s for s in surrender_steps(RULES, dt.date(2021, 3, 29), dt.date(2021, 4, 29))}
    assert later["signing"].ends == dt.date(2021, 5, 28)
    assert all(s.title.zh and s.title.en and s.who.zh for s in steps.values())


def test_signing_never_starts_before_the_briefing_ends(tmp_path):
    with pytest.raises(HutongError) as caught:
        surrender_steps(RULES, dt.date(2021, 3, 29), dt.date(2021, 4, 27))
    assert caught.value.code == "signing-too-early"
    own = tmp_path / "own.yaml"
    own.write_text(
        "jurisdiction: own\nextends: beijing\ntitle: {zh: 区, en: Own}\nchecked: 2026-11-01\nparameters:\n"
        "  surrender.has_threshold:\n    values: [{from: 2024-01-01, value: true, source: s, confidence: D}]\n",
        "utf-8",
    )
    with pytest.raises(HutongError) as caught:
        surrender_steps(load_rules("beijing", extra=own), dt.date(2021, 3, 29))
    assert caught.value.code == "surrender-threshold"


def test_a_lessee_goes_all_the_way():
    home = Surrender("d1")
    for i, event in enumerate(["apply", "assess", "offer", "offer", "sign", "choose", "hand_over"]):
        home = home.does(event, DAY + dt.timedelta(days=i), "cash" if event == "choose" else "")
    assert (home.state, home.form, len(home.log)) == ("surrendered", "cash", 7)
    assert set(surrender_forms()) == {"cash", "shared_ownership", "public_rental"}


@given(st.lists(st.sampled_from(sorted({e for m in MOVES.values() for e in m})), max_size=15))
def test_until_the_handover_everyone_can_stay(events):
    home = Surrender("d1")
    for i, event in enumerate(events):
        at = DAY + dt.timedelta(days=i)
        if event in MOVES[home.state]:
            home = home.does(event, at, "public_rental" if event == "choose" else "")
        else:
            with pytest.raises(HutongError):
                home.does(event, at)
        if home.state != "surrendered":
            assert home.state == "staying" or {"withdraw", "rescind"} & set(MOVES[home.state])
        assert (home.form != "") == (home.state in ("chosen", "surrendered"))


@pytest.mark.parametrize(
    ("event", "at", "form"),
    [
        ("apply", DAY.replace(tzinfo=None), ""),
        ("apply", DAY, "cash"),
        ("withdraw", DAY - dt.timedelta(days=1), ""),
        ("choose", DAY, "gold"),
        ("choose", DAY, ""),
    ],
)
def test_records_that_do_not_fit(event, at, form):
    state = {"withdraw": "applied", "choose": "signed"}.get(event, "staying")
    home = replace(Surrender("d1"), state=state, log=(("x", DAY),) if event != "apply" else ())
    with pytest.raises(HutongError) as caught:
        home.does(event, at, form)
    assert caught.value.code == "bad-surrender"


def test_courtyards_become_whole_by_counting(city):
    nobody = whole_courtyards(city, [])
    yards = city["buildings"].loc[city["buildings"]["form"] == "courtyard", "building_id"]
    assert set(nobody["building_id"]) <= set(yards)
    assert nobody["homes"].sum() == city["dwellings"]["building_id"].isin(yards).sum()
    # already empty: only vacant public homes
    before = set(nobody.loc[nobody["whole"], "building_id"])
    for yard in before:
        mine = city["dwellings"][city["dwellings"]["building_id"] == yard]
        assert (mine["occupancy"] == "vacant").all()
    one = nobody.loc[~nobody["whole"], "building_id"].iloc[0]
    homes = city["dwellings"][city["dwellings"]["building_id"] == one]
    after = whole_courtyards(city, homes["dwelling_id"]).set_index("building_id")
    assert bool(after.loc[one, "whole"]) is True
    assert set(after.index[after["whole"]]) == before | {one}
    assert (after.loc[one, ["public_left", "other_left"]] == 0).all()


def test_an_empty_public_home_does_not_keep_a_courtyard_apart_and_an_unknown_one_may_not(city):
    tables = {name: city[name].copy() for name in schema().tables}
    homes = tables["dwellings"]
    yard = whole_courtyards(city, [])["building_id"].iloc[0]
    rows = homes.index[homes["building_id"] == yard]
    first, rest = rows[0], homes.loc[rows[1:], "dwelling_id"]
    for tenure, occupancy, whole in (
        ("public_direct", "vacant", True),
        ("public_direct", np.nan, pd.NA),
        (np.nan, "vacant", pd.NA),
        (np.nan, "owner", False),
        ("private", "vacant", False),
    ):
        homes.loc[first, "tenure"], homes.loc[first, "occupancy"] = tenure, occupancy
        changed = City.build(city.meta, tables, city.provenance)
        found = whole_courtyards(changed, rest).set_index("building_id")["whole"][yard]
        assert found is whole or bool(found) == whole


def test_the_last_households_of_a_courtyard_are_not_shown(city):
    homes = city["dwellings"]
    yards = set(whole_courtyards(city, [])["building_id"])
    last = homes[homes["building_id"].isin(yards) & (homes["occupancy"] != "vacant")].iloc[-1]
    yard = last["building_id"]
    mine = homes.loc[homes["building_id"] == yard, "dwelling_id"]
    office = whole_courtyards(city, mine[mine != last["dwelling_id"]])
    public = courtyards_in_public(office).set_index("building_id")
    assert public.loc[yard, ["surrendered", "public_left", "other_left"]].isna().all()
    assert public["homes"].notna().all()
    shown = public["public_left"].notna()
    left = (office["public_left"] + office["other_left"]).to_numpy()[shown.to_numpy()]
    assert ((left == 0) | (left >= 5)).all()


def test_a_home_that_is_not_there_is_named(city):
    with pytest.raises(HutongError) as caught:
        whole_courtyards(city, ["nowhere"])
    assert caught.value.rows == ("nowhere",)


def test_who_stays_may_have_the_home_improved(city):
    book = lease_roll(city, np.arange(300), "all")
    gone = [book.entries[0].dwelling_id]
    table = stay_rights(city, book, gone)
    assert len(table) == len(book.entries) + len(book.held_back) - 1
    assert gone[0] not in set(table["dwelling_id"])
    own = city["dwellings"].set_index("dwelling_id")
    for name, has in (("kitchen", "own_kitchen"), ("toilet", "own_toilet")):
        assert (table[name].to_numpy(bool) == ~own.loc[table["dwelling_id"], has].to_numpy(bool)).all()
    form = city["buildings"].set_index("building_id").loc[table["building_id"], "form"]
    assert (table["courtyard"].to_numpy(bool) == (form == "courtyard").to_numpy()).all()
    assert set(improvements()) == {"kitchen", "toilet", "courtyard"}


def test_what_is_unknown_of_a_home_stays_unknown(city):
    tables = {name: city[name].copy() for name in schema().tables}
    home = lease_roll(city, np.arange(300), "all").entries[0].dwelling_id
    row = tables["dwellings"].index[tables["dwellings"]["dwelling_id"] == home][0]
    tables["dwellings"].loc[row, "own_toilet"] = pd.NA
    changed = City.build(city.meta, tables, city.provenance)
    table = stay_rights(changed, lease_roll(changed, np.arange(300), "all"), []).set_index("dwelling_id")
    assert table.loc[home, "toilet"] is pd.NA
