"""The only writes to budgets."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.budgets import selectors
from hutong.service.budgets.findable import of_budget
from hutong.service.budgets.models import CLOSED, DRAFT, OPEN, Budget, Paper, Project
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.service.search import services as search
from hutong.text import Text

MOST_YUAN = 10**11
#: How a group is written on paper.
WRITTEN = {
    "": "",
    "owner": "resident_owner",
    "业主": "resident_owner",
    "tenant": "resident_tenant",
    "承租人": "resident_tenant",
}


def make(place: Place, title: Text, yuan: int, owner: User | None, token: uuid.UUID) -> Budget:
    """Make a budget as a draft; the same form twice makes one."""
    made, fresh = Budget.objects.get_or_create(
        token=token,
        defaults={"place": place, "title_zh": title.zh, "title_en": title.en, "yuan": yuan, "owner": owner},
    )
    if fresh:
        search.put([of_budget(made)])
    return made


@transaction.atomic
def set_projects(of: Budget, rows: Iterable[Mapping[str, str]]) -> int:
    """Take the projects from a table, columns ``title``, ``cost``, ``title_en`` and ``label``, in the place of those before.

    Raises
    ------
    HutongError
        ``bad-projects`` naming each broken row; ``not-a-draft``.
    """
    locked = _locked(of, DRAFT)
    broken, read = [], []
    for n, row in enumerate(rows, 2):
        title, cost = row.get("title", ""), row.get("cost", "").replace(",", "")
        if not 1 <= len(title) <= 80:
            broken.append(f"row {n}, title: {title[:30]!r}")
        elif not cost.isdecimal() or not 0 < int(cost[:20]) <= MOST_YUAN:
            broken.append(f"row {n}, cost: {cost[:30]!r}")
        else:
            read.append(Project(budget=locked, title_zh=title, title_en=row.get("title_en", "")[:120], cost=int(cost), label=row.get("label", "")[:60]))  # fmt: skip
    if broken or not read:
        raise HutongError(
            "bad-projects",
            Text(f"项目表有 {len(broken)} 行不合格，没有录入。", f"{len(broken)} rows of the projects are broken; none was entered."),
            Text("每行写名称和造价（整数元）。", "A row has a title and a cost in whole yuan."), broken,
        )  # fmt: skip
    locked.projects.all().delete()
    Project.objects.bulk_create(read)
    search.put([of_budget(locked)])
    return len(read)


@transaction.atomic
def open_budget(of: Budget, seed: str) -> Budget:
    """Open the ballot; a public seed orders the projects, which is the last tie-break.

    Raises
    ------
    HutongError
        ``no-projects`` or ``no-seed``; ``not-a-draft``.
    """
    locked = _locked(of, DRAFT)
    projects = list(locked.projects.all())
    if not projects or not seed.strip():
        raise HutongError(
            "no-projects" if not projects else "no-seed",
            Text("还没有项目。", "There are no projects.") if not projects else Text("没有公开种子。", "There is no public seed."),
            Text("请先上传项目表，再用公开数字给项目排序。", "Send the table of projects first, then order them by public figures."),
        )  # fmt: skip
    projects.sort(key=lambda p: hashlib.sha256(f"{seed.strip()}|{p.title_zh}|{p.pk}".encode()).hexdigest())
    for n, project in enumerate(projects, 1):
        project.n = n
    Project.objects.bulk_update(projects, ["n"])
    locked.seed, locked.phase = seed.strip()[:200], OPEN
    locked.save(update_fields=["seed", "phase"])
    search.put([of_budget(locked)])
    return locked


@transaction.atomic
def vote(of: Budget, user: User, approved: Sequence[int]) -> Paper:
    """Record a person's ballot; a later one takes the place of an earlier one.

    Raises
    ------
    HutongError
        ``bad-ballot`` if a project is not of this budget; ``not-open``.
    """
    locked = _locked(of, OPEN)
    known = set(locked.projects.values_list("pk", flat=True))
    if not set(approved) <= known:
        raise HutongError(
            "bad-ballot",
            Text("选票上有不属于这次点单的项目。", "The ballot names a project that is not in this budget."),
            Text("请刷新页面后再选。", "Open the page again and choose."),
        )
    paper, _ = Paper.objects.update_or_create(
        budget=locked, user=user,
        defaults={"approved": sorted(set(approved)), "group": selectors.group_of(locked, user), "at": timezone.now()},
    )  # fmt: skip
    return paper


@transaction.atomic
def enter_paper(of: Budget, rows: Iterable[Mapping[str, str]], at: dt.datetime | None = None) -> int:
    """Record ballots on paper, columns ``card``, ``projects`` (numbers between spaces) and ``group``; all or none.

    Raises
    ------
    HutongError
        ``bad-paper`` naming each broken row; ``not-open``.
    """
    locked = _locked(of, OPEN)
    keys = {str(p.n): p.pk for p in locked.projects.all()}
    broken, read = [], []
    for n, row in enumerate(rows, 2):
        card, group = row.get("card", ""), row.get("group", "").lower()
        chosen = row.get("projects", "").replace("、", " ").replace(";", " ").split()
        if not card or len(card) > 24:
            broken.append(f"row {n}, card: {card[:30]!r}")
        elif not set(chosen) <= set(keys):
            broken.append(f"row {n}, projects: {' '.join(chosen)[:30]!r}")
        elif group not in WRITTEN:
            broken.append(f"row {n}, group: {group[:20]!r}")
        else:
            read.append((card, sorted({keys[c] for c in chosen}), WRITTEN[group]))
    if broken or not read:
        raise HutongError(
            "bad-paper",
            Text(f"纸质票有 {len(broken)} 行读不懂，没有录入。", f"{len(broken)} rows of the ballots cannot be read; none was entered."),
            Text("每行写卡号、项目号（空格分开），可写 owner 或 tenant。", "A row has a card and the numbers of projects between spaces, and may say owner or tenant."), broken,
        )  # fmt: skip
    for card, approved, group in read:
        Paper.objects.update_or_create(
            budget=locked,
            card=card,
            defaults={"approved": approved, "group": group, "at": at or timezone.now()},
        )
    return len(read)


@transaction.atomic
def close(of: Budget, by: User, at: dt.datetime | None = None) -> Budget:
    """Close the ballot and count: equal shares decides, the greedy rule stands beside it; the result's hash enters the ledger.

    Raises
    ------
    HutongError
        ``not-open``; ``no-ballots``.
    """
    locked = _locked(of, OPEN)
    counted, groups = selectors.vote_of(locked)
    if not counted.voters:
        raise HutongError(
            "no-ballots",
            Text("还没有人点单。", "Nobody has sent a ballot."),
            Text("请等有人点单之后再结束。", "Wait until somebody has."),
        )
    locked.result = selectors.count(counted, groups)
    text = json.dumps(locked.result, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    entry = ledger.record(
        "decision.taken",
        {"subject": f"budget-{locked.pk}", "decision": "small-works", "by": "equal-shares", "digest": hashlib.sha256(text.encode()).hexdigest()},
        place=locked.place, by=by, at=at,
    )  # fmt: skip
    locked.phase, locked.closed, locked.entry = CLOSED, at or timezone.now(), entry.index
    locked.save()
    search.put([of_budget(locked)])
    return locked


def _locked(of: Budget, phase: str) -> Budget:
    locked = Budget.objects.select_for_update().get(pk=of.pk)
    if locked.phase != phase:
        raise HutongError(
            "not-open" if phase == OPEN else "not-a-draft",
            Text("点单不在这个阶段。", "The budget is not in this phase."),
            Text("请刷新页面。", "Open the page again."),
        )
    return locked
