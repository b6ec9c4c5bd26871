"""The forms of rooms to let."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from hutong.rules.uses import use_book
from hutong.service.lettings.models import OUTCOMES
from hutong.service.lettings.services import LONGEST, SHORTEST
from hutong.service.words import later, spoken


class FileForm(forms.Form):
    """A filled form."""

    file = forms.FileField(label=later("填好的表格（.xlsx 或 .csv）", "The filled form (.xlsx or .csv)"))


class AskForm(forms.Form):
    """An operator's interest."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    use = forms.ChoiceField(label=later("想做什么", "What you would run"))
    words = forms.CharField(
        label=later("说明（做什么、什么时候开始、投入多少）", "Say what, from when, and what you would spend"), min_length=SHORTEST,
        max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid.uuid4
        self.fields["use"].choices = [(u.id, spoken(u.title)) for u in use_book().uses.values()]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """The office's answer."""

    outcome = forms.ChoiceField(label=later("结果", "Outcome"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=later("说明", "In words"), min_length=SHORTEST, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(k, spoken(t)) for k, t in OUTCOMES.items()]  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """What was spent on the fit-out, and after how many months the lease ends."""

    fit_out = forms.IntegerField(label=later("装修花了 元", "Fit-out, ¥"), min_value=0, max_value=10**9, required=False)  # fmt: skip
    months = forms.IntegerField(label=later("租了几个月", "Months that it ran"), min_value=0, max_value=480, required=False)  # fmt: skip
