"""The forms of residents."""

from __future__ import annotations

from typing import Any

from django import forms

from hutong.service.residents.models import REASONS
from hutong.service.residents.roll import documents
from hutong.service.words import later, spoken


class CodeForm(forms.Form):
    """The code of a letter."""

    code = forms.CharField(
        label=later("信上的号码", "The code in the letter"),
        max_length=24,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "inputmode": "text",
            }
        ),
        help_text=later(
            "10 位字母和数字，中间的横线可以不输。", "Ten letters and digits; the hyphen may be left out."
        ),
    )


class CounterForm(forms.Form):
    """Who came to the counter, for which home, and what they showed."""

    username = forms.CharField(label=later("对方的用户名", "Their user name"), max_length=60)
    home = forms.CharField(label=later("户号", "Number of the home"), max_length=120)
    document = forms.ChoiceField(
        label=later("看过的证件", "The document that was seen"),
        help_text=later("只记种类，不记证件号码。", "Only its kind is kept, never its number."),
    )
    name = forms.CharField(
        label=later("证件上的姓名", "The name on the document"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=later("只与名册比对，比对后不保存。", "Compared with the roll, then forgotten."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].choices = [(d.id, spoken(d.title)) for d in documents().values()]


class EndForm(forms.Form):
    """Why somebody is no longer a resident here."""

    reason = forms.ChoiceField(label=later("原因", "Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(k, spoken(REASONS[k])) for k in ("moved", "mistake", "own")]


class LettersForm(forms.Form):
    """For which homes letters are printed."""

    part = forms.ChoiceField(label=later("印哪里", "Where"))
    home = forms.CharField(
        label=later("只补发一户：户号", "One home alone: its number"), required=False, max_length=120
    )
    again = forms.BooleanField(label=later("已核实的也发", "Also where somebody is verified"), required=False)

    def __init__(self, *args: Any, parts: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [(p.pk, spoken(p.title)) for p in parts]


class RollForm(forms.Form):
    """From which snapshot the roll is made."""

    snapshot = forms.ChoiceField(label=later("快照", "Snapshot"))

    def __init__(self, *args: Any, snapshots: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["snapshot"].choices = [(s.pk, f"{spoken(s.title)} {s.date}") for s in snapshots]


class HoldersForm(forms.Form):
    """The filled form of holders."""

    file = forms.FileField(label=later("填好的权利人表（.xlsx）", "The filled form of holders (.xlsx)"))
