"""The trade-off between benefits: nothing beaten, everything lawful, the corners reached."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hutong.errors import HutongError
from hutong.plan import BENEFITS, POINT_COLUMNS, Study, pareto
from hutong.plan.pareto import not_beaten

from .conftest import Quarter


@pytest.fixture(scope="module")
def study(quarter: Quarter) -> Study:
    return Study.of(quarter.city, quarter.check, quarter.rules)


def test_points_of_a_quarter(study: Study) -> None:
    seen: list[tuple[int, int]] = []
    found = pareto(
        study, levels=2, gap=0.03, nodes=50, progress=lambda done, total, _what: seen.append((done, total))
    )
    points = found.points
    assert tuple(points.columns) == POINT_COLUMNS
    assert len(points) == len(found.schemes) > 3
    values = points[list(BENEFITS)].to_numpy()
    assert not_beaten(values).size == len(values)
    assert set("+".join(points["best_in"]).strip("+").split("+")) >= set(BENEFITS)
    for k, benefit in enumerate(BENEFITS):  # within the proven gap: a cell may pass a corner proved less far
        assert values[:, k].max() >= found.ideal[benefit] - 1e-6
        assert found.nadir[benefit] <= found.ideal[benefit]
    for row, scheme in zip(points.itertuples(), found.schemes, strict=True):
        assert scheme.violations == ()
        assert scheme.totals["city_yuan"] <= found.budget["city"] + 1
        assert scheme.totals["district_yuan"] <= found.budget["district"] + 1
        assert row.gap == scheme.certificate.gap
        assert row.social == pytest.approx(scheme.totals["benefit_social"])
    proof = found.certificate
    assert proof.solves + proof.reused == 4 + 2**3
    assert proof.worst_gap == points["gap"].max()  # of what is shown, not of what another scheme beat
    assert seen == sorted(seen)
    assert {done for done, _ in seen} == set(
        range(4 + 2**3 + 1)
    )  # every point that is asked for, once it is answered
    assert {total for _, total in seen} == {4 + 2**3}


@given(arrays(float, st.tuples(st.integers(0, 7), st.just(3)), elements=st.integers(0, 3).map(float)))
def test_not_beaten_is_the_definition(values: np.ndarray) -> None:
    kept = set(not_beaten(values).tolist())
    for i, v in enumerate(values):
        beaten = any((w >= v).all() and (w > v).any() for w in values)
        first = next(j for j, w in enumerate(values) if (w == v).all()) == i
        assert (i in kept) == (not beaten and first)


@pytest.mark.parametrize("levels", [0, 1, 10])
def test_levels_out_of_range(study: Study, levels: int) -> None:
    with pytest.raises(HutongError) as caught:
        pareto(study, levels=levels)
    assert caught.value.code == "bad-levels"
