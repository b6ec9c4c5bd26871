"""What somebody who stays in a courtyard asks to have improved, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hutong.service.accounts.models import User
from hutong.service.consent.models.agreements import Project
from hutong.service.places.models import Place
from hutong.text import Text

IMPROVEMENT_STATES = {
    "asked": Text("已申请，等答复", "asked, to be answered"),
    "promised": Text("已答应，等施工", "promised, to be built"),
    "done": Text("已完工，等住户确认", "built, to be confirmed by the household"),
    "improved": Text("住户确认改好", "found good by the household"),
    "refused": Text("没有答应", "refused"),
    "withdrawn": Text("已撤回", "taken back"),
}
#: States in which nothing more is owed.
OVER = ("improved", "refused", "withdrawn")


class Improvement(models.Model):
    """One request for improvement of a home whose household stays; ``holder`` is its token on the roll."""

    token = models.UUIDField(unique=True)
    project = models.ForeignKey(Project, models.PROTECT, related_name="improvements")
    dwelling_id = models.CharField(max_length=60)
    holder = models.CharField(max_length=40)
    kinds = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="asked", choices=[(s, s) for s in IMPROVEMENT_STATES])
    due = models.DateField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    asked = models.DateTimeField()
    changed = models.DateTimeField()
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-asked",)
        constraints = (
            models.UniqueConstraint(
                name="one_improvement_at_a_time",
                fields=("project", "dwelling_id"),
                condition=~Q(state__in=OVER),
            ),
        )

    def __str__(self) -> str:
        return f"{self.project_id} {self.dwelling_id} {self.state}"

    @property
    def place(self) -> Place:
        """Where the project is."""
        return self.project.place

    @property
    def standing(self) -> Text:
        """Where it stands, in words."""
        return IMPROVEMENT_STATES[self.state]

    @property
    def over(self) -> bool:
        """Whether nothing more is owed."""
        return self.state in OVER
