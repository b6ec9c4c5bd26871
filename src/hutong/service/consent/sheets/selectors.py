"""Reading entered papers."""

from __future__ import annotations

from collections import Counter

from django.db.models import QuerySet
from django.http import Http404

from hutong.service.consent.models import Ballot, Sheet


def sheet(pk: int) -> Sheet:
    """Return an entered paper, or raise ``Http404``."""
    found = Sheet.objects.select_related("ballot__place", "ballot__roll", "entered_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def waiting_sheets(of: Ballot) -> QuerySet[Sheet]:
    """Return the papers that wait for a second pair of eyes."""
    return of.sheets.filter(state="waiting").select_related("entered_by")


def sheet_counts(of: Ballot) -> dict[str, int]:
    """Return how many papers wait, were taken, were void."""
    return dict(Counter(of.sheets.values_list("state", flat=True)))
