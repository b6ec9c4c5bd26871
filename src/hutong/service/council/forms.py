"""The forms of the council."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from hutong.agree.statements import hide_reasons
from hutong.service.council.models import KINDS, OUTCOMES
from hutong.service.words import later, say, spoken


def words_field(zh: str, en: str, most: int, rows: int = 4, **kwargs: Any) -> forms.CharField:
    """Return a field for words of one's own."""
    return forms.CharField(
        label=later(zh, en),
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": most, "autocomplete": "off"}),
        **kwargs,
    )


class TokenForm(forms.Form):
    """A form that counts once, however often it is sent."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid.uuid4


class ProcessForm(TokenForm):
    """What is asked of whom, and who answers by when."""

    place = forms.ChoiceField(label=later("范围", "Where"))
    title_zh = forms.CharField(label=later("题目（中文）", "Title (Chinese)"), max_length=80)
    title_en = forms.CharField(label=later("题目（英文）", "Title (English)"), max_length=120, required=False)
    about_zh = words_field("想问大家什么（中文）", "What is asked (Chinese)", 1000)
    about_en = words_field("想问大家什么（英文）", "What is asked (English)", 1000, required=False)
    unit = forms.ChoiceField(label=later("由谁答复", "Who answers"))
    answer_days = forms.IntegerField(
        label=later("答复期限（天）", "Days to answer"), min_value=1, max_value=180,
        help_text=later("共识和建议在这么多天内得到书面答复。", "Every consensus and proposal is answered in writing within so many days."),
    )  # fmt: skip


class WriteForm(TokenForm):
    """One idea."""

    words = words_field("写一件事", "One idea", 140, rows=3, min_length=4)
    kind = forms.ChoiceField(label=later("这是", "This is"), widget=forms.RadioSelect, initial="statement")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = {
            "statement": say("一个看法，请大家表态", "a view, for others to answer"),
            "proposal": say(
                "一条建议，请主管单位书面答复", "a proposal, for the unit in charge to answer in writing"
            ),
        }
        self.fields["kind"].choices = [(k, told[k]) for k in KINDS]  # type: ignore[attr-defined]


class AnswerForm(TokenForm):
    """A written answer."""

    outcome = forms.ChoiceField(label=later("结果", "What comes of it"), widget=forms.RadioSelect)
    words = words_field("理由", "Why", 2000, rows=6, min_length=10)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(o, spoken(t)) for o, t in OUTCOMES.items()]  # type: ignore[attr-defined]


class HideForm(forms.Form):
    """Why a statement is hidden."""

    reason = forms.ChoiceField(label=later("理由", "Reason"))
    note = forms.CharField(label=later("说明", "Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(c, spoken(t)) for c, t in hide_reasons().items()]  # type: ignore[attr-defined]


class ShowForm(forms.Form):
    """Why a statement is shown again."""

    note = forms.CharField(label=later("恢复显示的理由", "Why it is shown again"), max_length=200)


class DecideForm(forms.Form):
    """What was decided."""

    decision = words_field(
        "决定了什么，采纳了什么，为什么", "What was decided, what was taken up and why", 4000, rows=6
    )


class SheetForm(forms.Form):
    """A table."""

    file = forms.FileField(label=later("表格（CSV）", "Table (CSV)"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}))  # fmt: skip
