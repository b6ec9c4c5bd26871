"""A place and where it lies in the tree."""

from __future__ import annotations

from django.db import models

from hutong.text import Text

KINDS = ("city", "district", "subdistrict", "quarter", "block", "estate", "building")


class Place(models.Model):
    """A place. Its ``path`` names all that it lies in, so that "within" is a comparison of beginnings."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    kind = models.CharField(max_length=16, choices=[(k, k) for k in KINDS])
    code = models.CharField(max_length=120)
    path = models.CharField(max_length=500, unique=True)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)

    class Meta:
        ordering = ("path",)
        constraints = (
            models.CheckConstraint(
                name="place_path_ends_with_code",
                condition=models.Q(path__endswith="/") & models.Q(path__startswith="/"),
            ),
        )
        indexes = (models.Index(fields=("kind", "code")),)

    def __str__(self) -> str:
        return self.path

    @property
    def title(self) -> Text:
        """What the place is called."""
        return Text(self.name_zh, self.name_en)

    @property
    def place(self) -> Place:
        """The place itself, so that a place is an object with a place like any other."""
        return self

    def covers(self, other: Place) -> bool:
        """Return whether another place is this one or lies in it."""
        return bool(other.path.startswith(self.path))
