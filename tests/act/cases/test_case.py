"""A case through its life: the whole way, every refusal, and any sequence of events."""

import copy
import datetime as dt
from importlib import resources
from pathlib import Path

import pytest
import yaml
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hutong.act.cases import CaseEvent, due_of, escalated, limit_end, machine, machine_page, open_case
from hutong.act.cases.machine import ACTORS, build_machine
from hutong.errors import HutongError
from hutong.rules import load_rules, official_calendar

HERE = dt.timezone(dt.timedelta(hours=8))
START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=HERE)
GENERAL = "request.general_days_max"


def hours(n):
    return START + dt.timedelta(hours=n)


@pytest.fixture(scope="module")
def limit():
    return limit_end(load_rules("beijing", dt.date(2026, 3, 1)))


def live(case, limit, *steps):
    for event, at, by, unit, said in steps:
        case = case.after(CaseEvent(event, hours(at), by, unit, said), limit)
    return case


TAKEN = ("take_in", 1, "intake", "", {"category": "pipes", "limit": GENERAL})
SENT = ("dispatch", 1, "intake", "", {"unit": "water"})
SIGNED = ("sign_for", 2, "unit", "water", {})
REPLIED = ("reply", 30, "unit", "water", {"reply": "已疏通"})


def test_the_whole_life(limit):
    case = live(
        open_case("c-1", "complaint", "b-1", START), limit, TAKEN, SENT, SIGNED,
        ("whistle", 3, "unit", "water", {"units": ["police", "market"], "kind": "enforcement"}),
        ("report_in", 5, "called", "police", {}),
        ("finish_part", 8, "called", "police", {"reply": "已清障"}),
        REPLIED,
        ("send_back", 40, "caller", "", {"satisfied": False, "limit": "request.utility_hours_max"}),
        ("reply", 50, "unit", "water", {"reply": "已换管"}),
        ("miss", 51, "caller", "", {}),
        ("confirm", 60, "caller", "", {"satisfied": True}),
    )  # fmt: skip
    assert (case.state, case.solved, case.satisfied, case.reopened) == ("solved", True, True, 1)
    assert not case.open
    assert case.signed == hours(2)
    assert case.replied == hours(50)
    assert case.due == hours(64)
    assert case.whistles["police"].reported == hours(5)
    assert case.whistles["market"].reported is None
    assert len(case.history) == 11


def test_the_clock_runs_on_through_a_dispute(limit):
    case = live(
        open_case("c", "help", "b", START), limit, TAKEN, SENT,
        ("dispute", 2, "unit", "water", {"reason": "不属于职责"}),
        ("dispatch", 20, "review", "", {"unit": "subdistrict"}),
    )  # fmt: skip
    assert case.due == hours(1) + dt.timedelta(days=7)
    assert (case.unit, case.disputes) == ("subdistrict", 1)
    upheld = live(
        open_case("c", "help", "b", START), limit, TAKEN, SENT,
        ("dispute", 2, "unit", "water", {"reason": "x"}),
        ("uphold", 3, "review", "", {"reason": "属于职责"}),
    )  # fmt: skip
    assert (upheld.state, upheld.unit) == ("handling", "water")


def test_reopening_starts_a_new_clock(limit):
    case = live(
        open_case("c", "help", "b", START), limit, TAKEN, SENT, SIGNED, REPLIED,
        ("confirm", 31, "caller", "", {"satisfied": None}),
        ("reopen", 100, "resident", "", {"reason": "又堵了"}),
        ("dispatch", 101, "intake", "", {"unit": "water"}),
    )  # fmt: skip
    assert case.due == hours(101) + dt.timedelta(days=7)
    assert case.solved is None
    assert case.reopened == 1


REFUSED = [
    ([], SENT, "cannot follow"),
    ([], ("nonsense", 1, "intake", "", {}), "cannot follow"),
    ([], ("take_in", 1, "unit", "", {"category": "pipes", "limit": GENERAL}), "is not for"),
    ([], ("take_in", 1, "intake", "", {"category": "pipes"}), "lacks limit"),
    ([], ("take_in", -1, "intake", "", TAKEN[4]), "before it"),
    ([], ("answer", 1, "intake", "", {"reply": "答复"}), "Only an inquiry"),
    ([], ("refer", 1, "intake", "", {"ground": "busy", "reply": "x"}), "There is no"),
    ([TAKEN, SENT], ("sign_for", 2, "unit", "heat", {}), "is with water"),
    ([TAKEN, SENT, SIGNED], ("extend", 3, "unit", "water", {"reason": "r", "until": hours(5)}), "no later"),
    ([TAKEN, SENT, SIGNED], ("extend", 300, "unit", "water", {"reason": "r", "until": hours(999)}), "run out"),
    ([TAKEN, SENT, SIGNED], ("whistle", 3, "unit", "water", {"units": ["water"], "kind": "key_work"}), "Already"),
    ([TAKEN, SENT, SIGNED], ("whistle", 3, "unit", "water", {"units": [], "kind": "key_work"}), "lacks units"),
    ([TAKEN, SENT, SIGNED], ("whistle", 3, "unit", "water", {"units": ["a"], "kind": "loud"}), "There is no"),
    ([TAKEN, SENT, SIGNED], ("report_in", 3, "called", "police", {}), "was not called"),
    ([TAKEN, SENT, SIGNED], ("finish_part", 3, "called", "police", {"reply": "x"}), "not reported in"),
    ([TAKEN, SENT, SIGNED, REPLIED], ("give_up", 31, "caller", "", {}), "Missed 0 times"),
    ([TAKEN, SENT, SIGNED, REPLIED], ("confirm", 31, "caller", "", {}), "lacks satisfied"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "event", "words"), REFUSED)
def test_refusals_say_why_and_change_nothing(limit, before, event, words):
    case = live(open_case("c", "help", "b", START), limit, *before)
    with pytest.raises(HutongError, match=words):
        live(case, limit, event)


def test_extended_once_only(limit):
    case = live(open_case("c", "help", "b", START), limit, TAKEN, SENT, SIGNED)
    later = case.due + dt.timedelta(days=3)
    case = live(case, limit, ("extend", 3, "unit", "water", {"reason": "r", "until": later}))
    assert case.due == later
    with pytest.raises(HutongError, match="extended once"):
        live(case, limit, ("extend", 4, "unit", "water", {"reason": "r", "until": later + dt.timedelta(1)}))


def test_a_whistled_unit_reports_and_finishes_once(limit):
    case = live(
        open_case("c", "help", "b", START), limit, TAKEN, SENT, SIGNED,
        ("whistle", 3, "unit", "water", {"units": ["police"], "kind": "key_work"}),
        ("report_in", 4, "called", "police", {}),
    )  # fmt: skip
    with pytest.raises(HutongError, match="reported in already"):
        live(case, limit, ("report_in", 5, "called", "police", {}))
    case = live(case, limit, ("finish_part", 5, "called", "police", {"reply": "x"}))
    with pytest.raises(HutongError, match="finished already"):
        live(case, limit, ("finish_part", 6, "called", "police", {"reply": "x"}))


def test_missed_three_times(limit):
    case = live(open_case("c", "help", "b", START), limit, TAKEN, SENT, SIGNED, REPLIED)
    case = live(case, limit, *[("miss", 31 + i, "caller", "", {}) for i in range(3)])
    assert live(case, limit, ("give_up", 40, "caller", "", {})).state == "unreached"


def test_an_inquiry_is_answered(limit):
    case = live(open_case("c", "inquiry", "b", START), limit, ("answer", 1, "intake", "", {"reply": "如下"}))
    assert case.state == "answered"


def test_what_is_no_case():
    for nature, at in (("gossip", START), ("help", START.replace(tzinfo=None))):
        with pytest.raises(HutongError, match="no nature"):
            open_case("c", nature, "b", at)


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("request.emergency_hours_max", hours(2)),
        ("request.utility_hours_max", hours(24)),
        (GENERAL, START + dt.timedelta(days=7)),
        ("request.complex_days_max", START + dt.timedelta(days=15)),
        ("request.no_such_rule", None),
    ],
)
def test_limits_of_the_classes(limit, name, ends):
    assert limit(name, START) == ends


def test_working_days_pass_over_a_holiday():
    """Publicity for 15 working days from Monday 9 Feb 2026 passes Spring Festival and two worked Saturdays."""
    rules = load_rules("beijing", dt.date(2026, 2, 1))
    name = next(p.id for p in rules if p.unit == "working day" and p.value == 15)
    end = limit_end(rules, official_calendar())(name, dt.datetime(2026, 2, 9, 10, tzinfo=HERE))
    assert end.date() == dt.date(2026, 3, 6)
    assert (end.hour, end.minute) == (23, 59)


def test_what_is_no_time_limit(limit):
    with pytest.raises(HutongError, match="no time limit"):
        limit("unit.demolition_share_max", START)


def test_escalation_by_share_of_the_time(limit):
    case = live(open_case("c", "help", "b", START), limit, TAKEN, SENT, SIGNED)
    week = dt.timedelta(days=7)
    told = {s: [e.to for e in escalated(case, case.began + s * week, limit)] for s in (0.5, 0.8, 1.0, 1.5)}
    assert told == {
        0.5: [], 0.8: ["unit"], 1.0: ["unit", "subdistrict"], 1.5: ["unit", "subdistrict", "district"],
    }  # fmt: skip
    assert due_of(case, case.due + dt.timedelta(seconds=1), limit).overdue
    filed = open_case("c", "help", "b", START)
    assert due_of(filed, hours(1), limit).used == 0.5
    assert due_of(live(case, limit, REPLIED), hours(31), limit) is None


def test_a_place_without_limits_has_no_clock():
    none = limit_end(load_rules("national", dt.date(2026, 3, 1)))
    case = live(open_case("c", "help", "b", START), none, TAKEN, SENT)
    assert due_of(case, hours(9), none) is None
    assert escalated(case, hours(9), none) == ()


# --- the table itself ----------------------------------------------------------------------------------------------


def raw():
    text = resources.files("hutong.act.cases").joinpath("machine.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def test_every_actor_has_something_to_do():
    assert {a for e in machine().events.values() for a in e.by} == {*ACTORS}
    assert machine().allowed("replied", "resident") == ()
    assert [e.id for e in machine().allowed("dispatched", "unit")] == ["sign_for", "dispute"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: t["events"]["take_in"].update(to="limbo"), "limbo"),
        (lambda t: t["events"]["take_in"].update(guards=["luck"]), "luck"),
        (lambda t: t["events"]["take_in"].update(by=["nobody"]), "nobody"),
        (lambda t: t["events"].pop("dispute"), "disputed is never reached"),
        (lambda t: t["states"]["solved"].pop("end") and t["events"].pop("reopen"), "solved has no way out"),
    ],
)
def test_a_broken_table_is_named(spoil, words):
    table = copy.deepcopy(raw())
    spoil(table)
    with pytest.raises(ValueError, match=words):
        build_machine(table)


def test_the_page_holds_every_state_and_event():
    for lang in ("zh", "en"):
        page = machine_page(lang)
        assert all(s.title.get(lang) in page for s in machine().states.values())
        assert all(f"`{e}`" in page for e in machine().events)


def test_the_documentation_is_drawn_from_the_table():
    page = Path(__file__).parents[3].joinpath("docs", "cases.md").read_text(encoding="utf-8")
    assert machine_page("en") in page
    assert machine_page("zh") in page


class AnyLife(RuleBasedStateMachine):
    """Whatever anybody tries, in any order: the case stays in the table and loses nothing."""

    def __init__(self):
        super().__init__()
        self.limit = limit_end(load_rules("beijing", dt.date(2026, 3, 1)))
        self.case = open_case("c", "complaint", "b", START)
        self.now, self.done = 0, 0

    @rule(
        event=st.sampled_from(sorted(machine().events)),
        unit=st.sampled_from(["water", "police"]),
        wait=st.integers(0, 90),
        actor=st.integers(0, 1),
    )
    def attempt(self, event, unit, wait, actor):
        self.now += wait
        by = machine().events[event].by
        said = {
            "category": "pipes", "limit": GENERAL, "unit": unit, "units": ["police"], "kind": "key_work", "reason": "r",
            "reply": "x", "ground": "beyond", "until": hours(self.now + 400), "satisfied": False,
        }  # fmt: skip
        asked = CaseEvent(event, hours(self.now), by[actor % len(by)], unit, said)
        before = self.case
        try:
            self.case = before.after(asked, self.limit)
        except HutongError as caught:
            if caught.code != "case-event":
                raise
            assert self.case is before
        else:
            self.done += 1
            assert before.state in machine().events[event].origin
            assert self.case.state == machine().events[event].to

    @invariant()
    def nothing_is_lost(self):
        case = self.case
        assert len(case.history) == self.done
        assert (case.solved is None) or case.state in (
            "solved",
            "unsolved",
            "handling",
            "replied",
            "taken_in",
        )
        assert (case.due is None) == (case.began is None)
        assert case.state != "handling" or case.unit
        assert all(w.done is None or w.reported is not None for w in case.whistles.values())


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
