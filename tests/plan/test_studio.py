"""The studio: equal to the solver's schemes, equal step by step and at once, and independent of what was offered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hutong.errors import HutongError, row_text
from hutong.plan.acceptance import added, households_of
from hutong.plan.document import Choice, SchemeDocument, document_of
from hutong.plan.finance import party_years
from hutong.plan.objects import ESTATE
from hutong.plan.options import asks_by
from hutong.plan.picks import use_of
from hutong.plan.review import Review
from hutong.plan.scheme_diff import diff_schemes
from hutong.plan.studio import Studio
from hutong.plan.why import explain_choice
from hutong.text import Text

from .conftest import Quarter

IDS = ("least_cost", "balanced", "most_benefit")
EMPTY = SchemeDocument("hand", Text("手", "hand"))


def same(a: Review, b: Review) -> None:
    """Both say the same of a scheme: every payment to the yuan, every total, every violation."""
    pd.testing.assert_frame_equal(a.scheme.flows, b.scheme.flows)
    pd.testing.assert_frame_equal(a.scheme.choices, b.scheme.choices, rtol=1e-12)
    pd.testing.assert_frame_equal(a.findings, b.findings, rtol=1e-12)
    assert a.scheme.totals == pytest.approx(b.scheme.totals, rel=1e-12, nan_ok=True)
    assert a.report == b.report
    assert [x.row for x in a.limits] == [x.row for x in b.limits]
    assert a.doubts == b.doubts


@pytest.mark.parametrize("name", IDS)
def test_a_solved_scheme_reviewed_is_the_scheme_solved(quarter: Quarter, studio: Studio, name: str) -> None:
    solved = quarter.plan.scheme(name)
    review = studio.review(document_of(solved, city="quarter", snapshot=quarter.city.meta.date))
    assert review.sound
    assert review.scheme.totals == pytest.approx(solved.totals, rel=1e-9, nan_ok=True)
    pd.testing.assert_frame_equal(review.scheme.choices, solved.choices, rtol=1e-9)
    key = ["object_id", "line", "payer", "payee", "year"]
    paid = [s.flows.set_index(key)["yuan"].sort_index() for s in (review.scheme, solved)]
    pd.testing.assert_series_equal(*paid)
    mended = review.findings["state"].value_counts().get("mended", 0)
    assert mended == solved.totals["findings_mended"]


def test_step_by_step_equals_at_once(quarter: Quarter, studio: Studio) -> None:
    """Random changes, each reviewed, against a studio that sees only the end."""
    random = np.random.default_rng(4)
    document = document_of(quarter.plan.scheme("balanced"))
    objects = studio.objects
    kinds = ("building", "courtyard", "estate")
    for _ in range(12):
        row = int(random.integers(len(objects)))
        fitting = [m for m in studio.measures if m.applies_to == kinds[objects.kind[row]] and not m.requires]
        measure = fitting[int(random.integers(len(fitting)))]
        use = use_of([measure], measure.applies_to)
        offers = [o.id for o in studio.offers if o.use == use]
        choice = Choice((measure.id,), offers[int(random.integers(len(offers)))], int(random.integers(3)))
        document = document.put(objects.ids[row], None if random.random() < 0.2 else choice)
        stepwise = studio.review(document)
        kept = studio.effects(stepwise.picks)  # of the objects that did not change, as reckoned before
    fresh = Studio(quarter.city, quarter.check, quarter.rules, studio.desk)
    same(stepwise, fresh.review(document))
    at_once = households_of(objects, studio.measures, asks_by(fresh.weighed(stepwise.picks)))
    for mine, theirs in zip(vars(added(objects, kept)).values(), vars(at_once).values(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_payments_sort_as_words_and_are_the_plain_ones(quarter: Quarter) -> None:
    """Names of payments are kept as categories; grouped or sorted they come as the words would."""
    flows = quarter.plan.scheme("balanced").flows
    words = flows.astype(dict.fromkeys(("payer", "payee", "line", "object_id"), object))
    for keys in (["payer"], ["line", "payer", "payee", "year"], ["object_id"]):
        mine, plain = (f.groupby(keys)["yuan"].sum() for f in (flows, words))
        assert [*mine.index] == [*plain.index]
        assert (mine.to_numpy() == plain.to_numpy()).all()
    pd.testing.assert_frame_equal(party_years(flows), party_years(words))


def test_an_empty_scheme_does_nothing(studio: Studio) -> None:
    review = studio.review(EMPTY)
    assert review.sound
    assert not len(review.scheme.flows)
    assert set(review.findings["state"]) == {"untouched"}


def dangerous(studio: Studio) -> int:
    """Return a row in the old city that a rebuild would demolish."""
    objects = studio.objects
    return next(
        int(r)
        for r in objects.members
        if objects["old_city"][r] == 1 and objects.kind[r] == 0 and objects["cond_structure"][r] < 4
    )


def test_the_law_is_checked_whatever_was_offered(quarter: Quarter, studio: Studio) -> None:
    """A rebuild where none is offered: old city, growth of the unit and of the plot, and no consent."""
    objects = studio.objects
    rows = [int(r) for r in objects.members if objects.kind[r] == 0]
    document = EMPTY
    for row in rows:
        document = document.put(objects.ids[row], Choice(("rebuild_in_place",), "share0"))
    review = studio.review(document)
    broken = {v.rule: v for v in review.report.violations}
    assert "unit.floor_growth_allowed" in broken
    assert "unit.demolition_share_max" in broken or "old_city.demolition_allowed" in broken
    assert all(v.source for v in broken.values())
    assert not review.lawful
    assert {d.kind for d in review.doubts} >= {"not_needed", "unlikely"}
    growing = [v for v in review.report.violations if v.rule == "far.above_cap_allowed"]
    plots = quarter.city["plots"]
    area, cap = plots.geometry.area.to_numpy(), plots["far_cap"].to_numpy(float)
    at = quarter.city.positions("buildings", "plot_id")
    floor = quarter.city["buildings"]["floor_area_m2"].to_numpy(float)
    after = np.bincount(at, weights=floor, minlength=len(plots))
    before = after.copy()
    for row in rows:
        after[at[objects.building[row]]] += 0.1 * objects["floor_area_m2"][row]
    expected = plots["plot_id"].to_numpy()[(after > cap * area * (1 + 1e-9)) & (after > before)]
    assert {v.message.zh.split()[1] for v in growing} == set(expected)


def test_a_reason_and_an_instrument_bear_on_the_check(studio: Studio) -> None:
    objects = studio.objects
    rows = [int(r) for r in objects.members if objects.kind[r] == 0]
    document = EMPTY
    for row in rows:
        document = document.put(objects.ids[row], Choice(("rebuild_same_floor",), "share0"))
    plain = studio.review(document)
    rule = "unit.demolition_share_max"
    assert rule in {v.rule for v in plain.report.violations}
    reasoned = studio.review(replace(document, justifications={rule: Text("鉴定为危楼", "certified")}))
    assert rule not in {v.rule for v in reasoned.report.violations}
    assert [v.rule for v, _ in reasoned.report.justified] == [rule]
    with pytest.raises(HutongError) as caught:
        studio.review(replace(document, far_bonus=0.9))
    assert caught.value.code == "bonus-too-high"
    long = studio.review(replace(EMPTY.put(*first_estate(studio)), terms={"concession_years": 60}))
    assert "concession.years_max" in {v.rule for v in long.report.violations}


def first_estate(studio: Studio) -> tuple[str, Choice]:
    options = studio.desk.options
    at = next(
        i for i in range(len(options)) if studio.objects.kind[options.object[i]] == ESTATE
        and options.packages[i].sum() == 1 and options.operated[i].any()
    )  # fmt: skip
    package = options.package_ids()[at]
    return studio.objects.ids[options.object[at]], Choice((package,), options.offers[options.offer[at]].id)


def test_budgets_and_households_are_limits_of_the_plan(quarter: Quarter, studio: Studio) -> None:
    document = replace(document_of(quarter.plan.scheme("most_benefit")), budget={"city": 1.0})
    review = studio.review(document)
    assert review.lawful
    assert not review.sound
    assert [b.row for b in review.limits] == ["budget.city"]
    assert review.limits[0].value > review.limits[0].limit == 1.0


def test_later_works_are_paid_later(quarter: Quarter, studio: Studio) -> None:
    document = document_of(quarter.plan.scheme("balanced"))
    moved = next(iter(document.choices))
    later = document.put(moved, replace(document.choices[moved], year=3))
    before, after = (studio.review(d).scheme for d in (document, later))
    mine = [s.flows[s.flows["object_id"] == moved].sort_values(["line", "payer", "payee", "year"]) for s in (before, after)]  # fmt: skip
    assert (mine[1]["year"].to_numpy() - mine[0]["year"].to_numpy() == 3).all()
    assert (mine[1]["yuan"].to_numpy() == mine[0]["yuan"].to_numpy()).all()
    for key in ("capital_yuan", "public_yuan", "owner_yuan"):
        assert after.totals[key] == before.totals[key]


@pytest.mark.parametrize(
    ("object_id", "choice", "said"),
    [
        ("b9", Choice(("pipes",), "share0"), "there is no object 'b9'"),
        ("", Choice(("pipe",), "share0"), "near it: pipes"),
        ("", Choice(("pipes",), "share11"), "near it: share10"),
        ("", Choice(("courtyard_pipes",), "works"), "is for a courtyard"),
        ("", Choice(("rebuild_in_place", "lift"), "share0"), "excludes lift"),
        ("", Choice(("pipes",), "money90"), "for surrender packages"),
        ("courtyard", Choice(("lease_surrender",), "money90"), "requires courtyard_restoration"),
    ],
)
def test_what_is_unknown_or_contradicts_itself_is_named(
    studio: Studio, object_id: str, choice: Choice, said: str
) -> None:
    objects = studio.objects
    kind = 1 if object_id == "courtyard" else 0
    name = next(objects.ids[r] for r in objects.members if objects.kind[r] == kind)
    with pytest.raises(HutongError) as caught:
        studio.review(EMPTY.put(object_id if object_id == "b9" else name, choice))
    assert caught.value.code == "bad-scheme"
    assert any(said in r for r in caught.value.rows), caught.value.rows
    assert (
        "hutong" not in f"{caught.value.hint.zh}{caught.value.hint.en}"
    )  # pages show it; a command is the CLI's own hint
    chinese = [row_text(r).zh for r in caught.value.rows]
    assert all("：" in zh or zh.startswith("没有") for zh in chinese), chinese
    assert not any(" is " in zh or "near" in zh for zh in chinese), chinese


def test_a_scheme_of_another_snapshot_is_refused(studio: Studio) -> None:
    with pytest.raises(HutongError) as caught:
        studio.review(replace(EMPTY, city="elsewhere"))
    assert caught.value.code == "other-city"


def test_every_object_is_explained(quarter: Quarter, studio: Studio) -> None:
    review = studio.review(document_of(quarter.plan.scheme("balanced")))
    titles = {m.id: m.title for m in studio.measures}
    kinds = set()
    for row, object_id in enumerate(studio.objects.ids):
        why = explain_choice(studio, review, object_id)
        lines = why.lines()
        assert all(t.zh and t.en for t in lines)
        choice = review.document.choices.get(object_id)
        if choice is None:
            assert "leaves it as it is" in lines[0].en
        else:
            assert all(titles[m].en in lines[0].en for m in choice.measures)
            assert "Works" in why.money.en
        kinds |= {r.kind for r in why.rejected}
        for r in why.rejected:  # the reason stands behind the title and does not repeat it
            assert not r.why.en.startswith(r.measure.title.en)
            assert not r.why.zh.startswith(r.measure.title.zh)
            assert (
                Text(
                    f"未选：{r.measure.title.zh}：{r.why.zh}", f"Not chosen: {r.measure.title.en}: {r.why.en}"
                )
                in lines
            )
        assert not {r.measure.id for r in why.rejected} & set(choice.measures if choice else ())
        assert why.name == studio.objects.titles[row]
    assert kinds >= {"open", "unlikely"}
    with pytest.raises(HutongError) as caught:
        explain_choice(studio, review, studio.objects.ids[0] + "x")
    assert studio.objects.ids[0] in caught.value.hint.en


def test_a_difference_is_told_in_words_and_adds_up(quarter: Quarter, studio: Studio) -> None:
    first = document_of(quarter.plan.scheme("balanced"))
    a, b, c = list(first.choices)[:3]
    changed = first.put(a, None).put(b, replace(first.choices[b], year=1))
    other = Choice(first.choices[c].measures[:1], first.choices[c].offer)
    use = use_of([m for m in studio.measures if m.id in other.measures], "courtyard")
    other = replace(other, offer=next(o.id for o in studio.offers if o.use == use))
    changed = replace(changed.put(c, other), terms={"concession_years": 15}, budget={"city": 1e6})
    old, new = studio.review(first), studio.review(changed)
    found = diff_schemes(old, new, studio.measures)
    assert found.before == first.version
    assert found.after == changed.version != found.before
    assert dict(zip(found.objects["object_id"], found.objects["change"], strict=True)) == {a: "removed", b: "changed", c: "changed"}  # fmt: skip
    money = found.money.set_index("party")
    assert money["change"].sum() == pytest.approx(0, abs=1)
    public = new.scheme.totals["public_yuan"] - old.scheme.totals["public_yuan"]
    assert found.objects["public_yuan"].sum() == pytest.approx(public)
    said = " ".join(t.en for t in found.lines)
    for part in ("nothing is done any more", "begins in year 1 instead of 0", "Limit now passed: City budget", "years of operation"):  # fmt: skip
        assert part in said
    again = diff_schemes(old, old, studio.measures)
    assert again.same
    assert again.lines[0].en == "The two versions are the same."
