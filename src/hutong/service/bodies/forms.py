"""The forms of bodies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from hutong.service.accounts.roles import roles
from hutong.service.bodies.models import KINDS, WAYS
from hutong.service.council.forms import TokenForm, words_field
from hutong.service.web.inputs import DayInput, MomentInput
from hutong.service.words import later, say, spoken


class BodyForm(TokenForm):
    """A body to be."""

    place = forms.ChoiceField(label=later("地点", "Place"))
    kind = forms.ChoiceField(label=later("类型", "Kind"))
    name_zh = forms.CharField(label=later("名称（中文）", "Name (Chinese)"), max_length=80)
    name_en = forms.CharField(label=later("名称（英文）", "Name (English)"), max_length=120, required=False)
    above = forms.ChoiceField(label=later("上级机构", "Body above"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(k, spoken(t)) for k, t in KINDS.items()]  # type: ignore[attr-defined]


class SeatForm(forms.Form):
    """A seat."""

    office = forms.ChoiceField(label=later("职务", "Office"))
    way = forms.ChoiceField(label=later("产生方式", "How they came to it"))
    evidence = forms.CharField(label=later("依据", "Evidence"), max_length=120)
    username = forms.CharField(label=later("用户名（有账号的）", "User name (if they have an account)"), max_length=60, required=False)  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].choices = [(r.id, spoken(r.title)) for r in roles().values()]  # type: ignore[attr-defined]
        self.fields["way"].choices = [(w, spoken(t)) for w, t in WAYS.items()]  # type: ignore[attr-defined]


class MeetingForm(TokenForm):
    """A meeting to be."""

    at = forms.DateTimeField(label=later("时间", "When"), widget=MomentInput())
    where = forms.CharField(label=later("地点", "Where"), max_length=120)
    agenda = words_field("议题（每行一个）", "Agenda (one item a line)", 2000)


class MinutesForm(forms.Form):
    """What was discussed and settled."""

    minutes = words_field("纪要", "Minutes", 8000, rows=10, min_length=10)


class AttendanceForm(forms.Form):
    """The list on paper."""

    file = forms.FileField(label=later("签到表（CSV：seat, present）", "List (CSV: seat, present)"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}))  # fmt: skip
    guests = forms.IntegerField(label=later("旁听人数", "Guests"), min_value=0, max_value=5000, initial=0)


class CommitmentForm(TokenForm):
    """Who does what by when."""

    seat = forms.ChoiceField(label=later("谁", "Who"))
    words = forms.CharField(label=later("做什么", "Does what"), max_length=200)
    due = forms.DateField(label=later("哪天前", "By when"), widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due"].initial = timezone.localdate


class ReportForm(forms.Form):
    """How far it is."""

    words = forms.CharField(label=later("进展", "Progress"), max_length=400)
    done = forms.BooleanField(label=later("已完成", "Done"), required=False)


class MatterForm(TokenForm):
    """Something to be settled."""

    words = forms.CharField(label=later("什么事", "What it is"), max_length=200)


class PassForm(forms.Form):
    """Where a matter goes, and why."""

    to = forms.ChoiceField(label=later("交给", "Where to"))
    words = forms.CharField(label=later("理由或结果", "Why, or what came of it"), max_length=400)


class DrawForm(TokenForm):
    """What is published before a draw."""

    size = forms.IntegerField(label=later("议事会总席位", "Seats of the whole council"), min_value=1, max_value=100)  # fmt: skip
    pool = forms.FileField(label=later("报名名单（CSV：id 和各类别）", "Pool (CSV: id and categories)"))
    quotas = forms.FileField(label=later("名额（CSV：category, value, least, most）", "Quotas (CSV: category, value, least, most)"))  # fmt: skip
    left = words_field("退出的成员（每行：编号 原因）", "Who dropped out (a line: id and reason)", 2000, required=False)  # fmt: skip
    seed_rule = forms.CharField(
        label=later("种子", "Seed"), max_length=200,
        help_text=later("公布之后才产生的公开数字，例如某日的福利彩票开奖号码。", "Public figures that arise after the publication, such as the lottery numbers of a day to come."),
    )  # fmt: skip

    def gone(self) -> dict[str, str]:
        """Return who dropped out, with the reason."""
        lines = [line.split(None, 1) for line in self.cleaned_data["left"].splitlines() if line.strip()]
        return {parts[0]: parts[1].strip() if len(parts) > 1 else "" for parts in lines}


class SeedForm(forms.Form):
    """The public seed."""

    seed = forms.CharField(label=later("公开种子", "Public seed"), max_length=200)


class NumberForm(forms.Form):
    """One's own id and key."""

    person = forms.CharField(label=later("报名编号", "Your id in the pool"), max_length=60)
    key = forms.CharField(label=later("个人密钥", "Your key"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip


def nobody() -> str:
    """Return what is shown where no body is above."""
    return say("（没有）", "(none)")
