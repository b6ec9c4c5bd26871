"""The forms of evaluation."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from hutong.plan.learned import DECISIONS
from hutong.service.evaluation.words import ITEMS, SCORES
from hutong.service.words import later, say, spoken
from hutong.text import Text


class EvaluationForm(forms.Form):
    """Two snapshots and the record of works between them."""

    before = forms.ChoiceField(label=later("实施之前的快照", "Snapshot before the works"))
    after = forms.ChoiceField(label=later("实施之后的快照", "Snapshot after the works"))
    earlier = forms.ChoiceField(
        label=later("更早的快照（选填）", "A snapshot still earlier (optional)"),
        required=False,
        help_text=later(
            "用来检验两组楼在工程之前是否就不同。",
            "It shows whether the two groups of buildings differed before the works already.",
        ),
    )
    works = forms.FileField(
        label=later("实施记录（CSV 或 Excel）", "Record of works (CSV or Excel)"),
        help_text=later(
            "每栋楼每项措施一行；列名见空白表。",
            "One row per building and measure; the empty table names the columns.",
        ),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, snapshots: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(str(s.pk), f"{spoken(s.place.title)} · {s.date}") for s in snapshots]
        for name in ("before", "after"):
            self.fields[name].choices = rows
        self.fields["earlier"].choices = [("", say("不用", "none")), *rows]
        if len(snapshots) > 1:
            self.fields["after"].initial, self.fields["before"].initial = (
                str(snapshots[0].pk),
                str(snapshots[1].pk),
            )
        self.fields["token"].initial = uuid.uuid4


class DecisionForm(forms.Form):
    """What is decided of a lesson, and why."""

    decision = forms.ChoiceField(
        label=later("下一轮", "The next round"), widget=forms.RadioSelect, choices=[(d, d) for d in DECISIONS]
    )
    reason = forms.CharField(
        label=later("理由（公开）", "Reason (public)"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {"accepted": Text("采纳", "Accept"), "refused": Text("不采纳", "Refuse")}
        self.fields["decision"].choices = [(d, spoken(words[d])) for d in DECISIONS]


class VoiceForm(forms.Form):
    """What a resident says, item by item."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(n, f"{n} · {spoken(w)}") for n, w in enumerate(SCORES, start=1)]
        for name, title in ITEMS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=spoken(title), coerce=int, choices=choices, widget=forms.RadioSelect
            )


class OutcomeForm(forms.Form):
    """What came of a forecast, and what shows it."""

    outcome = forms.FloatField(label=later("结果", "Outcome"), help_text=later("与预测同一单位；比例写小数，如 0.72。", "In the unit of the forecast; a share as a decimal, such as 0.72."))  # fmt: skip
    shown_by = forms.RegexField(
        label=later("依据的编号", "What shows it"),
        regex=r"^[A-Za-z0-9._:/-]{1,60}$",
        help_text=later(
            "表决、文件或快照的编号（字母、数字）。",
            "The number of a ballot, document or snapshot (letters and digits).",
        ),
    )
