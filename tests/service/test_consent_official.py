"""Votes whose online ballots the law reserves to an official system: our survey, its ballots, its totals and their document."""

from __future__ import annotations

import hashlib
import html
import io
import json
import zipfile

import pandas as pd
import pytest

from hutong.errors import HutongError
from tests.service.consent_town import browser, refused


def test_where_the_law_reserves_online_votes_ours_is_a_survey(consent, monkeypatch):
    from hutong.service.requests import selectors

    monkeypatch.setattr(selectors, "JURISDICTION", "beijing")
    found = consent.ballot(consent.roll(24))
    assert found.official_online_only
    for home in range(1, 13):
        consent.answer(found, home, "yes" if home <= 6 else "no")
    page = browser().get(f"/consent/ballots/{found.pk}").content.decode()
    assert "official system" in page
    assert "0 / 24" in page
    rows = pd.DataFrame(
        [{"dwelling_id": f"d{n}", "choice": "同意" if n < 20 else "反对", "at": consent.clock[0].isoformat(), "reference": f"o-{n}"} for n in range(5, 25)]
    )  # fmt: skip
    file = io.BytesIO(rows.to_csv(index=False).encode())
    file.name = "official.csv"
    first, second = browser(consent.first), browser(consent.second)
    here = f"/consent/ballots/{found.pk}/official"
    bad = io.BytesIO(rows.assign(dwelling_id="d99").to_csv(index=False).encode())
    bad.name = "official.csv"
    answer = first.post(here, {"table": bad})
    assert answer.status_code == 400
    assert "row 2: Home d99 is not on the roll" in answer.content.decode()
    for changed, zh, en in (
        ({"dwelling_id": "d99"}, "第 2 行：名册上没有住房 d99。", "row 2: Home d99 is not on the roll."),
        ({"choice": "maybe"}, "第 2 行：choice（同意、反对或弃权）“maybe”不是同意、反对或弃权。", "row 2: choice (for, against or abstain) 'maybe' is not"),
        ({"reference": ""}, "第 2 行：reference（官方系统中的票号）缺少。", "row 2: reference (its number in the official system) is missing."),
        ({"at": "noon"}, "第 2 行：at（投票时间）“noon”不是时间。", "row 2: at (when it was cast) 'noon' is not a time."),
        (None, "缺少列 at（投票时间）", "column at is missing (when it was cast)"),
    ):  # fmt: skip
        table = rows.drop(columns="at") if changed is None else rows.assign(**changed)
        for language, said in (("zh-hans", zh), ("en", en)):
            sent = upload(table.to_csv(index=False).encode(), "official.csv")
            answer = first.post(here, {"table": sent}, headers={"accept-language": language})
            assert answer.status_code == 400
            assert said in html.unescape(answer.content.decode()), said
    for language, said in (("zh-hans", "官方系统中的票号"), ("en", "its number in the official system")):
        page = first.get(
            f"/consent/ballots/{found.pk}", headers={"accept-language": language}
        ).content.decode()
        assert f"<code>reference</code> {said}" in page
    assert first.post(here, {"table": file}).status_code == 302
    from hutong.service.consent.models import Motion

    motion = Motion.objects.filter(kind="ballot.official").get()
    assert "同意" not in json.dumps(motion.asked, ensure_ascii=False)
    assert second.post(f"/consent/motions/{motion.pk}/confirm").status_code == 302
    file.seek(0)
    assert first.post(here, {"table": file}).status_code == 400  # the same file again
    consent.finish(found)
    assert found.result["heads"] == {
        "for": 15,
        "against": 5,
        "abstain": 0,
        "silent": 4,
        "all": 24,
        "part": 20,
    }
    assert found.result["passed"]
    assert found.result["survey"] == [6, 6, 0]
    page = browser().get(f"/consent/ballots/{found.pk}").content.decode()
    assert "Survey of willingness" in page
    assert "for 6" in page


def upload(data: bytes, name: str = "result.pdf"):
    sent = io.BytesIO(data)
    sent.name = name
    return sent


def packed(*names: str) -> bytes:
    """Return an Office file of empty parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return out.getvalue()


def totals_form(**changed):
    """What the officer types: of 24 homes of 60 m² 15 are for, 4 against, 1 abstains, 4 do not vote."""
    sent = upload(b"%PDF-1.7 the result, signed and sealed")
    said = {"for": 15, "against": 4, "abstain": 1, "silent": 4}
    return {
        "called": "表决结果告知书", "reference": "YT-2026-17", "dated": "2026-04-01", "document": sent,
        **{f"heads_{n}": v for n, v in said.items()}, **{f"area_{n}": v * 60 for n, v in said.items()}, **changed,
    }  # fmt: skip


@pytest.fixture
def official(consent, monkeypatch):
    """A vote whose online ballots are reserved, surveyed here and closed."""
    from django.utils import timezone

    from hutong.service.requests import selectors

    monkeypatch.setattr(selectors, "JURISDICTION", "beijing")
    monkeypatch.setattr(
        timezone, "localdate", lambda at=None, localdate=timezone.localdate: localdate(at or consent.clock[0])
    )
    found = consent.ballot(consent.roll(24))
    for home in range(1, 13):
        consent.answer(found, home, "yes" if home <= 6 else "no")
    return found


def test_a_result_that_the_official_system_gives_in_totals_alone(consent, official):
    """Two persons take it; it is decided by the vote's own rule, sealed, and shown beside the survey as not counted here."""
    from hutong.service.consent.counting import selectors
    from hutong.service.consent.datasets import DATASETS
    from hutong.service.consent.models import Motion
    from hutong.service.ledger.models import Entry
    from hutong.service.ledger.selectors import faults

    here = f"/consent/ballots/{official.pk}/totals"
    first, second = browser(consent.first), browser(consent.second)
    assert "after the close" in first.get(here).content.decode()  # refused while it runs
    consent.finish(official, count=False)
    consent.pass_days(2)
    day = consent.clock[0].date().isoformat()
    assert "24 heads" in first.get(here).content.decode()
    answer = first.post(here, totals_form(dated=day))
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    motion = Motion.objects.filter(kind="ballot.totals").get()
    official.refresh_from_db()
    assert official.result is None  # one person alone takes nothing
    assert first.post(f"/consent/motions/{motion.pk}/confirm").status_code == 400
    page = second.get("/consent/motions").content.decode()
    for figure in ("YT-2026-17", "for 15 heads 900.00 m²", "did not vote 4 heads 240.00 m²"):
        assert figure in page
    assert second.post(f"/consent/motions/{motion.pk}/confirm").status_code == 302
    official.refresh_from_db()
    assert official.result["heads"] == {
        "for": 15,
        "against": 4,
        "abstain": 1,
        "silent": 4,
        "all": 24,
        "part": 20,
    }
    assert (official.state, official.result["quorum"], official.result["passed"]) == (
        "counted",
        True,
        True,
    )  # 15 of 20 is 3/4
    assert official.result["survey"] == [6, 6, 0]

    sha256 = hashlib.sha256(totals_form()["document"].read()).hexdigest()
    page = browser().get(f"/consent/ballots/{official.pk}").content.decode()
    assert page.index("Result of the official system, not counted here.") < page.index(
        "Survey of willingness"
    )
    assert "for 6" in page
    assert sha256 in page
    assert "not counted here" in browser().get(f"/consent/ballots/{official.pk}/board").content.decode()
    listed = browser().get(f"/consent/ballots/{official.pk}/counted.json").content
    assert hashlib.sha256(listed).hexdigest() == official.result["digest"]
    assert json.loads(listed)["official"] == {
        "called": "表决结果告知书",
        "reference": "YT-2026-17",
        "dated": day,
        "sha256": sha256,
    }
    entries = {
        e.act: e.value["public"] for e in Entry.objects.filter(act__in=("ballot.counted", "document.filed"))
    }
    assert entries["document.filed"] == {
        "subject": official.code,
        "kind": "official-result",
        "digest": sha256,
    }
    assert entries["ballot.counted"] == selectors.counted_entry(official)
    assert list(faults()) == []
    [row] = DATASETS[0].rows(consent.town.city, consent.clock[0])
    assert dict(zip((c.name for c in DATASETS[0].columns), row, strict=True))["official"] is True
    [told] = [v for v in browser().get("/api/v1/votes").json()["items"] if v["code"] == official.code]
    assert (told["official"], told["passed"]) == (True, True)

    assert selectors.recount(official).holds
    again = browser(consent.resident(3)).post(f"/consent/ballots/{official.pk}/recount").content.decode()
    assert "no ballots here to count" in again
    official.result["heads"] |= {"for": 14, "against": 5}
    official.save()
    assert not selectors.recount(official).holds


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"heads_for": 25}, "the roll has 24 heads"),
        ({"area_for": "900.01"}, "15 on the roll hold 900.00 to 900.00 m²"),
        ({"heads_silent": 3, "area_silent": 180}, "The heads add up to 23; the roll has 24."),
        ({"heads_silent": -1}, "greater than or equal to 0"),
        ({"area_silent": "NaN"}, "Enter a number"),
        ({"heads_abstain": ""}, "This field is required"),
        ({"document": ""}, "This field is required"),
        ({"document": upload(b"<!doctype html><script>alert(1)</script>")}, "no PDF, picture, Word or Excel"),
        ({"document": upload(packed("word/document.xml", "word/vbaProject.bin"), "result.docx")}, "no PDF, picture, Word"),
        ({"document": upload(packed("evil.exe"), "result.xlsx")}, "no PDF, picture, Word or Excel"),
        ({"document": upload(b"%PDF-1.7" + b"x" * 20 * 1024 * 1024)}, "larger than 20 MB"),
        ({"dated": "2026-03-01"}, "between the day of the close"),
        ({"dated": "2027-03-01"}, "between the day of the close"),
    ],
)  # fmt: skip
def test_official_totals_that_do_not_fit_are_told_at_their_field(consent, official, changed, said):
    from hutong.service.consent.models import Motion

    consent.finish(official, count=False)
    if hasattr(changed.get("document"), "seek"):
        changed["document"].seek(0)
    form = totals_form(**{"dated": consent.clock[0].date().isoformat(), **changed})
    answer = browser(consent.first).post(f"/consent/ballots/{official.pk}/totals", form)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Motion.objects.filter(kind="ballot.totals").exists()
    assert not official.official_documents.exists()


def test_the_document_behind_official_totals_is_kept_for_who_confirms_and_who_checks(consent, official):
    """Until the count for two persons, then for the auditor too; nobody else, and never as a page of ours."""
    from hutong.service.consent.models import Motion, OfficialDocument

    consent.finish(official, count=False)
    data = b"\x89PNG\r\n\x1a\n scanned, whatever its name says"
    form = totals_form(document=upload(data, "../result.pdf"), dated=consent.clock[0].date().isoformat())
    assert browser(consent.first).post(f"/consent/ballots/{official.pk}/totals", form).status_code == 302
    kept = OfficialDocument.objects.get()
    assert (kept.digest, kept.suffix, kept.size) == (hashlib.sha256(data).hexdigest(), "png", len(data))
    here = f"/consent/documents/{kept.pk}"
    assert here in browser(consent.second).get("/consent/motions").content.decode()
    town = consent.town
    for reader in (consent.first, consent.second, town.person("auditor")):
        sent = browser(reader).get(here)
        assert b"".join(sent.streaming_content) == data
        assert sent["Content-Disposition"].startswith("attachment")
        assert sent["Content-Type"] == "image/png"
    others = (
        town.person("district"),
        town.person("planner"),
        town.person("committee", far=True),
        consent.resident(3),
    )
    assert [browser(other).get(here).status_code for other in others] == [403] * 4
    assert browser().get(here).status_code == 403
    assert here not in browser(others[0]).get(f"/consent/ballots/{official.pk}").content.decode()
    motion = Motion.objects.get(kind="ballot.totals")
    assert browser(consent.second).post(f"/consent/motions/{motion.pk}/confirm").status_code == 302
    pages = {
        who: browser(who).get(f"/consent/ballots/{official.pk}").content.decode()
        for who in (consent.second, others[-1])
    }
    assert [here in told for told in pages.values()] == [True, False]


def test_totals_whose_document_was_not_kept_are_not_taken(consent, official):
    """As one waits that was proposed before documents were kept: the second person has nothing to hold it to."""
    from hutong.service.consent.models import OfficialDocument

    consent.finish(official, count=False)
    motion = propose_all_for(consent, official)
    OfficialDocument.objects.all().delete()
    assert "The document was not kept" in browser(consent.second).get("/consent/motions").content.decode()
    from hutong.service.consent.motions import services as two

    refused("document-not-kept", two.confirm, motion, consent.second)


def propose_all_for(consent, official):
    """Let the first officer propose that all 24 heads are for it."""
    from hutong.agree.totals import Totals
    from hutong.service.consent.official import services
    from hutong.service.web.papers import of_bytes

    heads = {"for": 24, "against": 0, "abstain": 0, "silent": 0}
    said = {"called": "a", "reference": "b", "dated": "2026-04-01"}
    totals = Totals(heads, {name: n * 600_000 for name, n in heads.items()})
    return services.propose_totals(
        official, totals, said, of_bytes(b"%PDF-1.7 all", "all.pdf"), consent.first
    )


def test_totals_are_not_mixed_with_ballots_that_count_here(consent, official):
    from hutong.service.consent.models import OfficialDocument

    consent.answer(official, 20, "yes", channel="counter")
    refused("not-now", propose_all_for, consent, official)
    consent.finish(official, count=False)
    refused("ballots-here", propose_all_for, consent, official)
    assert not OfficialDocument.objects.exists()


def test_totals_are_held_to_the_roll_again_when_they_are_confirmed(consent, official):
    """A roll that was corrected meanwhile has other sums; and without a reserved vote there is nothing to take."""
    from hutong.service.consent.motions import services as two

    consent.finish(official, count=False)
    motion = propose_all_for(consent, official)
    strike = {"action": "strike", "dwelling_id": "d6", "holders": [], "reason": "transfer", "why": "sold"}
    consent.both("roll.correct", official.roll, strike)
    with pytest.raises(HutongError) as caught:
        two.confirm(motion, consent.second)
    assert caught.value.rows == ("for · heads: It must be 0 to 23: the roll has 23 heads.",)
    official.official_online_only = False
    official.save()
    refused("not-official", two.confirm, motion, consent.second)
