"""People: how gains are distributed, what acceptance is learned from records, and one page for one dwelling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hutong.errors import HutongError
from hutong.plan import load_measures
from hutong.plan.acceptance import STRICTNESS, household_gains, households_of
from hutong.plan.catalogue import load_acceptance
from hutong.plan.document import Choice, SchemeDocument, document_of
from hutong.plan.draft import Draft
from hutong.plan.fit_acceptance import RECORD_COLUMNS, fit_acceptance, read_records
from hutong.plan.home_scheme import scheme_parts
from hutong.plan.objects import TENURES
from hutong.plan.options import asks_of
from hutong.plan.picks import read_picks
from hutong.plan.statement import statement_for, statement_text, statements
from hutong.plan.studio import Studio
from hutong.plan.who_gains import who_gains
from hutong.report.statement_page import statement_page
from hutong.text import Text

from .conftest import Quarter

EMPTY = SchemeDocument("hand", Text("手", "hand"))


def of(studio: Studio, document: SchemeDocument):
    picks = read_picks(document, studio.objects, studio.measures, studio.offers, studio.city.meta)
    return who_gains(studio.weighed(picks))


def test_one_building_by_hand(studio: Studio) -> None:
    """Insulation of one building, free: every household that lives there gains its worth less its trouble."""
    objects, homes = studio.objects, studio.objects.households
    row = next(int(r) for r in objects.members if objects.kind[r] == 0)
    found = of(studio, EMPTY.put(objects.ids[row], Choice(("insulation",), "share0")))
    a = load_acceptance()
    inside = (homes.object == row) & homes.occupied
    m = next(m for m in load_measures() if m.id == "insulation")
    net = np.zeros(homes.object.size)
    worth = household_gains(objects, [m])[:, 0]
    net[inside] = worth[inside] - a["trouble_yuan"] * m.disruption * (
        1 + a["elder_trouble"] * homes.elders[inside]
    )
    here = net[homes.occupied]
    assert found.households == homes.occupied.sum()
    assert found.winners == inside.sum() == (here > 0).sum()
    assert found.losers == 0
    assert found.mean_net_yuan == pytest.approx(here.mean())
    by = found.groups.groupby("by")
    assert (by["households"].sum() == found.households).all()
    assert (by["winners"].sum() == found.winners).all()
    assert (
        found.groups["winners"] + found.groups["losers"] + found.groups["untouched"]
        == found.groups["households"]
    ).all()


def test_a_scheme_spreads_its_gains(quarter: Quarter, studio: Studio) -> None:
    found = of(studio, document_of(quarter.plan.scheme("most_benefit")))
    assert 0 < found.gini < 1
    assert 0 <= found.between_tenures <= 1
    assert found.worst_decile_yuan <= found.mean_net_yuan
    assert found.winners + found.losers <= found.households
    assert set(found.groups.loc[found.groups["by"] == "tenure", "group"]) <= set(TENURES)
    assert all(t.zh and t.en for t in found.lines())
    nothing = of(studio, EMPTY)
    assert nothing.winners == nothing.losers == 0
    assert nothing.mean_net_yuan == 0


TRUE = {
    "intercept.ordinary": 1.2, "intercept.special": 0.7, "gain": 1.1, "cost": 4.2, "disruption": 1.4,
    "elder_trouble": 0.4, "tenure.private": -0.5, "tenure.public_direct": 0.3,
}  # fmt: skip


def records(n: int, seed: int) -> pd.DataFrame:
    """Draw signing records from a known logit."""
    r = np.random.default_rng(seed)
    income = r.choice([45e3, 85e3, 130e3, 200e3, 380e3], n)
    gain, cost = r.uniform(0, 120e3, n), r.uniform(0, 60e3, n) * (r.random(n) < 0.7)
    d, elders = r.uniform(0, 1, n), r.integers(0, 3, n).astype(float)
    matter = r.choice(["ordinary", "special"], n)
    tenure = r.choice(["commodity", "private", "public_direct"], n)
    v = (
        np.array([TRUE[f"intercept.{m}"] for m in matter]) + (TRUE["gain"] * gain - TRUE["cost"] * cost) / income
        - TRUE["disruption"] * d * (1 + TRUE["elder_trouble"] * elders) + np.array([TRUE.get(f"tenure.{t}", 0.0) for t in tenure])
    )  # fmt: skip
    signed = (r.random(n) < 1 / (1 + np.exp(-v))).astype(float)
    return pd.DataFrame(
        dict(zip(RECORD_COLUMNS, (gain, cost, income, d, elders, matter, tenure, signed), strict=True))
    )


def test_known_parameters_are_recovered() -> None:
    """Every truth within four standard errors of one large sample; intervals hold it in about 95 % of small ones."""
    fit = fit_acceptance(records(40_000, 1))
    table = fit.table.set_index("parameter")
    for name, value in TRUE.items():
        assert abs(table.loc[name, "value"] - value) < 4 * table.loc[name, "se"], name
        assert table.loc[name, "se"] < 0.2
    assert fit.loglik >= fit.loglik_assumed
    assert bool(table.loc["cost", "differs"])
    hits = []
    for seed in range(25):
        small = fit_acceptance(records(1500, 100 + seed)).table.set_index("parameter")
        hits += [small.loc[n, "low"] <= v <= small.loc[n, "high"] for n, v in TRUE.items()]
    assert 0.89 < np.mean(hits) < 0.995


def test_standard_errors_are_those_of_the_likelihood() -> None:
    """One parameter alone: the curvature of the log-likelihood by differences."""
    data = records(3000, 5)
    fit = fit_acceptance(data).table.set_index("parameter")
    assert list(fit.index[:2]) == [f"intercept.{m}" for m in STRICTNESS if m in ("ordinary", "special")]
    again = fit_acceptance(data.sample(frac=1.0, random_state=3)).table.set_index("parameter")
    pd.testing.assert_frame_equal(fit, again, rtol=1e-6)
    double = fit_acceptance(pd.concat([data, data])).table.set_index("parameter")
    np.testing.assert_allclose(double["value"], fit["value"], rtol=1e-6)
    np.testing.assert_allclose(double["se"] * np.sqrt(2), fit["se"], rtol=1e-6)


def test_records_that_cannot_teach_are_refused() -> None:
    data = records(2000, 2)
    for changed, code in (
        (data.head(30), "too-few-records"),
        (data.assign(disruption=0.3, elders=0.0), "not-identified"),
        (data.assign(signed=(data["cost_yuan"] < 1).astype(float)), "separated"),
    ):
        with pytest.raises(HutongError) as caught:
            fit_acceptance(changed)
        assert caught.value.code == code


def test_records_are_read_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    data = records(50, 3)
    data.to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_records(path), data, check_dtype=False, rtol=1e-12)
    bad = data.astype(object)
    bad.loc[0, "income_yuan"] = -1
    bad.loc[1, "matter"] = "vote"
    bad.loc[2, "signed"] = 2
    bad.loc[3, "gain_yuan"] = "much"
    bad.to_csv(path, index=False)
    with pytest.raises(HutongError) as caught:
        read_records(path)
    assert [r.split(": ")[0] for r in caught.value.rows] == [f"records.csv:{i}" for i in (2, 3, 4, 5)]
    path.write_text("gain_yuan\n1\n", "utf-8")
    with pytest.raises(HutongError, match="columns missing"):
        read_records(path)


def test_a_page_for_every_tenure(quarter: Quarter, studio: Studio) -> None:
    review = studio.review(document_of(quarter.plan.scheme("most_benefit")))
    homes = studio.objects.households
    ids = quarter.city["dwellings"]["dwelling_id"].astype(str).to_numpy()[homes.dwelling]
    for tenure in np.unique(homes.tenure):
        row = int(np.flatnonzero(homes.tenure == tenure)[0])
        found = statement_for(studio, review, ids[row])
        assert [p.title.en for p in found.parts] == [
            "What changes", "What you pay", "What you get", "How long", "Your choices", "If you refuse",
        ]  # fmt: skip
        assert all(p.lines and all(t.zh and t.en for t in p.lines) for p in found.parts)
        assert "compels nobody" in found.parts[-1].lines[-1].en
        paid = found.parts[1].lines[0].en
        assert ("You are a tenant" in paid) == bool(homes.leased[row])
        text, page = statement_text(found, "zh"), statement_page(found)
        assert "如果您不同意" in text
        assert "http" not in page.replace("http-equiv", "")
        assert ids[row] in page
        assert page.count("<section>") == 12
    with pytest.raises(HutongError) as caught:
        statement_for(studio, review, ids[0] + "x")
    assert caught.value.code == "unknown-dwelling"
    assert ids[0] in caught.value.hint.en


def test_the_page_says_what_the_money_says(quarter: Quarter, studio: Studio) -> None:
    """The shares of all owners of a building add up to what its owners pay."""
    objects, homes = studio.objects, studio.objects.households
    ids = quarter.city["dwellings"]["dwelling_id"].astype(str).to_numpy()[homes.dwelling]
    row = next(
        int(r) for r in objects.members
        if objects.kind[r] == 0 and not homes.leased[homes.object == r].all() and (homes.object == r).sum() < 60
    )  # fmt: skip
    document = EMPTY.put(objects.ids[row], Choice(("insulation",), "share20"))
    review = studio.review(document)
    due = float(review.scheme.choices["owner_yuan"].iloc[0])
    chosen = studio.weighed(read_picks(document, objects, studio.measures, studio.offers, studio.city.meta))
    draft = Draft(objects, studio.measures, studio.offers, chosen.object, chosen.packages, chosen.offer)
    done = households_of(objects, studio.measures, asks_of(draft))
    assert done.cost.sum() == pytest.approx(due, abs=1)
    owner = int(np.flatnonzero((homes.object == row) & ~homes.leased)[0])
    assert "once" in statement_for(studio, review, ids[owner]).parts[1].lines[0].en
    left = int(np.flatnonzero(homes.estate != objects.estate[row])[0])
    elsewhere = statement_for(studio, review, ids[left])
    assert "does nothing at your home" in elsewhere.parts[0].lines[0].en
    assert "nothing to agree to" in elsewhere.parts[-1].lines[0].en


def test_all_dwellings_at_once_are_told_what_each_is_told_alone(quarter: Quarter, studio: Studio) -> None:
    document = document_of(quarter.plan.scheme("balanced"))
    review = studio.review(document)
    every = {s.dwelling_id: s for s in statements(studio, document)}
    assert len(every) == len(studio.objects.households.dwelling)
    for name in [*every][:: max(1, len(every) // 12)]:
        assert statement_for(studio, review, name) == every[name]
    touched = next(s for s in every.values() if s.touched)
    parts = scheme_parts(touched)
    assert {p.id for p in parts} == {"changes", "money", "when", "choices", "refusal", "likes"}
    assert all(line.source for p in parts for line in p.lines)
    nothing = next(iter(statements(studio, EMPTY)))
    assert not nothing.touched
    assert "likes" not in {p.id for p in scheme_parts(nothing)}
