"""Rooms to let: the form read back, what a lease that ends early pays, uses by dated lists, fees without households."""

import csv
import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.act.rooms import (
    FeeLine,
    Room,
    ending,
    fees_by_estate,
    fees_form,
    licensable,
    read_fees,
    read_rooms,
    rooms_form,
)
from hutong.act.rooms.fees import LEAST_HOUSEHOLDS
from hutong.act.rooms.room import cells_of
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.sense.sheets import csv_bytes, xlsx_bytes
from hutong.text import Text

ROOM = Room(
    "R1", "b1", Text("北房两间", "north wing, two rooms"), "vacated_room", "historic_block", 40.0, "unit", "区房管中心", "区房管中心", "屋面渗漏",
    "accepted", dt.date(2026, 3, 1), {"water": True, "drain": True, "gas": False, "heating": None}, 12.0, dt.date(2026, 7, 1), 5.0, 90.0,
    "评估报告", 3.0, 50.0, 2.0, "便民补贴", 30_000, dt.date(2026, 9, 1), dt.date(2026, 12, 31), "区商务局公告",
)  # fmt: skip


def test_the_form_is_read_back_as_it_was_written(tmp_path):
    assert Room.of(ROOM.plain()) == ROOM
    sheet = rooms_form([cells_of(ROOM)])
    for name, data in (("r.csv", csv_bytes(sheet)), ("r.xlsx", xlsx_bytes([sheet], ()))):
        (tmp_path / name).write_bytes(data)
        assert read_rooms(tmp_path / name, ["b1"]) == [ROOM]


def written(tmp_path, *rows, form=rooms_form):
    path = tmp_path / "f.csv"
    path.write_bytes(csv_bytes(form([])))
    columns = path.read_bytes().decode("utf-8-sig").splitlines()[0].split(",")
    out = io.StringIO()
    csv.writer(out).writerows([[r[c] for c in columns] for r in rows])
    path.write_bytes(path.read_bytes() + out.getvalue().encode())
    return path


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"building_id": "nowhere"}, "row 4, building_id"), ({"kind": "palace"}, "row 4, kind"), ({"area_m2": ""}, "row 4, area_m2"),
        ({"holder_kind": "private"}, "row 4, holder: blank for a private holder"), ({"fire_day": ""}, "row 4, fire_day"),
        ({"rent_basis": ""}, "row 4, rent_basis"), ({"water": "maybe"}, "row 4, water"), ({"subsidy_until": ""}, "row 4, subsidy_until"),
        ({"subsidy_until": "2026-01-01"}, "row 4, subsidy_until: before"), ({"defects": ""}, "row 4, defects"),
        ({"rent_yuan_m2_month": "inf"}, "row 4, rent_yuan_m2_month"), ({"subsidy_yuan": "1.5"}, "row 4, subsidy_yuan"),
    ],
)  # fmt: skip
def test_a_room_that_is_wrong_names_row_and_column(tmp_path, change, fault):
    with pytest.raises(HutongError) as caught:
        read_rooms(written(tmp_path, {**cells_of(ROOM), **change}), ["b1"])
    assert any(r.startswith(fault) for r in caught.value.rows), caught.value.rows


def test_no_form_no_rows_and_the_same_room_twice_are_refused(tmp_path):
    row = cells_of(ROOM)
    with pytest.raises(HutongError) as twice:
        read_rooms(written(tmp_path, row, row), ["b1"])
    assert "row 5, room_id: 'R1' stands twice" in twice.value.rows[0]
    for rows in ((), ({**row, "room_id": ""},)):
        with pytest.raises(HutongError):
            read_rooms(written(tmp_path, *rows), ["b1"])
    (tmp_path / "x.csv").write_text("a\nb\nc\n1\n", "utf-8")
    with pytest.raises(HutongError, match="not the form of rooms"):
        read_rooms(tmp_path / "x.csv", ["b1"])


def test_an_early_end_by_hand():
    # rent 90 × 40 = 3,600 a month; three months 10,800; of a fit-out of 120,000 after 24 of 60 months 72,000 is left, half is 36,000
    end = ending(ROOM, 120_000, 24)
    assert (end.rent, end.fit_out, end.holder_pays, end.left) == pytest.approx(
        (10_800, 36_000, 46_800, 7_200)
    )
    free = Room.of({**ROOM.plain(), "rent_yuan_m2_month": None, "end_fit_out_percent": None})
    assert ending(free, 120_000, 24).holder_pays is None
    assert ending(free, 0, 24).fit_out == 0
    for wrong in ((-1, 0), (0, -1), (0, 61)):
        with pytest.raises(HutongError, match="do not fit"):
            ending(ROOM, *wrong)


@given(st.integers(0, 10**7), st.integers(0, 59))
def test_what_is_left_of_a_fit_out_falls_to_nothing(fit_out, months):
    now, later = ending(ROOM, fit_out, months), ending(ROOM, fit_out, months + 1)
    assert later.fit_out <= now.fit_out <= fit_out * 0.5 + 1e-6
    assert ending(ROOM, fit_out, 60).fit_out == pytest.approx(0)


def test_uses_are_those_that_a_list_speaks_of():
    found = {v.use: v.verdict for v in licensable(ROOM, load_rules("beijing", dt.date(2026, 5, 1)))}
    assert found["rental_housing"] == "conditional"
    assert "unknown" not in found.values() or len(found) < 20
    assert not licensable(ROOM, load_rules("national", dt.date(1990, 1, 1)))


def line(building, year, households, due, paid):
    return FeeLine(building, year, households, due, paid, "物业公司")


def test_fees_are_told_by_estate_in_steps_and_not_of_few(tmp_path):
    years = fees_by_estate([line("b1", 2025, 12, 100.0, 71.0), line("b2", 2025, 8, 100.0, 90.0), line("b1", 2024, LEAST_HOUSEHOLDS - 1, 100.0, 90.0)])  # fmt: skip
    assert [(y.year, y.buildings, y.share_percent) for y in years] == [
        (2025, 2, 80),
        (2024, 1, None),
    ]  # 80.5 → 80
    good = {"building_id": "b1", "year": "2025", "households": "30", "due_yuan": "1000", "paid_yuan": "900", "source": "物业公司"}  # fmt: skip
    assert read_fees(written(tmp_path, good, form=fees_form), ["b1"]) == [line("b1", 2025, 30, 1000, 900)]
    for change, fault in (({"paid_yuan": "1001"}, "more than is due"), ({"year": "99"}, "row 4, year"), ({"building_id": "b9"}, "no such building")):  # fmt: skip
        with pytest.raises(HutongError) as caught:
            read_fees(written(tmp_path, {**good, **change}, form=fees_form), ["b1"])
        assert fault in caught.value.rows[0]
    with pytest.raises(HutongError, match="no figures"):
        read_fees(written(tmp_path, dict.fromkeys(good, "") | {"building_id": "b1"}, form=fees_form), ["b1"])


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0, 1)), min_size=1, max_size=5))
def test_no_share_of_few_households_is_ever_told(parts):
    (year,) = fees_by_estate([line(f"b{i}", 2025, n, 100.0, 100 * s) for i, (n, s) in enumerate(parts)])
    assert (year.share_percent is None) == (sum(n for n, _ in parts) < LEAST_HOUSEHOLDS)
    assert year.share_percent is None or year.share_percent % 5 == 0
