"""Projects: the procedure as a project takes it, gates by tenure and kind, review, disclosures, change orders."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from hutong.act.machine import Deed
from hutong.act.projects import (
    Opinion,
    advance,
    begin_change,
    begin_project,
    begin_review,
    change_kinds,
    change_machine,
    course,
    defect_machine,
    gate,
    given,
    outlines,
    owed,
    permit_machine,
    reopened,
)
from hutong.act.projects.project import turned
from hutong.act.standing import begin, live
from hutong.errors import HutongError
from hutong.rules import load_rules, official_calendar

ZONE = ZoneInfo("Asia/Shanghai")
RULES = load_rules("beijing")
CALENDAR = official_calendar()
START = dt.datetime(2026, 1, 5, 9, tzinfo=ZONE)


def at(days, hour=9):
    return START + dt.timedelta(days=days, hours=hour - 9)


def project(name="estate", types=("comprehensive",), tenures=("reform",)):
    found = course(name, RULES)
    return found, begin_project(found, "p1", START, {"types": types, "tenures": tenures})


def on(found, p, day):
    """Go on by the first event that leads on, with every paper handed in on the day."""
    event = next(e for e in p.machine.allowed(p.state) if found.forward(e))
    held = {x.id: at(day) for x in gate(found, p).papers}
    return advance(found, p, Deed(event.id, at(day), event.by[0]), held, CALENDAR)


def until(found, p, state, step=30):
    day = (p.since - START).days
    while p.state != state:
        day += step
        p = on(found, p, day)
    return p


@pytest.mark.parametrize(("name", "end"), [("estate", "in_use"), ("courtyard_surrender", "in_operation")])
def test_a_project_goes_through_its_procedure(name, end):
    found, p = project(name, ("restoration",), ("public_direct",))
    lists = []
    while p.open:
        lists.append(found.library(p.state))
        p = on(found, p, (p.since - START).days + 40)
    assert p.state == end
    assert found.library(p.state) == "ended"
    assert lists == sorted(lists, key=["proposed", "reserve", "implementation"].index)
    assert set(lists) == {"proposed", "reserve", "implementation"}


def test_every_step_of_a_procedure_is_the_projects_or_a_households():
    for name, outline in outlines().items():
        found = course(name, RULES)
        named = [s for steps in outline["library"].values() for s in steps]
        assert len(named) == len(set(named))
        assert set(named) <= set(found.machine.states)


def test_papers_come_from_the_step_the_tenure_and_the_kind():
    found, p = project(types=("rebuild",), tenures=("central", "public_direct"))
    papers = {x.id: x for x in gate(found, until(found, p, "permits")).papers}
    assert papers["planning_permit"].article == "第38条、第39条"
    assert papers["unit_consent"].because.en == "tenure: Housing of central bodies"
    assert "lease_book" in papers  # homes are concerned
    assert papers["signing_certificate"].assumed
    found, p = project(types=("lift",), tenures=("commodity",))
    papers = {x.id for x in gate(found, until(found, p, "permits")).papers}
    assert "quality_supervision" in papers
    assert not papers & {"unit_consent", "lease_book", "signing_certificate", "floor_area_entry"}


def test_a_gate_lists_what_is_missing_with_its_text():
    found, p = project()
    p = until(found, p, "publicity")
    held = {"scheme": p.since}
    deed = Deed("publicity.closed", p.since + dt.timedelta(days=3), "renewal_authority")
    with pytest.raises(HutongError) as caught:
        advance(found, p, deed, held, CALENDAR)
    assert caught.value.code == "gate-closed"
    assert any("北京市城市更新条例" in r and "record of publicity" in r for r in caught.value.rows)
    assert any("runs until" in r for r in caught.value.rows)
    end = CALENDAR.add(p.since.date(), 15)
    late = dt.datetime.combine(end, dt.time(12), ZONE)
    held["publicity_record"] = late
    with pytest.raises(HutongError, match="lacks 1 thing"):
        advance(found, p, Deed("publicity.closed", late, "renewal_authority"), held, CALENDAR)
    next_day = late + dt.timedelta(days=1)
    done = advance(found, p, Deed("publicity.closed", next_day, "renewal_authority"), held, CALENDAR)
    assert done.state == "implementation_list"


def test_a_paper_may_be_settled_as_not_needed():
    found, p = project()
    held = {x.id: at(30) for x in gate(found, p).papers if x.id != "menu"}
    deed = Deed("willingness.willing", at(31), "subdistrict")
    with pytest.raises(HutongError, match="lacks 1 thing"):
        advance(found, p, deed, held, CALENDAR)
    assert advance(found, p, deed, held, CALENDAR, settled=("menu",)).state == "reserve_list"


def test_what_is_sent_back_needs_new_papers():
    found, p = project()
    p = until(found, p, "vote")
    old = {"roll": p.since, "notice": p.since, "ballot": p.since, "result_notice": p.since}
    p = advance(found, p, Deed("vote.failed", p.since + dt.timedelta(days=20), "owners"), {}, CALENDAR)
    assert p.state == "scheme_drawn"
    assert turned(found, p) == p.since
    p = on(found, p, (p.since - START).days + 10)
    deed = Deed("vote.passed", p.since + dt.timedelta(days=30), "owners")
    with pytest.raises(HutongError, match="lacks 4"):
        advance(found, p, deed, old, CALENDAR)


def test_a_change_sends_works_back_to_the_vote():
    found, p = project()
    p = until(found, p, "works")
    deed = Deed("works.reopened_vote", p.since + dt.timedelta(days=5), "renewal_authority")
    assert advance(found, p, deed, {}, CALENDAR).state == "vote"
    with pytest.raises(HutongError, match="is not for"):
        advance(found, p, Deed(deed.event, deed.at, "household"), {}, CALENDAR)


def test_an_unknown_procedure_or_kind():
    with pytest.raises(HutongError, match="No project goes through"):
        course("military", RULES)
    with pytest.raises(HutongError, match="no kind of project"):
        project(types=("palace",))


# --- permits, defects, change orders ------------------------------------------------------------------------------


def test_a_permit_runs_out_or_is_used():
    deeds = [
        Deed("file", at(1), "implementer", {"document": "a"}),
        Deed("grant", at(5), "authority", {"number": "建字1", "document": "b", "until": "2026-03-01"}),
    ]
    permit = live(begin(permit_machine(), "planning_permit", START), deeds)
    with pytest.raises(HutongError, match="has not run out"):
        permit.after(Deed("lapse", at(10), "authority"))
    with pytest.raises(HutongError, match="has run out"):
        permit.after(Deed("use", at(100), "implementer"))
    longer = permit.after(Deed("extend", at(10), "authority", {"until": "2027-03-01", "document": "c"}))
    assert longer.after(Deed("use", at(100), "implementer")).state == "used"
    with pytest.raises(HutongError, match="no later"):
        longer.after(Deed("extend", at(11), "authority", {"until": "2026-06-01", "document": "c"}))


def test_nobody_who_mended_it_says_that_it_is_mended():
    defect = begin(defect_machine(), "d", START)
    defect = defect.after(Deed("accept", at(1), "implementer", {"until": "2026-02-01"}))
    defect = defect.after(Deed("mend", at(9), "implementer", {"reply": "已补"}))
    with pytest.raises(HutongError, match="is not for"):
        defect.after(Deed("confirm", at(10), "implementer"))
    back = defect.after(Deed("send_back", at(10), "supervisor", {"reason": "还漏", "until": "2026-03-01"}))
    assert back.state == "mending"
    assert (
        live(
            back,
            [Deed("mend", at(11), "implementer", {"reply": "再补"}), Deed("confirm", at(12), "supervisor")],
        ).state
        == "closed"
    )


def test_a_change_is_approved_only_with_every_consent():
    order = begin_change("c", ["common_parts", "building"], START)
    order = order.after(Deed("propose", at(1), "implementer", {"reason": "管线冲突"}))
    order = order.after(Deed("open_consents", at(2), "office"))
    for consent in ("vote", "permit"):
        order = order.after(Deed("consent_given", at(3), "office", {"consent": consent, "document": "x"}))
    with pytest.raises(HutongError, match="published again"):
        order.after(Deed("approve", at(4), "office"))
    with pytest.raises(HutongError, match="recorded already"):
        order.after(Deed("consent_given", at(4), "office", {"consent": "vote", "document": "x"}))
    with pytest.raises(HutongError, match="does not ask"):
        order.after(Deed("consent_given", at(4), "office", {"consent": "budget", "document": "x"}))
    with pytest.raises(HutongError, match="no “luck”"):
        order.after(Deed("consent_given", at(4), "office", {"consent": "luck", "document": "x"}))
    order = order.after(Deed("consent_given", at(5), "office", {"consent": "publicity", "document": "x"}))
    assert given(order) == ("vote", "permit", "publicity")
    assert order.after(Deed("approve", at(6), "office")).state == "approved"


def test_kinds_of_change_say_what_they_rest_on():
    for kind in change_kinds().values():
        assert kind.assumed == (kind.note is not None)
        assert kind.assumed or kind.source
        assert (kind.matter > 0) == ("vote" in kind.reopens)
        if kind.matter:
            assert f"vote.matter.{kind.matter}" in RULES
    with pytest.raises(HutongError, match="no kind of change"):
        reopened([])
    with pytest.raises(HutongError, match="weather"):
        reopened(["weather"])


@pytest.mark.parametrize("table", [permit_machine(), defect_machine(), change_machine()])
def test_every_actor_acts_and_every_field_is_asked_for(table):
    assert {a for e in table.events.values() for a in e.by} == set(table.actors)
    assert {n for e in table.events.values() for n in e.needs} == set(table.fields)


# --- joint review -------------------------------------------------------------------------------------------------


def test_a_review_waits_for_all_and_passes_over_nobody():
    review = begin_review("housing", ["housing", "fire", "planning"], START, dt.date(2026, 1, 20))
    assert review.late(dt.date(2026, 1, 20)) == ()
    assert review.late(dt.date(2026, 1, 21)) == ("housing", "fire", "planning")
    for name, verdict in (("housing", "agree"), ("fire", "conditions")):
        review = review.answered(Opinion(name, verdict, at(2)))
    with pytest.raises(HutongError, match="silence is no agreement"):
        review.conclude("housing", "passed")
    with pytest.raises(HutongError, match="leads and concludes"):
        review.conclude("fire", "returned")
    with pytest.raises(HutongError, match="answered already"):
        review.answered(Opinion("fire", "agree", at(3)))
    with pytest.raises(HutongError, match="was not asked"):
        review.answered(Opinion("water", "agree", at(3)))
    against = review.answered(Opinion("planning", "object", at(3)))
    with pytest.raises(HutongError, match="objects"):
        against.conclude("housing", "passed")
    assert against.conclude("housing", "returned").concluded == "returned"
    passed = review.answered(Opinion("planning", "agree", at(3))).conclude("housing", "passed")
    with pytest.raises(HutongError, match="concluded"):
        passed.answered(Opinion("planning", "agree", at(4)))


def test_a_review_that_cannot_begin():
    with pytest.raises(HutongError, match="one of the departments"):
        begin_review("housing", ["fire"], START, dt.date(2026, 2, 1))
    with pytest.raises(HutongError, match="after today"):
        begin_review("fire", ["fire"], START, START.date())


# --- disclosures --------------------------------------------------------------------------------------------------


def test_disclosures_fall_due_by_the_calendar():
    found, p = project()
    p = until(found, p, "implementer_set")  # entered the reserve list on 2026-03-06
    rows = {o.kind.id: o for o in owed(p, [], dt.date(2026, 3, 6), RULES, CALENDAR)}
    assert rows["listing"].day == CALENDAR.add(dt.date(2026, 3, 6), 20)
    assert (rows["listing"].standing, rows["listing"].assumed) == ("due", False)
    assert rows["implementer"].day == dt.date(2026, 3, 13)
    late = {o.kind.id: o for o in owed(p, [], dt.date(2026, 6, 1), RULES, CALENDAR)}
    assert late["listing"].standing == "late"
    done = [("listing", dt.date(2026, 3, 20)), ("implementer", dt.date(2026, 3, 7))]
    rows = {o.kind.id: o for o in owed(p, done, dt.date(2026, 3, 10), RULES, CALENDAR)}
    assert rows["listing"].standing == "done"
    assert rows["implementer"].standing == "running"


def test_progress_is_owed_every_month_of_the_works_and_not_after():
    found, p = project()
    p = until(found, p, "works")
    start = p.since.date()
    day = p.since + dt.timedelta(days=100)
    rows = [o for o in owed(p, [("progress", start + dt.timedelta(days=20))], day.date(), RULES, CALENDAR) if o.kind.id == "progress"]  # fmt: skip
    assert [r.standing for r in rows] == ["done", "late", "late", "due"]
    assert all(r.assumed for r in rows)
    ended = on(found, p, (day - START).days)
    assert len([o for o in owed(ended, [], day.date() + dt.timedelta(days=300), RULES, CALENDAR) if o.kind.id == "progress"]) == 4  # fmt: skip


def test_a_place_without_the_rule_says_so():
    found, p = project()
    p = until(found, p, "implementer_set")
    rules = load_rules("shanghai")
    assert "scheme.coordinator_publicity_days" not in rules
    rows = {o.kind.id: o for o in owed(p, [], dt.date(2026, 6, 1), rules, CALENDAR)}
    assert (rows["implementer"].standing, rows["implementer"].day) == ("unknown", None)
