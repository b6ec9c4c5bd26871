"""What search finds of the council: processes, and what people wrote in them; nothing that is hidden, nobody's name."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from hutong.service.accounts.roles import OFFICE
from hutong.service.council.models import Process, Statement
from hutong.service.council.phases import DRAFT
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (
    FoundKind("process", Text("议题", "Questions put to the people"), 20),
    FoundKind("statement", Text("居民的看法和建议", "What people say"), 25),
)
#: Who finds a draft.
DRAFTS_TO = (*OFFICE, "administrator", "auditor")


def everything() -> Iterator[Findable]:
    """Return what can be found of all processes."""
    for of in Process.objects.select_related("place"):
        yield of_process(of)
    rows = Statement.objects.filter(hidden=False).select_related("process__place")
    for one in rows.iterator(chunk_size=1000):
        yield of_statement(one)


def of_process(of: Process) -> Findable:
    """Return a process as everyone finds it, or, while it is a draft, those who prepare it."""
    draft = of.phase == DRAFT
    return Findable(
        "process", str(of.pk), of.title, reverse("council_process", args=[of.pk]), of.standing, f"{of.about_zh} {of.about_en}",
        public=not draft, roles=DRAFTS_TO if draft else (), path=of.place.path,
    )  # fmt: skip


def of_statement(one: Statement) -> Findable:
    """Return a statement as everyone finds it."""
    words = Text(one.words, one.words)
    url = reverse("council_statement", args=[one.pk])
    return Findable("statement", str(one.pk), words, url, one.process.title, public=True)
