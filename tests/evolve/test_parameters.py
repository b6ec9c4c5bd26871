from __future__ import annotations

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve.kernel import as_record, record_type
from hutong.evolve.parameters import default_parameters, draw_parameters, parameter_infos, parameter_names


def test_every_parameter_says_what_it_is_and_where_from():
    for info in parameter_infos():
        assert info.low <= info.value <= info.high, info.id
        assert info.confidence in {"D", "U"}
        assert all((info.source, info.unit, info.title.zh, info.title.en))
        if info.confidence == "U":
            assert info.low < info.high, info.id


def test_draws_cover_the_ranges_evenly():
    table = draw_parameters(50, seed=2)
    for column, info in zip(table.T, parameter_infos(), strict=True):
        strata = np.floor((column - info.low) / (info.high - info.low) * 50).astype(int)
        assert sorted(strata) == list(range(50)), info.id
    assert np.array_equal(table, draw_parameters(50, seed=2))
    assert not np.array_equal(table, draw_parameters(50, seed=3))


def test_own_values_are_held():
    at = parameter_names().index("rumour_rate")
    assert default_parameters({"rumour_rate": 0.5})[at] == 0.5
    held, free = draw_parameters(9, 1, {"rumour_rate": 0.5}), draw_parameters(9, 1)
    assert np.all(held[:, at] == 0.5)
    assert np.array_equal(np.delete(held, at, 1), np.delete(free, at, 1))


@pytest.mark.parametrize("use", [default_parameters, lambda c: draw_parameters(2, 1, c)])
def test_an_unknown_name_is_an_error(use):
    with pytest.raises(HutongError) as caught:
        use({"rumor_rate": 0.5})
    assert caught.value.code == "no-such-parameter"
    assert "rumor_rate" in str(caught.value)


def test_the_record_reads_by_name():
    record = as_record(default_parameters({"bound": 0.25}))
    assert record["bound"] == 0.25
    assert record_type().names == parameter_names()
