from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from hutong.city import complete, read_osm
from hutong.rules import load_rules
from hutong.sense import checkup


@pytest.fixture(scope="module")
def mapped(shared):
    city = read_osm(shared / "data" / "osm_beijing_cau" / "beijing_haidian_cau.osm", name="cau")
    return complete(city, seed=1, district="110108")


@pytest.mark.shared
def test_a_real_map_shows_what_it_knows_and_what_it_does_not(mapped):
    check = checkup(mapped, load_rules("beijing", on=dt.date.fromisoformat(mapped.meta.date)))
    park = check.overall("reach_park")
    assert park["coverage"] == 1  # drawn on the map
    assert 0 < park["value"] < 1
    hazard = check.overall("structure_hazard")
    assert hazard["coverage"] == 0  # imputed from margins
    assert hazard["status"] != "unknown"
    care = check.overall("reach_elderly_care")
    assert (mapped["facilities"]["kind"] == "elderly_care").sum() == 0
    assert care["status"] == "unknown"
    assert "地图可能不全" in care["reason_zh"]
    assert np.isfinite(check.access.snapped_m).all()
    reached = np.isfinite(check.access.distance[:, check.access.kinds.index("bus_stop")])
    assert reached.mean() > 0.8
    assert {f.indicator for f in check.findings if "未经实测" not in f.reason.zh} <= {
        i.id for i in check.indicators if "reach" in i.compute
    }
