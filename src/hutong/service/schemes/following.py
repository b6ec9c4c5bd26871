"""What follows in schemes: from a scheme to its next step, and from what stands before the public to where people say something."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

import rules
from hutong.service.council import selectors as council
from hutong.service.council.models import Process
from hutong.service.council.phases import OPEN
from hutong.service.schemes import selectors
from hutong.service.schemes.models import Publication, Scheme, Version
from hutong.service.schemes.offices import actors
from hutong.service.web.stage import DeskItem
from hutong.text import Text, written_day

STAGE = Text("方案", "Schemes")
#: So many of the processes that ask about a scheme are named.
MOST = 3


def following(user: Any, subject: Any) -> list[DeskItem]:
    """Return the next step of a scheme with who is at turn; where people say something while it stands before the public."""
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
    """Return where opinions are taken now: the contact, and processes of the scheme's place; to the office, how one is begun."""
    day = written_day(shown.until)
    told = Text(
        f"{day.zh}前，可以向{shown.contact}提意见", f"Until {day.en}, say what you think to: {shown.contact}"
    )
    anyone = [DeskItem(STAGE, told, found.place.title, "", Text("任何人", "anyone"), status="watch", mine=False)] if shown.contact else []  # fmt: skip
    out = anyone + [
        DeskItem(Text("议事", "Council"), Text(f"说说您的意见：{p.title.zh}", f"Say what you think: {p.title.en}"), p.place.title,
                 reverse("council_process", args=[p.pk]), Text("居民", "residents"), status="watch", mine=rules.has_perm("council.vote", user, p))
        for p in council.processes(user)
        if _asks(p, found)
    ][:MOST]  # fmt: skip
    if rules.has_perm("council.make", user, found):
        url = f"{reverse('council_new')}?place={found.place_id}"
        out.append(
            DeskItem(
                Text("议事", "Council"),
                Text("请居民就方案议一议", "Ask the residents about it"),
                found.place.title,
                url,
            )
        )
    return out


def _asks(process: Process, found: Scheme) -> bool:
    return process.phase in OPEN and (found.place.covers(process.place) or process.place.covers(found.place))
