"""Questions answered on a quarter: what was asked holds when checked afterwards by what knows nothing of the solver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan import BENEFITS, Study, irr, party_years
from hutong.plan.flows import Flow
from hutong.plan.money import BUILDING, before_loan
from hutong.plan.optimise import Answer, optimise
from hutong.plan.phasing import Phases
from hutong.plan.question import Question, with_band
from hutong.plan.shadow import band_steps, money_steps, shadow_prices, what_if, year_steps
from hutong.rules import Justification
from hutong.text import Text

from .conftest import Quarter

BUDGET = {"city": 4e7, "district": 4.2e7}
GAP = 5e-3


@pytest.fixture(scope="module")
def study(quarter: Quarter) -> Study:
    return Study.of(quarter.city, quarter.check, quarter.rules)


def places(study: Study) -> list[str]:
    objects = study.desk.options.objects
    return sorted({objects.ids[i] for i in objects.estate})


def halves(study: Study) -> dict[str, str]:
    return {p: "west" if i % 2 else "east" for i, p in enumerate(places(study))}


def check(answer: Answer, budget: dict[str, float] | None = None) -> None:
    """Assert what must hold of every scheme."""
    scheme = answer.scheme
    assert answer.report.violations == ()
    assert not scheme.choices["object_id"].duplicated().any()
    assert scheme.certificate.bound >= scheme.certificate.objective - 1e-9
    assert (party_years(scheme.flows).sum(axis=0).abs() < 1e-6).all()
    build = scheme.flows[scheme.flows["line"].isin(BUILDING)].groupby("payer")["yuan"].sum()
    for payer, limit in (budget or {}).items():
        assert build.get(payer, 0.0) <= limit + 1
    operator = party_years(before_loan(scheme.flows)).loc["operator"].to_numpy()
    if (operator < 0).any():
        found = irr(operator)
        if found.flag == "unique":
            assert scheme.terms["return_low"] - 1e-5 <= found.rate <= scheme.terms["return_high"] + 1e-5
    for kind in set(answer.moved["kind"]):
        part = answer.moved[answer.moved["kind"] == kind]
        into = part.loc[part["taker"] == "*", "amount"].sum()
        out = part.loc[part["giver"] == "*", "amount"].sum()
        assert into == pytest.approx(out, abs=1e-3)


QUESTIONS = {
    "benefit": Question(budget=BUDGET),
    "money": Question(mode="money"),
    "least": Question(mode="money", goals=False, least={"weighted": 0.4, "cultural": 0.2}),
    "years": Question(budget=BUDGET, years=(15,)),
    "band": Question(budget=BUDGET, low=0.055, high=0.075),
    "owner_unit": Question(budget={**BUDGET, "owner_unit": 3e6, "operator": 5e6}),
    "mix": Question(budget=BUDGET, mix={"service": (0.0, 0.005), "let": (0.003, 0.008)}, goals=False),
}


def shares_of_use(study: Study, answer: Answer) -> dict[str, float]:
    """Return the floor of services, and of idle rooms let, per existing floor area, from the choices alone."""
    measures = {m.id: m for m in study.desk.options.measures}
    objects, choices = study.desk.options.objects, answer.scheme.choices
    done = [
        (objects.row_of_id[o], measures[m])
        for o, package in zip(choices["object_id"], choices["package"], strict=True)
        for m in package.split("+")
    ]
    let = sum(
        objects["idle_m2"][at] - sum(o.space_m2 for b, o in done if b == at) for at, m in done if m.takes_rest
    )
    floor = study.desk.city["buildings"]["floor_area_m2"].sum()
    return {"service": sum(m.space_m2 for _, m in done) / floor, "let": float(let) / floor}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_asked_holds_afterwards(study: Study, name: str) -> None:
    question = replace(QUESTIONS[name], gap=max(GAP, QUESTIONS[name].gap))
    answer = optimise(study, question)
    check(answer, dict(question.budget))
    totals = answer.scheme.totals
    for benefit in BENEFITS:
        assert totals[f"benefit_{benefit}"] >= question.least.get(benefit, 0.0) - 1e-6
    if name == "years":
        assert totals["concession_years"] == 15
    if name == "band":
        assert (answer.scheme.terms["return_low"], answer.scheme.terms["return_high"]) == (0.055, 0.075)
    if name == "mix":
        without = shares_of_use(study, optimise(study, replace(question, mix={})))
        for use, share in shares_of_use(study, answer).items():
            least, most = question.mix[use]
            assert least - 1e-9 <= share <= most + 1e-9, use
            assert not least <= without[use] <= most, use  # so the shares asked for are what keeps it


def test_more_money_or_fewer_demands_never_lower_the_optimum(study: Study) -> None:
    def value(question: Question) -> tuple[float, float]:
        proof = optimise(study, replace(question, gap=1e-3)).scheme.certificate
        return proof.objective, proof.bound

    base = Question(mode="money", least={"weighted": 0.5}, goals=False)
    floor, _ = value(base)
    eased = {
        "less is asked": replace(base, least={"weighted": 0.45}),
        "a limit in principle is passed": replace(
            base, reasons=(Justification("unit.local_rehousing_min", Text("自愿外迁", "they wish to move")),)
        ),
        "the band is wider": replace(base, low=0.05, high=0.09),
        "floor may be drawn from the reserve": replace(base, reserve_m2=500.0),
    }
    for name, question in eased.items():
        assert value(question)[1] >= floor - 1e-9, name


def test_works_over_years_keep_yearly_money_and_room(study: Study) -> None:
    yearly, room = 1.4e7, 60.0
    question = Question(mode="money", phases=Phases(4, {"city": yearly, "district": yearly}, room), gap=GAP)
    answer = optimise(study, question)
    check(answer)
    flows = answer.scheme.flows
    build = flows[flows["line"].isin(BUILDING)].groupby(["payer", "year"])["yuan"].sum()
    for payer in ("city", "district"):
        assert build[payer].max() <= yearly + 1
    assert set(answer.starts.values()) <= set(range(4))
    assert len(set(answer.starts.values())) > 1
    choices = answer.scheme.choices
    away = dict.fromkeys(range(6), 0.0)
    for row in choices.itertuples():
        if "rebuild_in_place" in row.package:
            for year in range(answer.starts[row.object_id], answer.starts[row.object_id] + 2):
                away[year] += row.dwellings
    assert max(away.values()) <= room + 1e-6


def test_units_balance_alone_or_with_support(study: Study) -> None:
    alone = Question(budget=BUDGET, units=halves(study), balance="unit", goals=False, gap=GAP)
    support = (Flow("east", "west", 2e5, "片区平衡协议"), Flow("west", "east", 2e5, "片区平衡协议"))
    answers = [optimise(study, q) for q in (alone, replace(alone, support=support))]
    for answer in answers:
        check(answer, BUDGET)
        for row in answer.units.itertuples():
            if np.isfinite(row.operator_irr):
                assert 0.06 - 1e-4 <= row.operator_irr <= 0.08 + 1e-4
    assert answers[1].units["support_yuan_per_year"].sum() == pytest.approx(0.0, abs=1e-3)
    first, second = (a.scheme.certificate for a in answers)
    assert second.bound >= first.objective - 1e-9


def test_floor_area_moves_to_the_plot_that_lacks_it(quarter: Quarter, study: Study) -> None:
    """What makes a full plot denser is left out, unless floor area is moved there from a plot that has room."""
    bonus = replace(quarter.rules["far.bonus_max"], value=0.1)
    rules = replace(quarter.rules, parameters={**quarter.rules.parameters, "far.bonus_max": bonus})
    reason = Justification("unit.new_to_demolished_max", Text("不拆除", "nothing is demolished"))
    question = Question(budget=BUDGET, gap=GAP, bonus=0.1, goals=False, reasons=(reason,))
    city, options = quarter.city, study.desk.options
    plots = city["plots"]["plot_id"].astype(str).to_numpy()
    at = city.positions("buildings", "plot_id")
    standing = np.bincount(at, city["buildings"]["floor_area_m2"].fillna(0).to_numpy(float), len(plots))
    spare = (
        np.nan_to_num(city["plots"]["far_cap"].to_numpy(float)) * city["plots"].geometry.area.to_numpy()
        - standing
    )
    base = optimise(study, replace(question, bonus=0.0))
    member = {options.objects.ids[i]: i for i in options.objects.members}
    rows = [member[o] for o in base.scheme.choices["object_id"] if o in member]
    row = min(rows, key=lambda r: spare[at[options.objects.building[r]]])
    taker, room = plots[at[options.objects.building[row]]], max(spare[at[options.objects.building[row]]], 0.0)
    giver, added = plots[np.argmax(spare)], room + 100.0
    larger = replace(options, floor_after=options.floor_after + added * (options.object == row))
    desk = replace(study.desk, unit=replace(study.desk.unit, options=larger, rules=rules))
    denser = replace(study, desk=desk)
    full = optimise(denser, question)
    check(full)
    assert options.objects.ids[row] not in set(full.scheme.choices["object_id"])
    moved = optimise(denser, replace(question, plot_flows=(Flow(str(giver), str(taker), 120.0, "批复"),)))
    check(moved)
    assert options.objects.ids[row] in set(moved.scheme.choices["object_id"])
    assert moved.moved["amount"].iloc[0] >= 100.0 - 1e-3
    assert moved.scheme.certificate.bound >= full.scheme.certificate.objective - 1e-9


@pytest.mark.slow
def test_years_are_chosen(study: Study) -> None:
    answers = [optimise(study, Question(budget=BUDGET, years=y, gap=1e-3)) for y in ((12,), (20,), (12, 20))]
    for answer in answers:
        check(answer, BUDGET)
    first, second, either = (a.scheme.certificate for a in answers)
    assert either.bound >= max(first.objective, second.objective) - 1e-4
    assert either.objective <= max(first.bound, second.bound) + 1e-4


def test_an_instrument_taken_away_is_not_used(study: Study) -> None:
    without = optimise(study, Question(budget=BUDGET, off=frozenset({"concession", "surrender"}), gap=GAP))
    check(without, BUDGET)
    assert without.scheme.totals["operator_yuan"] == 0
    assert not without.scheme.choices["package"].str.contains("lease_surrender").any()
    free = optimise(study, Question(budget=BUDGET, off=frozenset({"owners_share"}), gap=GAP))
    assert free.scheme.totals["owner_yuan"] == 0


@pytest.mark.slow
def test_prices_of_limits(study: Study) -> None:
    question = Question(budget=BUDGET)
    steps = [
        *band_steps(study, question, (-3,)),
        *year_steps(study, question, (-2,)),
        *money_steps(question)[:2],
    ]
    table = shadow_prices(study, question, steps)
    assert list(table["what"]) == ["as_asked", "band_floor", "concession", "budget.city", "budget.city"]
    less, more = table.iloc[3], table.iloc[4]
    assert less["change"] <= less["open"] * abs(0.05 * BUDGET["city"]) + 1e-9
    assert more["change"] >= -more["open"] * abs(0.05 * BUDGET["city"]) - 1e-9
    assert more["each"] == pytest.approx(more["change"] / (0.05 * BUDGET["city"]))
    off = what_if(study, question, ("surrender",))
    assert off["change"].iloc[1] <= 1e-9
    assert off["alarms"].iloc[1] <= off["alarms"].iloc[0]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question(mode="best"), "mode"),
        (Question(off=frozenset({"concesion"})), "concession"),
        (Question(budget={"province": 1.0}), "province"),
        (Question(budget={"city": -1.0}), "city"),
        (Question(least={"social": 1.5}), "social"),
        (Question(years=(99,)), "99"),
        (Question(low=0.09, high=0.08), "band"),
        (Question(bonus=0.9), "bonus"),
        (Question(mix={"shops": (0, 1)}), "shops"),
        (Question(phases=Phases(0)), "0 years"),
        (Question(phases=Phases(2, {"city": (1.0, 2.0)})), "expected 3"),
        (Question(years=(10, 20), phases=Phases(2)), "choice of years"),
        (Question(support=(Flow("a", "b", 1, "x"),)), "balance"),
    ],
)
def test_what_cannot_be_asked(study: Study, question: Question, said: str) -> None:
    with pytest.raises(HutongError) as caught:
        optimise(study, question)
    assert caught.value.code == "bad-question"
    assert said in caught.value.render("en")


def test_units_that_do_not_fit(study: Study) -> None:
    units = halves(study)
    first = next(iter(units))
    wrong = {**{k: v for k, v in units.items() if k != first}, "nowhere": "east"}
    with pytest.raises(HutongError) as caught:
        optimise(study, Question(units=wrong))
    assert caught.value.code == "bad-units"
    text = caught.value.render("en")
    assert "nowhere" in text
    assert first in text


def test_a_band_of_the_question_is_marked(quarter: Quarter) -> None:
    rules = with_band(quarter.rules, 0.05, None)
    assert rules["operator.return_low"].assumed
    assert rules.number("operator.return_low") == 0.05
    assert rules["operator.return_high"] == quarter.rules["operator.return_high"]
