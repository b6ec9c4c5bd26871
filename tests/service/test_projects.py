"""Projects, live: from the application to the hand-over through every office, and what goes wrong on the way."""

import datetime as dt
import hashlib
import io
import uuid
import zipfile
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from hutong.errors import HutongError
from tests.service.projects_town import PDF, apply, step, to_works
from tests.service.test_requests import browser, jpeg

TODAY = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def file(data=PDF, name="a.pdf"):
    out = io.BytesIO(data)
    out.name = name
    return out


@pytest.fixture
def people(town):
    """Everybody who works on a project, and a resident; the department and the district each act for a unit."""
    from hutong.service.requests import services as requests
    from hutong.text import Text

    roles = ("operator", "subdistrict", "district", "department", "planner", "committee", "owners_body", "resident_owner")  # fmt: skip
    users = {role: town.person(role) for role in roles}
    for role, code in (("department", "fire"), ("district", "renewal")):
        unit = requests.make_unit(code, town.district, Text(code, code))
        requests.join(users[role], unit)
    return users


def page(user, address, status=200):
    answer = browser(user).get(address)
    assert answer.status_code == status, answer.content.decode()[-800:]
    return answer.content.decode()


def post(user, address, status=302, **data):
    answer = browser(user).post(address, data)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


def test_an_application_is_the_offices_until_it_is_in_a_list(town, people):
    from hutong.service.projects.models import Project

    token = str(uuid.uuid4())
    data = {
        "place": town.estate.pk, "title_zh": "七巷改造", "procedure": "estate", "types": ["comprehensive", "lift"],
        "tenures": ["reform"], "token": token,
    }  # fmt: skip
    post(people["operator"], "/projects/new", **data)
    post(people["operator"], "/projects/new", **data)  # sent twice
    made = Project.objects.get()
    assert (made.state, made.library, made.types) == ("willingness", "proposed", ["comprehensive", "lift"])
    assert "七巷改造" not in page(None, "/projects/")
    assert "七巷改造" in page(people["operator"], "/projects/")
    page(None, f"/projects/{made.pk}", 403)
    for day in (10, 40):
        made = step(made, people["subdistrict"], day)
    assert made.library == "reserve"
    assert "七巷改造" in page(None, f"/projects/{made.pk}")
    assert "Entry in a list" in page(None, f"/projects/{made.pk}")


def test_nobody_applies_for_a_place_of_others(town, people):
    from hutong.service.projects.models import Project

    data = {"title_zh": "x", "procedure": "estate", "types": ["lift"], "token": str(uuid.uuid4())}
    post(people["operator"], "/projects/new", 400, place=town.elsewhere["estate"].pk, **data)
    post(people["operator"], "/projects/new", 400, place=town.estate.pk, **{**data, "types": ["palace"]})
    assert not Project.objects.exists()


def test_a_step_waits_for_its_papers_and_each_is_in_the_ledger(town, people):
    from hutong.service.ledger.models import Entry
    from hutong.service.projects.models import Paper

    p = apply(town, people["operator"])
    move = f"/projects/{p.pk}/move/willingness.willing"
    office = page(people["subdistrict"], f"/projects/{p.pk}/office")
    assert move not in office  # no button that must fail
    assert "cannot be done yet" in office
    said = post(people["subdistrict"], move, 400)
    assert "menu of works" in said
    assert "菜单" not in said  # in the reader's language, and without the code
    assert "gate-closed" not in said
    post(people["operator"], move, 403)  # not the operator's step
    for kind in ("checkup_report", "willingness_form"):
        post(people["operator"], f"/projects/{p.pk}/paper", kind=kind, file=file(PDF + kind.encode()))
    post(
        people["operator"],
        f"/projects/{p.pk}/paper",
        kind="checkup_report",
        file=file(PDF + b"checkup_report"),
    )
    assert Paper.objects.count() == 2  # handed in twice is one
    post(people["operator"], f"/projects/{p.pk}/settle", 403, kind="menu", reason="无菜单")
    post(people["district"], f"/projects/{p.pk}/settle", kind="menu", reason="本项目不设菜单")
    assert move in page(people["subdistrict"], f"/projects/{p.pk}/office")
    post(people["subdistrict"], move)
    p.refresh_from_db()
    assert (p.state, p.steps_taken) == ("reserve_list", 1)
    assert "not at that step" in post(people["subdistrict"], move, 400)  # sent again
    said = Entry.objects.exclude(act__startswith="unit.").order_by("index")
    acts = list(said.values_list("act", flat=True))
    assert acts == ["document.filed", "document.filed", "decision.taken", "stage.passed"]
    assert Paper.objects.get(kind="checkup_report").digest in said[0].data


def test_papers_that_name_people_are_never_public(town, people):
    from hutong.act.projects import personal_papers
    from hutong.service.projects.models import Paper
    from hutong.service.projects.selectors import papers_known

    assert personal_papers() <= set(papers_known())
    p = apply(town, people["operator"])
    data = {"kind": "ballot", "public": "on"}
    assert "names people" in post(people["operator"], f"/projects/{p.pk}/paper", 400, file=file(), **data)
    assert not Paper.objects.exists()


def docx(names=("word/document.xml",), size=0):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"0" * size, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<html><script>alert(1)</script>", b"<svg onload=alert(1)>", b"MZ\x90\0", b"=cmd|' /C calc'!A0,1",
        docx(("a.txt",)), docx(("word/document.xml", "word/vbaProject.bin")), docx(size=250_000_000),
        b"PK\x03\x04 broken", b"%PDF-1.4\n" + b"0" * (20 * 1024 * 1024),
    ],
)  # fmt: skip
def test_disguised_and_oversized_files_are_refused(town, people, data):
    from hutong.service.projects.models import Paper

    p = apply(town, people["operator"])
    said = post(
        people["operator"], f"/projects/{p.pk}/paper", 400, kind="scheme", file=file(data, "scheme.pdf")
    )
    assert "PDF" in said or "submitted file is empty" in said
    assert not Paper.objects.exists()


def test_a_paper_comes_back_as_a_file_to_keep(town, people):
    from hutong.service.projects.models import Paper

    p = to_works(apply(town, people["operator"]), people["district"], "scheme_drawn")
    post(people["operator"], f"/projects/{p.pk}/paper", kind="scheme", file=file(docx(), "../<x>.pdf"))
    paper = Paper.objects.latest("pk")
    assert (paper.suffix, paper.called) == ("docx", "x.pdf")
    answer = browser(people["planner"]).get(f"/projects/paper/{paper.pk}")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "wordprocessingml" in answer["Content-Type"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == docx()
    assert Client().get(f"/projects/paper/{paper.pk}").status_code == 403


def test_joint_review_waits_for_all_and_is_concluded_by_its_lead(town, people):
    p = to_works(apply(town, people["operator"]), people["district"], "joint_review")
    move, review = f"/projects/{p.pk}/move/joint_review.passed", f"/projects/{p.pk}/review"
    due = (TODAY + dt.timedelta(days=9)).isoformat()
    for kind in ("scheme", "review_opinion"):
        post(people["district"], f"/projects/{p.pk}/paper", kind=kind, file=file(PDF + kind.encode()))
    assert "not concluded as passed" in post(people["district"], move, 400)
    office = page(people["district"], f"/projects/{p.pk}/office")
    assert move not in office
    assert "the joint review is not concluded as passed" in office
    data = {"departments": ["fire", "renewal"], "lead": "renewal", "due": due}
    post(people["district"], review, **data)
    assert "open already" in post(people["district"], review, 400, **data)
    r = p.reviews.get()
    say, end = f"/projects/review/{r.pk}/opinion", f"/projects/review/{r.pk}/conclude/passed"
    post(people["district"], say, department="renewal", verdict="agree")
    assert "silence is no agreement" in post(people["district"], end, 400)
    post(people["department"], say, 400, department="renewal", verdict="agree")  # acts for fire alone
    post(people["department"], say, department="fire", verdict="conditions", words="<script>x</script>")
    post(people["department"], say, 400, department="fire", verdict="agree")  # twice
    post(people["department"], end, 403)
    post(people["district"], end)
    said = page(people["district"], f"/projects/{p.pk}/office")
    assert "&lt;script&gt;x" in said
    assert "<script>x" not in said
    post(people["district"], move)
    p.refresh_from_db()
    assert p.state == "district_consent"


def test_works_are_held_to_plan_and_what_nobody_reports_is_unknown(town, people):
    p = to_works(apply(town, people["operator"]), people["district"])
    task = {"title": "换管", "start": TODAY - dt.timedelta(days=9), "end": TODAY + dt.timedelta(days=10), "budget_yuan": 400_000}  # fmt: skip
    post(people["operator"], f"/projects/{p.pk}/task", **task)
    said = page(None, f"/projects/{p.pk}")
    assert "not reported" in said
    assert "¥0–¥400k" in said
    t = p.tasks.get()
    report = {"task": t.pk, "day": TODAY.isoformat(), "done": "25", "spent_yuan": 90_000}
    post(people["operator"], f"/projects/{p.pk}/progress", **report)
    said = page(None, f"/projects/{p.pk}")
    assert "¥100k" in said
    assert "¥360k" in said  # 400 · 90/100 at completion
    late = {**report, "day": (TODAY + dt.timedelta(days=1)).isoformat()}
    post(people["operator"], f"/projects/{p.pk}/progress", 400, **late)
    post(people["operator"], f"/projects/{p.pk}/progress", 400, **{**report, "done": "101"})
    post(people["operator"], f"/projects/{p.pk}/progress", 400, **{**report, "task": t.pk + 1})
    post(people["resident_owner"], f"/projects/{p.pk}/progress", 403, **report)


def test_residents_find_a_defect_and_see_it_mended(town, people):
    from hutong.service.projects.models import Inspection, Thing

    p = to_works(apply(town, people["operator"]), people["district"])
    token = str(uuid.uuid4())
    visit = {
        "day": TODAY.isoformat(),
        "words": "三单元 <b>渗水</b>",
        "defect": "on",
        "token": token,
    }
    for _ in range(2):  # sent twice
        post(people["resident_owner"], f"/projects/{p.pk}/inspect", photos=jpeg(), **visit)
    assert Inspection.objects.count() == Thing.objects.count() == 1
    d = Thing.objects.get()
    do = f"/projects/matter/{d.pk}/do/"
    public = page(None, f"/projects/matter/{d.pk}")
    assert "渗水" not in public
    assert "渗水" not in page(None, f"/projects/{p.pk}")
    own = page(people["resident_owner"], f"/projects/{p.pk}")
    assert "&lt;b&gt;渗水" in own
    photo = f"/projects/photo/{Inspection.objects.get().photos.get().pk}"
    assert browser(people["resident_owner"]).get(photo).status_code == 200
    assert browser().get(photo).status_code == 403
    assert browser(town.person("resident_owner", far=True)).get(photo).status_code == 403
    post(people["resident_owner"], do + "accept", 403)
    until = (TODAY + dt.timedelta(days=7)).isoformat()
    assert "not after today" in post(people["operator"], do + "accept", 400, **{"accept-until": "2020-01-01"})
    post(people["operator"], do + "accept", **{"accept-until": until})
    assert "done already" in post(people["operator"], do + "accept", 400, **{"accept-until": until})
    post(people["operator"], do + "mend", **{"mend-reply": "已重做防水", "mend-photos": jpeg()})
    post(people["operator"], do + "confirm", 403)  # nobody who mended it says that it is mended
    post(people["resident_owner"], do + "confirm")
    d.refresh_from_db()
    assert (d.state, d.deeds_done) == ("closed", 3)


def test_a_change_is_approved_with_every_consent_and_sends_the_project_back(town, people):
    from hutong.service.ledger.models import Entry
    from hutong.service.projects.models import Thing

    p = to_works(apply(town, people["operator"]), people["district"])
    token = str(uuid.uuid4())
    data = {"kinds": ["common_parts", "schedule"], "words": "管线冲突", "token": token}
    for _ in range(2):
        post(people["operator"], f"/projects/{p.pk}/open/change", **data)
    c = Thing.objects.get()
    do = f"/projects/matter/{c.pk}/do/"
    post(people["operator"], do + "propose", **{"propose-reason": "地下管线"})
    post(people["district"], do + "open_consents")
    assert "new vote of the owners" in post(people["district"], do + "approve", 400)
    given = {"consent_given-consent": "vote", "consent_given-document": file()}
    post(people["operator"], do + "consent_given", 403, **given)
    given["consent_given-document"] = file()
    post(people["district"], do + "consent_given", **given)
    assert "第278条第一款第七项" in page(None, f"/projects/matter/{c.pk}")
    post(people["district"], do + "approve")
    assert Entry.objects.filter(act="matter.moved").count() == 5
    assert "地下管线" not in "".join(Entry.objects.values_list("data", flat=True))
    post(people["district"], f"/projects/{p.pk}/move/works.reopened_vote")
    p.refresh_from_db()
    assert (p.state, p.library) == ("vote", "reserve")


def test_a_permit_from_filing_to_its_use(town, people):
    p = to_works(apply(town, people["operator"]), people["district"], "permits")
    post(people["operator"], f"/projects/{p.pk}/open/permit", kinds="planning_permit", words="-", token=str(uuid.uuid4()))  # fmt: skip
    t = p.things.get()
    do = f"/projects/matter/{t.pk}/do/"
    post(people["operator"], do + "file", **{"file-document": file()})
    t.refresh_from_db()
    assert t.due is not None  # the office has seven days
    assert not p.papers.filter(kind="approval_document", digest=hashlib.sha256(PDF).hexdigest()).exists()
    until = (TODAY + dt.timedelta(days=400)).isoformat()
    grant = {"grant-number": "建字2026-1", "grant-until": until}
    post(people["operator"], do + "grant", 403, **grant, **{"grant-document": file()})
    assert "File" in post(people["department"], do + "grant", 400, **grant)
    post(people["department"], do + "grant", **grant, **{"grant-document": file(PDF + b"permit")})
    assert p.papers.filter(kind="planning_permit").exists()
    post(people["operator"], do + "use")
    t.refresh_from_db()
    assert t.state == "used"
    said = page(people["operator"], f"/projects/matter/{t.pk}")
    assert "<button>Change the permit</button>" in said, "what leads back is not what the page asks for"
    said = page(people["resident_owner"], f"/projects/matter/{t.pk}")
    assert "Close as completed: permitting authority" in said


def test_disclosures_are_public_and_stand_in_the_ledger(town, people):
    from hutong.service.ledger.models import Entry

    p = to_works(apply(town, people["operator"]), people["district"], "implementer_set")
    post(people["operator"], f"/projects/{p.pk}/disclose", kind="listing", file=file())
    post(people["operator"], f"/projects/{p.pk}/disclose", 400, kind="gossip", file=file())
    paper = p.disclosed.get().paper
    said = page(None, f"/projects/{p.pk}")
    assert (
        f'<a href="/projects/paper/{paper.pk}">Entry in a list</a>' in said
    )  # what it makes public, not that it does
    assert "Reserve list: listed" in said.replace("</strong>", "")
    assert Client().get(f"/projects/paper/{paper.pk}").status_code == 200
    assert paper.digest in Entry.objects.get(act="document.disclosed").data


def test_the_desk_says_what_waits(town, people):
    from django.utils import timezone

    from hutong.service.projects.waiting import waiting

    p = to_works(apply(town, people["operator"]), people["district"])
    visit = {"day": TODAY.isoformat(), "words": "渗水", "defect": "on", "token": str(uuid.uuid4())}
    post(people["committee"], f"/projects/{p.pk}/inspect", **visit)
    now = timezone.now()
    operator = {i.what.en for i in waiting(people["operator"], now)}
    assert "Defect" in operator
    assert "To be published: The scheme" in operator
    assert waiting(people["resident_owner"], now) == []
    assert waiting(town.person("operator", far=True), now) == []


def test_the_courtyards_go_through_theirs(town, people):
    p = apply(
        town, people["operator"], ("restoration",), ("public_direct",), "courtyard_surrender", town.quarter
    )
    p = to_works(p, people["district"], "restoration", 35)
    assert "Restoration" in page(None, f"/projects/{p.pk}")
    p = to_works(p, people["district"], "in_operation", 35)
    assert p.library == "ended"


@pytest.mark.parametrize("address", ["/projects/999999", "/projects/paper/999999", "/projects/matter/999999", "/projects/photo/999999", "/projects/review/999999/opinion"])  # fmt: skip
def test_what_is_not_there(people, address):
    client = browser(people["district"])
    assert (client.post(address) if "opinion" in address else client.get(address)).status_code == 404


def test_a_matter_is_not_moved_from_elsewhere(town, people):
    from hutong.service.projects.models import Thing

    p = apply(town, people["operator"])
    post(people["operator"], f"/projects/{p.pk}/open/permit", kinds="planning_permit", words="-", token=str(uuid.uuid4()))  # fmt: skip
    t = Thing.objects.get()
    far = town.person("operator", far=True)
    post(far, f"/projects/matter/{t.pk}/do/file", 403, **{"file-document": file()})
    post(far, f"/projects/{p.pk}/paper", 403, kind="scheme", file=file())
    page(far, f"/projects/{p.pk}/office", 403)


def test_two_steps_at_once_leave_one(town, people):
    from hutong.service.projects import services

    p = apply(town, people["operator"])
    held = apply(town, people["operator"])
    step(p, people["subdistrict"], 10)
    p.refresh_from_db()
    with pytest.raises(HutongError):
        services.move(held, "vote.passed", "owners", people["district"])
    assert p.steps.count() == 1


def test_the_map_is_coloured_by_works(town, people, snapshots):
    from hutong.service.places.selectors import within

    estate = within(town.quarter, "estate").exclude(pk=town.estate.pk).first()
    p = to_works(apply(town, people["operator"], place=estate), people["district"])
    body = browser(people["planner"]).get(f"/projects/map/{snapshots[1].pk}.json").json()
    inside = snapshots[1].buildings.filter(place__path__startswith=estate.path).count()
    assert body["counts"][2] == inside > 0
    assert len(body["codes"]) == snapshots[1].buildings.count()
    building = snapshots[1].buildings.filter(place__path__startswith=estate.path).first()
    assert p.title.en in page(people["planner"], f"/twin/{snapshots[1].pk}/buildings/{building.building_id}")


def test_a_published_scheme_is_filed_with_the_hash_that_the_public_sees(town, people, run, ground):
    """The step that asks for a scheme leads to the studio; what stands before the public is filed as it is, once."""
    from hutong.service.projects import services
    from hutong.service.schemes import selectors as drawn
    from hutong.service.schemes.versions import services as versions
    from tests.service.schemes_town import kept, open_one, to_consultation

    project = to_works(apply(town, people["operator"]), people["operator"], until="scheme_drawn")
    office = f"/projects/{project.pk}/office"
    assert f"/schemes/new?place={town.estate.pk}" in page(people["operator"], office)
    assert "schemes/new" not in page(people["planner"], office)
    found, made = kept(town, run, people["operator"], ground)
    said = page(people["operator"], office)
    assert f"/schemes/{found.pk}" in said
    assert "File a published scheme" not in said
    post(people["operator"], f"/projects/{project.pk}/scheme", 400, version=made.pk)
    to_consultation(found, people["planner"], people["district"])
    assert f"/projects/{project.pk}/office" in page(people["operator"], f"/schemes/{found.pk}")
    post(people["operator"], f"/projects/{project.pk}/scheme", version=made.pk)
    paper = project.papers.get(kind="scheme", suffix="yaml")
    assert (paper.digest, paper.public) == (made.digest, True)
    answer = browser(None).get(f"/projects/paper/{paper.pk}")
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == made.digest
    assert "File a published scheme" not in page(people["operator"], office)
    other = open_one(town, run, people["operator"], "另案")
    draft = versions.keep_version(other, drawn.draft_of(found), people["operator"])
    with pytest.raises(HutongError, match="not before the public"):
        services.file_scheme(project, draft, people["operator"])


def test_the_demos_project_makes_public_what_it_owes(town):
    """Its disclosures stand but for those left open, and its papers open in any reader."""
    from django.utils import timezone

    from hutong.service.projects import demo, selectors
    from hutong.service.web.one_page import one_page
    from hutong.service.web.papers import of_bytes

    people = [town.person(r, name=f"demo-{r}") for r in ("operator", "district", "council_member")]
    project = demo.load(town.estate, *people)
    stands = selectors.duties(project, timezone.localdate())
    assert {o.kind.id for o in stands if o.standing == "late"} <= set(demo.LEFT_OPEN)
    assert sum(o.standing in ("done", "running") for o in stands) > len(stands) / 2
    assert {p.suffix for p in project.papers.all()} == {"pdf"}
    assert min(project.papers.values_list("size", flat=True)) >= len(of_bytes(one_page(("x",)), "x.pdf").data)
