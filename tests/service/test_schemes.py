"""Schemes: drafts that lose nothing, versions that anyone can verify, opinions, publication, and what others need."""

import dataclasses
import datetime as dt
import hashlib
import html
import re

import pytest

from hutong.errors import HutongError
from hutong.plan.document import Choice
from hutong.plan.document_plain import choice_to_plain, from_plain, to_plain
from hutong.text import Text
from tests.service.consent_town import BACKEND
from tests.service.schemes_town import (
    document,
    kept,
    open_one,
    people,
    renewal_office,
    some_choices,
    to_consultation,
)


@pytest.fixture
def trio(town):
    return people(town)


def code(what):
    with pytest.raises(HutongError) as caught:
        what()
    return caught.value.code


def test_a_document_as_plain_data_is_the_same_document(ground):
    found = document(ground)
    assert from_plain(to_plain(found)) == found
    assert from_plain(to_plain(found)).version == found.version


def test_the_kept_studio_reviews_as_a_fresh_one(ground, run):
    """What is read from the file gives the same figures as laying out again."""
    from hutong.service.schemes import warm

    found = document(ground)
    first = ground.review(found).scheme.totals
    warm.forget()
    with warm.studio_of(run) as again:
        assert again.studio is not ground
        totals = again.review(found).scheme.totals
        assert {k: v for k, v in totals.items() if v == v} == {k: v for k, v in first.items() if v == v}
        assert again.review(found) is again.review(found)  # what was weighed once is kept


def test_drafts_keep_every_change_and_overwrite_nobody(town, run, ground, trio):
    from hutong.service.schemes.drafting import services as drafting
    from hutong.service.schemes.drafting.services import Change

    one, two = trio[0], town.person("subdistrict")
    found = open_one(town, run, one)
    (a, first), (b, second) = list(some_choices(ground).items())[:2]
    drafting.put(found, Change("choices", a, choice_to_plain(first), 0), one)
    # somebody else, who saw the draft before, works elsewhere: both stay
    drafting.put(found, Change("choices", b, choice_to_plain(second), 0), two)
    # at the same place nobody is overwritten
    late = Change("choices", a, None, 0)
    assert code(lambda: drafting.put(found, late, two)) == "draft-moved"
    future = dataclasses.replace(late, revision=found.revision + 100)
    assert code(lambda: drafting.put(found, future, two)) == "no-such-revision"
    found.refresh_from_db()
    assert set(found.draft["choices"]) == {a, b}
    assert found.revision == 2
    # undo takes back one's own, once
    drafting.undo(found, one)
    found.refresh_from_db()
    assert set(found.draft["choices"]) == {b}
    assert code(lambda: drafting.undo(found, one)) == "nothing-to-undo"
    drafting.put(found, Change("choices", b, None, found.revision), one)
    assert code(lambda: drafting.undo(found, two)) == "draft-moved"


def test_a_version_is_kept_by_its_bytes_and_recorded(town, run, ground, trio):
    from hutong.service.ledger.models import Entry
    from hutong.service.schemes import selectors
    from hutong.service.schemes.versions import services

    found, made = kept(town, run, trio[0], ground)
    assert hashlib.sha256(made.document.encode()).hexdigest() == made.digest
    again = selectors.version_document(made)
    assert again.version == made.version
    assert again.snapshot == run.snapshot.date.isoformat()
    assert services.keep_version(found, selectors.draft_of(found), trio[0]).pk == made.pk
    entry = Entry.objects.filter(act="scheme.saved").latest("index")
    assert made.digest in entry.data
    assert entry.place == town.quarter
    totals = ground.review(again).scheme.totals
    assert made.summary["totals"]["public_yuan"] == totals["public_yuan"]
    assert made.summary["objects"] == len(again.choices)


def test_a_copy_is_renamed_while_it_is_drafted(town, run, ground, trio, client):
    """Page, search, ledger and the next version follow; versions that were kept keep their name, and undoing changes no name."""
    from hutong.service.ledger.models import Entry
    from hutong.service.schemes import selectors, services
    from hutong.service.schemes.consulting import services as consulting
    from hutong.service.schemes.drafting import services as drafting
    from hutong.service.schemes.models import Scheme
    from hutong.service.schemes.opinions import services as opinions
    from hutong.service.schemes.versions import services as versions

    operator, planner, officer = trio
    _, made = kept(town, run, operator, ground)
    client.force_login(operator, backend=BACKEND)
    client.post(f"/schemes/versions/{made.pk}/copy")
    copy = Scheme.objects.latest("pk")
    assert copy.title_zh == "东巷方案（另一方案）"
    first = versions.keep_version(copy, selectors.draft_of(copy), operator)
    versions.compute(first)
    drafting.bring_in(copy, document(ground, 2), operator, 0)
    here = f"/schemes/{copy.pk}/rename"
    assert (
        "Rename it" in client.get(f"/schemes/{copy.pk}", headers={"accept-language": "en"}).content.decode()
    )
    assert client.post(here, {"title_zh": "西巷方案", "title_en": "West lane"}).status_code == 302
    assert client.post(here, {"title_zh": " "}).status_code == 400
    copy.refresh_from_db()
    assert (copy.title_zh, copy.title_en) == ("西巷方案", "West lane")
    entry = Entry.objects.filter(act="scheme.renamed").get().value["public"]
    assert entry == {
        "scheme": copy.number,
        "digest": hashlib.sha256("西巷方案\nWest lane".encode()).hexdigest(),
    }
    assert copy.number in client.get("/search/?q=West").content.decode()
    assert copy.number not in client.get("/search/?q=another").content.decode()
    # the draft is called so at once, also after undoing what was brought in under the old name
    drafting.undo(copy, operator)
    copy.refresh_from_db()
    assert selectors.draft_of(copy).title.en == "West lane"
    assert selectors.draft_of(copy).version == first.version
    assert selectors.unsaved(copy)
    assert code(lambda: opinions.advise(copy, "supports", "同意。", planner)) == "unsaved-draft"
    second = versions.keep_version(copy, selectors.draft_of(copy), operator)
    assert (second.n, second.version, second.summary) == (2, first.version, first.summary)
    titles = [selectors.version_document(v).title.en for v in (first, second)]
    assert titles == ["East lane (another)", "West lane"]
    assert not selectors.unsaved(copy)
    assert versions.keep_version(copy, selectors.draft_of(copy), operator) == second
    # neither once it is with others, nor once it was before the public
    opinions.advise(copy, "supports", "同意。", planner)
    assert code(lambda: services.rename(copy, Text("又一个", "x"), operator)) == "not-a-draft"
    opinions.review(copy, "资料齐全。", officer)
    consulting.publish(copy, *days_of(copy), officer, hears=renewal_office(town.quarter))
    services.act(copy, "return", "district", officer, {"reason": "再改"})
    assert code(lambda: services.rename(copy, Text("又一个", "x"), operator)) == "known-by-name"
    assert here not in client.get(f"/schemes/{copy.pk}").content.decode()


def days_of(found):
    from django.utils import timezone

    from hutong.service.schemes import selectors

    starts = timezone.localdate()
    return starts, selectors.not_before(found, starts)


def test_the_way_to_adoption(town, run, ground, trio, monkeypatch):
    from django.utils import timezone

    from hutong.service.ledger.models import Entry
    from hutong.service.schemes import selectors, services
    from hutong.service.schemes.consulting import services as consulting
    from hutong.service.schemes.opinions import services as opinions

    operator, planner, officer = trio
    empty = open_one(town, run, operator, "空方案")
    assert code(lambda: opinions.advise(empty, "supports", "同意。", planner)) == "unsaved-draft"
    found, made = kept(town, run, operator, ground)
    assert code(lambda: opinions.review(found, "同意。", officer)) == "act-event"  # not advised on yet
    assert code(lambda: opinions.advise(found, "supports", "", planner)) == "bad-opinion"
    assert code(lambda: opinions.advise(found, "supports", "同意。", operator)) == "own-version"
    opinion = opinions.advise(found, "changes", "宜补充无障碍坡道。", planner)
    assert found.state == "advised"
    assert opinion.digest == hashlib.sha256("changes\n宜补充无障碍坡道。".encode()).hexdigest()
    assert opinion.digest in Entry.objects.filter(act="opinion.signed").latest("index").data
    # the experts' points are answered before the review passes
    review = opinions.sign_experts(made, "changes", "专家评审意见", ["消防车道", "雨水"], planner)
    assert code(lambda: opinions.review(found, "同意。", officer)) == "act-event"
    for point in review.points.all():
        opinions.answer(point, "已在第二版补充。", operator)
    assert code(lambda: opinions.answer(point, "再答。", operator)) == "bad-answer"
    assert made.summary["violations"] == []
    opinions.review(found, "资料齐全。", officer)
    today = timezone.localdate()
    unit = renewal_office(town.quarter)
    assert (
        code(lambda: consulting.publish(found, today, today + dt.timedelta(days=5), officer, hears=unit))
        == "act-event"
    )
    least = selectors.not_before(found, today)
    assert (least - today).days >= 15
    assert selectors.published_versions(town.estate) == []
    assert found.phase == "office"
    consulting.publish(found, today, least, officer, hears=unit, contact="街道更新办")
    assert [v.pk for v in selectors.published_versions(town.estate)] == [made.pk]
    assert selectors.published_versions(town.at("quarter", far=True)) == []
    assert selectors.adopted_scheme(town.estate) is None
    assert code(lambda: services.act(found, "adopt", "district", officer, {"reason": "同意"})) == "act-event"
    after = timezone.make_aware(dt.datetime.combine(least + dt.timedelta(days=1), dt.time(9)))
    services.act(found, "adopt", "district", officer, {"reason": "意见已处理"}, at=after)
    assert selectors.adopted_scheme(town.building) == made
    # another that is adopted for the same place takes its place
    other, second = kept(town, run, operator, ground, most=2)
    to_consultation(other, planner, officer)
    assert {v.pk for v in selectors.published_versions(town.quarter)} == {made.pk, second.pk}
    later = after + dt.timedelta(days=60)
    services.act(other, "adopt", "district", officer, {"reason": "更新"}, at=later)
    found.refresh_from_db()
    assert found.state == "superseded"
    assert selectors.adopted_scheme(town.quarter) == second


def test_an_unlawful_version_is_not_reviewed(town, run, ground, trio):
    from hutong.service.schemes import selectors, services
    from hutong.service.schemes.models import Version
    from hutong.service.schemes.opinions import services as opinions

    operator, planner, officer = trio
    found, made = kept(town, run, operator, ground)
    broken = {**made.summary, "violations": [{"rule": "x"}]}
    Version.objects.filter(pk=made.pk).update(summary=broken)
    opinions.advise(found, "objects", "违反规划。", planner)
    assert code(lambda: opinions.review(found, "同意。", officer)) == "act-event"
    services.act(found, "return", "district", officer, {"reason": "违规"})
    assert found.state == "draft"
    assert selectors.at_turn(found)[0].en == "responsible planner"


def test_statements_and_outlooks(town, run, ground, trio):
    from hutong.plan.statement import statement_for
    from hutong.service.ledger.models import Entry
    from hutong.service.schemes import selectors
    from hutong.service.schemes.versions import services

    _found, made = kept(town, run, trio[0], ground)
    dwelling = str(ground.city["dwellings"]["dwelling_id"].iloc[0])
    with selectors.statement_inputs(made) as inputs:
        said = inputs.statement(dwelling)
    assert said == statement_for(ground, ground.review(selectors.version_document(made)), dwelling)
    assert said.version == made.version
    recipe, result = {"model": "evolve", "seed": 1}, {"share": [0.4, 0.6]}
    one = services.attach_outlook(made, Text("展望", "Outlook"), recipe, result, trio[0])
    assert services.attach_outlook(made, Text("展望", "Outlook"), recipe, result, trio[0]).pk == one.pk
    assert one.digest in Entry.objects.filter(act="document.filed").latest("index").data


def test_what_stands_before_the_public_leads_to_where_people_say_something(town, run, ground, trio, client):
    """The page of a scheme says its next step and who is at turn; a version leads to the process that hears it, and back."""
    from hutong.service.schemes.consulting.selectors import process_of

    found, made = kept(town, run, trio[0], ground)
    said = signed_in(client, trio[0]).get(f"/schemes/{found.pk}").content.decode()
    assert "Being drafted → give an opinion" in said
    assert "at turn: responsible planner" in said
    to_consultation(found, *trio[1:])
    process = process_of(made)
    client.logout()
    said = client.get(f"/schemes/versions/{made.pk}").content.decode()
    assert f"/council/{process.pk}" in said
    assert "Say what you think: " in said
    assert f"/schemes/versions/{made.pk}" in client.get(f"/council/{process.pk}").content.decode()


def test_a_step_of_a_scheme_has_a_button_once_it_can_be_taken(town, run, ground, trio, client, monkeypatch):
    from django.utils import timezone

    from hutong.service.schemes.opinions import services

    found, made = kept(town, run, trio[0], ground)
    at = f"/schemes/{found.pk}"
    services.advise(found, "supports", "同意。", trio[1])
    review = services.sign_experts(made, "changes", "专家评审意见", ["雨水"], trio[1])
    said = signed_in(client, trio[2]).get(at).content.decode()
    assert f"{at}/do/review" not in said
    assert "1 points of the experts are not answered" in said
    services.answer(review.points.get(), "已补充。", trio[0])
    assert f"{at}/do/review" in client.get(at).content.decode()
    services.review(found, "资料齐全。", trio[2])
    assert f"{at}/do/publish" in client.get(at).content.decode()
    other, _ = kept(town, run, trio[0], ground, most=2)
    shown, at = to_consultation(other, *trio[1:]), f"/schemes/{other.pk}"
    said = client.get(at).content.decode()
    assert f"{at}/do/adopt" not in said
    assert f"The consultation runs until {shown.until}" in said
    assert f"{at}/do/return" in said
    real = timezone.localtime
    later = lambda value=None, zone=None: real(value, zone) + dt.timedelta(days=0 if value else 90)  # noqa: E731
    monkeypatch.setattr(timezone, "localtime", later)
    assert f"{at}/do/adopt" in client.get(at).content.decode()


def test_a_published_scheme_is_found_read_by_programs_and_given_away(town, run, ground, trio, client):
    """Before its publication only who works on schemes finds it; then search, the API and open data say the same of it."""
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from hutong.service.schemes.datasets import DATASETS
    from hutong.service.schemes.selectors import version_document
    from hutong.service.search.selectors import find

    found, made = kept(town, run, trio[0], ground)

    def hits(user):
        return [h.url for h in find(user, "东巷方案", "scheme")]

    assert hits(AnonymousUser()) == []
    assert hits(trio[1]) == [f"/schemes/{found.pk}"]
    client.logout()
    assert client.get("/api/v1/schemes").json()["total"] == 0
    assert client.get(f"/api/v1/schemes/{found.pk}").status_code == 403
    to_consultation(found, *trio[1:])
    assert hits(AnonymousUser()) == [f"/schemes/versions/{made.pk}"]
    (listed,) = client.get("/api/v1/schemes").json()["items"]
    assert (listed["number"], listed["state"]) == (found.number, "consultation")
    told = client.get(f"/api/v1/schemes/{found.pk}").json()
    assert (told["digest"], told["lawful"]) == (made.digest, True)
    assert told["public_yuan"] == made.summary["totals"]["public_yuan"]
    choices = version_document(made).choices
    assert {o["object"]: tuple(o["measures"]) for o in told["objects"]} == {
        k: c.measures for k, c in choices.items()
    }
    versions, objects, remarks = (list(d.rows(town.city, timezone.now())) for d in DATASETS)
    assert remarks == []  # nobody said anything
    assert [(r[0], r[7], r[8]) for r in versions] == [(found.number, made.digest, len(choices))]
    assert {r[2] for r in objects} == set(choices)
    assert [len(r) for r in (*versions, *objects[:1])] == [len(d.columns) for d in DATASETS[:2]]
    before = made.publications.get().at - dt.timedelta(seconds=1)
    assert [list(d.rows(town.city, before)) for d in DATASETS] == [[], [], []]


def test_an_outlook_is_told_in_words_and_its_file_is_what_was_hashed(town, run, ground, trio, client):
    from hutong.service.schemes.versions import services

    found, made = kept(town, run, trio[0], ground)
    to_consultation(found, *trio[1:])
    plain = {"zh": "支持", "en": "support"}
    result = {
        "title": {"zh": "几种做法", "en": "Levers"}, "question": {"zh": "怎样？", "en": "What changes?"},
        "answer": [{"zh": "支持更高。", "en": "Support is higher."}], "columns": {"outcome": {"zh": "指标", "en": "Outcome"}, "share_positive": {"zh": "为正", "en": "Above 0"}},
        "rows": [{"outcome": plain, "share_positive": 0.75}], "simulation": "M00001", "digest": "0" * 64,
    }  # fmt: skip
    recipe = {"seed": 7, "runs": 40, "months": 120, "settings": {"today": {"dial_means": 0.5}}}
    one = services.attach_outlook(made, Text("推演", "Simulation"), recipe, result, trio[0])
    said = client.get(f"/schemes/outlooks/{one.pk}").content.decode()
    for words in ("What changes?", "Support is higher.", "75%", "seed 7", "runs of each 40"):
        assert words in said, words
    for key in ("share_positive", "dial_means", "{&#x27;", "settings"):
        assert key not in said, key
    file = client.get(f"/schemes/outlooks/{one.pk}/file")
    assert hashlib.sha256(file.content).hexdigest() == one.digest
    other = services.attach_outlook(made, Text("另一份", "Another"), {"seed": 1}, {"share": 0.5}, trio[0])
    assert "a file alone" in client.get(f"/schemes/outlooks/{other.pk}").content.decode()


def test_a_choice_that_is_unknown_is_named(ground):
    with pytest.raises(HutongError) as caught:
        ground.review(document(ground).put("b0000001", Choice(("no_such",), "share0")))
    assert caught.value.code == "bad-scheme"
    assert "no_such" in caught.value.rows[0]


def signed_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_no_scheme_of_the_demo_says_its_state_in_its_title(database):
    from hutong.act.schemes.machine import scheme_machine
    from hutong.service.schemes.demo import EAST, FRUGAL

    for state in scheme_machine().states.values():
        for title in (EAST, FRUGAL):
            assert state.title.zh not in title.zh


def test_composing_on_the_page(town, run, ground, trio, client):
    """A change is kept and answered with what the whole does; what cannot be is said, with the ticks as they were."""
    from hutong.service.schemes import selectors

    operator = trio[0]
    found = open_one(town, run, operator)
    page = signed_in(client, operator)
    name, choice = next(iter(some_choices(ground).items()))
    put, partly = f"/schemes/{found.pk}/put/{name}", {"HX-Request": "true"}
    sent = {"measures": list(choice.measures), "offer": "", "year": "2", "revision": "0"}
    answer = page.post(put, sent, headers=partly)
    assert answer.status_code == 200
    assert answer["HX-Trigger-After-Settle"] == "recolour"
    found.refresh_from_db()
    kept_choice = selectors.draft_of(found).choices[name]
    assert (kept_choice.measures, kept_choice.offer, kept_choice.year) == (choice.measures, choice.offer, 2)
    text = answer.content.decode()
    assert 'id="figs"' in text
    assert f'id="row-{name}"' in text
    told = re.findall(r'<label for="m-[^>]*>([^<]*)</label><small>(.*?)</small>', text)
    assert told
    for title, small in told:  # sentences, each begun as one, that do not say again of what
        said = re.sub(r"<svg.*?</svg>|<[^>]*>", "", small)
        assert not re.search(r"\. +[a-z]", said), said
        assert f"{title}:" not in said
    chinese = page.get(
        f"/schemes/{found.pk}/object/{name}", headers={**partly, "accept-language": "zh-hans"}
    ).content.decode()
    assert "。 " not in "".join(re.findall(r"</label><small>(.*?)</small>", chinese))
    layer = page.get(f"/schemes/{found.pk}/layer").json()
    assert len(layer["codes"]) == len(ground.city["buildings"])
    assert layer["counts"][-1] == len(ground.city["buildings"]) - 1
    # an offer of another kind cannot stand; the draft stays, the ticks too
    wrong = page.post(put, {**sent, "offer": "public_all", "revision": "1"}, headers=partly).content.decode()
    assert 'role="alert"' in wrong
    assert f'value="{choice.measures[0]}" checked' in wrong
    found.refresh_from_db()
    assert found.revision == 1
    # without scripts the same forms lead to pages; an unknown object is none
    assert page.post(put, {**sent, "year": "3", "revision": "1"}).status_code == 302
    assert page.post(f"/schemes/{found.pk}/put/b-none", sent).status_code == 404
    assert page.post(put, {**sent, "revision": "x"}).status_code == 400
    # what somebody else did meanwhile at the same place is not overwritten
    other = town.person("subdistrict")
    signed_in(page, other)
    late = page.post(put, {**sent, "year": "5", "revision": "1"}, headers=partly)
    assert late.status_code == 200  # told beside the map, not as a page
    assert "just changed this" in late.content.decode()
    signed_in(page, operator)
    assert page.post(f"/schemes/{found.pk}/undo").status_code == 302
    found.refresh_from_db()
    assert selectors.draft_of(found).choices[name].year == 2
    assert page.post(f"/schemes/{found.pk}/keep", {"note": "第一版"}).status_code == 302
    made = found.versions.get()
    assert made.summary["objects"] == 1
    for path in (f"/schemes/{found.pk}", f"/schemes/{found.pk}/studio?show=chosen&object={name}", f"/schemes/versions/{made.pk}",
                 f"/schemes/versions/{made.pk}/print", f"/schemes/versions/{made.pk}/why?object={name}", f"/schemes/compare?v={made.pk}"):  # fmt: skip
        assert page.get(path).status_code == 200, path
    assert page.get(f"/schemes/versions/{made.pk}/file").content == made.document.encode()


def test_what_does_not_fit_is_said_in_words(town, run, ground, trio, client):
    """A measure that does not fit here says what it asks for and what is here, chosen or not, in both languages."""
    operator = trio[0]
    found = open_one(town, run, operator)
    page, objects = signed_in(client, operator), ground.objects
    row = next(int(r) for r in objects.members if objects.kind[r] == 0 and objects["cond_structure"][r] < 4)
    name, grade = objects.ids[row], "ABCD"[round(objects["cond_structure"][row]) - 1]
    sent = {"measures": ["rebuild_in_place"], "offer": "", "year": "0", "revision": "0"}
    shown = f"/schemes/{found.pk}/object/{name}"
    said = f"asks for structure graded D; here: structure graded {grade}."
    partly = {"HX-Request": "true", "accept-language": "en"}
    assert f"It {said}" in page.get(shown, headers=partly).content.decode()
    answer = page.post(f"/schemes/{found.pk}/put/{name}", sent, headers=partly).content.decode()
    assert f": Dangerous block rebuilt in place {said}" in answer
    chinese = page.get(shown, headers={"HX-Request": "true", "accept-language": "zh-hans"}).content.decode()
    assert f"“危旧楼原拆原建”要求结构状况 D 级；这里结构状况 {grade} 级。" in chinese
    for text in (answer, chinese):
        assert not [m.condition for m in ground.measures if m.condition.replace(">", "&gt;") in text]


def test_files_are_brought_in_whole_or_refused_line_by_line(town, run, ground, trio, client):
    from django.core.files.uploadedfile import SimpleUploadedFile

    operator = trio[0]
    found = open_one(town, run, operator)
    page = signed_in(client, operator)
    to = f"/schemes/{found.pk}/bring"

    def send(name, text):
        data = text if isinstance(text, bytes) else text.encode()
        return page.post(to, {"file": SimpleUploadedFile(name, data), "revision": "0"})

    name, choice = next(iter(some_choices(ground).items()))
    for bad, said in (
        (("a.csv", f"object_id,measures,offer\n{name},,share0\n"), "a.csv:2"),
        (("a.yaml", "hutong_scheme: 1\nobjects: 3\n"), "a.yaml:2"),
        (("a.csv", "object_id,measures,offer\nb-none,pipes,share0\n"), "there is no object"),
        (("a.exe", "x"), "no form of a scheme"),
        (("a.yaml", b"\xff\xfe\x00"), "not text in UTF-8"),
        (("a.yaml", "x" * (4 * 1024 * 1024 + 1)), "larger than 4 MB"),
    ):
        answer = send(*bad)
        assert answer.status_code == 400, bad[0]
        assert said in answer.content.decode(), said
    found.refresh_from_db()
    assert found.revision == 0
    assert (
        send("good.csv", f"object_id,measures,offer\n{name},{choice.package},{choice.offer}\n").status_code
        == 302
    )
    found.refresh_from_db()
    assert list(found.draft["choices"]) == [name]


def test_the_optimiser_works_in_the_background_and_can_be_stopped(town, run, ground, trio):
    from hutong.service.jobs import services as jobs
    from hutong.service.jobs.selectors import job as job_by_id
    from hutong.service.jobs.services import LostError, Steps
    from hutong.service.schemes import selectors

    operator = trio[0]
    found = open_one(town, run, operator)
    job = jobs.start("schemes.solve", found.place, operator, scheme=found.pk, mode="least_cost", budget=None)
    jobs.run(job.pk)
    found.refresh_from_db()
    made = found.versions.get()
    assert made.origin == "solver"
    assert made.recipe["gap"] <= 3e-3
    assert made.summary["violations"] == []
    assert selectors.draft_of(found).version == made.version  # an empty draft takes it
    again = jobs.start("schemes.solve", found.place, operator, scheme=found.pk, mode="balanced", budget=None)
    again.state = "running"
    again.save()
    step = Steps(job_by_id(again.pk))  # as the worker holds it
    jobs.cancel(again, operator)
    assert again.error["code"] == "cancelled"
    with pytest.raises(LostError):
        step(1, 2, Text("求解", "Solving"))
    assert code(lambda: jobs.cancel(again, operator)) == "job-ended"


def test_a_point_is_looked_at_before_it_is_kept(town, run, ground, trio, client):
    """Its page shows where it does what, its money, findings and rules as a kept version would, and keeps nothing."""
    from hutong.plan.results import BENEFITS
    from hutong.service.schemes.versions import services

    operator = trio[0]
    found = open_one(town, run, operator)
    even = dict.fromkeys(BENEFITS, 0.1)
    points = [
        {
            "scheme": f"pareto_0{i}",
            **even,
            "weighted": 0.1,
            "public_yuan": 1e6,
            "capital_yuan": 1e6,
            "gap": 0.001,
            "best_in": "social",
        }
        for i in (1, 2)
    ]
    proof = {"solves": 2, "infeasible": 0, "open": 0, "reused": 0, "worst_gap": 0.001, "levels": 3}
    front = {"points": points, "ideal": even, "nadir": even, "budget": {"city": 1e6}, "certificate": proof}
    asked = document(ground)
    row = next(int(r) for r in ground.objects.members if ground.objects.kind[r] == 0 and ground.objects["cond_structure"][r] < 4)  # fmt: skip
    unlawful = asked.put(ground.objects.ids[row], Choice(("rebuild_in_place",), "share0"))
    traded = services.keep_tradeoff(found, {"mode": "pareto"}, front, {"pareto_01": asked, "pareto_02": unlawful}, operator)  # fmt: skip
    page = signed_in(client, operator)
    at = f"/schemes/tradeoffs/{traded.pk}/point/pareto_01"
    assert f'href="{at}"' in page.get(f"/schemes/tradeoffs/{traded.pk}").content.decode()
    shown = page.get(at, headers={"accept-language": "en"})
    text = shown.content.decode()
    name, choice = next(iter(asked.choices.items()))
    assert shown.context["page"].paginator.count == len(asked.choices)
    assert f"?object={name}" in text
    layer = page.get(shown.context["setup"]["layer"]).json()
    assert len(layer["codes"]) == len(ground.city["buildings"])
    assert layer["counts"][-1] == len(ground.city["buildings"]) - sum(ground.objects.kind[ground.objects.row_of_id[n]] != 2 for n in asked.choices)  # fmt: skip
    beside = page.get(
        f"{at}?object={name}", headers={"HX-Request": "true", "accept-language": "en"}
    ).content.decode()
    titles = {m.id: m.title.en for m in ground.measures}
    assert all(titles[m] in beside for m in choice.measures)
    building = int(ground.objects.building[ground.objects.row_of_id[name]])
    touched = page.get(
        f"{at}/row/{building}", headers={"HX-Request": "true", "accept-language": "en"}
    ).content.decode()
    assert touched == beside
    assert page.get(f"{at}/row/{building}").url == f"{at}?object={name}"
    broken = page.get(f"/schemes/tradeoffs/{traded.pk}/point/pareto_02", headers={"accept-language": "en"})
    assert broken.context["sum"]["violations"]
    assert broken.context["sum"]["violations"][0]["message"]["en"] in html.unescape(broken.content.decode())
    assert page.get(f"/schemes/tradeoffs/{traded.pk}/point/pareto_09").status_code == 404
    assert not found.versions.exists()  # looking keeps nothing
    assert page.post(f"/schemes/tradeoffs/{traded.pk}/keep/pareto_01").status_code == 302
    summary = services.compute(found.versions.get()).summary
    for figure in ("totals", "money", "findings", "violations", "benefits", "doubts"):
        assert shown.context["sum"][figure] == summary[figure], figure


@pytest.mark.slow
def test_trade_offs_are_found_by_the_worker_and_one_is_kept(town, run, ground, trio, client):
    """The job as the worker runs it, to its end: its page, no point behind another, and a kept point is what was found."""
    from hutong.plan.results import BENEFITS
    from hutong.service.jobs import services as jobs
    from hutong.service.schemes.models import Tradeoff
    from hutong.service.schemes.versions import services

    operator = trio[0]
    found = open_one(town, run, operator)
    job = jobs.start("schemes.solve", town.quarter, operator, scheme=found.pk, mode="pareto", budget=None)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    kept = Tradeoff.objects.get()
    assert job.result == f"/schemes/tradeoffs/{kept.pk}"
    points = kept.found["points"]
    assert len(points) > 1
    proof = kept.found["certificate"]
    assert proof["worst_gap"] == max(p["gap"] for p in points) < 1  # how far it is proved, as the page says
    assert proof["solves"] + proof["reused"] >= 4 + 3**3
    for one in points:
        assert not any(all(other[b] > one[b] + 1e-6 for b in BENEFITS) for other in points)
    client.force_login(operator, backend=BACKEND)
    page = client.get(job.result, headers={"accept-language": "en"}).content.decode()
    assert page.count('name="csrfmiddlewaretoken"') >= len(points)
    assert f"{len(points)} schemes under the same public budget" in page
    assert client.post(f"{job.result.removesuffix('/')}/keep/{points[-1]['scheme']}").status_code == 302
    version = found.versions.get()
    assert version.recipe["point"] == points[-1]["scheme"]
    summary = services.compute(version).summary
    assert summary["violations"] == []
    assert summary["totals"]["public_yuan"] == pytest.approx(points[-1]["public_yuan"], rel=1e-9)
    assert summary["benefits"] == pytest.approx({b: points[-1][b] for b in BENEFITS}, abs=1e-9)
