"""A vote under any sequence of deeds: what was acknowledged is what is counted, held against a plain model."""

from __future__ import annotations

import datetime as dt
import uuid
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hutong.errors import HutongError
from tests.service.consent_town import table

HOMES = 7
#: Home 2 has two holders, homes 3 and 4 one and the same.
HOLDERS = {2: ["a", "b"], 3: ["c"], 4: ["c"]}
SIGNERS = [(n, h if n == 2 else "") for n in range(1, HOMES + 1) for h in HOLDERS.get(n, [""])]
CHOICES = st.sampled_from(["yes", "no", "abstain"])


class Vote(RuleBasedStateMachine):
    """Residents, officers and a clock; ``town`` and ``ballot`` are set by the test, and every example is undone."""

    town = ballot = None
    compared = 0

    def __init__(self) -> None:
        from django.db import transaction

        super().__init__()
        self.point = transaction.savepoint()
        self.now = self.town.clock[0]
        self.ballot = type(self.ballot).objects.select_related("roll", "place").get(pk=self.ballot.pk)
        self.taken: list[tuple[int, str, str, dt.datetime]] = []  # home, holder, choice, when handed in
        self.sent: list[tuple[int, str, str, uuid.UUID]] = []
        self.sheets: list[tuple[object, int, str, str, dt.datetime]] = []
        self.struck: set[int] = set()
        self.state, self.latest = "open", self.now

    def teardown(self) -> None:
        from django.db import transaction

        try:
            self.to_the_end()
        finally:
            transaction.savepoint_rollback(self.point)
        self.town.clock[0] = self.now

    def to_the_end(self) -> None:
        """Bring every example to its count, whatever happened before."""
        from hutong.service.consent.ballots import services
        from hutong.service.consent.sheets import services as sheets

        self.town.clock[0] = max(self.clock(), self.ballot.closes)
        if self.state == "open":
            self.close()
        while self.sheets and self.state == "closed":
            sheet, home, holder, choice, at = self.sheets.pop()
            other = choice if home not in self.struck else "no" if choice != "no" else "yes"
            sheets.confirm_sheet(sheet, services.NUMBERS[other], self.town.second)
            self.taken += [(home, holder, choice, at)] if other == choice else []
        if self.state == "closed":
            self.count()

    @initialize()
    def start(self) -> None:
        self.town.clock[0] = self.now

    def clock(self) -> dt.datetime:
        return self.town.clock[0]

    def within(self, at: dt.datetime) -> bool:
        return self.ballot.opens <= at < self.ballot.closes

    @rule(who=st.sampled_from(SIGNERS), choice=CHOICES)
    def answer(self, who, choice):
        home, holder = who
        token, at = uuid.uuid4(), max(self.clock(), self.latest)
        stands = (
            home not in self.struck and self.state == "open" and self.within(self.clock()) and self.within(at)
        )
        try:
            self.town.answer(self.ballot, home, choice, holder=holder, token=token)
        except HutongError as caught:
            refused = caught
        else:
            refused = None
        assert stands is (refused is None), refused
        if refused is not None:
            return
        self.taken.append((home, holder, choice, at))
        self.sent.append((home, holder, choice, token))
        self.latest = at

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), choice=CHOICES)
    def send_again(self, data, choice):
        home, holder, _, token = data.draw(st.sampled_from(self.sent))
        if home not in self.struck:
            before = self.ballot.casts.count()
            self.town.answer(self.ballot, home, choice, holder=holder, token=token)
            assert self.ballot.casts.count() == before

    @rule(who=st.sampled_from(SIGNERS), choice=CHOICES, hours=st.integers(0, 400))
    def hand_in(self, who, choice, hours):
        from hutong.service.consent.ballots import services
        from hutong.service.consent.sheets import services as sheets

        home, holder = who
        at = self.clock() - dt.timedelta(hours=hours)
        new = sheets.NewSheet(
            f"d{home}", holder, services.NUMBERS[choice], "paper", at, f"p-{uuid.uuid4()}", uuid.uuid4()
        )
        stands = home not in self.struck and self.state in ("open", "closed") and self.within(at)
        try:
            sheet = sheets.enter_sheet(self.ballot, new, self.town.first)
        except HutongError as caught:
            refused = caught
        else:
            refused = None
        assert stands is (refused is None), refused
        if refused is not None:
            return
        self.sheets.append((sheet, home, holder, choice, at))

    @precondition(lambda self: self.sheets and self.state != "counted")
    @rule(reading=CHOICES)
    def check_paper(self, reading):
        from hutong.service.consent.ballots import services
        from hutong.service.consent.sheets import services as sheets

        sheet, home, holder, choice, at = self.sheets.pop()
        with pytest.raises(HutongError):
            sheets.confirm_sheet(sheet, services.NUMBERS[reading], self.town.first)
        if home in self.struck and reading == choice:
            with pytest.raises(HutongError):  # struck off meanwhile: void it by reading it otherwise
                sheets.confirm_sheet(sheet, services.NUMBERS[reading], self.town.second)
            reading = "no" if choice != "no" else "yes"
        done = sheets.confirm_sheet(sheet, services.NUMBERS[reading], self.town.second)
        assert done.state == ("taken" if reading == choice else "rejected")
        if reading == choice:
            self.taken.append((home, holder, choice, at))
            self.latest = at

    @rule(hours=st.sampled_from([-30, -1, 1, 5, 30, 100]))
    def pass_time(self, hours):
        self.town.pass_days(hours / 24)

    @rule()
    def to_the_close(self):
        self.town.clock[0] = self.ballot.closes

    @precondition(lambda self: self.state == "open")
    @rule(home=st.sampled_from([1, 5, 6]))
    def strike(self, home):
        asked = {
            "action": "strike",
            "dwelling_id": f"d{home}",
            "holders": [],
            "reason": "error",
            "why": "paper 1",
        }
        changes = [self.now, *getattr(self, "corrected", [])]
        if home in self.struck or self.clock() < max(changes):
            return
        self.town.both("roll.correct", self.ballot.roll, asked)
        self.corrected = [self.clock()]
        self.struck.add(home)

    @rule()
    def close(self):
        stands = self.state == "open" and self.clock() >= self.ballot.closes
        try:
            self.town.both("ballot.close", self.ballot)
        except HutongError:
            assert not stands
            return
        assert stands
        self.state = "closed"

    @rule()
    def count(self):
        stands = self.state == "closed" and not self.sheets and self.clock() >= self.ballot.closes
        try:
            self.town.both("ballot.count", self.ballot)
        except HutongError:
            assert not stands
            return
        assert stands
        self.state = "counted"
        self.compare()

    def compare(self) -> None:
        from hutong.service.consent.counting import selectors

        Vote.compared += 1
        heads = {n: "c" if n in (3, 4) else n for n in range(1, HOMES + 1) if n not in self.struck}
        area = {head: sum(60 + n for n, h in heads.items() if h == head) for head in heads.values()}
        latest: dict = {}
        for number, (home, holder, choice, at) in enumerate(self.taken):
            if home in heads:
                key = (heads[home], holder)
                latest[key] = max(latest.get(key, (at, -1, "")), (at, number, choice))
        said: dict = {}
        for (head, _), (_, _, choice) in latest.items():
            said.setdefault(head, set()).add(choice)
        count = {w: [h for h, of in said.items() if of == {w}] for w in ("yes", "no", "abstain")}
        result = self.ballot.result
        for name, word in (("for", "yes"), ("against", "no"), ("abstain", "abstain")):
            assert result["heads"][name] == len(count[word])
            assert result["area"][name] == 10_000 * sum(area[h] for h in count[word])
        part = [h for of in count.values() for h in of]
        enough = len(part) >= Fraction(2, 3) * len(area) and sum(map(area.get, part)) >= Fraction(2, 3) * sum(
            area.values()
        )
        three = all(
            measure(count["yes"]) >= Fraction(3, 4) * measure(part)
            for measure in (len, lambda hs: sum(area[h] for h in hs))
        )
        assert result["passed"] == (enough and three and bool(part))
        assert selectors.recount(self.ballot).holds

    @invariant()
    def none_is_lost_or_doubled(self):
        assert self.ballot.casts.count() == len(self.taken)


def test_a_vote_under_any_sequence_of_deeds(consent):
    rows = table(HOMES, holders=HOLDERS)
    rows["area_m2"] = [str(60 + int(d[1:])) for d in rows["dwelling_id"]]
    Vote.town, Vote.ballot = consent, consent.ballot(consent.roll(rows))
    run_state_machine_as_test(
        Vote,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, database=None,
            phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert Vote.compared >= 12
