"""What one officer proposes and another carries out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from hutong.agree.roll_book import HELD_BACK
from hutong.agree.totals import SAID
from hutong.service.accounts.models import User
from hutong.service.consent.models.agreements import Signing
from hutong.service.consent.models.ballots import Ballot, OfficialDocument
from hutong.service.consent.models.rolls import Roll
from hutong.service.consent.offices import RUN
from hutong.service.places.models import Place
from hutong.text import Text

#: What needs two persons.
MOTIONS = {
    "roll.correct": Text("更正名册", "Correct the roll"),
    "roll.freeze": Text("冻结名册", "Freeze the roll"),
    "ballot.open": Text("开始表决", "Open the vote"),
    "ballot.letters": Text("制发投票函", "Issue letters with codes"),
    "ballot.official": Text("导入官方系统的票", "Import ballots of the official system"),
    "ballot.totals": Text("采用官方系统的合计", "Take the totals of the official system"),
    "ballot.close": Text("结束表决", "Close the vote"),
    "ballot.count": Text("计票", "Count the vote"),
    "ballot.cancel": Text("撤销表决", "Call the vote off"),
    "signing.open": Text("开始签约", "Open the signing"),
    "signing.settle": Text("确认签约结果", "Settle the signing"),
}
#: What may be asked for a home on a roll.
CORRECTIONS = {
    "enter": Text("列入或改面积", "Enter, or change the area"),
    "hold": Text("暂不列入", "Hold back"),
    "strike": Text("移出", "Strike off"),
    "entrust": Text("登记委托", "Enter a mandate"),
}
#: What a motion is about, by the first word of its kind; the word names its page too.
SUBJECTS: dict[str, type[Roll | Ballot | Signing]] = {"roll": Roll, "ballot": Ballot, "signing": Signing}
#: After so many days a second person should have looked (confidence U).
LATE = 3
#: What cannot be carried out any more once the time of the vote has run.
WHILE_IT_RUNS = ("ballot.open", "ballot.letters")
MOTION_STATES = {
    "waiting": Text("等待另一人确认", "waits for another person"),
    "done": Text("已执行", "carried out"),
    "rejected": Text("未同意", "rejected"),
}


class Motion(models.Model):
    """A deed that an officer proposes; nothing happens until another officer of the place confirms it."""

    kind = models.CharField(max_length=16)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    subject = models.BigIntegerField()
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default="waiting")
    proposed = models.DateTimeField()
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                name="one_motion_at_a_time", fields=("kind", "subject"), condition=Q(state="waiting")
            ),
            models.CheckConstraint(
                name="two_persons",
                condition=~Q(state="done") | ~Q(decided_by=models.F("proposed_by")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def title(self) -> Text:
        """What is to be done."""
        return MOTIONS[self.kind]

    @property
    def family(self) -> str:
        """What it is about: roll, ballot or signing."""
        return self.kind.split(".")[0]

    @cached_property
    def about(self) -> Roll | Ballot | Signing:
        """Find the roll, vote or signing that it is about."""
        return SUBJECTS[self.family].objects.get(pk=self.subject)

    @property
    def offices(self) -> list[Text]:
        """As which offices its proposer could propose it then."""
        held = [g for g in self.proposed_by.grants.all() if g.role in RUN and g.in_force(self.proposed)]
        return [g.title for g in held if self.place.path.startswith(g.place.path)]

    @property
    def due(self) -> dt.datetime:
        """By when a second person should decide: within days, and no later than a vote's end where it would come too late."""
        asked = self.proposed + dt.timedelta(days=LATE)
        ends = self.about.closes if isinstance(self.about, Ballot) and self.kind in WHILE_IT_RUNS else None
        return asked if ends is None else min(asked, ends)

    @cached_property
    def filed(self) -> OfficialDocument | None:
        """Find the document that its totals are held to; none in a motion of another kind, nor where the file was not kept yet."""
        if self.kind != "ballot.totals":
            return None
        of = {"ballot": self.subject, "digest": self.asked["document"]["sha256"]}
        return OfficialDocument.objects.select_related("ballot__place").filter(**of).first()

    @property
    def correction(self) -> tuple[Text, Text | None] | None:
        """What is asked for a home on a roll, and why it is held back where it is; None in a motion of another kind."""
        if self.kind != "roll.correct":
            return None
        return CORRECTIONS[self.asked["action"]], HELD_BACK.get(self.asked.get("held", ""))

    @property
    def totals(self) -> list[dict[str, Any]]:
        """The totals that the second person holds to the document; none in a motion of another kind."""
        if self.kind != "ballot.totals":
            return []
        heads, area = self.asked["heads"], self.asked["area"]
        return [{"title": t, "heads": heads[n], "area_m2": area[n] / 10_000} for n, t in SAID.items()]

    @property
    def standing(self) -> Text:
        """Where it stands, in words."""
        return MOTION_STATES[self.state]
