"""An estate lives through a year on the running site: from one checkup to the next, through pages alone, each step by who is at turn."""

from __future__ import annotations

import os
import re

import pytest

from tests.service.browser import NEEDS
from tests.service.year import checked_at_the_end, hand_in, move, number, wait_for_job, year
from tests.service.year_town import HOMES

pytestmark = [*NEEDS, pytest.mark.slow]


def checkup(y):
    """The quarter is checked and the checkup opened to everyone; the planner goes from a finding to an application."""
    page = y.open("planner", "/twin/")
    page.click("main a[href^='/twin/']:not([href$=import])")
    page.click("text=Run the checkup")
    wait_for_job(page)
    page.click("text=See the result")
    run = number(page.url)
    page = y.open("district", f"/checkup/{run}")
    y.send(page, "/publish")
    visitor = y.open("", f"/checkup/{run}/findings")
    visitor.click("main a[href*='/findings/']")
    assert "at turn" in visitor.inner_text(".follows"), "a finding says who goes on with it"
    return run


def apply(y, run, estate):
    """The planner applies for a project because of a finding."""
    page = y.open("planner", f"/checkup/{run}/findings/1")
    y.follow(page, "Apply for a project")
    y.send(
        page, "", title_zh="一号院综合整治", title_en="Renewal of Yard 1", place=estate,
        types=["comprehensive", "lift"], tenures="reform",
    )  # fmt: skip
    return number(page.url.removesuffix("/office"))


def to_reserve(y, project):
    """Willingness and menu, then the reserve list, then the implementer: by the subdistrict and the district."""
    resident = y.resident("home-1")
    resident.goto(f"{y.address}/projects/{project}")
    assert (
        resident.locator("text=do not have").count()
        or "403" in resident.title()
        or resident.locator("main").count()
    )
    hand_in(y, "subdistrict", project, "checkup_report", "willingness_form", "menu")
    move(y, "subdistrict", project, "willingness.willing")
    hand_in(y, "district", project, "project_application", "list_entry")
    move(y, "district", project, "reserve_list.listed")
    y.pass_days(1)
    page = y.open("", f"/projects/{project}")
    assert "Reserve" in page.inner_text("dl.pairs")


def implementer(y, project):
    hand_in(y, "operator", project, "implementer_record", "publicity_record")
    y.pass_days(8)
    move(y, "district", project, "implementer_set.set")
    hand_in(y, "operator", project, "scheme", "cost_estimate")
    move(y, "planner", project, "scheme_drawn.ready")


def roll(y, estate, building, project):
    """The roll of owners: imported, shown, frozen by two persons."""
    page = y.open("subdistrict", f"/projects/{project}/office")
    y.follow(page, "Import a roll")
    rows = [
        {"building": building, "dwelling_id": f"d{n}", "holder": f"ref-{n}", "area_m2": 60}
        for n in range(1, HOMES + 1)
    ]
    y.send(page, "", act="owners", name_zh="一号院业主名册", name_en="Owners of Yard 1", table=y.table(rows))
    made = number(page.url)
    y.send(page, "/publish", days=7)
    for n in (1, 2):
        y.send(page, "/link", username=f"home-{n}", building=building, dwelling_id=f"d{n}")
    y.pass_days(8)
    y.send(y.open("subdistrict", f"/consent/rolls/{made}"), "/freeze")
    y.confirm("subdistrict-2")
    return made


def vote(y, answers, renews=None, roll=None):
    """A vote is held: notice, opening, ballots of the official system, survey on a phone, close and count by two persons."""
    if renews is None:
        page = y.open("subdistrict", "/consent/ballots/new")
        y.send(
            page, "", roll=roll, matter="7", name_zh="综合整治方案", name_en="The scheme of renewal",
            asked_zh="是否同意综合整治方案？", asked_en="Shall the estate be renewed by this scheme?", document="全文 The whole text.",
        )  # fmt: skip
    else:
        page = y.open("subdistrict", f"/consent/ballots/{renews}")
        with page.expect_navigation():
            page.click("text=Bring it again")
        y.send(page, "")
    ballot = number(page.url)
    y.send(page, "/notice", opens=y.moment(16), closes=y.moment(26))
    y.pass_days(16.01)
    y.send(y.open("subdistrict", f"/consent/ballots/{ballot}"), "/propose/open")
    y.confirm("subdistrict-2")
    resident = y.resident("home-1")
    resident.goto(f"{y.address}/")
    resident.goto(f"{y.address}/consent/ballots/{ballot}")
    with resident.expect_navigation():
        resident.click("text=Answer now")
    y.send(resident, "", choice="yes")
    y.shot(resident, f"receipt-{ballot}")
    rows = [
        {"dwelling_id": f"d{n}", "choice": "yes", "at": y.moment(), "reference": f"r-{ballot}-{n}"}
        for n in range(1, answers + 1)
    ]
    page = y.open("subdistrict", f"/consent/ballots/{ballot}")
    y.send(page, "/official", table=y.table(rows))
    y.confirm("subdistrict-2")
    y.pass_days(11)
    y.send(y.open("subdistrict", f"/consent/ballots/{ballot}"), "/propose/close")
    y.confirm("subdistrict-2")
    y.send(y.open("subdistrict", f"/consent/ballots/{ballot}"), "/propose/count")
    y.confirm("subdistrict-2")
    return ballot


def votes(y, project, roll_):
    """The first vote lacks one head of its quorum; the project cannot go on; renewed, it is carried and its papers follow."""
    first = vote(y, 5, roll=roll_)
    page = y.open("subdistrict", f"/consent/ballots/{first}")
    assert "Not passed: too few took part" in page.inner_text(".verdict")
    assert re.search(r"\b1\b", page.inner_text(".verdict")), "it lacked one head"
    y.follow(page, "Let it be the vote")
    y.send(page, f"/projects/{project}/vote", ballot=first)
    form = page.locator(f'form[action$="/projects/{project}/move/vote.passed"] button')
    with page.expect_navigation():
        form.click()
    assert "was not carried" in page.inner_text("main"), "a vote that failed lets nothing pass"
    second = vote(y, 6, renews=first)
    page = y.open("subdistrict", f"/consent/ballots/{second}")
    assert "Passed" in page.inner_text(".verdict")
    y.shot(page, "vote-passed")
    y.follow(page, "Renewal of Yard 1")
    move(y, "subdistrict", project, "vote.passed")
    page = y.open("subdistrict", f"/projects/{project}/office")
    assert page.locator("text=result_notice.json").count(), "the papers of the vote were filed by themselves"
    return first, second


def review(y, project):
    """Joint review with one department, consent of the district, publicity, implementation list."""
    page = hand_in(y, "operator", project, "scheme")
    page = y.open("district", f"/projects/{project}/office")
    y.send(
        page, f"/projects/{project}/review", departments=["water", "housing"], lead="housing", due=y.today(20)
    )
    page = y.open("department", "/desk/")
    page.click("text=Opinion for a joint review")
    y.send(page, "/opinion", department="water", verdict="agree", words="给水管径符合要求")
    page = y.open("district", f"/projects/{project}/office")
    y.send(page, "/opinion", department="housing", verdict="agree", words="同意")
    y.send(page, "/conclude/passed")


def to_works(y, project):
    hand_in(y, "district", project, "review_opinion")
    move(y, "district", project, "joint_review.passed")
    hand_in(y, "district", project, "review_opinion")
    move(y, "district", project, "district_consent.consented")
    hand_in(y, "district", project, "publicity_record")
    y.pass_days(25)
    move(y, "district", project, "publicity.closed")
    hand_in(y, "district", project, "list_entry")
    move(y, "district", project, "implementation_list.listed")
    page = y.open("", f"/projects/{project}")
    assert "Implementation" in page.inner_text("dl.pairs")


def permits(y, project):
    """A permit is entered and granted; the papers of the gate are handed in; works begin."""
    page = y.open("operator", f"/projects/{project}/office")
    y.send(page, "/open/permit", kinds="construction_permit", words="施工许可")
    hand_in(
        y, "operator", project, "approval_document", "planning_permit", "construction_permit", "unit_consent", "quality_supervision"
    )  # fmt: skip
    move(y, "operator", project, "permits.granted")


def works(y, project):
    """Tasks and reports; a resident finds a defect on a phone; it is mended; hand-over."""
    page = y.open("operator", f"/projects/{project}/office")
    y.send(page, "/task", title="管线", start=y.today(), end=y.today(60), budget_yuan=900000)
    resident = y.resident("home-1")
    resident.goto(f"{y.address}/projects/{project}")
    y.send(resident, "/inspect", day=y.today(), words="三层墙面渗水", defect=True)
    y.shot(resident, "defect")
    defect = number(resident.locator("a:has-text('a defect was opened')").first.get_attribute("href"))
    page = y.open("operator", "/desk/")
    page.click(f"main a[href$='/matter/{defect}']")
    y.send(page, "/do/accept", accept__until=y.today(20))
    y.pass_days(10)
    y.send(y.open("operator", f"/projects/matter/{defect}"), "/do/mend", mend__reply="已重做防水")
    resident = y.resident("home-1")
    resident.goto(f"{y.address}/projects/matter/{defect}")
    y.send(resident, "/do/confirm")
    y.pass_days(60)
    page = y.open("operator", f"/projects/{project}/office")
    task = page.locator('form[action$="/progress"] select[name=task] option').first.get_attribute("value")
    y.send(page, "/progress", task=task, day=y.today(), done=100, spent_yuan=950000)
    hand_in(y, "operator", project, "acceptance", "warranty", "fire_acceptance")
    move(y, "operator", project, "works.accepted")
    hand_in(
        y, "operator", project, "handover_record", "fund_statement", "completion_filing", "final_account", "lift_registration"
    )  # fmt: skip
    move(y, "operator", project, "hand_over.taken_over")


def operation(y, project, estate):
    """The contract runs, its return lies above the band, and the page says how the surplus is shared."""
    page = y.open("district", f"/projects/{project}")
    y.follow(page, "The contract of operation")
    year_now = int(y.today()[:4])
    file = {
        "name": "c.json",
        "mimeType": "application/json",
        "buffer": y.run("contract", str(year_now)).encode(),
    }
    y.send(page, "", title_zh="社区食堂经营合同", title_en="Community canteen", terms=file)
    contract = number(page.url)
    y.send(page, "/do/publish", publish__document=y.paper())
    y.send(page, "/do/sign", sign__document=y.paper())
    y.send(y.open("operator", f"/operation/{contract}"), "/do/start")
    y.pass_days(370 + 366)
    page = y.open("operator", f"/operation/{contract}")
    y.send(page, "/return", period=str(year_now), works=1000000)
    y.send(page, "/return", period=str(year_now + 1), income=900000, running=62000)
    resident = y.resident("home-2")
    resident.goto(f"{y.address}/operation/{contract}")
    assert "above the band" in resident.inner_text("main")
    assert "shared each year" in resident.inner_text("main")
    y.send(resident, "/rate", score=4)
    y.shot(resident, "surplus")
    return contract


def next_checkup(y):
    """A later snapshot is checked against the first, and anyone reads what got better or worse."""
    snapshot = y.run("snapshot", f"{y.today()[:4]}-01-01").strip()
    page = y.open("planner", f"/twin/{snapshot}")
    page.click("text=Run the checkup")
    wait_for_job(page)
    page.click("text=See the result")
    run = number(page.url)
    y.send(y.open("district", f"/checkup/{run}"), "/publish")
    visitor = y.open("", f"/checkup/{run}")
    visitor.click("text=Year on year")
    visitor.wait_for_url("**/changes")
    assert visitor.locator("tbody tr").count() > 20


@pytest.mark.parametrize(
    "postgres", [False, True] if os.environ.get("HUTONG_TEST_POSTGRES") == "1" else [False]
)
def test_an_estate_lives_through_a_year(chromium, postgres):
    with year(chromium, postgres, "estate") as y:
        estate, building = y.town
        run = checkup(y)
        project = apply(y, run, estate)
        to_reserve(y, project)
        implementer(y, project)
        roll_ = roll(y, estate, building, project)
        votes(y, project, roll_)
        review(y, project)
        to_works(y, project)
        permits(y, project)
        works(y, project)
        operation(y, project, estate)
        next_checkup(y)
        checked_at_the_end(y)
