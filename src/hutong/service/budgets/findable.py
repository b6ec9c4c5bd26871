"""What search finds of budgets: those that are open or decided, by their name and the works in them."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from hutong.service.accounts.roles import OFFICE
from hutong.service.budgets.models import DRAFT, Budget
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (FoundKind("budget", Text("点单", "Small works"), 28),)
#: Who finds a draft.
DRAFTS_TO = (*OFFICE, "administrator", "auditor")


def everything() -> Iterator[Findable]:
    """Return what can be found of all budgets."""
    for of in Budget.objects.select_related("place"):
        yield of_budget(of)


def of_budget(of: Budget) -> Findable:
    """Return a budget as everyone finds it, or, while it is a draft, those who prepare it."""
    draft = of.phase == DRAFT
    words = " ".join(f"{p.title_zh} {p.title_en}" for p in of.projects.all())
    return Findable(
        "budget", str(of.pk), of.title, reverse("budget", args=[of.pk]), of.standing, words, public=not draft,
        roles=DRAFTS_TO if draft else (), path=of.place.path,
    )  # fmt: skip
