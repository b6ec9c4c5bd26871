"""The page of a home, put together for one reader: its facts, the scheme, the surrender project with the reader's own offer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from django.urls import reverse

from hutong.agree.home_choices import choice_part, meanwhile_part, staying_part, when_part
from hutong.agree.home_facts import HomeFacts, area_part
from hutong.agree.home_money import among_likes, likes_part, money_part
from hutong.agree.home_papers import acting_part, paper_part
from hutong.agree.home_renter import for_renter
from hutong.agree.home_statement import HomeStatement, Line, Part, in_order
from hutong.agree.homes_on_offer import homes_part
from hutong.service.accounts.models import User
from hutong.service.consent.ballots.selectors import open_at
from hutong.service.consent.models import Application, Ballot, Project
from hutong.service.consent.rolls.services import ROLE_OF_ACT
from hutong.service.consent.surrender import selectors as surrender
from hutong.service.council.selectors import running
from hutong.service.my_home import selectors
from hutong.service.my_home.models import Facts, Told
from hutong.service.residents.models import Home
from hutong.service.schemes.models import Version
from hutong.service.schemes.selectors import published_versions
from hutong.text import Text

#: In which respects households are alike: their tenure and the form of compensation.
LIKE = ["tenure", "form"]


def facts_of(home: Home) -> HomeFacts | None:
    """Return what is on record of a home; None until it was prepared."""
    row = Facts.objects.filter(home=home).first()
    return None if row is None else HomeFacts.of(row.facts)


def version_for(home: Home) -> Version | None:
    """Return the version that is before the public at a home, the newest publication."""
    return next(iter(published_versions(home.building)), None)


def statement(home: Home, reader: User, today: dt.date) -> HomeStatement | None:
    """Return all that a reader is told of a home; None until it was prepared.

    Sums of a surrender are told to its lessee by the roll and to who may see offers; another resident of the home and
    the counter read the formula and whom to ask. Who rents from a private owner is told what is theirs, not the owner's.
    """
    facts = facts_of(home)
    if facts is None:
        return None
    ask = selectors.ask_of(home.building)
    parts = [area_part(facts), paper_part(facts), acting_part(facts)]
    version = version_for(home)
    told = None if version is None else Told.objects.filter(home=home, version=version).first()
    if told is not None:
        parts += [Part.of(p) for p in told.parts]
    if facts.roll == "lessees":
        parts.append(staying_part(facts, ask))
        for project in selectors.projects_at(home)[:1]:
            parts += _surrender(project, home, facts, reader, today, ask)
    elif selectors.rents(reader, home):
        parts = for_renter(parts, ask)
    return in_order(home.dwelling_id, parts)


def _surrender(
    project: Project, home: Home, facts: HomeFacts, reader: User, today: dt.date, ask: Text
) -> list[Part]:
    found = application_for(project, home, reader)
    state, talk = ("staying", "none") if found is None else (found.state, found.talk)
    offer, made = (None, None) if found is None else surrender.on_the_table(found)
    at = (home.building.lon, home.building.lat)
    offers = surrender.offers_table(project)
    alike = pd.Series({"tenure": facts.tenure, "form": "cash"})
    return [
        money_part(offer, project.title, made, ask),
        homes_part(selectors.homes_on_offer(project), None if None in at else at, today, ask),  # type: ignore[arg-type]
        likes_part(among_likes(offers, home.dwelling_id, alike, LIKE), ask),
        when_part(surrender.steps(project.briefing_from), project.title, ask),
        meanwhile_part(ask),
        choice_part(state, talk),
    ]


def application_for(project: Project, home: Home, reader: User) -> Application | None:
    """Return the application of a home that a reader may see: their own, or where they see offers anyway."""
    if reader.has_perm("consent.offers", project):
        return project.applications.filter(dwelling_id=home.dwelling_id).first()
    mine = [
        m["application"]
        for m in surrender.lessee(reader, project)
        if (m["seat"].building_id, m["seat"].dwelling_id) == (home.building_id, home.dwelling_id)
    ]
    return mine[0] if mine else None


def with_sources(found: HomeStatement) -> tuple[list[tuple[Part, list[tuple[Line, int]]]], list[Text]]:
    """Return the parts, each line with the number of what it rests on (0: nothing), and the list that the numbers count."""
    sources: dict[Text, int] = {}
    parts = [
        (p, [(x, 0 if x.source is None else sources.setdefault(x.source, len(sources) + 1)) for x in p.lines])
        for p in found.parts
    ]
    return parts, list(sources)


def asked_now(home: Home, reader: User) -> list[tuple[Text, Text, str]]:
    """Return the votes and the councils' processes that are open where a home lies, with kind, title and address.

    Of a vote in which the home has no ballot, or the reader as a renter or an owner has none, it is said so.
    """
    heard = [p for p in running(reader) if home.building.path.startswith(p.place.path)]
    return [
        *((_kind_of(b, home, reader), b.title, reverse("ballot", args=[b.pk])) for b in open_at(home.building)),
        *((Text("正在征集意见", "Views are asked"), p.title, reverse("council_process", args=[p.pk])) for p in heard),
    ]  # fmt: skip


def _kind_of(vote: Ballot, home: Home, reader: User) -> Text:
    """Return what an open vote is for a reader of a home; an officer at the counter reads what it is for the home."""
    lives_as = selectors.roles_in(reader, home)
    seated = vote.roll.seats.filter(building=home.building_id, dwelling_id=home.dwelling_id).exists()
    if seated and (not lives_as or ROLE_OF_ACT[vote.roll.act] in lives_as):
        return Text("正在表决", "Open vote")
    if lives_as:
        return Text("正在表决，您没有票", "Open vote, in which you have no ballot")
    return Text("正在表决，这一户没有票", "Open vote, in which this home has no ballot")


def next_steps(home: Home, reader: User) -> list[dict[str, Any]]:
    """Return where a reader goes on: the surrender project of the home, and the version before the public."""
    out: list[dict[str, Any]] = []
    facts = facts_of(home)
    if facts is not None and facts.roll == "lessees":
        for project in selectors.projects_at(home)[:1]:
            found = application_for(project, home, reader)
            own = found is not None and found.state != "staying"
            out.append({"project": project, "application": found if own else None})
    return out
