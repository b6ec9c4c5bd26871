"""People and rolls for the tests of consent: an estate of small buildings, and a clock that a test can set."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd
import pytest
from django.test import Client

from hutong.errors import HutongError

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


def refused(code, deed, *args, **kwargs):
    with pytest.raises(HutongError) as caught:
        deed(*args, **kwargs)
    assert caught.value.code == code, caught.value


def browser(user=None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def table(
    homes: int, building: str = "near-building", holders: dict | None = None, area: str = "60"
) -> pd.DataFrame:
    """Return a roll of homes d1, d2 …, each with a holder of its own unless ``holders`` says otherwise."""
    rows = []
    for n in range(1, homes + 1):
        for holder in (holders or {}).get(n, [f"ref-{n}"]):
            rows.append({"building": building, "dwelling_id": f"d{n}", "holder": holder, "area_m2": area})
    return pd.DataFrame(rows)


@dataclass
class Consent:
    """A town with two officers of one body, an auditor, and a clock."""

    town: object
    clock: list = field(default_factory=lambda: [START])

    def __post_init__(self) -> None:
        from hutong.service.accounts import services

        self.first, self.second = self.town.person("subdistrict"), self.town.person("committee")
        self.make, self.grant = services.make_user, services.grant

    def pass_days(self, days: float) -> None:
        self.clock[0] += dt.timedelta(days=days)

    def roll(self, of: pd.DataFrame | int = 9, state: str = "frozen", act: str = "owners"):
        """Return a roll, brought to a state by two persons."""
        from hutong.service.consent.motions import services as motions
        from hutong.service.consent.rolls import services
        from hutong.text import Text

        rows = table(of) if isinstance(of, int) else of
        roll = services.make_roll(
            services.NewRoll(self.town.estate, act, Text("一号院", "Yard 1"), rows), self.first
        )
        if state != "draft":
            roll = services.publish(roll, 7, self.first)
        if state == "frozen":
            self.pass_days(7)
            motions.confirm(motions.propose("roll.freeze", roll.pk, roll.place, self.first), self.second)
            roll.refresh_from_db()
        return roll

    def resident(self, home: int, role: str = "resident_owner", holder: str = "", name: str = ""):
        """Return a person verified at the building and linked to home d{home}."""
        from hutong.service.accounts.models import User
        from hutong.service.consent.rolls import services
        from hutong.service.consent.seal import token_of

        user = self.make(name or f"{role}-{home}{holder}", "a-long-password-1")
        self.grant(user, role, self.town.building, verified="letter")
        services.link(user, self.town.building, f"d{home}", token_of(holder) if holder else "")
        return User.objects.get(pk=user.pk)

    def ballot(
        self,
        roll,
        state: str = "open",
        matter: str = "7",
        renews=None,
        notice_days: int = 15,
        open_days: int = 10,
    ):
        """Return a vote on a roll, brought to a state by two persons."""
        from hutong.service.consent.ballots import services
        from hutong.text import Text

        new = services.NewBallot(
            roll,
            matter,
            Text("加装电梯", "A lift"),
            Text("是否同意加装电梯？", "Shall a lift be built?"),
            "方案全文 the whole text",
            renews,
        )
        found = services.draft(new, self.first)
        opens = self.clock[0] + dt.timedelta(days=notice_days, minutes=1)
        if state != "draft":
            found = services.give_notice(found, opens, opens + dt.timedelta(days=open_days), self.first)
        if state in ("open", "closed", "counted"):
            self.clock[0] = opens
            self.both("ballot.open", found)
        if state in ("closed", "counted"):
            self.finish(found, count=state == "counted")
        found.refresh_from_db()
        return found

    def both(self, kind: str, subject, asked: dict | None = None):
        """Let one officer propose and the other confirm."""
        from hutong.service.consent.motions import services as motions

        motions.confirm(motions.propose(kind, subject.pk, subject.place, self.first, asked), self.second)
        subject.refresh_from_db()
        return subject

    def finish(self, ballot, count: bool = True):
        """Let the time of a vote run, close and count it."""
        ballot.refresh_from_db()
        self.clock[0] = max(self.clock[0], ballot.closes)
        self.both("ballot.close", ballot)
        return self.both("ballot.count", ballot) if count else ballot

    def answer(self, ballot, home: int, choice: str, channel: str = "online", holder: str = "", **more):
        """Cast a ballot for home d{home} past the pages."""
        import uuid

        from hutong.service.consent.ballots import selectors, services

        head, signer = selectors.signer_at(ballot, f"d{home}", holder)
        given = {"token": uuid.uuid4(), **more}
        return services.cast(
            ballot, services.Answer(head, signer, services.NUMBERS[choice], channel, **given)
        )
