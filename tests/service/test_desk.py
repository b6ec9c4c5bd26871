"""The desk: what waits and by when, answers to findings, tables out and back, the briefing."""

import datetime as dt
import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from hutong.errors import HutongError

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


def browser(user, language="en"):
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend=BACKEND)
    return client


def sent(data, name="table.xlsx"):
    file = io.BytesIO(data)
    file.name = name
    return file


def test_every_item_says_what_where_with_whom_since_and_until(run, town):
    """Requests by their clocks, stuck work, findings: late first, then by the clock, what has no clock last."""
    from hutong.service.desk import selectors
    from hutong.service.jobs.models import FAILED, Job
    from hutong.service.requests import services as requests
    from hutong.service.web.stage import STATUSES

    person = town.person("subdistrict")
    old = requests.file(
        requests.NewRequest(town.building, "天花板一直漏水", filed=NOW - dt.timedelta(days=40))
    )
    new = requests.file(requests.NewRequest(town.building, "路灯不亮了", filed=NOW - dt.timedelta(minutes=1)))
    Job.objects.create(
        kind="test", title_zh="任务", title_en="Work", place=town.quarter, state=FAILED, made=NOW
    )
    run.made_at = NOW - dt.timedelta(days=1)
    run.save()
    found = selectors.items(person, NOW)
    assert {i.stage.en for i in found} == {"Requests", "Jobs", "Findings"}
    order = [STATUSES.index(i.status) for i in found if i.mine]
    assert order == sorted(order)
    late = next(i for i in found if old.request.number in i.what.en)
    fresh = next(i for i in found if new.request.number in i.what.en)
    assert late.status == "alarm"
    assert late.due < NOW < fresh.due
    assert found.index(late) < found.index(fresh)
    assert late.since == old.request.filed
    assert late.where.zh == town.building.name_zh
    page = browser(person).get("/desk/").content.decode()
    assert old.request.number in page
    assert "天花板" not in page
    counts = browser(person).get("/desk/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in counts
    assert f"<dd>{len(selectors.items(person))}</dd>" in counts
    assert 'data-hx-get="/desk/"' in browser(person).get("/").content.decode()
    only = browser(person).get("/desk/?only=Findings").content.decode()
    assert old.request.number not in only
    assert selectors.items(town.person("subdistrict", far=True), NOW) == []


def test_due_today_is_by_the_local_day():
    from hutong.service.desk.selectors import counted, due_today
    from hutong.service.web.stage import DeskItem
    from hutong.text import Text

    name = Text("甲", "A")
    day = dt.date(2026, 3, 2)
    late = DeskItem(name, name, name, "/", due=dt.datetime(2026, 3, 1, 16, 30, tzinfo=dt.UTC), status="alarm")
    early = DeskItem(name, name, name, "/", due=dt.datetime(2026, 3, 1, 15, 30, tzinfo=dt.UTC))
    assert due_today(late, day)  # 00:30 in Beijing
    assert not due_today(early, day)
    assert counted([late, early])["late"] == 1
    with pytest.raises(ValueError, match="dire"):
        DeskItem(name, name, name, "/", status="dire")


def test_findings_wait_until_they_are_answered_and_an_answer_ends_by_its_day(run, town):
    from hutong.service.desk import selectors, services
    from hutong.service.desk.waiting import waiting_items

    person = town.person("planner")
    run.made_at = NOW
    run.save()
    found = list(run.findings.select_related("run__snapshot__place"))
    assert len(found) > 3
    indicators = {f.indicator for f in found}
    assert len(waiting_items(person, NOW)) == len(indicators)
    with pytest.raises(HutongError):
        services.answer(run, found, "programme", None, "", person)
    with pytest.raises(HutongError):
        services.answer(run, found, "none", None, " ", person)
    services.answer(run, found, "programme", dt.date(2026, 6, 1), "", person)
    assert waiting_items(person, NOW) == []
    late = waiting_items(person, dt.datetime(2026, 6, 2, 12, tzinfo=dt.UTC))
    assert len(late) == len(found)
    assert {i.status for i in late} == {"alarm"}
    services.answer(run, found[:1], "watch", None, "", person)
    (answer,) = [a for a in selectors.answers_of(run).values() if a.answer == "watch"]
    assert selectors.answers_of(run)[selectors.key_of(found[0])] == answer
    answer.as_of = run.snapshot.date - dt.timedelta(days=365)
    answer.save()
    assert selectors.key_of(found[0]) not in selectors.answers_of(run)


def test_findings_are_answered_together_on_their_page(run, town):
    from hutong.service.desk import selectors

    client = browser(town.person("district"))
    page = f"/desk/findings/{run.pk}"
    assert client.post(page, {"said": "none", "rank": ["1", "2"]}).status_code == 400
    assert client.post(page, {"said": "none", "reason": "空置待拆", "rank": ["1", "2"]}).status_code == 302
    assert len(selectors.answers_of(run)) == 2
    assert "nothing is done" in client.get(page).content.decode()


def test_title_gaps_by_courtyard_are_those_of_the_title_register(snapshots):
    from hutong.city import City
    from hutong.sense.title_register import title_cases
    from hutong.service.desk.selectors import title_gaps

    rows, sums = title_gaps(snapshots[0])
    cases = title_cases(City.load(snapshots[0].folder / "city"))
    cases = cases[cases["courtyard"]]
    assert sums["open_courtyards"] == len(rows) > 0
    assert [r["open"] for r in rows] == sorted((r["open"] for r in rows), reverse=True)
    for row in rows:
        here = cases[cases["building_id"] == row["building"].building_id]
        assert row["open"] <= here["dwelling_id"].nunique()
        assert {t.zh for t, _, _ in row["gaps"]} <= set(here["reason_zh"])
        assert all(n <= row["open"] for _, n, _ in row["gaps"])


def test_a_table_goes_out_comes_back_shows_its_changes_and_becomes_a_new_draft(snapshots, town):
    from hutong.service.desk import services
    from hutong.service.desk.models import Returned
    from hutong.service.desk.work import apply
    from hutong.service.twin.models import Snapshot
    from tests.service.conftest import quiet

    snapshot, person = snapshots[1], town.person("planner")
    client = browser(person)
    book = load_workbook(io.BytesIO(client.get(f"/desk/tables/{snapshot.pk}/buildings.xlsx").content))
    page = book.worksheets[1]
    head = [c.value for c in page[1]]
    key, column = page.cell(4, 1).value, head.index("storeys") + 1
    before = int(page.cell(4, column).value)
    page.cell(4, column).value = before + 1
    out = io.BytesIO()
    book.save(out)
    given = {"day": "2026-02-01", "source": "街道台账"}
    answer = client.post(f"/desk/tables/{snapshot.pk}", {"file": sent(out.getvalue()), **given})
    row = Returned.objects.get()
    assert answer.headers["Location"] == f"/desk/returned/{row.pk}"
    shown = client.get(f"/desk/returned/{row.pk}").content.decode()
    assert key in shown
    assert f"<strong>{before + 1}</strong>" in shown
    assert Snapshot.objects.filter(place=town.quarter).count() == 2
    job = type("Job", (), {"owner": person, "place": town.quarter})
    address = apply(job, quiet, row.pk)
    made = Snapshot.objects.get(pk=int(address.rsplit("/", 1)[1]))
    row.refresh_from_db()
    assert (row.state, row.made, made.phase) == ("applied", made, "draft")
    assert made.buildings.get(building_id=key).facts["storeys"] == [before + 1, "observed"]
    assert snapshot.buildings.get(building_id=key).storeys == before
    with pytest.raises(HutongError):
        services.apply(row, person, quiet)
    Returned.objects.filter(pk=row.pk).update(
        state="sent", made=None
    )  # as if the worker had died after the import
    assert services.apply(row, person, quiet) == made
    assert client.post(f"/desk/returned/{row.pk}/drop").status_code == 403
    assert "imported later" in client.get(f"/desk/tables/{snapshot.pk}").content.decode()


def test_a_table_that_is_wrong_names_rows_and_columns_and_leaves_nothing(snapshots, town, monkeypatch):
    from hutong.service.desk.models import Returned

    client = browser(town.person("planner"))
    address = f"/desk/tables/{snapshots[1].pk}"
    book = load_workbook(io.BytesIO(client.get(f"{address}/buildings.xlsx").content))
    page = book.worksheets[1]
    head = [c.value for c in page[1]]
    page.cell(5, head.index("storeys") + 1).value = "六"
    page.cell(6, head.index("lift") + 1).value = "maybe"
    out = io.BytesIO()
    book.save(out)
    given = {"day": "2026-02-01", "source": "x"}
    said = client.post(address, {"file": sent(out.getvalue()), **given}).content.decode()
    assert "row 5" in said
    assert "storeys" in said
    assert "row 6" in said
    page.cell(5, head.index("storeys") + 1).value = "=1+1"
    book.save(out := io.BytesIO())
    said = client.post(address, {"file": sent(out.getvalue()), **given}).content.decode()
    assert "formula" in said
    for data, name in (
        (b"no workbook", "t.xlsx"),
        (b"PK\x03\x04", "t.xlsx"),
        (b"a,b", "t.csv"),
        (b"x", "t.exe"),
    ):
        assert client.post(address, {"file": sent(data, name), **given}).status_code == 400
    monkeypatch.setattr("hutong.sense.sheets.MOST_UNPACKED", 1000)
    assert "too large" in client.post(address, {"file": sent(out.getvalue()), **given}).content.decode()
    assert not Returned.objects.exists()


def test_the_list_of_requests_goes_out_without_telephones_and_without_formulas(town):
    from hutong.service.requests import services as requests

    words = '=HYPERLINK("http://evil.example","漏水")'
    requests.file(requests.NewRequest(town.building, words, contact="13800000000"))
    data = browser(town.person("subdistrict")).get("/desk/requests.xlsx").content
    page = load_workbook(io.BytesIO(data)).worksheets[1]
    cells = [c for row in page.iter_rows() for c in row if c.value is not None]
    assert [c.data_type for c in cells if c.value == words] == ["s"]
    assert "f" not in {c.data_type for c in cells}
    assert not any("13800000000" in str(c.value) for c in cells)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_briefing_says_what_the_pages_say_with_a_source_beside(run, town, lang):
    from docx import Document

    from hutong.service.desk.briefing_facts import facts_of

    answer = browser(town.person("planner")).get(f"/desk/briefing/{run.pk}.docx?lang={lang}")
    doc = Document(io.BytesIO(answer.content))
    facts = facts_of(run)
    words = "\n".join(p.text for p in doc.paragraphs)
    headings = [p.text for p in doc.paragraphs if p.style.name == "Heading 1"]
    assert len(headings) == 6
    assert facts.digest in words
    assert ("草稿" if lang == "zh" else "draft") in words
    assert len(doc.inline_shapes) == 1
    tables = {t.rows[0].cells[0].text: t for t in doc.tables}
    found = doc.tables[2]
    assert len(found.rows) == len(facts.findings) + 1
    for row, fact in zip(found.rows[1:], facts.findings, strict=True):
        assert row.cells[2].text == fact.cells[2].get(lang)
        assert row.cells[-1].text == fact.source.get(lang) != ""
    counted = {r.cells[0].text: int(r.cells[1].text) for r in doc.tables[0].rows[1:]}
    assert sum(counted.values()) == run.values.filter(scale="quarter").count()
    assert ("指标" if lang == "zh" else "Indicator") in tables
    other = {"zh": "Indicators", "en": "总体情况"}[lang]
    assert other not in words


def test_the_picture_shows_every_building_and_is_the_same_twice(snapshots):
    from PIL import Image

    from hutong.service.desk.picture import GRADE_COLOURS, png
    from hutong.service.desk.selectors import picture_of

    drawing = picture_of(snapshots[0])
    data = png(drawing)
    assert data == png(picture_of(snapshots[0]))
    image = Image.open(io.BytesIO(data)).convert("RGB")
    seen = {"#{:02X}{:02X}{:02X}".format(*colour) for _, colour in image.getcolors(1 << 24)}
    assert {GRADE_COLOURS[g][1] for g in drawing.grades} <= seen
    assert len(drawing.grades) == snapshots[0].buildings.count()
