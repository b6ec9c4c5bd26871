"""The forms of the office for surveys."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from hutong.sense.survey_items import survey_forms
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, spoken


class RoundForm(forms.Form):
    """A survey to be opened."""

    snapshot = forms.ChoiceField(label=later("快照", "Snapshot"))
    title = forms.CharField(
        label=later("名称", "Name"),
        max_length=80,
        help_text=later(
            "会作为数据来源写进快照，不要写人名。",
            "It becomes the source in the snapshot: no names of people.",
        ),
    )
    tables = forms.MultipleChoiceField(
        label=later("调查对象", "What is surveyed"), widget=forms.CheckboxSelectMultiple
    )
    until = forms.DateField(label=later("截止日期", "Until"), widget=DayInput())

    def __init__(self, *args: Any, snapshots: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["snapshot"].choices = [(s.pk, f"{spoken(s.place.title)} {s.date}") for s in snapshots]
        self.fields["tables"].choices = [(f.table, spoken(f.title)) for f in survey_forms().values()]
        self.fields["tables"].initial = ["buildings"]
        self.fields["until"].initial = timezone.localdate() + dt.timedelta(days=14)


class AssignForm(forms.Form):
    """Who is sent where."""

    part = forms.ChoiceField(label=later("范围", "Where"))
    username = forms.CharField(label=later("用户名", "User name"), max_length=60)

    def __init__(self, *args: Any, parts: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [(p.pk, spoken(p.title)) for p in parts]
