"""The forms of rolls."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from hutong.agree.roll_book import HELD_BACK
from hutong.service.consent.models.motions import CORRECTIONS
from hutong.service.consent.models.rolls import ROLL_ACTS
from hutong.service.consent.rolls.services import LEAST_OBJECTION_DAYS, REASONS
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, say, spoken


class RollForm(forms.Form):
    """A roll to be imported."""

    place = forms.ChoiceField(label=later("范围", "Place"))
    act = forms.ChoiceField(label=later("谁的名册", "Whose roll"))
    name_zh = forms.CharField(label=later("名称（中文）", "Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=later("名称（英文）", "Name in English"), max_length=120, required=False)
    table = forms.FileField(
        label=later("名册表（CSV 或 .xlsx）", "Table (CSV or .xlsx)"),
        help_text=later(
            "列：楼栋、房屋编号、权利人、面积；可加份额、代表、产权类型、暂不列入、管理单位。权利人只用来生成代号，不会保存。",
            "Columns: building, dwelling_id, holder, area_m2; optional share, representative, tenure, held_back, unit. The holder only makes a token and is not kept.",
        ),
    )

    def __init__(self, *args: Any, places: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(p.pk, spoken(p.title)) for p in places]
        self.fields["act"].choices = [(a, spoken(t)) for a, t in ROLL_ACTS.items()]


class PublishForm(forms.Form):
    """For how long a roll is shown."""

    days = forms.IntegerField(
        label=later("公示天数", "Days for objections"), min_value=LEAST_OBJECTION_DAYS, max_value=365, initial=LEAST_OBJECTION_DAYS
    )  # fmt: skip


class ObjectionForm(forms.Form):
    """What is wrong with a roll."""

    dwelling_id = forms.CharField(label=later("房屋编号", "Home"), max_length=60)
    words = forms.CharField(
        label=later("哪里不对？", "What is wrong?"),
        min_length=4,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=later("只给办理的人看。", "Seen only by those who handle it."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid.uuid4


class AnswerForm(forms.Form):
    """The answer to an objection."""

    upheld = forms.ChoiceField(label=later("是否成立", "Upheld?"))
    words = forms.CharField(
        label=later("答复", "Answer"), min_length=4, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upheld"].choices = [("", "—"), ("yes", say("成立", "yes")), ("no", say("不成立", "no"))]


class CorrectionForm(forms.Form):
    """One correction of a roll, as one officer proposes it."""

    action = forms.ChoiceField(label=later("更正", "Correction"))
    dwelling_id = forms.CharField(label=later("房屋编号", "Home"), max_length=60, required=False)
    building = forms.CharField(label=later("楼栋编号", "Building"), max_length=60, required=False)
    holders = forms.CharField(
        label=later("权利人（多人用分号隔开；不改则不填）", "Holders (semicolons between; empty keeps them)"), max_length=400, required=False
    )  # fmt: skip
    area_m2 = forms.DecimalField(
        label=later("面积 m²", "Area in m²"), required=False, min_value=0, max_digits=10, decimal_places=4
    )
    held = forms.ChoiceField(label=later("暂不列入的原因", "Why it is held back"), required=False)
    agent = forms.CharField(label=later("受托人", "Agent"), max_length=100, required=False)
    document = forms.CharField(
        label=later("委托书编号", "Document of the mandate"), max_length=100, required=False
    )
    since = forms.DateField(label=later("委托起", "Mandate from"), required=False, widget=DayInput())
    until = forms.DateField(label=later("委托止", "Mandate until"), required=False, widget=DayInput())
    reason = forms.ChoiceField(label=later("理由", "Reason"))
    why = forms.CharField(
        label=later("依据（材料名称、编号）", "On which papers"), max_length=200, min_length=2
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [(a, spoken(t)) for a, t in CORRECTIONS.items()]
        self.fields["reason"].choices = [(r, spoken(t)) for r, t in REASONS.items()]
        self.fields["held"].choices = [("", "—"), *((r, spoken(t)) for r, t in HELD_BACK.items())]

    def asked(self) -> dict[str, Any]:
        """Return the correction as it is kept with the motion."""
        from hutong.agree.act_files import moment

        given = self.cleaned_data
        out = {
            n: given[n]
            for n in ("action", "dwelling_id", "building", "held", "agent", "document", "reason", "why")
        }
        names = [h.strip() for h in given["holders"].split(";") if h.strip()]
        out |= {"holders": names, "holder": names[0] if names else "", "area_m2": str(given["area_m2"] or "")}
        out |= {n: moment(given[n].isoformat()).isoformat() if given[n] else "" for n in ("since", "until")}
        return out


class LinkForm(forms.Form):
    """An account and the home that it was verified at."""

    username = forms.CharField(label=later("用户名", "User name"), max_length=60)
    building = forms.CharField(label=later("楼栋编号", "Building"), max_length=60)
    dwelling_id = forms.CharField(label=later("房屋编号", "Home"), max_length=60)
    holder = forms.CharField(
        label=later("权利人（共有时必填，与名册表一致）", "Holder (of a home with several, as in the table)"), max_length=100, required=False
    )  # fmt: skip
