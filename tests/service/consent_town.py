"""People and rolls for the tests of consent: an estate of small buildings, and a clock that a test can set."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd
from django.test import Client

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


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
