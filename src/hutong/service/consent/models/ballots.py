"""Votes, the ballots cast in them, paper that waits for a second pair of eyes, and letters with codes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hutong.service.accounts.models import User
from hutong.service.consent.models.rolls import Roll
from hutong.service.ledger.models import Entry
from hutong.service.places.models import Place
from hutong.text import Text

BALLOT_STATES = {
    "draft": Text("草稿", "draft"),
    "noticed": Text("已通知", "notice given"),
    "open": Text("表决中", "open"),
    "closed": Text("已截止，待计票", "closed, to be counted"),
    "counted": Text("已计票", "counted"),
    "cancelled": Text("已撤销", "called off"),
}
#: How a ballot may come in, and as what :class:`hutong.agree.Ballot` counts it.
CHANNELS = {
    "online": Text("网上（本人账户）", "online, by account"),
    "letter": Text("网上（信函验证码）", "online, by letter code"),
    "counter": Text("柜台", "at the counter"),
    "paper": Text("纸质票", "on paper"),
    "official": Text("官方电子投票系统", "the official voting system"),
}
COUNTS_AS = {
    "online": "online",
    "letter": "online",
    "counter": "paper",
    "paper": "paper",
    "official": "online",
}


class Ballot(models.Model):
    """One vote on one matter. The rule is kept as it held on the day of the notice."""

    roll = models.ForeignKey(Roll, models.PROTECT, related_name="ballots")
    place = models.ForeignKey(Place, models.PROTECT, related_name="ballots")
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="renewals")
    matter = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    asked_zh = models.TextField()
    asked_en = models.TextField()
    document = models.TextField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default="draft")
    made = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # from the notice on
    rule = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    notice_days = models.IntegerField(null=True)
    official_online_only = models.BooleanField(default=False)
    noticed = models.DateTimeField(null=True)
    opens = models.DateTimeField(null=True)
    closes = models.DateTimeField(null=True)
    # from the opening on
    opened = models.DateTimeField(null=True)
    opened_with = models.CharField(max_length=64, blank=True)
    key = models.BinaryField(null=True)
    letters = models.IntegerField(default=0)
    closed = models.DateTimeField(null=True)
    counted = models.DateTimeField(null=True)
    result = models.JSONField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                name="ballot_times_in_order", condition=Q(opens=None) | Q(opens__lt=models.F("closes"))
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """How the ledger names it."""
        return f"ballot-{self.pk}"

    @property
    def phase(self) -> str:
        """Where it stands, for policies."""
        return self.state

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.name_zh, self.name_en)

    @property
    def asked(self) -> Text:
        """What is asked, in a sentence."""
        return Text(self.asked_zh, self.asked_en)

    @property
    def standing(self) -> Text:
        """Where it stands, in words."""
        return BALLOT_STATES[self.state]


class Cast(models.Model):
    """One ballot as it was taken. Rows are added, never changed or deleted: the database refuses.

    ``sealed`` holds the choice and the salts of its commitments under the vote's key; ``number`` is its place in the order
    of arrival, ``at`` when it was handed in; ``token`` names the form that was sent, so that sending it twice casts once.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="casts")
    number = models.IntegerField()
    head = models.CharField(max_length=40)
    signer = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=[(c, c) for c in CHANNELS])
    at = models.DateTimeField()
    sealed = models.BinaryField()
    token = models.UUIDField(unique=True)
    sheet = models.CharField(max_length=60, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(name="one_cast_after_another", fields=("ballot", "number")),)
        indexes = (models.Index(fields=("ballot", "head")),)

    def __str__(self) -> str:
        return f"{self.ballot_id} {self.number}"

    @property
    def place(self) -> Place:
        """Where the vote is."""
        return self.ballot.place

    @property
    def owner_id(self) -> int | None:
        """Whose ballot it is, if it was cast by account."""
        return self.user_id


class Sheet(models.Model):
    """A signed paper that one officer entered and another enters again from the paper, without seeing the first."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="sheets")
    reference = models.CharField(max_length=60)
    head = models.CharField(max_length=40)
    signer = models.CharField(max_length=40)
    dwelling_id = models.CharField(max_length=60)
    channel = models.CharField(max_length=8)
    at = models.DateTimeField()
    sealed = models.BinaryField(null=True)  # emptied once decided
    state = models.CharField(max_length=10, default="waiting")
    token = models.UUIDField(unique=True)
    entered = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    cast = models.OneToOneField(Cast, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                name="one_sheet", fields=("ballot", "reference"), condition=~Q(state="rejected")
            ),
            models.CheckConstraint(
                name="sheet_two_persons",
                condition=~Q(state="taken") | ~Q(decided_by=models.F("entered_by")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.ballot_id} {self.reference}"

    @property
    def place(self) -> Place:
        """Where the vote is."""
        return self.ballot.place


class OfficialDocument(models.Model):
    """A document of the official system from which an officer proposed totals: a file by its hash. It stays, whatever became of them."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="official_documents")
    digest = models.CharField(max_length=64)
    suffix = models.CharField(max_length=8)
    size = models.IntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(name="one_official_document", fields=("ballot", "digest")),)

    def __str__(self) -> str:
        return f"{self.ballot_id} {self.digest[:8]}"

    @property
    def place(self) -> Place:
        """Where the vote is."""
        return self.ballot.place


class Letter(models.Model):
    """The code of one holder in one vote, kept as a hash; a new issue makes the codes before it void."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="codes")
    head = models.CharField(max_length=40)
    holder = models.CharField(max_length=40)
    issue = models.IntegerField()
    code = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = (models.UniqueConstraint(name="one_letter", fields=("ballot", "head", "holder")),)

    def __str__(self) -> str:
        return f"{self.ballot_id} {self.pk}"


class Look(models.Model):
    """An officer or auditor who printed codes or counted again: for the auditor."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="looks")
    what = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.ballot_id} {self.what}"
