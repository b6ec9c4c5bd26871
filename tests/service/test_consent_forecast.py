"""What a scheme is predicted to win is kept when it is published, and scored by the evaluation once the owners have voted."""

from __future__ import annotations

import datetime as dt
import uuid

import numpy as np
import pytest

from hutong.plan.document import Choice, SchemeDocument
from hutong.text import Text
from tests.service.evaluation_case import made as evaluated
from tests.service.schemes_town import people, to_consultation


def with_votes(studio, most=8):
    """Return choices that break no rule, at objects where something is put to a vote."""
    o = studio.desk.options
    ids, packages, choices = o.objects.ids, o.package_ids(), {}
    asked = np.isin([m.matter for m in o.measures], ("ordinary", "special"))
    for i in np.flatnonzero((o.packages & asked).any(axis=1)):
        name, offer = ids[o.object[i]], o.offers[o.offer[i]].id
        if name in choices or len(choices) == most or offer not in ("share0", "works"):
            continue
        tried = {**choices, name: Choice(tuple(sorted(packages[i].split("+"))), offer)}
        if studio.review(SchemeDocument("try", Text("试", "try"), choices=tried)).lawful:
            choices = tried
    return choices


@pytest.fixture
def published(town, run, ground):
    """A scheme with a version before the public, and who made and published it."""
    from hutong.service.schemes import selectors, services
    from hutong.service.schemes.drafting import services as drafting
    from hutong.service.schemes.versions import services as versions

    operator, planner, officer = people(town)
    title = Text("东巷方案", "East lane")
    found = services.open_scheme(services.NewScheme(town.estate, run, title, operator))
    drafting.bring_in(found, SchemeDocument("t", title, choices=with_votes(ground)), operator, 0)
    found.refresh_from_db()
    version = versions.keep_version(found, selectors.draft_of(found), operator)
    versions.compute(version)
    to_consultation(found, planner, officer)
    return found, version, officer


def test_what_a_version_is_predicted_to_win_is_kept_at_its_publication(published, town, client):
    from hutong.service.ledger.models import Entry
    from hutong.service.lessons.models import Forecast
    from hutong.service.schemes.consulting import services

    found, version, officer = published
    kept = {f.key: f for f in Forecast.objects.filter(source=str(version))}
    assert set(kept) == {"heads", "area"}
    for by, f in kept.items():
        assert [f.mean, f.sd] == version.summary["consent"][by]
        assert 0 < f.mean < 1
        assert 0 < f.sd < f.reference_sd
        assert (f.kind, f.place, f.outcome) == ("consent", town.quarter, None)
        assert f.due == found.versions.get().publications.get().until + dt.timedelta(days=365)
    filed = [e.value["public"] for e in Entry.objects.filter(act="document.filed")]
    assert sum(f["kind"] == "forecast:consent" for f in filed) == 2
    page = client.get(f"/schemes/versions/{version.pk}").content.decode()
    assert "if the whole scheme is put to one vote" in page
    # taken back and published again it is the same version, and what was said first stands
    services._forecast(version, dt.date(2031, 1, 1), officer, dt.datetime.now(dt.UTC))
    assert Forecast.objects.filter(source=str(version)).count() == 2


def test_nothing_is_kept_where_nobody_votes_or_it_was_computed_without(published):
    from hutong.service.lessons.models import Forecast
    from hutong.service.schemes.consulting import services

    _, version, officer = published
    Forecast.objects.all().delete()
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
    for summary in ({**version.summary, "consent": None}, {}):
        version.summary = summary
        services._forecast(version, until, officer, dt.datetime.now(dt.UTC))
    assert not Forecast.objects.exists()


def test_the_vote_on_a_published_scheme_scores_its_forecast(published, town, consent, snapshots, client):
    """Publish, file it as a project's scheme, vote, evaluate: the evaluation writes the outcome down, once and of that vote alone."""
    from django.utils import timezone

    from hutong.service.evaluation import selectors, services
    from hutong.service.lessons.models import Forecast
    from hutong.service.lessons.selectors import forecasts_at, scored
    from hutong.service.projects import services as projects

    _, version, officer = published
    project = projects.apply(
        projects.NewProject(town.estate, Text("七巷", "Lane 7"), "estate", ("comprehensive",), ("reform",), officer, uuid.uuid4())
    )  # fmt: skip
    projects.file_scheme(project, version, officer)
    consent.clock[0] = timezone.now() + dt.timedelta(days=1)
    ballot = consent.ballot(consent.roll(9))
    for home in range(1, 8):
        consent.answer(ballot, home, "yes" if home < 7 else "no")
    projects.tie_vote(project, ballot, officer)
    day = ballot.closes.date() + dt.timedelta(days=2)
    assert list(selectors.voted_on(town.quarter, day)) == []  # not counted yet
    consent.finish(ballot)
    assert list(selectors.voted_on(town.quarter, ballot.closes.date() - dt.timedelta(days=1))) == []

    found = evaluated(town, published=True)
    found.after.date = day
    assert services.settle_due(found, officer) >= 2
    assert services.settle_due(found, officer) == 0
    kept = {f.key: f for f in Forecast.objects.filter(source=str(version))}
    assert {by: f.outcome for by, f in kept.items()} == {"heads": 6 / 9, "area": 6 / 9}
    assert {f.settled_by for f in kept.values()} == {ballot.code}
    score, _ = scored(forecasts_at(town.quarter).filter(source=str(version)))
    assert (score.forecasts, score.waiting) == (2, 0)
    page = client.get("/evaluation/forecasts").content.decode()
    assert "East lane" in page
    assert "Mean CRPS" in page


@pytest.mark.parametrize("other", ["before", "place", "version"])
def test_a_vote_on_something_else_scores_nothing(published, town, consent, other):
    from django.utils import timezone

    from hutong.service.evaluation import selectors
    from hutong.service.lessons.models import Forecast
    from hutong.service.projects import services as projects

    _, version, officer = published
    project = projects.apply(
        projects.NewProject(town.estate, Text("七巷", "Lane 7"), "estate", ("comprehensive",), ("reform",), officer, uuid.uuid4())
    )  # fmt: skip
    if other != "version":
        projects.file_scheme(project, version, officer)
    consent.clock[0] = timezone.now() + dt.timedelta(days=1)
    ballot = consent.ballot(consent.roll(9))
    consent.answer(ballot, 1, "yes")
    projects.tie_vote(project, ballot, officer)
    consent.finish(ballot)
    if other == "before":  # notice of the vote was given before the forecast was made
        Forecast.objects.update(made=ballot.noticed + dt.timedelta(hours=1))
    if other == "place":
        ballot.place = town.building
        ballot.save()
    assert list(selectors.voted_on(town.quarter, ballot.closes.date() + dt.timedelta(days=9))) == []
