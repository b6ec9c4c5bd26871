"""What was counted of a place, kept so that a page need not count again."""

from __future__ import annotations

from django.db import models

from hutong.service.places.models import Place


class Counted(models.Model):
    """Counts of a subdistrict or quarter by measure and half-year, its features and the tools it took up; no people."""

    place = models.OneToOneField(Place, models.CASCADE, related_name="counted")
    made = models.DateTimeField()
    data = models.JSONField()

    class Meta:
        ordering = ("place__path",)

    def __str__(self) -> str:
        return f"{self.place_id} {self.made:%Y-%m-%d}"
