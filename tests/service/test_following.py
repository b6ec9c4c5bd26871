"""One thing leads to the next: a vote that was held here decides whether its project goes on, and hands it its papers."""

from __future__ import annotations

import datetime as dt

import pytest

from hutong.errors import HutongError
from tests.service.consent_town import browser
from tests.service.projects_town import apply, to_works


def at_vote(consent):
    """Return a project that waits for its vote, at the time of the consent's clock."""
    officer = consent.town.person("district")
    return to_works(apply(consent.town, officer), officer, until="vote")


def asked(ballot, answers, consent):
    for home in range(1, answers + 1):
        consent.answer(ballot, home, "yes", "counter")
    return consent.finish(ballot)


def test_a_project_goes_on_as_its_vote_says(consent):
    from hutong.service.projects import services

    project, officer = at_vote(consent), consent.first
    ballot = consent.ballot(consent.roll(9))
    services.tie_vote(project, ballot, officer)
    with pytest.raises(HutongError, match="not counted yet"):
        services.move(project, "vote.passed", "owners", officer)
    asked(ballot, 5, consent)
    with pytest.raises(HutongError, match="was not carried"):
        services.move(project, "vote.passed", "owners", officer)
    again = asked(consent.ballot(ballot.roll, renews=ballot), 6, consent)
    assert again.result["passed"]
    with pytest.raises(HutongError, match="was carried"):
        services.move(project, "vote.failed", "owners", officer)
    services.move(project, "vote.passed", "owners", officer, at=project.changed + dt.timedelta(days=30))
    filed = set(project.papers.filter(suffix="json").values_list("kind", flat=True))
    assert filed == {"roll", "notice", "ballot", "result_notice"}


def test_a_vote_is_that_of_one_project_of_its_place(consent):
    from hutong.service.projects import services

    first, second = at_vote(consent), None
    ballot = consent.ballot(consent.roll(9))
    services.tie_vote(first, ballot, consent.first)
    second = apply(consent.town, consent.first)
    far = apply(consent.town, consent.first, place=consent.town.at("estate", True))
    for other in (second, far):
        with pytest.raises(HutongError, match="not one on this project"):
            services.tie_vote(other, ballot, consent.first)


def test_each_page_says_what_comes_next_and_who_is_at_turn(consent):
    project = at_vote(consent)
    ballot = consent.ballot(consent.roll(9))
    officer, visitor = browser(consent.first), browser()
    page = officer.get(f"/consent/ballots/{ballot.pk}").content.decode()
    assert f"/projects/{project.pk}/office#vote" in page
    officer.post(f"/projects/{project.pk}/vote", {"ballot": ballot.pk})
    page = officer.get(f"/consent/ballots/{ballot.pk}").content.decode()
    assert "your turn" in page
    assert f"/projects/{project.pk}" in page
    page = visitor.get(f"/projects/{project.pk}").content.decode()
    assert "at turn" in page
    assert f"/consent/ballots/{ballot.pk}" in page
    assert "/office" not in page
