"""The demo's small-works budgets: one decided on paper ballots of made-up neighbours, one open."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from hutong.rng import generator
from hutong.service.accounts.models import User
from hutong.service.budgets import services
from hutong.service.places.models import Place
from hutong.text import Text

#: How many days ago the ballots on paper were filled in.
AGO = 40
PROJECTS = (
    ("东区路灯", "East street lamps", 90_000, "东区"), ("东区停车划线", "East parking lines", 60_000, "东区"),
    ("东区健身角", "East exercise corner", 80_000, "东区"), ("西区楼门扶手", "West handrails", 50_000, "西区"),
    ("西区儿童沙坑", "West sand pit", 70_000, "西区"), ("公共晾衣架", "Drying racks", 20_000, ""),
)  # fmt: skip


def load(quarter: Place, office: User) -> None:
    """Make both budgets."""
    rows = [{"title": zh, "title_en": en, "cost": str(cost), "label": at} for zh, en, cost, at in PROJECTS]
    done = services.make(quarter, Text("去年的小额改造经费", "Last year’s small works"), 200_000, office, uuid.uuid4())  # fmt: skip
    services.set_projects(done, rows)
    done = services.open_budget(done, "demo 1")
    number = {p.title_zh: str(p.n) for p in done.projects.all()}
    draws = generator(1, "demo budget").random((60, len(PROJECTS)))
    papers = []
    for card in range(60):
        home = "东区" if card < 38 else "西区"
        likes = [number[p[0]] for p, d in zip(PROJECTS, draws[card], strict=True) if d < (0.8 if p[3] == home else 0.4 if not p[3] else 0.08)]  # fmt: skip
        papers.append({"card": f"B{card:03d}", "projects": " ".join(likes), "group": "owner" if card % 3 else "tenant"})  # fmt: skip
    at = timezone.now() - dt.timedelta(days=AGO)
    services.enter_paper(done, papers, at)
    services.close(done, office, at + dt.timedelta(days=7))
    now = services.make(quarter, Text("今年的小额改造经费", "This year’s small works"), 200_000, office, uuid.uuid4())  # fmt: skip
    services.set_projects(now, rows)
    services.open_budget(now, "demo 2")
