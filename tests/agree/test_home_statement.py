"""The page of a home: every line rests on something or says whom to ask, and nobody else can be made out."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree import home_choices, home_money, home_papers, homes_on_offer
from hutong.agree.home_facts import HomeFacts, area_part, home_facts
from hutong.agree.home_renter import for_renter
from hutong.agree.home_statement import Line, Part, home_words, in_order, titles
from hutong.agree.offers import MOVES as TALK
from hutong.agree.offers import surrender_offer
from hutong.agree.surrender import MOVES
from hutong.city import City, make_quarter
from hutong.errors import HutongError
from hutong.sense.sheets import csv_bytes, xlsx_bytes
from hutong.text import Text

ASK = Text("街道", "the subdistrict")
HOME = HomeFacts(
    "d1", "public_direct", "区房管中心", "clear", "lessees", (), None, 206_700, 37_900, False, None, True,
    "2026-01-01", {"lease_cm2": "observed", "self_built_cm2": "assumed"},
)  # fmt: skip


def said(part, lang="en"):
    return [line.said.get(lang) for line in part.lines]


def test_a_line_without_a_source_or_anybody_to_ask_cannot_be_made():
    text = Text("一", "one")
    for kind, given_ in (("fact", {}), ("unknown", {"source": text}), ("rumour", {"source": text})):
        with pytest.raises(ValueError, match="one"):
            Line(text, kind, **given_)
    line = Line(text, "unknown", ask=ASK)
    part = Part("areas", (line, Line(text, "rule", text)))
    assert Part.of(part.plain()) == part
    joined = in_order("d", [Part("when", (line,)), part, Part("when", (line,)), Part("money", ())])
    assert [(p.id, len(p.lines)) for p in joined.parts] == [("areas", 2), ("when", 2)]


def test_areas_by_hand():
    part = area_part(HOME)
    assert said(part) == [
        "Leased area: 20.67 m².",
        "Built on: 3.79 m². It counts for no vote and no signing; whether it is paid for, the project's announcement says.",
        "What counts is 20.67 m².",
    ]
    assert [line.kind for line in part.lines] == ["fact", "assumed", "rule"]
    nothing = HomeFacts(**{**HOME.plain(), "gaps": (), "lease_cm2": None, "self_built_cm2": None})
    unknown = area_part(nothing)
    assert [line.kind for line in unknown.lines] == ["unknown", "unknown"]
    assert "registry" in unknown.lines[0].ask.en
    owner = HomeFacts(
        **{**HOME.plain(), "gaps": (), "roll": "owners", "deed_cm2": 452_000, "lease_cm2": None}
    )
    assert said(area_part(owner), "zh")[-1] == "算数的是 45.20 ㎡。"


def test_every_home_of_a_quarter_has_a_page_and_every_line_of_it_is_in_both_languages():
    city = make_quarter(dwellings=300, seed=1)
    found = list(home_facts(city))
    assert [f.dwelling_id for f in found] == city["dwellings"]["dwelling_id"].tolist()
    assert {f.roll for f in found} == {"owners", "lessees"}
    for f in found:
        assert HomeFacts.of(f.plain()) == f
        parts = [
            area_part(f),
            home_papers.paper_part(f),
            home_papers.acting_part(f),
            home_choices.staying_part(f, ASK),
        ]
        for line in (x for p in parts for x in p.lines):
            assert line.said.zh
            assert line.said.en
    gone = next(f for f in found if "successor_unnamed" in f.gaps)
    papers = home_papers.paper_part(gone).lines[0]
    assert "application to change the lessee" in papers.said.en
    assert "managing unit" in papers.ask.en


def test_money_is_the_offer_line_by_line_or_the_formula_and_whom_to_ask():
    offer = surrender_offer("d1", 206_700, 90_000, 2_000, Fraction(7, 10), {"签约": 100_000})
    project = Text("示例院", "the example courtyard")
    part = home_money.money_part(offer, project, dt.date(2026, 5, 4), ASK)
    # 20.67 × 90,000 = 1,860,300; 20.67 × 2,000 × 0.7 = 28,938; + 100,000 = 1,931,362
    assert said(part)[-1] == "Total: ¥1,931,362 (about ¥1.93m)"
    assert {line.source.en for line in part.lines} == {"the example courtyard, offer of 4 May 2026"}
    none = home_money.money_part(None, project, None, ASK)
    assert [line.kind for line in none.lines] == ["rule", "unknown"]
    assert none.lines[1].ask == ASK


def offers(totals, tenure="public_direct"):
    return pd.DataFrame(
        {"dwelling_id": [f"d{i}" for i in range(len(totals))], "total_yuan": totals, "area_cm2": 100_000, "tenure": tenure}
    )  # fmt: skip


def test_like_households_are_shown_from_five_others_on_and_rounded():
    alike = pd.Series({"tenure": "public_direct"})
    like = ["tenure"]
    six = offers([1_000_000, 900_040, 900_030, 900_020, 900_010, 2_000_000])
    found = home_money.among_likes(six, "d0", alike, like)
    assert (found.households, found.median_yuan_m2) == (5, 90_000)
    assert found.difference == pytest.approx(1 / 9)
    assert "11% above" in said(home_money.likes_part(found, ASK))[1]
    assert home_money.among_likes(six.iloc[:5], "d0", alike, like) is None  # four others
    assert home_money.among_likes(six, "none", alike, like).difference is None
    assert home_money.among_likes(six, "d0", pd.Series({"tenure": "central"}), like) is None
    few = home_money.likes_part(None, ASK)
    assert few.lines[0].kind == "unknown"
    with pytest.raises(HutongError, match="lack columns"):
        home_money.among_likes(six.drop(columns="tenure"), "d0", alike, like)


@given(st.lists(st.integers(500_000, 2_000_000), min_size=0, max_size=12), st.integers(0, 11))
def test_no_group_of_under_five_is_ever_told(totals, mine):
    found = home_money.among_likes(
        offers(totals), f"d{mine}", pd.Series({"tenure": "public_direct"}), ["tenure"]
    )
    others = len(totals) - (mine < len(totals))
    assert (found is None) == (others < 5)
    if found is not None:
        assert found.median_yuan_m2 % 100 == 0
        assert (
            abs(found.median_yuan_m2 - np.median([t / 10 for i, t in enumerate(totals) if i != mine])) <= 50
        )


def test_what_can_be_chosen_follows_the_tables_of_states():
    for state in MOVES:
        for talk in TALK:
            part = home_choices.choice_part(state, talk)
            assert part.lines
            assert all(line.kind == "rule" for line in part.lines)
    staying = said(home_choices.choice_part("staying", "none"))
    assert staying[0].startswith("Do not apply: you stay")
    assert staying[1].startswith("Apply")
    assert len(staying) == 2
    offered = " ".join(said(home_choices.choice_part("offered", "offered")))
    for word in ("Accept", "another sum", "Decline", "Withdraw"):
        assert word in offered
    assert "Sign," not in offered
    assert "Sign," in " ".join(said(home_choices.choice_part("offered", "agreed")))
    assert "Take the signature back" in " ".join(said(home_choices.choice_part("signed", "agreed")))


def test_homes_on_offer_are_read_and_ordered_by_distance(tmp_path):
    # one degree of latitude on the sphere of 6,371,008.8 m is 111,195 m
    assert homes_on_offer.metres_between(116, 39, 116, 40) == pytest.approx(111_195.1, abs=0.1)
    far = homes_on_offer.HomeOnOffer(
        Text("远村", "Far"), "public_rental", 45, 20, None, None, 1800, 116.4, 40.4, None, "公告"
    )
    near = homes_on_offer.HomeOnOffer(Text("近村", "Near"), "shared_ownership", 60, 8, 900_000, 50, None, 116.4, 39.95, dt.date(2026, 12, 31), "公告")  # fmt: skip
    sheet = homes_on_offer.homes_form([far, near])
    for name, data in (("a.csv", csv_bytes(sheet)), ("a.xlsx", xlsx_bytes([sheet], ()))):
        (tmp_path / name).write_bytes(data)
        assert homes_on_offer.read_homes_on_offer(tmp_path / name) == [far, near]
    day = dt.date(2026, 11, 1)
    part = homes_on_offer.homes_part([far, near], (116.4, 39.9), day, ASK)
    assert said(part)[0] == "Near: shared-ownership home, 60 m², you pay ¥900k for 50%, 5.6 km from here in a straight line; 8 homes, to be chosen by 31 Dec 2026."  # fmt: skip
    assert said(part)[1].startswith("Far: public rental home, 45 m², ¥1,800 a month, 55.6 km")
    assert said(homes_on_offer.homes_part([near], None, day, ASK))[0].count("distance unknown") == 1
    assert homes_on_offer.homes_part([near], None, dt.date(2027, 1, 1), ASK).lines[0].kind == "unknown"


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("form", "tent", "row 4, form: 'tent'"), ("area_m2", "nan", "row 4, area_m2"), ("homes", "0", "row 4, homes"),
        ("rent_yuan_month", "", "row 4, rent_yuan_month"), ("lat", "139", "row 4, lat"), ("until", "31/12", "row 4, until"),
        ("source", "", "row 4, source"),
    ],
)  # fmt: skip
def test_a_form_of_homes_that_is_wrong_names_row_and_column(tmp_path, column, value, fault):
    good = {"name": "村", "name_en": "", "form": "public_rental", "area_m2": "45", "homes": "2", "price_yuan": "", "share_percent": "", "rent_yuan_month": "1800", "lon": "116", "lat": "39", "until": "", "source": "公告"}  # fmt: skip
    row = {**good, "name": "村里", column: value}
    lines = [",".join(good), *[",".join(good)] * 2, ",".join(row.values())]
    (tmp_path / "f.csv").write_text("\n".join(lines), "utf-8")
    with pytest.raises(HutongError) as caught:
        homes_on_offer.read_homes_on_offer(tmp_path / "f.csv")
    assert any(d.startswith(fault) for d in caught.value.rows)


def test_when_and_meanwhile_say_what_nobody_has_set():
    from hutong.agree.surrender import surrender_steps
    from hutong.rules import load_rules

    steps = surrender_steps(load_rules("beijing", dt.date(2026, 5, 1)), dt.date(2026, 5, 1))
    part = home_choices.when_part(steps, Text("示例院", "the example"), ASK)
    assert [line.kind for line in part.lines] == ["offer", "offer", "unknown"]
    assert "Briefing: 1 May 2026 to" in said(part)[0]
    assert home_choices.meanwhile_part(ASK).lines[1].ask == ASK
    assert set(titles()) >= {"meanwhile", "acting", "refusal"}


def test_without_a_register_of_titles_a_home_is_unknown_not_without_title():
    city = make_quarter(dwellings=300, seed=2)
    bare = City.build(city.meta, {**city.tables, "titles": city["titles"].iloc[:0]}, {})
    told = [home_papers.paper_part(f).lines[0] for f in home_facts(bare)]
    assert all(f.state == "" and "no_title" not in f.gaps for f in home_facts(bare))
    assert {line.kind for line in told} == {"unknown"}
    assert "nothing is on record here, and the papers decide" in told[0].said.en
    some = City.build(city.meta, {**city.tables, "titles": city["titles"].iloc[:30]}, {})
    assert any("no_title" in f.gaps for f in home_facts(some))


def test_who_rents_from_an_owner_is_told_what_is_theirs_and_not_the_owners():
    sums = Part("money", (Line(Text("约一万元", "About ¥10,000 once"), "assumed", ASK),))
    works = Part("changes", (Line(Text("加装电梯", "A lift"), "offer", ASK),))
    vote = Part("choices", (Line(Text("您可以赞成", "vote for"), "rule", ASK),))
    told = in_order("d1", for_renter([sums, works, vote], ASK))
    assert [p.id for p in told.parts] == ["changes", "money", "papers", "meanwhile", "choices", "refusal"]
    words = " ".join(line.said.en for p in told.parts for line in p.lines)
    assert "10,000" not in words
    assert "vote for" not in words
    assert "A lift" in words
    assert "who rents has no vote" in words
    assert [line.kind for line in told.part("meanwhile").lines] == ["unknown"]


def test_every_source_stands_by_itself():
    """The page lists sources once, with numbers: one that points to the line above would point nowhere."""

    def sources(said):
        inside = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
        own = [Text.of(said["source"])] if isinstance(said, dict) and "source" in said else []
        return own + [t for part in inside for t in sources(part)]

    told = sources(home_words())
    assert len(told) > 6
    assert not [t for t in told if "同上" in t.zh or "above" in t.en]
