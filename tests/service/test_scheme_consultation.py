"""A scheme before the public is answered on the platform: what is said of it, who answers, and that it is not adopted before."""

import datetime as dt

import pytest
from django.utils import timezone

from hutong.errors import HutongError
from hutong.text import Text
from tests.service.schemes_town import kept, people, renewal_office, to_consultation
from tests.service.test_council import browser, make_process

REPLY = "采纳：每个楼门留一条能推轮椅的路，写进施工方案。"


@pytest.fixture
def put_up(town, run, ground):
    """A scheme in consultation with its version, and who made, advised on and published it."""
    trio = people(town)
    found, made = kept(town, run, trio[0], ground)
    to_consultation(found, *trio[1:])
    return found, made, trio


@pytest.fixture
def neighbours(town):
    from hutong.service.accounts import services

    out = []
    for n in range(5):
        user = services.make_user(f"neighbour-{n}", None)
        services.grant(user, "resident_owner", town.building, verified="office")
        out.append(user)
    return out


def say(version, person, words="施工时给一楼留一条路", **more):
    from hutong.service.schemes.consulting import services

    return services.say(services.Said(version, words, more.pop("kind", "statement"), person, **more))


def code(what):
    with pytest.raises(HutongError) as caught:
        what()
    return caught.value.code


def page(user, path):
    return browser(user).get(path).content.decode()


def test_publishing_opens_a_process_in_which_everything_is_owed_an_answer(put_up, neighbours, town):
    from hutong.service.council import services as council
    from hutong.service.schemes.consulting.selectors import process_of

    _found, version, _trio = put_up
    process = process_of(version)
    assert (process.phase, process.place, process.unit.code) == ("collect", town.quarter, "renewal")
    view = council.write(council.NewStatement(process, "这条路一直不好走", "statement", neighbours[0]))
    assert view.owed.unit == process.unit
    other = make_process(town, "collect", unit=process.unit)
    assert not hasattr(council.write(council.NewStatement(other, "这条路一直不好走")), "owed")


def test_a_refused_publication_opens_no_process(town, run, ground):
    from hutong.service.council.models import Process
    from hutong.service.schemes.consulting import services

    operator, _planner, officer = people(town)
    found, _made = kept(town, run, operator, ground)
    day = timezone.localdate()
    unit = renewal_office(town.quarter)
    assert code(lambda: services.publish(found, day, day, officer, hears=unit)) == "act-event"
    assert not Process.objects.exists()


def test_a_process_that_runs_at_the_place_hears_a_version(town, run, ground):
    from hutong.service.schemes import selectors
    from hutong.service.schemes.consulting import services as consulting
    from hutong.service.schemes.consulting.selectors import hearers, process_of
    from hutong.service.schemes.models import Publication
    from hutong.service.schemes.opinions import services as opinions

    operator, planner, officer = people(town)
    found, version = kept(town, run, operator, ground)
    opinions.advise(found, "supports", "同意。", planner)
    opinions.review(found, "资料齐全。", officer)
    day = timezone.localdate()
    until = selectors.not_before(found, day)
    running, over = (make_process(town, phase, place=town.quarter) for phase in ("collect", "decide"))
    assert code(lambda: consulting.publish(found, day, until, officer, hears=over)) == "not-open"
    assert not Publication.objects.exists()
    assert hearers(found)[1] == [running]
    form = page(officer, f"/schemes/{found.pk}")
    assert "A question that runs: What first" in form
    sent = {"starts": day, "until": until, "contact": "街道", "hears": f"process-{running.pk}"}
    assert browser(officer).post(f"/schemes/{found.pk}/do/publish", {**sent, "hears": ""}).status_code == 400
    assert browser(officer).post(f"/schemes/{found.pk}/do/publish", sent).status_code == 302
    assert process_of(version) == running


def test_a_process_of_a_part_of_the_place_does_not_hear_a_scheme(town, run, ground):
    """Whoever lives elsewhere in the place of the scheme would have no voice."""
    from hutong.service.schemes import selectors
    from hutong.service.schemes.consulting import services as consulting
    from hutong.service.schemes.consulting.selectors import hearers
    from hutong.service.schemes.opinions import services as opinions

    operator, planner, officer = people(town)
    found, _version = kept(town, run, operator, ground)
    opinions.advise(found, "supports", "同意。", planner)
    opinions.review(found, "资料齐全。", officer)
    part = make_process(town, "collect", place=town.estate)
    assert hearers(found)[1] == []
    day = timezone.localdate()
    until = selectors.not_before(found, day)
    assert code(lambda: consulting.publish(found, day, until, officer, hears=part)) == "not-open"
    part.refresh_from_db()
    assert part.open_until is None


def test_opinions_are_taken_through_the_last_day_that_was_published(put_up, neighbours, town, monkeypatch):
    """The office cannot end it early by moving the process on."""
    from hutong.service.council import services as council
    from hutong.service.schemes import selectors
    from hutong.service.schemes.consulting.selectors import hearing, process_of

    _found, version, _trio = put_up
    process, until = process_of(version), version.publications.get().until
    assert process.open_until == until
    office = town.person("district", name="moves-on")
    council.move(process, "discuss", office)
    assert code(lambda: council.move(process, "answer", office)) == "still-asked"
    told = page(office, f"/council/{process.pk}")
    assert "opinions are taken until" in told
    assert f'action="/council/{process.pk}/phase"' not in told
    assert browser(office).post(f"/council/{process.pk}/phase", {"phase": "answer"}).status_code == 400
    version = selectors.version(version.pk)  # as it stands now
    assert hearing(version) == process_of(version)
    assert say(version, neighbours[0])
    monkeypatch.setattr(timezone, "localdate", lambda *_: until + dt.timedelta(days=1))
    assert council.move(process, "answer", office).phase == "answer"


def test_a_resident_speaks_of_the_whole_or_of_one_part(put_up, neighbours, town):
    from hutong.service.council.models import Owed
    from hutong.service.schemes.consulting.selectors import part_of, remark_on
    from hutong.service.schemes.selectors import version_document

    _found, version, _trio = put_up
    here = f"/schemes/versions/{version.pk}"
    name, choice = next(iter(version_document(version).choices.items()))
    measure = choice.measures[0]
    said = page(neighbours[0], here)
    assert f'action="{here}/say"' in said
    assert f"{here}/say?measure={measure}" in said
    assert f"{here}/say?object={name}" in said
    assert '<td class="n" data-label="places">' in said  # on a phone the number stands without its column
    assert f"{here}/say" not in page(None, here)
    one = browser(neighbours[0])
    assert "About: " in one.get(f"{here}/say?object={name}&measure={measure}").content.decode()
    assert one.get(f"{here}/say?object=no-such").status_code == 404
    sent = {"words": "门口的坡道再宽一点", "kind": "proposal", "object": name, "measure": measure,
            "token": "00000000-0000-4000-8000-000000000001"}  # fmt: skip
    assert one.post(f"{here}/say", {**sent, "words": "宽"}).status_code == 400
    for _ in range(2):  # a press too many says it once
        assert one.post(f"{here}/say", sent).url == f"{here}#said"
    owed = Owed.objects.get()
    assert owed.statement.words == sent["words"]
    remark = remark_on(owed.statement)
    assert (remark.object_id, remark.measure) == (name, measure)
    shown = page(None, here)
    assert sent["words"] in shown
    assert part_of(remark).en in shown
    assert here in page(None, f"/council/statement/{owed.statement_id}")
    assert code(lambda: say(version, neighbours[1], object_id="no-such")) == "no-such-part"
    assert code(lambda: say(version, neighbours[1], measure="no_such")) == "no-such-part"
    left = version.scheme.run.snapshot.buildings.exclude(building_id__in=version_document(version).choices)
    assert say(version, neighbours[1], object_id=left.first().building_id)  # one that stays as it is


def test_how_many_spoke_is_told_from_five_on(put_up, neighbours):
    _found, version, _trio = put_up
    here = f"/schemes/versions/{version.pk}"
    assert "Nobody has spoken yet" in page(None, here)
    for n, person in enumerate(neighbours):
        say(version, person, f"第 {n} 条：路灯再亮一点")
        told = page(None, here)
        assert ("Fewer than 5 people took part" in told) == (n < 4)
        assert ("5 people took part" in told.replace("Fewer than 5 people", "")) == (n == 4)


def test_a_scheme_is_not_adopted_while_an_answer_is_owed(put_up, neighbours):
    from hutong.service.council import services as council
    from hutong.service.schemes import services
    from hutong.service.schemes.models import SchemeDeed

    found, version, (_operator, _planner, officer) = put_up
    first, second = (
        say(version, neighbours[0]),
        say(version, neighbours[1], "先做管道再铺地", kind="proposal"),
    )
    until = version.publications.get().until
    after = timezone.make_aware(dt.datetime.combine(until + dt.timedelta(days=1), dt.time(9)))

    def adopt():
        services.act(found, "adopt", "district", officer, {"reason": "公示期满"}, at=after)

    with pytest.raises(HutongError, match="2 of the residents' opinions"):
        adopt()
    told = page(officer, f"/schemes/{found.pk}")
    assert "opinions have no written answer yet" in told  # why the step must wait
    assert first.words in told
    assert second.words in told
    council.answer(first.owed, "taken", REPLY, officer)
    assert code(adopt) == "act-event"
    council.moderate(
        second, "hide", officer, "advertising"
    )  # what is hidden is owed nothing here; that it was is public
    late = say(version, neighbours[2], "晚到的一条意见")
    type(late).objects.filter(pk=late.pk).update(at=after)  # said once the days were over
    told = page(officer, f"/schemes/{found.pk}")
    assert REPLY in told
    assert second.words not in told
    adopt()
    assert found.state == "adopted"
    assert SchemeDeed.objects.filter(scheme=found).last().said["owed"] == 0
    assert REPLY in page(None, f"/schemes/versions/{version.pk}")


def test_nobody_speaks_of_a_version_once_its_days_are_over(put_up, neighbours):
    from hutong.service.schemes.models import Publication

    found, version, _trio = put_up
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Publication.objects.update(starts=yesterday, until=yesterday)
    assert code(lambda: say(version, neighbours[0])) == "not-asked"
    assert f"{version.pk}/say" not in page(neighbours[0], f"/schemes/versions/{version.pk}")
    assert found.state == "consultation"


def test_what_opinions_are_about_is_open_data(put_up, neighbours, town):
    from hutong.service.council import services as council
    from hutong.service.schemes.datasets import DATASETS
    from hutong.service.schemes.selectors import version_document

    found, version, (_operator, _planner, officer) = put_up
    name, choice = next(iter(version_document(version).choices.items()))
    one = say(version, neighbours[0], object_id=name, measure=choice.measures[0])
    whole = say(version, neighbours[1], "整体上很好")
    rows = next(d for d in DATASETS if d.id == "scheme_remarks").rows
    now = timezone.now()
    assert list(rows(town.city, now)) == [
        (found.number, 1, one.pk, name, choice.measures[0]),
        (found.number, 1, whole.pk, None, None),
    ]
    council.moderate(whole, "hide", officer, "advertising")
    assert len(list(rows(town.city, now))) == 1
    told = browser().get(f"/api/v1/schemes/{found.pk}").json()
    assert told["process"] == one.process_id
    assert Text.of(told["scheme"]["title"]) == found.title


def test_the_page_shows_where_the_version_does_something_and_ones_own_building_first(put_up, neighbours):
    from hutong.service.residents.models import VERIFIED, Home, Residence
    from hutong.service.schemes.selectors import objects_of, version_document
    from hutong.service.twin.layers import unpacked
    from hutong.service.twin.services import publish

    _found, version, _trio = put_up
    snapshot = version.scheme.run.snapshot
    choices = version_document(version).choices
    here = f"/schemes/versions/{version.pk}"
    data = browser().get(f"{here}/layer").json()
    codes = unpacked(data["codes"])
    rows = list(snapshot.buildings.order_by("row"))
    assert len(codes) == len(rows)
    for b in rows:
        own = len(choices[b.building_id].measures) if b.building_id in choices else 0
        assert (codes[b.row] > 0) == (own > 0)
    assert sum(data["counts"]) == len(rows)
    told = page(None, here)
    assert "See it on the map" not in told  # the snapshot is not open to everyone
    assert 'class="where"' in told
    publish(snapshot)
    told = page(None, here)
    assert f"/twin/{snapshot.pk}/map?layer=scheme-{version.pk}" in told
    assert f'value="scheme-{version.pk}" selected' in page(
        None, f"/twin/{snapshot.pk}/map?layer=scheme-{version.pk}"
    )
    assert "Your building" not in told
    done = next(b for b in rows if b.building_id in choices)
    home = Home.objects.create(
        quarter=snapshot.place, building=done.place, dwelling_id="d1", held="unit", lives_as="resident_tenant"
    )
    from hutong.service.accounts import services

    grant = services.grant(neighbours[0], "resident_tenant", done.place, verified="office")
    Residence.objects.create(
        user=neighbours[0],
        home=home,
        role=grant.role,
        state=VERIFIED,
        grant=grant,
        verified=timezone.now(),
        key="d1",
    )
    told = page(neighbours[0], here)
    what = next(d for d in objects_of(version) if d.id == done.building_id)
    assert "Your building" in told
    assert told.index(what.what.en) < told.index("What is done</h2>")
    assert f"/home/{home.pk}" in told
    assert "<circle" in told
    second = Home.objects.create(
        quarter=snapshot.place, building=done.place, dwelling_id="d2", held="unit", lives_as="resident_tenant"
    )
    Residence.objects.create(
        user=neighbours[0], home=second, role=grant.role, state=VERIFIED, grant=grant, verified=timezone.now(), key="d2"
    )  # fmt: skip
    told = page(neighbours[0], here)
    assert told.count("Your building") == 1
    for one in (home, second):  # both homes in one building, each told by its number
        assert f'/home/{one.pk}">' in told
        assert f"<small>{one.dwelling_id}</small>" in told


def test_the_places_of_a_version_are_folded_until_they_are_asked_for(put_up):
    from hutong.service.schemes.selectors import objects_of

    _found, version, _trio = put_up
    here, places = f"/schemes/versions/{version.pk}", objects_of(version)
    one = places[-1]
    folded, opened = f"<details><summary>All places <small>{len(places)}</small>", "<details open><summary>"
    told = page(None, here)
    assert told.index('name="q"') < told.index(folded) < told.index("In short</h2>")
    assert "<details><summary>All figures" in told
    assert f"{opened}Found <small>" in page(None, f"{here}?q={one.id}")
    assert f"{opened}All places <small>" in page(None, f"{here}?page=1")
    assert len(places) <= 20 or '?page=2#objects"' in told
    assert "All places" not in (paper := page(None, f"{here}/print"))
    assert f"{opened}All figures" in paper  # paper cannot be unfolded


def test_objects_are_called_by_name_and_told_apart(put_up):
    """No page names an object by its id alone, and no two objects of a version are called alike."""
    from hutong.service.schemes.selectors import objects_of
    from hutong.service.twin.selectors import titles_of

    _found, version, _trio = put_up
    named = titles_of(version.scheme.run.snapshot)
    assert len(set(named.values())) == len(named)
    assert not {k for k, t in named.items() if k in (t.zh, t.en)}
    assert {d.name for d in objects_of(version)} == {named[d.id] for d in objects_of(version)}


def test_what_is_done_at_an_estate_is_done_at_its_buildings_whatever_signs_its_id_has(put_up, monkeypatch):
    from types import SimpleNamespace

    from hutong.service.schemes import picture, selectors

    _found, version, _trio = put_up
    building = version.scheme.run.snapshot.buildings.select_related("place__parent").first()
    estate = building.place.parent
    name = f"way/{estate.code}"
    type(estate).objects.filter(pk=estate.pk).update(code=f"way-{estate.code}")
    for place in type(estate).objects.filter(path__startswith=estate.path):
        type(estate).objects.filter(pk=place.pk).update(
            path=place.path.replace(f"/{estate.code}/", f"/way-{estate.code}/")
        )
    choice = next(iter(selectors.version_document(version).choices.values()))
    for module in (selectors, picture):
        monkeypatch.setattr(module, "version_document", lambda _of: SimpleNamespace(choices={name: choice}))
    building = version.scheme.run.snapshot.buildings.select_related("place__parent").get(pk=building.pk)
    (done,) = selectors.done_at(version, building)
    assert done.name == estate.title
    legend = {title.en: n for _k, title, n in picture.picture_of(version, set()).legend}
    inside = version.scheme.run.snapshot.buildings.filter(place__parent=estate).count()
    assert legend["at its estate alone"] == inside > 0


def test_remarks_are_kept_as_they_were_since_a_statement_may_be_withdrawn(put_up, neighbours, town):
    from hutong.service.council import services as council
    from hutong.service.open_data.selectors import dataset

    _found, version, _trio = put_up
    made = say(version, neighbours[0])
    table = dataset("scheme_remarks")

    def rows():
        return [r[2] for r in table.rows(town.city, timezone.now())]

    assert rows() == [made.pk]
    council.moderate(made, "hide", neighbours[0], "withdrawn")
    assert rows() == []
    assert table.frozen, "the same day made again would not give the same bytes"


def test_who_speaks_of_one_building_is_told_that_neighbours_may_guess(put_up, neighbours):
    _found, version, _trio = put_up
    here, told = f"/schemes/versions/{version.pk}/say", "neighbours may guess who spoke"
    name = version.scheme.run.snapshot.buildings.first().building_id
    assert told in page(neighbours[0], f"{here}?object={name}")
    assert told not in page(neighbours[0], here)


def test_a_process_that_was_there_before_holds_a_scheme_up_for_what_was_said_of_it_alone(
    town, run, ground, neighbours
):
    """What the process heard before the scheme came, and what is said of another scheme in it, is answered there."""
    from hutong.service.council import services as council
    from hutong.service.schemes import selectors
    from hutong.service.schemes.consulting import services as consulting
    from hutong.service.schemes.consulting.selectors import owed_of
    from hutong.service.schemes.opinions import services as opinions

    operator, planner, officer = people(town)
    shared = make_process(town, "collect", place=town.quarter)
    council.write(council.NewStatement(shared, "早就有人说过的一件事", "proposal", neighbours[0]))
    versions = []
    for _ in range(2):
        found, version = kept(town, run, operator, ground)
        opinions.advise(found, "supports", "同意。", planner)
        opinions.review(found, "资料齐全。", officer)
        day = timezone.localdate()
        consulting.publish(found, day, selectors.not_before(found, day), officer, hears=shared)
        versions.append(version)
    one, other = (say(v, neighbours[1]) for v in versions)
    both = council.write(council.NewStatement(shared, "没有说是哪个方案", "proposal", neighbours[2]))
    owed = [{o.statement for o in owed_of(v.scheme)} for v in versions]
    assert owed == [{one, both}, {other, both}]
