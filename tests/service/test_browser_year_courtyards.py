"""Courtyards live through a year: from the scope to the operation of what was vacated, an heir among those who go, and a family
that stays and gets its improvement; each reads on My home what it is offered and asks; through pages alone, each step by who is at
turn."""

from __future__ import annotations

import os

import pytest

from tests.service.browser import NEEDS
from tests.service.year import (
    PHONE,
    at_home,
    checked_at_the_end,
    disclose,
    hand_in,
    move,
    nothing_owed,
    number,
    operated,
    told,
    verified,
    year,
)

pytestmark = [*NEEDS, pytest.mark.slow]
#: The homes of the courtyard that the year is about: who goes, who stays, and whose lessee has died (its title says so).
HOME = {"home-1": "d00000010", "home-2": "d00000011", "home-3": "d00000013"}
TERMS = "补偿：市场价值减重置成新价加奖励。Compensation: market value less replacement value, with awards."


def scope(y, estate):
    """The operator applies for the project; scope and implementer are announced."""
    page = y.open("operator", "/projects/new")
    y.send(
        page, "", title_zh="二号院片区申请式退租", title_en="Courtyards round Yard 2", place=estate,
        procedure="courtyard_surrender", types="restoration", tenures="public_direct",
    )  # fmt: skip
    project = number(page.url.removesuffix("/office"))
    hand_in(y, "operator", project, "scope_notice", "implementer_record")
    move(y, "district", project, "scope_set.announced")
    y.shot(y.open("", f"/projects/{project}", PHONE), "scope")
    return project


def roll(y, building, project):
    """The roll of lessees as their titles stand: a lessee has died and no heir is named yet."""
    page = y.open("subdistrict", f"/projects/{project}/office")
    y.follow(page, "Import the roll of lessees")
    table = {"name": "roll.csv", "mimeType": "text/csv", "buffer": y.run("lessees").encode()}
    y.send(page, "", act="lessees", name_zh="承租人名册", name_en="Lessees", table=table)
    made = number(page.url)
    y.send(page, "/publish", days=7)
    y.send(page, "/link", username="home-3", building=building, dwelling_id=HOME["home-3"], holder="heir-3")
    y.pass_days(8)
    y.send(y.open("subdistrict", f"/consent/rolls/{made}"), "/freeze")
    y.confirm("subdistrict-2")
    return made


def announce(y, roll_, project):
    page = y.open("subdistrict", "/consent/surrender/new")
    y.send(
        page,
        "",
        roll=roll_,
        name_zh="二号院退租",
        name_en="Surrender, Yard 2",
        terms=TERMS,
        briefing_from=y.today(),
    )
    made = number(page.url)
    page = y.open("", f"/projects/{project}")
    y.follow(page, "Applications and signing")
    assert page.url.endswith(f"/consent/surrender/{made}")
    y.shot(page, "announced")
    disclose(y, "operator", project, "briefing")
    hand_in(y, "operator", project, "briefing_record")
    y.pass_days(31)
    return made


def my_home(y, surrender):
    """Before anybody applies: homes are on offer, an office is named; a resident reads what is known, asks, and reads the answer."""
    page = y.open("operator", f"/home/offers/{surrender}")
    form = {
        "name": "homes.csv",
        "mimeType": "text/csv",
        "buffer": y.run("homes_on_offer", y.today(300)).encode(),
    }
    y.send(page, "", file=form)
    page = y.open("subdistrict", "/home/questions")
    page.click("text=Who answers")
    place = page.locator("#id_place option", has_text="The quarter").get_attribute("value")
    y.send(
        page, "", place=place, unit=page.locator("#id_unit option", has_text="Subdistrict").get_attribute("value"), phone="000-0000",
        where_zh="街道一层 3 号窗口", where_en="Subdistrict office, window 3", hours_zh="周一至周五", hours_en="Monday to Friday", days=5,
    )  # fmt: skip
    page = at_home(y, "home-1")
    assert "Your own sum is unknown" in told(page, "money")
    assert "market value − replacement value" in told(page, "money")
    homes = told(page, "homes")
    assert homes.index("East Lane") < homes.index("South Court"), "the nearest first"
    assert "Do not apply: you stay" in told(page, "staying")
    assert "you may ask for" in told(page, "staying")
    y.shot(page, "my-home-before")
    words = "搬走以后老人看病还能报销吗？"
    y.send(page, "/ask", words=words, part="homes")
    page = y.open("subdistrict", "/desk/")
    with page.expect_navigation():
        page.click("text=a household waits for an answer")
    assert words in page.inner_text("main")
    y.send(page, "", words="可以，医保不变；换社区医院要办转诊登记。")
    page = y.resident("home-1")
    page.goto(f"{y.address}/")
    with page.expect_navigation():
        page.click("main a:has-text('home d')")
    assert "医保不变" in told(page, "contact")
    y.shot(page, "my-home-answered")


def applications(y, surrender, roll_, project):
    """One family applies; the heir is held back until two officers enter them on the roll, then applies."""
    page = y.resident("home-1")
    page.goto(f"{y.address}/consent/surrender/{surrender}")
    assert "your turn" in page.inner_text(".follows"), "who may apply is told so"
    y.shot(page, "may-apply")
    y.send(page, f"/apply/{HOME['home-1']}")
    first = number(page.url)
    page = y.resident("home-3")
    page.goto(f"{y.address}/consent/surrender/{surrender}")
    assert "held back" in page.inner_text("main")
    y.shot(page, "held-back")
    page = y.open("subdistrict", f"/consent/rolls/{roll_}")
    y.send(
        page, "/correct", action="enter", dwelling_id=HOME["home-3"], building=y.town[1], holders="heir-3", area_m2="59.7",
        reason="error", why="公证书 2026-3",
    )  # fmt: skip
    y.confirm("subdistrict-2")
    page = y.resident("home-3")
    page.goto(f"{y.address}/consent/surrender/{surrender}")
    y.send(page, f"/apply/{HOME['home-3']}")
    second = number(page.url)
    move(y, "operator", project, "briefing.applies")
    hand_in(y, "subdistrict", project, "surrender_application", "lease_book", "title")
    move(y, "subdistrict", project, "application.taken_in")
    return first, second


def valuation_and_signing(y, applied, project):
    """Each application is assessed and gets its offer line by line; both sign within the days of signing."""
    for pk in applied:
        page = y.open("operator", f"/consent/applications/{pk}")
        y.send(page, "/do/assess")
        y.send(page, "/do/offer", market_yuan_m2=110000, replacement_yuan_m2=1500, newness=40, award=200000)
    hand_in(y, "operator", project, "valuation", "offer")
    move(y, "operator", project, "review.offered")
    for pk, home in zip(applied, ("home-1", "home-3"), strict=True):
        page = at_home(y, home)
        assert "Total: ¥" in told(page, "money"), "the offer stands on My home line by line"
        assert len(page.locator("section#money li").all()) >= 4
        y.shot(page, f"my-home-offer-{home}")
        with page.expect_navigation():
            page.click("section#choices a.btn")
        assert page.url.endswith(f"/consent/applications/{pk}")
        assert page.locator("table.sums tbody tr").count() == 3, "the offer is shown line by line"
        assert "your turn" in page.inner_text(".follows")
        y.shot(page, f"offer-{home}")
        y.send(page, "/do/accept")
        y.send(page, "/do/sign")
        y.shot(page, f"signed-{home}")
    hand_in(y, "subdistrict", project, "surrender_agreement")
    y.pass_days(31)
    move(y, "operator", project, "signing.signed")


def choice_and_hand_over(y, applied, project):
    for pk, home, form in zip(applied, ("home-1", "home-3"), ("shared_ownership", "cash"), strict=True):
        page = y.resident(home)
        page.goto(f"{y.address}/consent/applications/{pk}")
        y.send(page, "/do/choose", form=form)
        assert "at turn: implementing body" in page.inner_text(".follows")
    hand_in(y, "subdistrict", project, "home_choice")
    move(y, "subdistrict", project, "choice.chosen")
    for pk in applied:
        y.send(y.open("operator", f"/consent/applications/{pk}"), "/do/hand_over")
    hand_in(y, "operator", project, "handover_record")
    move(y, "operator", project, "hand_over.handed_over")
    disclose(y, "operator", project, "heritage", "progress")
    y.shot(y.open("operator", f"/consent/applications/{applied[0]}"), "handed-over")


def staying(y, surrender):
    """The family of home 2 stays, asks for a kitchen, is promised it with a day, and finds it good."""
    page = at_home(y, "home-2")
    assert "you may ask for" in told(page, "staying")
    assert "Do not apply: you stay" in told(page, "choices")
    assert "home-1" not in page.inner_text("main")
    assert "医保" not in page.inner_text("main"), "what another home asked is its own"
    y.shot(page, "my-home-staying")
    with page.expect_navigation():
        page.click("section#choices a.btn")
    assert page.url.endswith(f"/consent/surrender/{surrender}")
    assert not page.locator(f'form[action$="/apply/{HOME["home-2"]}"]').count(), (
        "once the days of signing are over nobody can apply in vain"
    )
    y.send(page, f"/improve/{HOME['home-2']}", kinds="kitchen")
    page = y.open("operator", "/desk/")
    page.click("text=Improvement: asked")
    page.wait_for_url("**/surrender/*")
    asked = page.locator('form[action*="/improvements/"]').first.get_attribute("action").split("/")[3]
    y.send(page, f"/improvements/{asked}/do/promise", promise__due=y.today(60))
    y.pass_days(40)
    y.send(y.open("operator", f"/consent/surrender/{surrender}"), f"/improvements/{asked}/do/finish")
    page = y.resident("home-2")
    page.goto(f"{y.address}/consent/surrender/{surrender}")
    y.send(page, f"/improvements/{asked}/do/confirm")
    assert "found good" in page.inner_text("main")
    y.shot(page, "improved")


def restoration_and_operation(y, project):
    """What was vacated is restored with every paper of its tenure, and comes into operation."""
    hand_in(
        y, "operator", project, "restoration_design", "appearance_checklist", "construction_permit", "acceptance",
        "agreement", "unit_consent", "quality_supervision", "warranty", "fire_acceptance",
    )  # fmt: skip
    disclose(y, "operator", project, "progress")
    y.pass_days(40)
    disclose(y, "operator", project, "progress")
    move(y, "operator", project, "restoration.accepted")
    disclose(y, "operator", project, "completion")
    hand_in(y, "operator", project, "operation_contract", "completion_filing", "final_account")
    move(y, "operator", project, "operation.running")
    disclose(y, "operator", project, "final_account")
    operated(y, project, "Rooms of Yard 2")
    page = y.open("", f"/projects/{project}", PHONE)
    assert "Contract “Rooms of Yard 2” (Running)" in page.inner_text(".follows")
    nothing_owed(page)
    y.shot(page, "in-operation")


@pytest.mark.parametrize("postgres", [os.environ.get("HUTONG_TEST_POSTGRES") == "1"])
def test_courtyards_live_through_a_year(chromium, postgres):
    with year(chromium, postgres, "courtyards") as y:
        estate, building, quarter = y.town
        project = scope(y, estate)
        verified(y, quarter, estate, HOME)
        roll_ = roll(y, building, project)
        surrender = announce(y, roll_, project)
        my_home(y, surrender)
        applied = applications(y, surrender, roll_, project)
        valuation_and_signing(y, applied, project)
        choice_and_hand_over(y, applied, project)
        staying(y, surrender)
        restoration_and_operation(y, project)
        checked_at_the_end(y)
