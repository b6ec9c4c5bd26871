"""A fictional evaluation for the demo: works of the demo's earlier year, one lesson decided, forecasts scored, a few answers."""

from __future__ import annotations

import datetime as dt
import uuid

import numpy as np
import pandas as pd
from django.utils import timezone

from hutong.learn.works import WORKS_COLUMNS
from hutong.rng import generator
from hutong.service.accounts.models import User
from hutong.service.evaluation import services
from hutong.service.evaluation.models import Evaluation, Voice
from hutong.service.evaluation.words import ITEMS
from hutong.service.lessons.services import Said, keep_forecasts
from hutong.service.twin.models import Snapshot
from hutong.text import Text

#: Made-up works: measure, how many buildings, planned yuan of each, paid ÷ planned, predicted and signed share.
WORKS = (("pipes", 9, 420_000, 1.22, 0.82, 0.66), ("insulation", 6, 900_000, 0.97, 0.74, 0.79))
SEED = 1


def load(before: Snapshot, after: Snapshot, office: User) -> Evaluation:
    """Evaluate made-up works between the demo's two snapshots and open the evaluation to everyone."""
    made = services.begin(before, after, None, _works(before), office, uuid.uuid4())
    made = services.compute(made, lambda *_: None, lambda _kept: None)
    _forecasts(made, office)
    made = services.publish(made, office)
    cost = next(n for n, r in enumerate(made.result["lessons"]) if r["quantity"] == "cost")
    reason = "示例：九份合同都按实际拆改量结算，下一轮按实付编制。 Demo: all nine contracts were paid by what was really done."
    services.decide(made, cost, "accepted", reason, office)
    counts = zip(ITEMS, ((0, 1, 3, 8, 6), (0, 1, 2, 9, 6), (1, 2, 5, 7, 3), (0, 1, 4, 8, 5)), strict=True)
    Voice.objects.bulk_create(
        Voice(evaluation=made, group="resident_owner", item=item, score=k + 1, count=n)
        for item, row in counts
        for k, n in enumerate(row)
        if n
    )
    return made


def _works(before: Snapshot) -> pd.DataFrame:
    """Return the record of works as an office would write it."""
    random = generator(SEED, "demo works")
    homes = before.buildings.filter(use="residential", dwellings__gte=8).order_by("row")
    ids = list(homes.values_list("building_id", "dwellings"))
    rows, at = [], 0
    for measure, n, planned, ratio, predicted, signed in WORKS:
        for building, dwellings in ids[at : at + n]:
            end = before.date + dt.timedelta(days=int(random.integers(90, 300)))
            paid = planned * ratio * float(np.exp(random.normal(0, 0.06)))
            said = int(random.binomial(dwellings, signed))
            rows.append(
                (
                    building,
                    measure,
                    end,
                    before.date + dt.timedelta(days=200),
                    planned,
                    round(paid),
                    predicted,
                    dwellings,
                    said,
                )
            )
        at += n
    return pd.DataFrame(rows, columns=list(WORKS_COLUMNS)).astype(str)


def _forecasts(made: Evaluation, office: User) -> None:
    """Keep forecasts as if they had been made a year ago: what came, missed by chance, beside last year's value."""
    random = generator(SEED, "demo forecasts")
    at = timezone.make_aware(dt.datetime.combine(made.before.date, dt.time(12))) + dt.timedelta(days=14)
    said = []
    for row in made.result["changes"]:
        if row["before"] is None or row["after"] is None or not row["after"]:
            continue
        spread = 0.05 * abs(row["after"])
        mean = row["after"] + spread * float(random.normal(0, 1))
        title = Text(f"示例预测：{row['title']['zh']}", f"Demo forecast: {row['title']['en']}")
        said.append(
            Said(
                "indicator",
                row["indicator"],
                title,
                made.after.date,
                mean,
                spread,
                row["before"],
                2 * spread,
                row["unit"],
            )
        )
    keep_forecasts(made.place, "demo-2025", said[:12], office, at)
