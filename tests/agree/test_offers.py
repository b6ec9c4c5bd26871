"""Offers that add up, and negotiations in which nothing is overwritten."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree.offers import MOVES, Negotiation, Offer, compare_offers, half_up, surrender_offer
from hutong.errors import HutongError

DAY = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
# fictional prices
OFFER = surrender_offer("d1", 184_500, 100_000, 3_000, Fraction(60, 100), {"签约奖励": 50_000})
BETTER = surrender_offer("d1", 184_500, 100_000, 3_000, Fraction(60, 100), {"签约奖励": 80_000})


def test_a_worked_offer():
    # 18.45 m² × 100,000 − 18.45 × 3,000 × 0.6 + 50,000
    assert [x.amount_yuan for x in OFFER.lines] == [1_845_000, -33_210, 50_000]
    assert OFFER.total_yuan == 1_861_790
    shown = OFFER.show()
    assert shown[0].zh == "房屋市场价值：18.45 m² × 100,000 元/m² = 1,845,000 元"
    assert shown[1].en.startswith("Less: replacement value")
    assert "60%" in shown[1].zh
    assert shown[-1].en == "Total: ¥1,861,790 (about ¥1.86m)"
    assert OFFER.form == "cash"


@given(
    st.integers(1, 10**7),
    st.integers(0, 200_000),
    st.integers(0, 10_000),
    st.fractions(0, 1),
    st.integers(0, 10**6),
)
def test_lines_are_within_half_a_yuan_and_the_total_is_their_sum(area, market, replacement, newness, award):
    offer = surrender_offer("d", area, market, replacement, newness, {"a": award})
    exact = [
        Fraction(area, 10_000) * market,
        -Fraction(area, 10_000) * replacement * newness,
        Fraction(award),
    ]
    for line, true in zip(offer.lines, exact, strict=True):
        assert abs(line.amount_yuan - true) <= Fraction(1, 2)
    assert offer.total_yuan == sum(x.amount_yuan for x in offer.lines)


@given(st.fractions(-100, 100))
def test_halves_go_away_from_zero(value):
    assert abs(half_up(value) - value) <= Fraction(1, 2)
    assert half_up(-value) == -half_up(value)
    assert half_up(Fraction(5, 2)) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"area_cm2": 0},
        {"area_cm2": 18.45},
        {"market_yuan_m2": -1},
        {"newness": 0.6},
        {"newness": Fraction(3, 2)},
        {"awards_yuan": {"x": 1.5}},
    ],
)
def test_figures_that_do_not_fit_are_named(wrong):
    args = {"area_cm2": 5, "market_yuan_m2": 5, "replacement_yuan_m2": 5, "newness": Fraction(1, 2)} | wrong
    with pytest.raises(HutongError) as caught:
        surrender_offer("d1", **args)
    assert caught.value.code == "bad-offer"
    assert caught.value.rows


def turn(
    n: Negotiation, event: str, by: str, day: int, offer: Offer | None = None, reason: str = ""
) -> Negotiation:
    return n.does(event, by, DAY + dt.timedelta(days=day), offer, reason)


def test_versions_counter_offers_and_mediation():
    n = turn(Negotiation("d1"), "offer", "maker", 0, OFFER)
    n = turn(n, "counter", "holder", 1, BETTER, "与邻户同等")
    assert n.on_the_table == BETTER
    n = turn(n, "mediate", "maker", 2)
    n = turn(n, "settle", "mediator", 3, BETTER, "双方认可")
    assert n.state == "agreed"
    assert n.on_the_table == BETTER
    assert [r.version for r in n.rounds] == [1, 2, 3, 4]
    assert n.rounds[0].offer == OFFER
    assert compare_offers(OFFER, BETTER) == (("award.签约奖励", 30_000),)
    assert compare_offers(OFFER, OFFER) == ()
    assert Negotiation("d1").on_the_table is None


def test_the_holder_can_always_decline_and_talk_again():
    for state, moves in MOVES.items():
        if state not in ("none", "agreed", "declined"):
            assert moves["decline"] == "declined"
    n = turn(turn(Negotiation("d1"), "offer", "maker", 0, OFFER), "decline", "holder", 1, reason="不愿搬离")
    assert n.state == "declined"
    assert turn(n, "offer", "maker", 9, BETTER, "奖励调整").state == "offered"
    assert turn(n, "mediate", "holder", 9).state == "mediation"
    taken = turn(
        turn(turn(Negotiation("d1"), "offer", "maker", 0, OFFER), "counter", "holder", 1, BETTER, "r"),
        "take_counter",
        "maker",
        2,
    )
    assert taken.state == "agreed"
    failed = turn(turn(n, "mediate", "holder", 9), "fail", "mediator", 10)
    assert failed.state == "declined"


OFFERED = turn(Negotiation("d1"), "offer", "maker", 1, OFFER)


@pytest.mark.parametrize(
    ("event", "by", "day", "offer", "reason"),
    [
        ("accept", "maker", 2, None, ""),
        ("decline", "maker", 2, None, ""),
        ("counter", "maker", 2, BETTER, "r"),
        ("accept", "holder", 0, None, ""),
        ("counter", "holder", 2, None, "r"),
        ("accept", "holder", 2, BETTER, ""),
        ("counter", "holder", 2, BETTER, " "),
        ("counter", "holder", 2, surrender_offer("d2", 5, 5, 5, Fraction(1)), "r"),
    ],
)
def test_turns_that_do_not_fit(event, by, day, offer, reason):
    with pytest.raises(HutongError) as caught:
        turn(OFFERED, event, by, day, offer, reason)
    assert caught.value.code == "bad-round"


def test_nothing_after_agreement():
    agreed = turn(OFFERED, "accept", "holder", 2)
    with pytest.raises(HutongError) as caught:
        turn(agreed, "offer", "maker", 3, BETTER, "r")
    assert caught.value.code == "not-now"
    with pytest.raises(HutongError):
        turn(turn(OFFERED, "counter", "holder", 2, BETTER, "r"), "mediate", "mediator", 3)
