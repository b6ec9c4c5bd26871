"""The agree commands as a council's secretary types them, with one bad input for each."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from hutong.agree import homes_at, lease_roll
from hutong.agree.roll_file import read_roll
from hutong.city import City, make_quarter
from hutong.cli.commands import app

ENV = {**os.environ, "HUTONG_LANG": "en", "NO_COLOR": "1", "COLUMNS": "160"}


def agree(*args: str | Path) -> Result:
    return CliRunner().invoke(app, ["agree", *map(str, args)], env=ENV)


def said(result: Result, code: int = 0) -> str:
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def write(path: Path, *rows: tuple[object, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("agree") / "q"
    make_quarter(dwellings=300, seed=1).save(path)
    return path


@pytest.fixture(scope="module")
def roll(city: Path) -> Path:
    path = city.parent / "roll.json"
    words = said(agree("roll", city, "--level", "building", "--place", "b0000014", "--out", path))
    assert "25 heads, 27 homes" in words
    assert "Held back d00000105: the holder has died and no heir is established" in words
    return path


def test_opinions_are_told_in_words(tmp_path: Path):
    talk = [("statement", "text"), *((s, f"statement number {s}") for s in range(1, 9))]
    votes: list[tuple[object, ...]] = [("participant", "statement", "vote")]
    votes += [(p, s, 1 if (p % 2 == 0) == (s % 2 == 0) else -1) for p in range(20) for s in range(1, 9)]
    files = write(tmp_path / "v.csv", *votes), write(tmp_path / "s.csv", *talk)
    words = said(agree("opinions", *files, "--ask", "new"))
    assert "Views fall into 2 groups: Group A 10 people, Group B 10 people" in words
    assert "clearer than chance" in words
    assert words.count("Ask next:") == 3
    data = json.loads(agree("opinions", *files, "--no-chance", "--json").stdout)
    assert data["chance"] is None
    assert len(data["groups"]) == 2
    bad = write(tmp_path / "bad.csv", ("participant", "statement", "vote"), ("a", 99, "maybe"))
    words = said(agree("opinions", bad, files[1]), 2)
    assert "bad.csv row 2: statement '99' is not among the statements" in words
    assert "vote 'maybe' is not 1, -1 or 0" in words


def test_statements_that_look_alike(tmp_path: Path):
    file = write(
        tmp_path / "s.csv", ("statement", "text"), (1, "多建停车位"), (2, "多建一些停车位"), (3, "种树")
    )
    assert "2: 多建一些停车位" in said(agree("statements", file))


def test_a_budget_by_both_rules(tmp_path: Path):
    works = write(
        tmp_path / "p.csv",
        ("id", "cost", "title"),
        ("gym", 600, "健身"),
        ("bench", 300, "长椅"),
        ("path", 600, ""),
    )
    votes = [("v" + str(v), p) for v in range(6) for p in (("gym", "path") if v < 4 else ("bench",))]
    ballots = write(tmp_path / "b.csv", ("voter", "project"), *votes)
    words = said(agree("budget", works, ballots, "--budget", "900"))
    assert "all (6 people)" in words
    data = json.loads(agree("budget", works, ballots, "--budget", "900", "--json").stdout)
    assert set(data["equal_shares"]["funded"]) == {"gym", "bench"}
    bad = write(tmp_path / "bad.csv", ("id", "cost"), ("gym", "12.5"))
    assert "row 2: id 'gym', cost '12.5'" in said(agree("budget", bad, ballots, "--budget", "900"), 2)


def test_a_vote_is_sealed_and_then_counted(city: Path, roll: Path, tmp_path: Path):
    book = read_roll(roll.read_text("utf-8"))
    rows = [
        (e.dwelling_id, "同意" if i else "no", "2026-11-03", "paper", f"box {i}")
        for i, e in enumerate(book.entries)
    ]
    file = write(tmp_path / "b.csv", ("dwelling_id", "choice", "at", "channel", "signature"), *rows)
    times = ("--opens", "2026-11-01", "--closes", "2026-11-10")
    words = said(agree("tally", roll, file, *times, "--now", "2026-11-05"))
    assert words == "25 of 25 have voted; sealed until 2026-11-10 00:00."
    words = said(agree("tally", roll, file, *times, "--now", "2026-11-10"))
    assert "agree 24" in words
    assert "passed" in words
    bad = write(tmp_path / "bad.csv", ("dwelling_id", "choice", "at", "channel", "signature"), ("d1", "yes", "2026-11-03", "paper", "x"), (book.entries[0].dwelling_id, "yes", "2026-12-03", "paper", "x"))  # fmt: skip
    words = said(agree("tally", roll, bad, *times), 2)
    assert "row 2: home 'd1' is not on the roll" in words
    assert "row 3: The ballot was not taken" in words
    edited = tmp_path / "edited.json"
    edited.write_text(roll.read_text("utf-8").replace('"area_cm2": ', '"area_cm2": 1'), "utf-8")
    assert "A frozen roll is not edited" in said(agree("tally", edited, file, *times), 2)


def test_corrections_are_logged_and_follow_from_the_roll(roll: Path, tmp_path: Path):
    book = read_roll(roll.read_text("utf-8"))
    first = book.entries[0]
    file = write(
        tmp_path / "c.csv",
        ("dwelling_id", "action", "why", "reason", "holders", "area_cm2", "category"),
        (first.dwelling_id, "hold", "the heirs came forward", "heirs_unnamed", "", first.area_cm2, ""),
        ("d00000105", "enter", "the heir is established", "", "h-1;h-2", 480000, "reform"),
    )
    to = tmp_path / "new.json"
    assert "Corrections: 2." in said(
        agree("correct", roll, file, "--by", "office", "--out", to, "--now", "2026-11-02")
    )
    new = read_roll(to.read_text("utf-8"))
    assert new.follows(book)
    assert [c.reason for c in new.changes] == ["the heirs came forward", "the heir is established"]
    entered = next(e for e in new.entries if e.dwelling_id == "d00000105")
    assert entered.holders == ("h-1", "h-2")
    bad = write(tmp_path / "bad.csv", ("dwelling_id", "action", "why"), ("d1", "sell", "x"))
    words = said(agree("correct", roll, bad, "--by", "office", "--out", tmp_path / "x.json"), 2)
    assert "row 2: action 'sell' is not one of enter, hold, strike" in words
    assert not (tmp_path / "x.json").exists()


def test_a_signing_binds_all_or_nobody(roll: Path, tmp_path: Path):
    book = read_roll(roll.read_text("utf-8"))
    homes = [e.dwelling_id for e in book.entries]
    (tmp_path / "terms.txt").write_text("the agreement", "utf-8")
    acts = [("sign", h, f"2026-11-02T08:{i:02d}") for i, h in enumerate(homes[:20])]
    file = write(
        tmp_path / "a.csv", ("event", "dwelling_id", "at"), *acts, ("withdraw", homes[3], "2026-11-03")
    )
    given = ("--terms", tmp_path / "terms.txt", "--published", "2026-11-01", "--deadline", "2026-11-20")
    words = said(agree("signing", roll, file, *given, "--now", "2026-11-05"))
    assert "binds nobody yet" in words
    assert "If about half of the others still sign" in words
    state = json.loads(agree("signing", roll, file, *given, "--now", "2026-11-21", "--json").stdout)
    assert (state["state"], state["passed"]) == ("void", False)
    assert "Void for all, also for those who signed" in said(
        agree("signing", roll, file, *given, "--now", "2026-11-21")
    )
    late = write(
        tmp_path / "late.csv", ("event", "dwelling_id", "at"), *acts, ("sign", homes[21], "2026-11-25")
    )
    assert "row 22" in said(agree("signing", roll, late, *given), 2)


def test_surrender_goes_alone_and_within_its_windows(city: Path, tmp_path: Path):
    snapshot = City.load(city)
    home = lease_roll(snapshot, np.arange(len(snapshot["dwellings"])), "all").entries[0].dwelling_id
    steps = [(home, e, f"2026-11-{20 + i}", "cash" if e == "choose" else "") for i, e in enumerate(("apply", "assess", "offer", "sign", "choose", "hand_over"))]  # fmt: skip
    file = write(tmp_path / "e.csv", ("dwelling_id", "event", "at", "form"), *steps)
    words = said(agree("surrender", city, file, "--briefing", "2026-10-20"))
    assert "surrendered: 1" in words
    assert "stay with lease and rent as they are" in words
    words = said(agree("surrender", city, file, "--briefing", "2026-11-20"), 2)
    assert "row 5: signing is open from 2026-12-20" in words


def test_menu_from_form_to_choices(city: Path, tmp_path: Path):
    menu = tmp_path / "menu.yaml"
    menu.write_text(
        "items:\n"
        "  fire: {title: {zh: 消防, en: Fire safety}, group: basic, scope: building, matter: ordinary, measures: [fire_safety]}\n"
        "  lift: {title: {zh: 电梯, en: Lift}, group: improving, scope: staircase, matter: special, measures: [lift]}\n",
        "utf-8",
    )
    form = tmp_path / "form.csv"
    assert "9 are left out until their titles are cleared" in said(
        agree("menu-form", city, menu, "--out", form)
    )
    rows = list(csv.reader(form.open(encoding="utf-8-sig")))
    staircase = City.load(city)["dwellings"].set_index("dwelling_id")["staircase_id"].astype(str)
    for row in rows[3:]:
        row[1:] = ["2026-11-20", "paper", "yes", "yes" if staircase[row[0]] == "s0000002" else ""]
    filled, to = write(tmp_path / "filled.csv", *rows), tmp_path / "choices.csv"
    words = said(agree("menu", city, menu, filled, "--out", to))
    assert "Lift s0000002 3 3 3 100% passes" in words
    table = list(csv.DictReader(to.open(encoding="utf-8")))
    passed = {
        (r["object"], r["measure"]) for r in table if r["passes"] == "True" and r["mandatory"] == "False"
    }
    assert passed == {("s0000002", "lift")}
    rows[3][2] = "by pigeon"
    words = said(agree("menu", city, menu, write(tmp_path / "bad.csv", *rows)), 2)
    assert "row 4: channel 'by pigeon'" in words
    assert "xlsx" in str(agree("menu-form", city, menu, "--out", tmp_path / "form.xlsx").output)
    assert (tmp_path / "form.xlsx").stat().st_size > 1000


def test_a_draw_can_be_repeated_by_anyone(tmp_path: Path):
    pool = write(tmp_path / "pool.csv", ("id", "gender"), *((f"p{i:02d}", "FM"[i % 2]) for i in range(24)))
    quotas = write(tmp_path / "q.csv", ("category", "value", "least", "most"), ("gender", "F", 2, 4), ("gender", "M", 2, 4))  # fmt: skip
    (tmp_path / "salt").write_text("0123456789abcdef", "utf-8")
    lot, drawn = tmp_path / "lot.json", tmp_path / "draw.json"
    made = agree("lottery", pool, quotas, "--size", "6", "--salt", tmp_path / "salt", "--out", lot)
    assert "at least 25.0000%; under no lottery can the least chance exceed 25.0000% (proved)" in said(made)
    words = said(
        agree("draw", lot, "--seed", "03 07 12", "--out", drawn, "--pool", pool, "--salt", tmp_path / "salt")
    )
    assert "They are: p" in words
    assert "All holds" in said(agree("verify", lot, drawn))
    body = json.loads(drawn.read_text("utf-8"))
    drawn.write_text(json.dumps({**body, "ticket": body["ticket"] + 1}), "utf-8")
    assert "published was ticket" in said(agree("verify", lot, drawn), 1)
    short = write(tmp_path / "q2.csv", ("category", "value", "least", "most"), ("gender", "F", 5, 6), ("gender", "M", 5, 6))  # fmt: skip
    words = said(
        agree("lottery", pool, short, "--size", "6", "--salt", tmp_path / "salt", "--out", tmp_path / "x"), 2
    )
    assert "possible with" in words


def test_offers_openness_and_attachment(city: Path, tmp_path: Path):
    rows = [(f"d{i}", 2_600_000 if i == 3 else 2_000_000, 200_000, "public_direct", "") for i in range(6)]
    offers = write(tmp_path / "o.csv", ("dwelling_id", "total_yuan", "area_cm2", "tenure", "reason"), *rows)
    words = said(agree("offers", offers, "--like", "tenure"))
    assert "1 of 6 offers need a look" in words
    assert "no reason given" in words
    process = tmp_path / "p.yaml"
    process.write_text(
        "events: {vote_closes: 2026-11-01}\npublished: {result: 2026-11-02}\n"
        "answers: {s1: {since: 2026-09-01}}\nfive_co: {}\n",
        "utf-8",
    )
    words = said(agree("openness", process, "--on", "2026-11-20"))
    assert "Openness 0.50 (2 items due" in words
    assert "planning together: shown 0, missing 0, unknown" in words
    process.write_text("events: {vote_closes: soon}\nfive: {}\n", "utf-8")
    words = said(agree("openness", process, "--on", "2026-11-20"), 2)
    assert "five: unknown" in words
    assert "events.vote_closes: 'soon' is no date" in words
    middle = City.load(city)["buildings"].geometry.centroid
    points = [(f"t{i}", middle.x.iloc[3] + i, middle.y.iloc[3]) for i in range(6)]
    words = said(agree("attachment", city, write(tmp_path / "m.csv", ("person", "x", "y"), *points)))
    assert "b0000004 6 1.00" in words
    assert "silence is not indifference" in words


def test_missing_files_and_times_are_told(city: Path, roll: Path, tmp_path: Path):
    assert "There is no file" in said(agree("tally", tmp_path / "no.json", tmp_path / "b.csv", "--opens", "2026-11-01", "--closes", "2026-11-02"), 2)  # fmt: skip
    assert "--opens is no time: soon" in said(
        agree("tally", roll, roll, "--opens", "soon", "--closes", "2026-11-02"), 2
    )
    assert "no roll of 'cats'" in said(agree("roll", city, "--level", "building", "--place", "b0000014", "--act", "cats"), 2)  # fmt: skip
    assert len(homes_at(City.load(city), "building", "b0000014")) == 30
