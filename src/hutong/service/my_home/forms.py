"""The forms of homes: a question, an answer, a contact, a list of homes on offer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from hutong.agree.home_statement import titles
from hutong.service.my_home.services import DAYS, LONGEST, MOST_DAYS, SHORTEST
from hutong.service.words import later, say, spoken


class AskForm(forms.Form):
    """A question to the office."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    part = forms.ChoiceField(label=later("问哪一项", "What it is about"), required=False)
    words = forms.CharField(
        label=later("您的问题", "Your question"), min_length=SHORTEST, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )  # fmt: skip

    def __init__(self, *args: Any, parts: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid.uuid4
        everything = ("", say("都可以", "anything"))
        self.fields["part"].choices = [everything, *((k, spoken(titles()[k])) for k in parts)]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """An answer to a household."""

    words = forms.CharField(
        label=later("答复（用居民看得懂的话）", "Your answer, in words a resident understands"), min_length=SHORTEST, max_length=2 * LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip


class FindForm(forms.Form):
    """A home at the counter."""

    home = forms.CharField(label=later("户号", "Number of the home"), max_length=120)


class ContactForm(forms.Form):
    """Whom households ask."""

    place = forms.ChoiceField(label=later("管哪里", "For which place"))
    unit = forms.ChoiceField(label=later("哪个单位答复", "Which office answers"))
    phone = forms.CharField(label=later("电话", "Telephone"), max_length=40, required=False)
    where_zh = forms.CharField(label=later("在哪里（中文）", "Where it is, in Chinese"), max_length=120)
    where_en = forms.CharField(label=later("在哪里（英文）", "Where it is, in English"), max_length=120, required=False)  # fmt: skip
    hours_zh = forms.CharField(label=later("什么时候有人（中文）", "When somebody is there, in Chinese"), max_length=80)  # fmt: skip
    hours_en = forms.CharField(label=later("什么时候有人（英文）", "When somebody is there, in English"), max_length=80, required=False)  # fmt: skip
    days = forms.IntegerField(
        label=later("几个工作日内答复", "Working days for an answer"), min_value=1, max_value=MOST_DAYS, initial=DAYS
    )  # fmt: skip

    def __init__(self, *args: Any, places: list[Any], units: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(p.pk, spoken(p.title)) for p in places]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [(u.pk, spoken(u.title)) for u in units]  # type: ignore[attr-defined]


class HomesForm(forms.Form):
    """A filled form of homes on offer."""

    file = forms.FileField(label=later("填好的房源表（.xlsx 或 .csv）", "The filled form (.xlsx or .csv)"))
