"""The forms of the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from hutong.service.desk.models import ANSWERS
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, spoken


class TableForm(forms.Form):
    """A table that came back, and where its changes come from."""

    file = forms.FileField(label=later("填好的表格（.xlsx 或 .csv）", "The table (.xlsx or .csv)"))
    day = forms.DateField(
        label=later("核实日期", "Found out on"),
        widget=DayInput(),
    )
    source = forms.CharField(
        label=later("来源", "By whom or from what"),
        max_length=120,
        help_text=later(
            "如“街道台账”“物业普查”。行内写了调查单位的，以行内为准。",
            "Such as “register of the subdistrict”. A row that names its own surveyor keeps that.",
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = timezone.localdate()


class AnswerForm(forms.Form):
    """What is said to the findings that were ticked."""

    said = forms.ChoiceField(label=later("答复", "Answer"))
    until = forms.DateField(
        label=later("办完日期", "Done by"),
        required=False,
        widget=DayInput(),
    )
    reason = forms.CharField(label=later("理由", "Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["said"].choices = [(k, spoken(t)) for k, t in ANSWERS.items()]
