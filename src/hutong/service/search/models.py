"""What can be found."""

from __future__ import annotations

from django.db import models

from hutong.text import Text


class Document(models.Model):
    """Something that can be found: shown words, tokens, where it leads, and who may find it (``web/found.py``)."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    detail_zh = models.CharField(max_length=300, blank=True)
    detail_en = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=300)
    grams = models.TextField()
    group = models.CharField(max_length=60, blank=True, db_index=True)
    public = models.BooleanField(default=False)
    roles = models.CharField(max_length=200, blank=True)  # ;planner;subdistrict;
    path = models.CharField(max_length=500, blank=True)
    owner = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(name="one_document", fields=("kind", "key")),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.title_zh, self.title_en)

    @property
    def detail(self) -> Text:
        """What else is said of it."""
        return Text(self.detail_zh, self.detail_en)
