"""What the demo shows of consent: rolls, a counted vote and an open one, a signing in progress, and a surrender project."""

from __future__ import annotations

import datetime as dt
import uuid

import pandas as pd
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.ballots import selectors
from hutong.service.consent.ballots import services as ballots
from hutong.service.consent.models import Ballot, Roll
from hutong.service.consent.motions import services as motions
from hutong.service.consent.rolls import services as rolls
from hutong.service.consent.rolls.selectors import voters
from hutong.service.consent.sheets import services as sheets
from hutong.service.consent.signing import services as signing
from hutong.service.consent.surrender import services as surrender
from hutong.service.places.models import Place
from hutong.service.residents import selectors as residents
from hutong.text import Text

TEXT = "本单元加装电梯一部。费用按楼层分担，具体见附表。（示例文本，虚构。）\nA lift for this staircase, paid by storey as listed. (An example; nothing here is real.)"


#: The agreement that lessees sign in the demo, and how many have.
AGREEMENT = "签约户数达到公布的比例，本协议对所有签约户同时生效；达不到则对任何人都不生效。（示例文本，虚构。）\nIt takes effect for all who sign once the share is reached, and for nobody before. (An example; nothing here is real.)"
SIGNED_BY = 3


def load(quarter: Place) -> None:
    """Load a roll of the building of the demo's owner, a vote that passed and one that is open, a signing, and a surrender project.

    All is dated back from today. The demo's residents and officers must exist.
    """
    users = {
        n: User.objects.get(username=n)
        for n in ("subdistrict", "committee", "resident-owner", "resident-tenant")
    }
    owned, let = (residents.homes_of(users[n])[0] for n in ("resident-owner", "resident-tenant"))
    made = Back(users["subdistrict"], users["committee"])
    with made:
        homes = [h.dwelling_id for h in residents.homes(quarter, owned.building)]
        roll = made.roll(
            owned.building, "owners", Text("示例楼业主名册", "Owners of the example building"), homes
        )
        passed = made.vote(roll, Text("更换单元门", "A new staircase door"), days_open=5)
        others = [h for h in homes if h != owned.dwelling_id]
        for n, home in enumerate(others[: len(homes) * 9 // 10]):
            made.answer(passed, home, "no" if n % 7 == 3 else "yes")
        made.finish(passed)
        opened = made.vote(roll, Text("加装电梯", "A lift"), days_open=60)
        for n, home in enumerate(others[: len(homes) // 2]):
            made.answer(opened, home, "abstain" if n % 5 == 1 else "yes")
        yard = [h.dwelling_id for h in residents.homes(quarter, let.building)]
        lessees = made.roll(
            let.building, "lessees", Text("示例院承租人名册", "Lessees of the example courtyard"), yard
        )
        made.signing(lessees)
        title = Text("示例院申请式退租", "Lease surrender, example courtyard")
        surrender.make_project(lessees, title, "补偿口径见附表（示例，虚构）。", made.at.date(), made.first)


class Back:
    """Two officers at work in days gone by: the clock starts two months ago and ends today."""

    def __init__(self, first: User, second: User) -> None:
        self.first, self.second, self.at = first, second, timezone.now() - dt.timedelta(days=60)

    def __enter__(self) -> Back:
        self.real = clock.now
        clock.now = lambda: self.at
        return self

    def __exit__(self, *_: object) -> None:
        clock.now = self.real

    def both(self, kind: str, subject: Roll | Ballot) -> None:
        """Let one officer propose and the other carry out."""
        motions.confirm(motions.propose(kind, subject.pk, subject.place, self.first), self.second)
        subject.refresh_from_db()

    def roll(self, building: Place, act: str, title: Text, homes: list[str]) -> Roll:
        """Publish a roll, let its objection period run, and freeze it."""
        rows = [
            {
                "building": building.code,
                "dwelling_id": home,
                "holder": f"{act}-{home}",
                "area_m2": str(45 + n % 30),
            }
            for n, home in enumerate(homes)
        ]
        new = rolls.NewRoll(building, act, title, pd.DataFrame(rows))
        made = rolls.publish(rolls.make_roll(new, self.first), 7, self.first)
        self.at += dt.timedelta(days=7)
        self.both("roll.freeze", made)
        return made

    def vote(self, roll: Roll, title: Text, days_open: int) -> Ballot:
        """Give notice of a vote, let the notice run, and open it for some days."""
        new = ballots.NewBallot(
            roll, "7", title, Text(f"是否同意{title.zh}？", f"{title.en}: do you agree?"), TEXT
        )
        made = self.noticed(new, days_open)
        self.at = made.opens
        self.both("ballot.open", made)
        return made

    def noticed(self, new: ballots.NewBallot, days_open: int) -> Ballot:
        """Give notice of a vote that may be opened after fifteen days."""
        opens = self.at + dt.timedelta(days=15, minutes=1)
        return ballots.give_notice(
            ballots.draft(new, self.first), opens, opens + dt.timedelta(days=days_open), self.first
        )

    def signing(self, roll: Roll) -> None:
        """Open a signing by two officers, and let some of the lessees sign at the counter: it is in progress."""
        title = Text("示例院整院改善协议", "Improvement of the example courtyard")
        drafted = signing.draft(
            roll, "presigning", title, AGREEMENT, timezone.now() + dt.timedelta(days=30), False, self.first
        )
        self.both("signing.open", drafted)
        holders = sorted(set(roll.seats.values_list("holder", flat=True)))[:SIGNED_BY]
        for voter in voters(roll, set(holders), self.at):
            token = uuid.uuid5(uuid.NAMESPACE_OID, f"{drafted.pk} {voter.head}")
            signing.act(drafted, "sign", voter.head, voter.signer, token, user=None, entered_by=self.first)

    def answer(self, ballot: Ballot, home: str, choice: str) -> None:
        """Let a signed paper be entered by one officer and read anew by the other."""
        number = ballots.NUMBERS[choice]
        new = sheets.NewSheet(home, "", number, "paper", None, f"demo-{ballot.pk}-{home}", uuid.uuid4())
        sheets.confirm_sheet(sheets.enter_sheet(ballot, new, self.first), number, self.second)

    def finish(self, ballot: Ballot) -> None:
        """Close and count a vote once its time has run."""
        self.at = max(self.at, selectors.ballot(ballot.pk).closes or self.at)
        self.both("ballot.close", ballot)
        self.both("ballot.count", ballot)
