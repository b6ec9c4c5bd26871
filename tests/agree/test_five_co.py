"""The five co's: done is what can be shown."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree.five_co import check_five_co, five_co, five_co_summary
from hutong.errors import HutongError

CHECKS = [c for co in five_co().values() for c in co["checks"]]


def test_there_are_five_and_every_check_has_one_name():
    assert [co["zh"] for co in five_co().values()] == [
        "决策共谋",
        "发展共建",
        "建设共管",
        "效果共评",
        "成果共享",
    ]
    assert len(set(CHECKS)) == len(CHECKS)
    assert all(said["zh"] and said["en"] for co in five_co().values() for said in co["checks"].values())


def test_without_evidence_all_is_unknown():
    table = check_five_co({})
    assert set(table["state"]) == {"unknown"}
    assert five_co_summary(table)["done"].isna().all()


def test_what_was_looked_for_and_not_found_is_missing():
    building = list(five_co()["co_building"]["checks"])
    table = check_five_co({building[0]: ["entry 12"], building[1]: []}, {building[2]: "政府直接实施"})
    rows = table.set_index("check")
    assert rows.loc[building, "state"].tolist() == ["shown", "missing", "not_applicable"]
    assert rows.loc[building[0], "records"] == ("entry 12",)
    assert rows.loc[building[2], "reason"] == "政府直接实施"
    done = five_co_summary(table).set_index("co")["done"]
    assert not done["co_building"]
    assert done.drop("co_building").isna().all()


@given(st.dictionaries(st.sampled_from(CHECKS), st.lists(st.just("ref"), max_size=2)))
def test_done_only_if_everything_that_applies_is_shown(evidence):
    table = check_five_co(evidence)
    for row in five_co_summary(table).itertuples():
        mine = list(five_co()[row.co]["checks"])
        shown = [bool(evidence.get(c)) for c in mine]
        looked = [c in evidence for c in mine]
        expected = (
            True
            if all(shown)
            else False
            if any(k and not s for k, s in zip(looked, shown, strict=True))
            else pd.NA
        )
        assert row.done is expected or row.done == expected
        assert row.shown + row.missing + row.unknown + row.not_applicable == len(mine)


def test_all_shown_is_done_and_nothing_that_applies_is_not():
    assert five_co_summary(check_five_co({c: ["r"] for c in CHECKS}))["done"].all()
    assert five_co_summary(check_five_co({}, dict.fromkeys(CHECKS, "不涉及")))["done"].isna().all()


@pytest.mark.parametrize(
    ("evidence", "waived"),
    [
        ({"dancing": ["x"]}, {}),
        ({CHECKS[0]: [" "]}, {}),
        ({}, {CHECKS[0]: ""}),
        ({CHECKS[0]: ["x"]}, {CHECKS[0]: "why"}),
        ({}, {"dancing": "why"}),
    ],
)
def test_broken_evidence_is_named(evidence, waived):
    with pytest.raises(HutongError) as caught:
        check_five_co(evidence, waived)
    assert caught.value.code == "bad-evidence"
    assert len(caught.value.rows) == 1
