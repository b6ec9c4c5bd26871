"""Procedures: sound machines, every route shown, clocks counted, and pages that are the data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city import schema
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.rules.procedure import NO_COMPULSION, OUTCOMES
from hutong.rules.procedure_page import clock_words, procedure_page, render_procedure
from hutong.rules.procedure_reader import load_procedure, load_procedures, procedure_names, procedure_of
from hutong.rules.workdays import WorkCalendar

RULES = load_rules("beijing")
ALL = load_procedures(RULES)
PAGES = Path(__file__).parents[2] / "docs" / "procedures"


def test_every_tenure_has_its_procedure():
    tenures = schema().tables["dwellings"].columns["tenure"].enum
    assert {p.tenures[0] for p in ALL.values() if p.tenures} == set(tenures)
    for tenure in tenures:
        found = procedure_of(tenure, RULES)
        assert found is not None
        assert found.tenures == (tenure,)
    assert {"estate", "courtyard_surrender"} <= set(ALL)


@pytest.mark.parametrize("name", procedure_names())
def test_every_step_says_who_with_what_on_which_ground(name):
    for step in ALL[name].steps.values():
        assert step.title.zh
        assert step.title.en
        if step.ends:
            assert step.outcome in OUTCOMES
            continue
        assert step.who
        assert step.documents
        assert step.events
        assert step.authority is not None
        assert step.authority.source or step.authority.note is not None
        # everything that a procedure counts with is a figure of Beijing's rules
        assert all(c.parameter is not None for c in step.clocks), step.id
        assert all(p is not None for _, p in step.figures), step.id


@pytest.mark.parametrize("name", procedure_names())
def test_every_step_can_be_reached_and_ends(name):
    p = ALL[name]
    on_routes = {s.id for r in p.routes_from(p.start) for s, _ in r.moves} | {
        r.end.id for r in p.routes_from(p.start)
    }
    # a step met only on the way round a loop is on no route without repetition, yet it ends
    for step in p.steps:
        assert p.routes_from(step), step
    assert {s.id for s in p.steps.values() if s.ends} <= on_routes


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(procedure_names()), seed=st.randoms(use_true_random=False))
def test_a_walk_follows_the_events_and_no_other(name, seed):
    p = ALL[name]
    step = p.step(p.start)
    for _ in range(60):
        if step.ends:
            break
        event = seed.choice(step.events)
        after = p.next(step.id, event.id)
        assert after.id == event.to
        with pytest.raises(HutongError) as caught:
            p.next(step.id, "no_such_event")
        assert caught.value.code == "not-now"
        assert event.id in caught.value.hint.en
        step = after


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("commodity", ("settled", "stays", "stopped", "enforced")),
        ("reform", ("settled", "stays", "stopped", "enforced")),
        ("private", ("settled", "stays", "enforced")),
        ("public_direct", ("settled", "stays", "enforced")),
        ("public_unit", ("settled", "stays", "enforced")),
        ("central", ("settled", "stays", "stopped")),
        ("military", ("stopped", "manual")),
        ("collective", ("settled", "stays", "stopped")),
        ("estate", ("settled", "stopped")),
        ("courtyard_surrender", ("settled", "stays")),
    ],
)
def test_how_each_can_end(name, outcomes):
    p = ALL[name]
    assert p.outcomes_from(p.start) == outcomes


@pytest.mark.parametrize("name", [n for n, p in ALL.items() if "enforced" in p.outcomes_from(p.start)])
def test_enforcement_comes_only_after_mediation_a_decision_and_its_contest(name):
    p = ALL[name]
    for route in p.routes_from(p.start):
        if route.end.outcome != "enforced":
            continue
        steps = [s.id for s, _ in route.moves]
        assert [s for s in steps if s in ("mediation", "decision_served", "decision_final", "court_ruling")] == [
            "mediation", "decision_served", "decision_final", "court_ruling",
        ]  # fmt: skip
        assert {"enforcement_application", "judgment"} <= {d for d, _ in route.documents}
        assert {"remedy.reconsideration_days", "remedy.suit_months"} <= {c.id for c in route.clocks}


def test_private_homes_are_expropriated_only_for_a_public_interest_and_public_ones_by_a_decision():
    private = {
        s for r in ALL["private"].routes_from("mediation") for s, _ in r.moves if r.end.outcome == "enforced"
    }
    assert {"after_mediation", "expropriation_applied", "expropriation_decided"} <= {s.id for s in private}
    public = ALL["public_direct"]
    assert "decision_asked" in public.steps
    assert not any(s.startswith("expropriation") for s in public.steps)
    assert [e.id for e in ALL["private"].step("after_mediation").events][-1] == "public_interest"


def test_one_can_stay_from_every_step_of_the_talks():
    for name in (
        "private",
        "public_direct",
        "public_unit",
        "commodity",
        "reform",
        "courtyard_surrender",
        "central",
    ):
        p = ALL[name]
        step = p.step("negotiating" if "negotiating" in p.steps else "signing")
        assert "stays" in p.outcomes_from(step.id)
        assert step.holdout is not None


def test_surrender_can_be_rescinded_until_the_keys_are_handed_over():
    p = ALL["courtyard_surrender"]
    for state in ("application", "review", "signing", "choice", "hand_over"):
        assert any(e.to == "staying" for e in p.step(state).events), state
    assert [e.to for e in p.step("restoration").events] == ["operation"]
    assert p.next("staying", "applies").id == "improvement"


def test_the_estate_goes_its_documented_way():
    p = ALL["estate"]
    (straight,) = [r for r in p.routes_from(p.start) if r.end.id == "in_use"]
    assert [s.id for s, _ in straight.moves] == [
        "willingness", "reserve_list", "implementer_set", "scheme_drawn", "vote", "joint_review", "district_consent",
        "publicity", "implementation_list", "permits", "works", "hand_over",
    ]  # fmt: skip
    (clock,) = p.step("publicity").clocks
    assert (clock.bound, clock.parameter.value, clock.parameter.unit) == ("at_least", 15, "working day")
    # opened on Friday 30 Oct 2026, 15 working days run until Friday 20 Nov
    assert clock.ends(dt.date(2026, 10, 30), WorkCalendar()) == dt.date(2026, 11, 20)


def test_clocks_in_other_units():
    p = ALL["private"]
    ends = {c.id: c.ends(dt.date(2026, 1, 31), WorkCalendar()) for _, c in p.clocks}
    assert ends["remedy.reconsideration_days"] == dt.date(2026, 4, 1)
    assert ends["remedy.suit_months"] == dt.date(2026, 7, 31)
    assert ends["remedy.enforcement_application_months"] == dt.date(2026, 4, 30)
    assert ends["expropriation.freeze_years_max"] == dt.date(2027, 1, 31)


def test_elsewhere_a_figure_that_is_not_documented_is_unknown():
    shanghai = load_rules("shanghai")
    assert set(load_procedures(shanghai)) == {"military", "collective"}
    works = load_procedure("collective", shanghai).step("works")
    (clock,) = works.clocks
    assert clock.parameter is None
    assert clock.ends(dt.date(2026, 1, 1), WorkCalendar()) is None
    assert "本地规则未载" in clock_words(clock, "zh")
    assert "not documented" in render_procedure(load_procedure("collective", shanghai), "en")
    with pytest.raises(HutongError) as caught:
        load_procedure("private", shanghai)
    assert caught.value.code == "procedure-elsewhere"
    assert procedure_of("private", shanghai) is None


def test_unknown_names():
    with pytest.raises(HutongError) as caught:
        load_procedure("castle", RULES)
    assert caught.value.code == "unknown-procedure"
    with pytest.raises(HutongError) as caught:
        ALL["estate"].step("castle")
    assert caught.value.code == "no-such-step"
    with pytest.raises(HutongError) as caught:
        ALL["estate"].next("in_use", "anything")
    assert "ended" in caught.value.hint.en


@pytest.mark.parametrize("name", procedure_names())
def test_the_pages_are_the_data(name):
    page = PAGES / f"{name}.md"
    assert page.read_text("utf-8") == procedure_page(ALL[name]), (
        f"run: hutong rules procedure --write {PAGES}"
    )


def test_there_is_no_page_of_something_else():
    assert {p.stem for p in PAGES.glob("*.md")} == set(procedure_names()) | {"README"}
    index = (PAGES / "README.md").read_text("utf-8")
    assert all(f"({name}.md)" in index for name in procedure_names())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_says_that_nobody_is_compelled_and_draws_every_move(lang):
    for p in ALL.values():
        page = render_procedure(p, lang)
        assert NO_COMPULSION.get(lang) in page
        moves = sum(len(s.events) for s in p.steps.values())
        assert page.count(" -->|") == moves
        rows = [line for line in page.splitlines() if line.startswith("| ")]
        assert len(rows) == 1 + sum(not s.ends for s in p.steps.values())
        assert {line.count(" | ") for line in rows} == {6}
    assert ("假设" if lang == "zh" else "Assumption") in render_procedure(ALL["military"], lang)


GOOD = (
    "title: {zh: 例, en: Example}\nabout: {zh: 例, en: example}\ntenures: [private]\nholds_in: [beijing]\nmode: machine\n"
    "start: one\ninclude: []\nstates:\n"
    "  one:\n    title: {zh: 一, en: One}\n    who: [owners]\n    documents: [scheme]\n"
    "    clocks: [{parameter: vote.notice_days, bound: at_least}]\n    figures: [vote.quorum.area]\n"
    "    source: 文件\n    confidence: D\n    events: {go: {to: two, zh: 走, en: go}}\n"
    "  two:\n    title: {zh: 二, en: Two}\n    who: [owners]\n    documents: [scheme]\n    source: 文件\n    confidence: D\n"
    "    events:\n      on: {to: done, zh: 完, en: done}\n      back: {to: one, zh: 回, en: back}\n"
    "ends:\n  done: {zh: 完, en: Done, outcome: settled}\n"
)


def test_a_procedure_of_ones_own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(GOOD, "utf-8")
    p = load_procedure("own", RULES, path)
    assert [r.end.id for r in p.routes_from("one")] == ["done"]
    assert p.step("one").clocks[0].parameter.value == 15


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("title: {zh: 例, en: Example}", "title: {zh: 例}", "own.yaml:1: title is"),
        ("tenures: [private]", "tenures: [castle]", "own.yaml:3: 'castle' is not known"),
        ("holds_in: [beijing]", "holds_in: [mars]", "own.yaml:4: 'mars' is not known"),
        ("mode: machine", "mode: steam", "own.yaml:5: mode is 'steam'; expected machine or manual"),
        ("start: one", "start: nine", "own.yaml:6: start is 'nine'; expected one of one, two, done"),
        ("include: []", "include: [nothing]", "own.yaml:7: 'nothing' is no part"),
        ("who: [owners]", "who: [kings]", "own.yaml:11: 'kings' is not known"),
        ("documents: [scheme]", "documents: []", "own.yaml:9: one has no one who acts or no document"),
        ("parameter: vote.notice_days", "parameter: vote.no_such", "own.yaml:13: parameter 'vote.no_such' is in no rule file"),
        ("parameter: vote.notice_days", "parameter: vote.silence", "own.yaml:13: parameter 'vote.silence' is in choice; expected one of day"),
        ("bound: at_least", "bound: about", "own.yaml:13: bound is 'about'"),
        ("figures: [vote.quorum.area]", "figures: [vote.x]", "own.yaml:14: 'vote.x' is not known"),
        ("    source: 文件\n    confidence: D\n    events: {go", "    confidence: D\n    events: {go", "own.yaml:9: source is missing"),
        ("{go: {to: two, zh: 走, en: go}}", "{go: {to: nine, zh: 走, en: go}}", "own.yaml:9: one leads to 'nine', which does not exist"),
        ("{go: {to: two, zh: 走, en: go}}", "{go: {to: done, zh: 走, en: go}}", "own.yaml:18: two is never reached from one"),
        ("{go: {to: two, zh: 走, en: go}}", "{}", "own.yaml:9: one is a dead end"),
        ("      on: {to: done, zh: 完, en: done}\n", "", "own.yaml:9: no end can be reached from one"),
        ("en: go}", "en: go, note: x}", "own.yaml:17: unknown key 'note'"),
        ("outcome: settled", "outcome: fine", "own.yaml:28: outcome is 'fine'"),
        ("states:\n", "colour: red\nstates:\n", "own.yaml:8: unknown key 'colour'"),
    ],
)  # fmt: skip
def test_a_broken_file_says_where(tmp_path, good, bad, said):
    assert good in GOOD
    path = tmp_path / "own.yaml"
    path.write_text(GOOD.replace(good, bad, 1), "utf-8")
    with pytest.raises(HutongError) as caught:
        load_procedure("own", RULES, path)
    assert caught.value.code == "rules-broken"
    assert any(r.startswith(said) for r in caught.value.rows), caught.value.rows
