"""The dispatch catalogue and what units did at whistles."""

import datetime as dt

import numpy as np
import pytest

from hutong.act.cases import (
    CaseEvent,
    default_catalogue,
    dual_assessment,
    limit_end,
    open_case,
    read_catalogue,
)
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.sense.requests.taxonomy import load_taxonomy

DAY = dt.date(2026, 3, 1)
HEAD = "category,place,unit,helpers,from,until\n"


def test_every_class_has_a_unit_with_a_name():
    catalogue = default_catalogue()
    assert catalogue.assumed
    for kind in load_taxonomy().classes:
        row = catalogue.find(kind.id, "", DAY)
        assert row.category == kind.id
        for unit in (row.unit, *row.helpers):
            assert catalogue.title(unit).zh != unit


def test_what_no_row_covers_goes_to_the_district():
    assert default_catalogue().find("pipes", "", dt.date(2020, 1, 1)).unit == "district"


def test_place_before_general_and_newest_first(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(
        (
            HEAD
            + "供暖,,热力一所,,2024-01-01,\n供暖,,热力二所,街道；水务,2026-01-01,2026-06-30\n供暖,b-7,自管单位,,2020-01-01,\n"
        ).encode("gb18030")
    )
    catalogue = read_catalogue(path, encoding="gb18030")
    assert not catalogue.assumed
    assert catalogue.find("heating", "b-1", DAY).unit == "热力二所"
    assert catalogue.find("heating", "b-1", DAY).helpers == ("街道", "水务")
    assert catalogue.find("heating", "b-1", dt.date(2026, 7, 1)).unit == "热力一所"
    assert catalogue.find("heating", "b-7", DAY).unit == "自管单位"
    assert catalogue.title("自管单位").en == "自管单位"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("category,unit\nheating,x\n", "list.csv: from"),
        (HEAD + "magic,,x,,2024-01-01,\n", "list.csv:2 category: magic"),
        (HEAD + "heating,,,,2024-01-01,\n", "list.csv:2 unit"),
        (HEAD + "heating,,x,,yesterday,\n", "list.csv:2 from: yesterday"),
        (HEAD + "heating,,x,,,\n", "list.csv:2 from"),
        (HEAD + "heating,,x,,2024-01-01,2023-01-01\n", "list.csv:2 until"),
        (HEAD + "heating,,x,,2024-01-01,\nheating,,y,,2024-01-01,\n", "list.csv: heating"),
    ],
)
def test_a_faulty_row_is_named(tmp_path, text, words):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(HutongError, match="faulty") as caught:
        read_catalogue(path)
    assert any(words in row for row in caught.value.rows)


def test_both_sides_of_a_whistle_are_assessed():
    limit = limit_end(load_rules("beijing", DAY))
    start = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    cases = []
    for solved in (True, False):
        case = open_case("c", "help", "b", start)
        end = "confirm" if solved else "close_unsolved"
        steps = [
            ("take_in", 0, "intake", "", {"category": "noise", "limit": "request.general_days_max"}),
            ("dispatch", 0, "intake", "", {"unit": "street"}),
            ("sign_for", 1, "unit", "street", {}),
            ("whistle", 2, "unit", "street", {"units": ["police"], "kind": "enforcement"}),
            ("report_in", 5, "called", "police", {}),
            *([("finish_part", 6, "called", "police", {"reply": "x"})] if solved else []),
            ("reply", 8, "unit", "street", {"reply": "x"}),
            (end, 9, "caller", "", {"satisfied": solved, "reason": "客观受限"}),
        ]
        for event, at, by, unit, said in steps:
            case = case.after(CaseEvent(event, start + dt.timedelta(hours=at), by, unit, said), limit)
        cases.append(case)
    table = dual_assessment(cases).set_index("unit")
    assert table.loc["police", ["role", "whistles", "done", "median_hours"]].tolist() == ["called", 2, 1, 3.0]
    assert table.loc["street", ["role", "whistles", "done", "median_hours"]].tolist() == [
        "calling",
        2,
        1,
        6.0,
    ]
    assert np.isclose(table.loc["police", "low"], 0.0945312, atol=1e-6)
    assert dual_assessment([]).empty
