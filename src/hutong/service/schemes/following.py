"""What follows in schemes: from a scheme to its next step, and from what stands before the public to where people say something."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

import rules
from hutong.service.council.models import Process, Statement
from hutong.service.schemes import selectors
from hutong.service.schemes.consulting.selectors import part_of, remark_on
from hutong.service.schemes.models import Publication, Scheme, Version
from hutong.service.schemes.offices import actors
from hutong.service.web.stage import DeskItem
from hutong.text import Text, written_day

STAGE = Text("方案", "Schemes")


def following(user: Any, subject: Any) -> list[DeskItem]:
    """Return the next step of a scheme with who is at turn, and where people say something while it stands before the public.

    Of a process: the version that it hears; of a statement: what of a version it is about.
    """
    if isinstance(subject, Process):
        return _heard_by(subject)
    if isinstance(subject, Statement):
        return _on(subject)
    found = subject.scheme if isinstance(subject, Version) else subject
    if not isinstance(found, Scheme):
        return []
    version = subject if isinstance(subject, Version) else selectors.published_version(found)
    shown = None if version is None else selectors.publication(version)
    asking = shown is not None and found.state == "consultation" and shown.running(timezone.localdate())
    return [*(_saying(user, found, shown) if asking and shown else []), *_next(user, found, shown)]


def _next(user: Any, found: Scheme, shown: Publication | None) -> list[DeskItem]:
    onwards = selectors.onwards(found)
    if onwards is None:
        return []
    title, who = selectors.state_title(found), selectors.at_turn(found)
    if found.state == "draft" and not found.versions.exists():
        step, by = Text("编制并存为版本", "compose and keep a version"), ["implementer"]
    else:
        step, by = onwards.title, list(onwards.by)
    until = shown.until if shown is not None and found.state == "consultation" else None
    after = Text("", "") if until is None else Text(f"（{written_day(until).zh}截止后）", f" (once it ends on {written_day(until).en})")  # fmt: skip
    whom = Text("、".join(w.zh for w in who), ", ".join(w.en for w in who))
    inside, may = selectors.inside(user, found), bool(actors(user, found.place, by))
    return [
        DeskItem(
            STAGE, Text(f"{title.zh} → {step.zh}{after.zh}", f"{title.en} → {step.en.lower()}{after.en}"), found.place.title,
            reverse("scheme", args=[found.pk]) if inside else "", whom, found.changed, status="watch", mine=may,
        )
    ]  # fmt: skip


def _saying(user: Any, found: Scheme, shown: Publication) -> list[DeskItem]:
    """Return where opinions are taken now: the process that hears the version, and the contact for who is not online."""
    out, day = [], written_day(shown.until)
    if shown.process is not None:
        p = shown.process
        out.append(
            DeskItem(Text("议事", "Council"), Text(f"说说您的意见：{p.title.zh}", f"Say what you think: {p.title.en}"), p.place.title,
                     reverse("council_process", args=[p.pk]), Text("居民", "residents"), status="watch", mine=rules.has_perm("council.vote", user, p))
        )  # fmt: skip
    if shown.contact:
        told = Text(
            f"{day.zh}前，也可以向{shown.contact}提意见",
            f"Until {day.en}, you can also tell: {shown.contact}",
        )
        out.append(
            DeskItem(STAGE, told, found.place.title, "", Text("任何人", "anyone"), status="watch", mine=False)
        )
    return out


def _heard_by(process: Process) -> list[DeskItem]:
    """Return the versions that a process hears."""
    rows = Publication.objects.filter(process=process).select_related("version__scheme__place")
    return [
        DeskItem(STAGE, Text(f"看方案：{p.version.title.zh}", f"Read the scheme: {p.version.title.en}"), p.version.place.title,
                 reverse("scheme_version", args=[p.version_id]), status="watch")
        for p in rows
    ]  # fmt: skip


def _on(statement: Statement) -> list[DeskItem]:
    """Return what of a version a statement is about."""
    remark = remark_on(statement)
    if remark is None:
        return []
    part, title = part_of(remark) or Text("整个方案", "the whole scheme"), remark.version.title
    url = reverse("scheme_version", args=[remark.version_id])
    return [
        DeskItem(
            STAGE,
            Text(f"说的是{title.zh}：{part.zh}", f"It is about {title.en}: {part.en}"),
            remark.version.place.title,
            url,
        )
    ]
