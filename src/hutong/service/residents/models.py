"""Rolls of homes, letters with codes, who asked for which home, and who vouched."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hutong.service.accounts.models import Grant, User
from hutong.service.places.models import Place
from hutong.service.twin.models import Snapshot
from hutong.text import Text

#: Who holds a home by the titles on record: people, a managing unit, or what decides by its own procedure.
HELD = ("people", "unit", "own", "unknown")
WAITING, VERIFIED, ENDED = "waiting", "verified", "ended"
#: Why a verification ends.
REASONS = {
    "moved": Text("已搬走", "moved away"),
    "mistake": Text("核实有误", "verified by mistake"),
    "withdrawn": Text("担保撤回", "a voucher withdrew"),
    "own": Text("本人要求", "at their own wish"),
    "changed": Text("身份变更", "became another role"),
}


class Roll(models.Model):
    """An import of the homes of a quarter from a snapshot."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now)
    homes = models.IntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-imported_at",)

    def __str__(self) -> str:
        return f"{self.place} {self.imported_at:%Y-%m-%d}"


def stair_title(stair: str, number: int | None) -> Text:
    """Return what a staircase is called: the name that its id is, or its number by our count, which is said to be assumed."""
    if number is None:
        return Text(f"楼门 {stair}", f"staircase {stair}")
    return Text(f"第 {number} 个楼门（序号为推算）", f"staircase {number} (number assumed)")


class Home(models.Model):
    """A home on the roll: where it lies, and as what whoever lives there is a resident. Nothing about its people."""

    quarter = models.ForeignKey(Place, models.PROTECT, related_name="homes")
    building = models.ForeignKey(Place, models.PROTECT, related_name="+")
    dwelling_id = models.CharField(max_length=120)
    stair = models.CharField(max_length=120, blank=True)
    stair_number = models.PositiveSmallIntegerField(
        null=True
    )  # by our count (assumed), where the id is a serial number
    storey = models.FloatField(null=True)
    held = models.CharField(max_length=8, choices=[(h, h) for h in HELD])
    lives_as = models.CharField(max_length=24)
    listed = models.BooleanField(default=True)

    class Meta:
        ordering = ("building__path", "stair", "storey", "dwelling_id")
        constraints = (models.UniqueConstraint(name="home_once", fields=("quarter", "dwelling_id")),)
        indexes = (models.Index(fields=("building", "stair")),)

    def __str__(self) -> str:
        return self.dwelling_id

    @property
    def place(self) -> Place:
        """The building."""
        return self.building

    @property
    def title(self) -> Text:
        """The home as people find it: building, staircase where its name is on record, storey, number."""
        parts_zh, parts_en = [self.building.name_zh], [self.building.name_en]
        if self.stair and self.stair_number is None:  # one that we counted says nothing at the door
            door = stair_title(self.stair, None)
            parts_zh.append(door.zh)
            parts_en.append(door.en)
        if self.storey is not None:
            parts_zh.append(f"{self.storey:g} 层")
            parts_en.append(f"storey {self.storey:g}")
        return Text(
            " · ".join([*parts_zh, f"户号 {self.dwelling_id}"]),
            " · ".join([*parts_en, f"home {self.dwelling_id}"]),
        )


class Holder(models.Model):
    """A name on the roll as a keyed hash: it can be compared with a document, and not read."""

    home = models.ForeignKey(Home, models.CASCADE, related_name="holders")
    kind = models.CharField(max_length=12)
    token = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(name="holder_once", fields=("home", "kind", "token")),)

    def __str__(self) -> str:
        return f"{self.home_id} {self.kind}"


class Letter(models.Model):
    """A letter to a home. Its code is kept as a keyed hash and works once, until it expires or is replaced."""

    home = models.ForeignKey(Home, models.PROTECT, related_name="letters")
    code = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires = models.DateTimeField()
    replaced = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="one_open_letter", fields=("home",), condition=Q(used=None, replaced=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.home_id} {self.made:%Y-%m-%d}"


class Residence(models.Model):
    """That somebody lives in or owns a home: asked for, verified in one of the ways, or ended. Rows are never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="residences")
    home = models.ForeignKey(Home, models.PROTECT, related_name="residences")
    role = models.CharField(max_length=24)
    state = models.CharField(max_length=8, default=WAITING, db_index=True)
    key = models.CharField(max_length=24, unique=True)  # names it to the neighbours who are asked
    asked = models.DateTimeField(default=timezone.now)
    how = models.CharField(max_length=8, blank=True)
    document = models.CharField(max_length=16, blank=True)
    verified = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended = models.DateTimeField(null=True)
    reason = models.CharField(max_length=12, blank=True)
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-asked",)
        constraints = (
            models.UniqueConstraint(name="one_residence", fields=("user", "home"), condition=~Q(state=ENDED)),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.home} {self.state}"

    @property
    def place(self) -> Place:
        """The building."""
        return self.home.building

    @property
    def owner_id(self) -> int:
        """Whose it is."""
        return int(self.user_id)

    @property
    def phase(self) -> str:
        """Where it stands."""
        return str(self.state)

    def standing(self, at: datetime | None = None) -> bool:
        """Return whether it counts: verified, and the role it gave is in force."""
        return self.state == VERIFIED and self.grant.in_force(at)


class Vouch(models.Model):
    """The word of a verified neighbour, which may be taken back."""

    residence = models.ForeignKey(Residence, models.PROTECT, related_name="vouches")
    voucher = models.ForeignKey(User, models.PROTECT, related_name="vouches")
    home = models.ForeignKey(
        Home, models.PROTECT, related_name="+"
    )  # the voucher's own, by which they are a neighbour
    given = models.DateTimeField(default=timezone.now)
    withdrawn = models.DateTimeField(null=True)

    class Meta:
        ordering = ("given",)
        constraints = (
            models.UniqueConstraint(
                name="one_open_vouch", fields=("residence", "voucher"), condition=Q(withdrawn=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.voucher} {self.residence_id}"

    @property
    def place(self) -> Place:
        """The building."""
        return self.residence.home.building

    @property
    def owner_id(self) -> int:
        """Whose word it is."""
        return int(self.voucher_id)


class Try(models.Model):
    """A code that was wrong: counted for an hour, kept for a day."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    address = models.CharField(max_length=64)  # a keyed hash
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=("address", "at")), models.Index(fields=("user", "at")))

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"
