"""The only writes to lessons and forecasts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.plan import load_measures
from hutong.plan.learned import DECISIONS, Learned, with_learned
from hutong.service.accounts.models import User
from hutong.service.ledger import services as ledger
from hutong.service.lessons.models import KINDS, Forecast, Lesson
from hutong.service.places.models import Place
from hutong.text import Text


@transaction.atomic
def decide(
    place: Place, offered: Mapping[str, Any], source: str, decision: str, reason: str, person: User
) -> Lesson:
    """Accept or refuse a lesson with a reason; what is accepted holds for every plan of the place from now on.

    Parameters
    ----------
    offered
        ``measure``, ``quantity``, ``value`` and the ``figures`` that the evaluation gave.
    source
        The number of the evaluation.

    Raises
    ------
    HutongError
        ``lesson-decided`` for one that was decided already; ``no-reason``; ``bad-lessons`` for a value that cannot be used.
    """
    said = reason.strip()
    if decision not in DECISIONS or not said:
        raise HutongError(
            "no-reason",
            Text("请选择采纳或不采纳，并写明理由。", "Accept or refuse, and say why."),
            Text("理由会公开，请不要写个人信息。", "The reason is public; leave out personal data."),
        )
    given = Learned(str(offered["measure"]), str(offered["quantity"]), float(offered["value"]), "", source)
    with_learned(load_measures(), [given])
    made, new = Lesson.objects.get_or_create(
        source=source, measure=given.measure, quantity=given.quantity,
        defaults={
            "place": place, "value": given.value, "figures": dict(offered["figures"]), "decision": decision,
            "reason": said[:500], "person": person,
        },
    )  # fmt: skip
    if not new:
        raise HutongError(
            "lesson-decided",
            Text("这条经验已经决定过。", "This lesson was decided already."),
            Text("下一次评估可以再提出。", "The next evaluation may offer it again."),
        )
    fields = {
        "subject": f"{source}:{given.measure}:{given.quantity}"[:100], "decision": f"lesson:{decision}", "by": "office",
        "digest": _hash({"value": given.value, "reason": made.reason}),
    }  # fmt: skip
    ledger.record("decision.taken", fields, place=place, by=person)
    return made


@dataclass(frozen=True)
class Said:
    """A forecast to be kept; figures in units of the outcome, ``reference_*`` what one would say without the model."""

    kind: str
    key: str
    title: Text
    due: dt.date
    mean: float
    sd: float
    reference_mean: float
    reference_sd: float
    unit: str = "share"


@transaction.atomic
def keep_forecasts(
    place: Place, source: str, said: Sequence[Said], by: User | None, made: dt.datetime | None = None
) -> list[Forecast]:
    """Keep forecasts as they are made; one of the same source, outcome and day that is kept already stays as it was.

    Raises
    ------
    HutongError
        ``bad-forecast`` for one without spread, of an unknown kind, or due before it is made.
    """
    at = made or timezone.now()
    today, out = timezone.localtime(at).date(), []
    faults = [f"{s.key}: {why}" for s in said if (why := _fault(s, today))]
    if faults:
        raise HutongError(
            "bad-forecast",
            Text("有的预测不能留存。", "Some forecasts cannot be kept."),
            Text("请给出期限、均值和大于 0 的标准差。", "Give a day to come, a mean and a spread above 0."),
            faults,
        )
    for s in said:
        kept, new = Forecast.objects.get_or_create(
            source=source, kind=s.kind, key=s.key, due=s.due,
            defaults={
                "place": place, "made": at, "title_zh": s.title.zh, "title_en": s.title.en, "unit": s.unit, "mean": s.mean, "sd": s.sd,
                "reference_mean": s.reference_mean, "reference_sd": s.reference_sd,
            },
        )  # fmt: skip
        if new:
            fields = {"subject": kept.number, "kind": f"forecast:{s.kind}", "digest": _hash(_plain(kept))}
            ledger.record("document.filed", fields, place=place, by=by)
        out.append(kept)
    return out


def _fault(s: Said, today: dt.date) -> str:
    if s.kind not in KINDS:
        return "kind"
    if not all(math.isfinite(v) for v in (s.mean, s.sd, s.reference_mean, s.reference_sd)):
        return "not a number"
    if s.sd <= 0 or s.reference_sd <= 0:
        return "sd"
    return "" if s.due >= today else "due"


@transaction.atomic
def settle(found: Forecast, outcome: float, shown_by: str, by: User | None) -> Forecast:
    """Write down what came, once; ``shown_by`` names what shows it (a snapshot, a ballot, a document).

    Raises
    ------
    HutongError
        ``forecast-settled``; ``bad-forecast`` for an outcome that is no number.
    """
    locked = Forecast.objects.select_for_update().get(pk=found.pk)
    if locked.outcome is not None:
        raise HutongError(
            "forecast-settled",
            Text("这条预测已有结果。", "The outcome of this forecast is known already."),
            Text("结果登记后不再更改。", "It is not changed once it is written down."),
        )
    if not math.isfinite(outcome):
        raise HutongError(
            "bad-forecast", Text("结果不是数。", "The outcome is no number."), Text("请改正。", "Mend it.")
        )
    locked.outcome, locked.settled, locked.settled_by = float(outcome), timezone.now(), shown_by
    locked.save(update_fields=["outcome", "settled", "settled_by"])
    fields = {
        "subject": locked.number,
        "kind": "forecast:outcome",
        "digest": _hash({"outcome": locked.outcome, "by": shown_by}),
    }
    ledger.record("document.filed", fields, place=locked.place, by=by)
    return locked


def _plain(f: Forecast) -> dict[str, Any]:
    return {
        "source": f.source, "kind": f.kind, "key": f.key, "due": f.due.isoformat(), "mean": f.mean, "sd": f.sd,
        "reference_mean": f.reference_mean, "reference_sd": f.reference_sd,
    }  # fmt: skip


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
