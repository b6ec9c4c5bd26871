"""An evaluation made without computing it, and a forecast: for pages that are opened, not for figures."""

from __future__ import annotations

import datetime as dt
import json
import uuid

LESSON = {
    "measure": "pipes", "quantity": "cost", "before": 1.0, "before_low": 0.8, "before_high": 1.2, "cases": 6, "after": 1.25,
    "after_low": 1.1, "after_high": 1.4, "moved": True, "title": {"zh": "换管", "en": "Pipes"}, "value": 1.25,
    "quantity_title": {"zh": "实付 ÷ 计划", "en": "paid ÷ planned"},
}  # fmt: skip
RESULT = {
    "summary": [{"zh": "计划 6 项，完成 6 项。", "en": "Of 6 works planned 6 are finished."}],
    "works": [
        {"measure": "pipes", "title": LESSON["title"], "works": 6, "finished": 6, "late": 1, "late_days_median": 12.0,
         "planned_yuan": 600_000.0, "paid_yuan": 750_000.0, "ratio": 1.25, "unknown_cost": 0}
    ],
    "effects": [
        {"measure": "pipes", "outcome": "cond_pipes", "planned": -2.0, "estimate": None, "low": None, "high": None, "se": None,
         "treated": 2, "compared": 1, "left_out": 0, "doubtful": False, "verdict": "unknown", "reason_zh": "太少", "reason_en": "too few",
         "title": LESSON["title"], "outcome_title": {"zh": "管线", "en": "Pipes"}}
    ],
    "changes": [
        {"indicator": "reach_culture", "title": {"zh": "步行可达", "en": "Within a walk"}, "unit": "%", "before": 40.0, "after": 55.0,
         "verdict": "better", "reason_zh": "", "reason_en": ""}
    ],
    "gains": [{"group": "all", "reached": 60.0, "all": 300.0, "share": 0.2, "share_of_dwellings": 0.2}],
    "lessons": [LESSON, {**LESSON, "quantity": "acceptance", "before": None, "before_low": None, "before_high": None, "after": 0.7,
                         "after_low": 0.6, "after_high": 0.8, "moved": False, "value": None}],
    "state": {"condition": 0.61, "service": 0.4}, "projects": [], "operations": [],
}  # fmt: skip


def made(town, published=False, place=None):
    """Return an evaluation between the two days of the first quarter with :data:`RESULT`."""
    import hashlib

    from django.utils import timezone

    from hutong.service.evaluation.models import Evaluation
    from hutong.service.twin.models import Snapshot

    before, after = Snapshot.objects.filter(place=town.quarter).order_by("date")[:2]
    text = json.dumps(RESULT, ensure_ascii=False, sort_keys=True)
    found = Evaluation.objects.create(
        place=town.quarter, before=before, after=after, works_rows=6, works_digest="0" * 64, result=RESULT,
        digest=hashlib.sha256(text.encode()).hexdigest(), state="published" if published else "draft",
        published_at=timezone.now() if published else None,
    )  # fmt: skip
    found.folder.mkdir(parents=True, exist_ok=True)
    (found.folder / "report.html").write_text(
        "<!doctype html><html lang='zh'><title>x</title></html>", "utf-8"
    )
    (found.folder / "works.csv").write_text("building_id\n", "utf-8")
    return found


def forecast(town, due=None, made_at=None, **changes):
    """Return a forecast of a share, 0.7 ± 0.1 beside a reference of 0.5 ± 0.2."""
    from hutong.service.lessons.services import Said, keep_forecasts
    from hutong.text import Text

    given = {
        "kind": "consent",
        "key": "lift",
        "mean": 0.7,
        "sd": 0.1,
        "reference_mean": 0.5,
        "reference_sd": 0.2,
        **changes,
    }
    said = Said(title=Text("加梯同意比例", "Share for the lift"), due=due or dt.date(2099, 1, 1), **given)
    return keep_forecasts(town.quarter, f"S-{uuid.uuid4().hex[:8]}", [said], None, made_at)[0]
