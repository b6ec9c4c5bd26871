"""The cap on floor area with what eases it, and shares of use: each equals brute force on a few buildings of a quarter.

What is chosen is then judged by the rules (``check_scheme``), which know nothing of the optimiser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given

from hutong.errors import HutongError
from hutong.plan import Study
from hutong.plan.optimise import Answer, optimise
from hutong.plan.question import Question
from hutong.rules import Justification, Rules, load_rules
from hutong.text import Text

from .conftest import Quarter
from .test_families import FEW, SEEDS, Pick, picks

#: What is demolished is made up, so limits that are measured by it are passed with a reason.
REASONS = tuple(
    Justification(rule, Text("算例", "an example"))
    for rule in ("unit.new_to_demolished_max", "unit.demolition_share_max")
)
CASES = 3  # buildings, each with two options


@dataclass(frozen=True)
class Case:
    """A few options of a quarter: the study, the floor that each adds, its gain, its object and its unit's place."""

    study: Study
    added: np.ndarray
    gain: np.ndarray
    group: np.ndarray
    place: np.ndarray  # (options,) id of the estate or block

    def optimum(self, question: Question, allowed: Callable[[Pick], bool]) -> Answer | None:
        """Return the answer, held equal to the best of all picks that are allowed; None where none is."""
        best = max(
            (float(self.gain[list(p)].sum()) for p in picks(self.group) if allowed(p)), default=-np.inf
        )
        question = replace(question, goals=False, reasons=REASONS, gap=0.0)
        if not np.isfinite(best):
            with pytest.raises(HutongError) as caught:
                optimise(self.study, question)
            assert caught.value.code == "infeasible"
            return None
        answer = optimise(self.study, question)
        assert answer.scheme.certificate.objective == pytest.approx(best, abs=1e-5)
        chosen = tuple(np.flatnonzero(answer.solution.x[: self.gain.size] > 0.5).tolist())
        assert allowed(chosen)
        assert answer.report.violations == ()
        assert answer.report.unchecked == ()
        return answer


@pytest.fixture(scope="module")
def whole(quarter: Quarter) -> Study:
    return Study.of(quarter.city, quarter.check, quarter.rules)


def with_rules(rules: Rules, **values: float | bool) -> Rules:
    """Return rules with other values; names with __ for the dots."""
    changed = {k.replace("__", "."): v for k, v in values.items()}
    return replace(
        rules,
        parameters={k: replace(p, value=changed.get(k, p.value)) for k, p in rules.parameters.items()},
    )


def make(whole: Study, random: np.random.Generator, most: float, **rules: float | bool) -> Case:
    """Return two options each of a few buildings, without money or people; each adds or gives up to ``most`` m² of floor."""
    desk, options = whole.desk, whole.desk.options
    objects = options.objects
    free = (objects["old_city"] == 0) & (objects["protected"] == 0)
    ready = [int(b) for b in objects.members if free[b] and (options.object == b).sum() >= 2]
    own = np.sort(random.choice(ready, CASES, replace=False))
    rows = np.concatenate([random.choice(np.flatnonzero(options.object == b), 2, replace=False) for b in own])
    rows = np.sort(rows)
    cut, n = options.keep(rows, {}), rows.size
    added = np.round(random.uniform(-0.4, 1.0, n) * most)
    added = np.maximum(added, -np.floor(cut.floor_before))
    bare = replace(
        cut,
        amounts=np.zeros_like(cut.amounts),
        floor_after=cut.floor_before + added,
        demolished=np.maximum(-added, 0.0),
        leaving=np.zeros(n),
        rehoused=np.zeros(n),
        spare_floor=np.zeros(n),
        answer=replace(cut.answer, net_yuan=np.zeros_like(cut.answer.net_yuan)),
    )
    share = random.uniform(0.05, 1.0, (n, 4))
    law = with_rules(desk.unit.rules, far__above_cap_allowed=True, **rules)
    unit = replace(
        desk.unit,
        options=bare,
        rules=law,
        needs=replace(desk.unit.needs, share=desk.unit.needs.share[:, rows]),
    )
    benefits = replace(desk.benefits, raw=desk.benefits.raw[rows], share=share)
    study = Study(replace(desk, unit=unit, benefits=benefits), (), np.empty(0))
    group = np.unique(cut.object, return_inverse=True)[1]
    place = np.array([objects.ids[e] for e in objects.estate[cut.object]])
    return Case(study, added, share @ benefits.weights, group, place)


def existing(quarter: Quarter) -> float:
    return float(quarter.city["buildings"]["floor_area_m2"].sum())


@FEW
@given(seed=SEEDS)
def test_a_bonus_widens_the_cap(quarter: Quarter, whole: Study, seed: int) -> None:
    random = np.random.default_rng(seed)
    reduction, bonus = float(random.choice([0.0, 0.02])), float(random.choice([0.0, 0.01, 0.05]))
    case = make(whole, random, 1500.0, far__bonus_max=0.05, unit__floor_reduction_min=reduction)
    cap = existing(quarter) * (1 - reduction) * (1 + bonus)

    def allowed(pick: Pick) -> bool:
        return existing(quarter) + sum(case.added[i] for i in pick) <= cap + 1e-6

    case.optimum(Question(bonus=bonus), allowed)


@FEW
@given(seed=SEEDS)
def test_added_stairs_do_not_count(quarter: Quarter, whole: Study, seed: int) -> None:
    random = np.random.default_rng(seed)
    share = float(random.choice([0.0, 0.1, 0.3, 1.0]))
    case = make(whole, random, 900.0)

    def allowed(pick: Pick) -> bool:
        return sum(min(case.added[i], (1 - share) * case.added[i]) for i in pick) <= 1e-6

    answer = case.optimum(Question(uncounted_share=share), allowed)
    assert answer is not None


@FEW
@given(seed=SEEDS)
def test_units_share_one_quota_of_the_citys_reserve(quarter: Quarter, whole: Study, seed: int) -> None:
    random = np.random.default_rng(seed)
    quota = float(random.choice([0.0, 200.0, 700.0, 2000.0]))
    case = make(whole, random, 900.0)
    objects = case.study.desk.options.objects
    known = sorted({objects.ids[e] for e in objects.estate})
    count = int(random.integers(1, 4))
    unit = {p: f"u{int(random.integers(0, count))}" for p in known}

    def allowed(pick: Pick) -> bool:
        grown = {u: sum(case.added[i] for i in pick if unit[case.place[i]] == u) for u in set(unit.values())}
        return sum(max(g, 0.0) for g in grown.values()) <= quota + 1e-6

    answer = case.optimum(Question(reserve_m2=quota, units=unit), allowed)
    assert answer is not None
    table = answer.units
    grown = table["floor_after_m2"] - table["floor_before_m2"]
    assert table["reserve_m2"].to_numpy() == pytest.approx(np.maximum(grown, 0.0), abs=1e-4)
    assert table["reserve_m2"].sum() <= quota + 1e-4


def test_what_the_rules_do_not_open_is_not_asked() -> None:
    for question in (Question(reserve_m2=100.0), Question(uncounted_share=0.1)):
        assert question.checked(load_rules("beijing")) == question
        with pytest.raises(HutongError) as caught:
            question.checked(load_rules("national"))
        assert caught.value.code == "bad-question"
        assert "national" in caught.value.render("en")


def of_use(case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each use with the floor that an option gives it, from its measures."""
    o = case.study.desk.options
    space = np.array([m.space_m2 for m in o.measures])
    takes = np.array([m.takes_rest for m in o.measures])
    yield "service", np.array([(o.quantity[i] * space).sum() for i in range(len(o))])
    yield "let", np.array([o.quantity[i, takes].sum() for i in range(len(o))])


@FEW
@given(seed=SEEDS)
def test_shares_of_use_lie_between_their_limits(quarter: Quarter, whole: Study, seed: int) -> None:
    """Rooms are made up: every option gives some floor to services and lets some."""
    random = np.random.default_rng(seed)
    case = make(whole, random, 0.0)
    desk = case.study.desk
    options, names = desk.options, [m.id for m in desk.options.measures]
    quantity = np.zeros_like(options.quantity)
    quantity[:, names.index("elderly_station")] = random.integers(0, 3, len(options))
    quantity[:, names.index("reuse_idle")] = random.integers(0, 400, len(options))
    made = replace(options, quantity=quantity)
    case = replace(case, study=replace(case.study, desk=replace(desk, unit=replace(desk.unit, options=made))))
    halves = {
        p: str(random.choice(["east", "west"]))
        for p in sorted({options.objects.ids[e] for e in options.objects.estate})
    }
    units = halves if random.random() < 0.5 and len(set(halves.values())) == 2 else {}
    floor = floor_of(quarter, units)
    mix = {}
    for use, _ in of_use(case):
        least = float(random.choice([0.0, 0.002, 0.01]))
        mix[use] = (least, least + float(random.choice([0.0, 0.005, 0.02])))

    def allowed(pick: Pick) -> bool:
        for unit, size in floor.items():
            own = [i for i in pick if not units or units[case.place[i]] == unit]
            for use, given_ in of_use(case):
                least, most = mix[use]
                if not least * size - 1e-6 <= given_[own].sum() <= most * size + 1e-6:
                    return False
        return True

    case.optimum(Question(mix=mix, units=units), allowed)


def floor_of(quarter: Quarter, units: dict[str, str]) -> dict[str, float]:
    """Return the existing floor area of each unit, from the tables of the city."""
    if not units:
        return {"": existing(quarter)}
    plots = quarter.city["plots"].set_index("plot_id")
    place = plots["estate_id"].fillna(plots["block_id"])
    of = quarter.city["buildings"]["plot_id"].map(place).map(units)
    sizes = quarter.city["buildings"]["floor_area_m2"].groupby(of).sum()
    return {u: float(sizes.get(u, 0.0)) for u in set(units.values())}
