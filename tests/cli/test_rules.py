"""``hutong rules`` as a user types it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hutong.cli.rules import app

ENV = {**os.environ, "HUTONG_LANG": "en", "NO_COLOR": "1", "COLUMNS": "200"}


def rules(*args: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(app, [str(a) for a in args], env={**ENV, "HUTONG_LANG": lang})


def test_show_a_group_and_how_much_is_assumed() -> None:
    shown = rules("show", "vote.quorum")
    assert shown.exit_code == 0, shown.stderr
    assert "vote.quorum.area" in shown.stdout
    assert "2/3" in shown.stdout
    assert "3 listed" in shown.stdout
    chinese = rules("show", "vote.quorum", lang="zh").stdout
    assert "参与表决的专有面积占比下限" in chinese
    assert "项为假设" in chinese


def test_show_as_of_a_day_elsewhere_for_a_script() -> None:
    data = json.loads(
        rules("show", "far", "--on", "2024-05-01", "--jurisdiction", "shenzhen", "--json").stdout
    )
    assert (data["jurisdiction"], data["on"]) == ("shenzhen", "2024-05-01")
    by = {r["id"]: r for r in data["rules"]}
    assert by["far.base_share.first_use"]["value"] == 0.6
    assert by["far.bonus_max"]["assumption"] is True
    assert "far.city_reserve_quota_allowed" not in by
    exact = json.loads(rules("show", "vote.quorum.area", "--json").stdout)["rules"][0]
    assert exact["value"] == "2/3"


def test_explain_shows_chain_and_overrides() -> None:
    told = rules("explain", "concession.years_max")
    for word in ("30 years", "National", "40", "Beijing", "●", "第13条", "2006-03-01"):
        assert word in told.stdout, word
    assert "says otherwise" in rules("explain", "concession.years_max", "-j", "national").stdout
    data = json.loads(rules("explain", "concession.years_max", "--json").stdout)
    assert [(s["jurisdiction"], s["decides"]) for s in data["chain"]] == [
        ("national", False),
        ("beijing", True),
    ]
    early = rules("explain", "lease.state_owned_years_max", "--on", "2024-05-01").stdout
    assert "2026-01-01" in early


def test_diff_of_places_and_days() -> None:
    places = rules("diff", "beijing", "shanghai").stdout
    assert "old_city.demolition_allowed" in places
    days = json.loads(rules("diff", "2025-05-19", "2025-05-20", "--json").stdout)
    assert [(d["id"], d["a"]["value"], d["b"]["value"]) for d in days] == [("finance.lpr_5y", 0.036, 0.035)]


def test_an_own_file(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "jurisdiction: own\nextends: beijing\ntitle: {zh: 本区, en: Our district}\nchecked: 2026-11-01\nparameters:\n"
        "  far.bonus_max:\n    values: [{from: 2026-01-01, value: 0.1, source: 区文件, confidence: D}]\n",
        "utf-8",
    )
    assert "10%" in rules("show", "far.bonus_max", "--extra", own).stdout
    own.write_text(own.read_text("utf-8").replace("value: 0.1", "value: ten %"), "utf-8")
    broken = rules("show", "--extra", own)
    assert broken.exit_code == 2
    assert "own.yaml:7: value is 'ten %'; expected a number" in broken.stderr


def test_procedures_are_listed_shown_and_written(tmp_path: Path) -> None:
    listed = rules("procedure").stdout
    assert "courtyard_surrender" in listed
    shown = rules("procedure", "private").stdout
    assert "flowchart TD" in shown
    assert "compels nobody" in shown
    folder = tmp_path / "pages"
    assert rules("procedure", "--write", folder).exit_code == 0
    assert len(list(folder.glob("*.md"))) == 10


def test_the_checklist_is_listed_and_judged(tmp_path: Path) -> None:
    listed = json.loads(rules("checklist", "--grade", "historic", "--zone", "none", "--json").stdout)
    assert {i["verdict"] for i in listed} == {"unknown"}
    (tmp_path / "a.yaml").write_text(
        "height_kept: 6.0\nheight_before_m: 5.2\nmaterials_kept: true\n", "utf-8"
    )
    asked = ("checklist", "--grade", "historic", "--zone", "none", "--answers", str(tmp_path / "a.yaml"))
    judged = {i["id"]: i["verdict"] for i in json.loads(rules(*asked, "--json").stdout)}
    assert (judged["height_kept"], judged["materials_kept"]) == ("fail", "pass")
    assert "■ fails 1" in rules(*asked).stdout
    (tmp_path / "a.yaml").write_text("colour: red\n", "utf-8")
    wrong = rules(*asked)
    assert wrong.exit_code == 2
    assert "colour: not asked" in wrong.stderr
    assert rules("checklist", "--grade", "grand").exit_code == 2


def test_instruments_with_limits_and_gaps() -> None:
    shown = rules("instruments").stdout
    assert "functional_mix" in shown
    assert "community_tax_relief" not in shown
    then = json.loads(rules("instruments", "--on", "2025-06-01", "--json").stdout)
    relief = next(i for i in then if i["id"] == "community_tax_relief")
    assert (relief["until"], relief["limits"][0]["value"]) == ("2025-12-31", 0.9)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("show", "nothing"), "The groups are"),
        (("show", "-j", "atlantis"), "There are: beijing"),
        (("explain", "vote.quorom.area"), "vote.quorum.area"),
        (("diff", "2024-13-01", "beijing"), "2024-05-01"),
        (("procedure", "castle"), "courtyard_surrender"),
    ],
)
def test_mistakes_are_told_in_a_sentence(args: tuple[str, ...], said: str) -> None:
    wrong = rules(*args)
    assert wrong.exit_code == 2
    assert said in wrong.stderr
    assert "Traceback" not in wrong.stderr
