"""The forms of operation."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from hutong.act.contracts import LEVELS, LINES
from hutong.act.floor import kinds
from hutong.rules import UNCOUNTED_KINDS
from hutong.service.schemes.models import Version
from hutong.service.schemes.selectors import state_title
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, say, spoken
from hutong.text import Text

UNCOUNTED = {
    "stairs": Text("楼梯", "stairs"), "air_duct": Text("风道", "air ducts"),
    "accessibility": Text("无障碍设施", "barrier-free access"), "lift": Text("电梯", "lifts"),
    "insulation": Text("外墙保温", "insulation"), "safety": Text("消防、安全、卫生附属设施", "fire, safety and sanitation"),
}  # fmt: skip


class _Once(forms.Form):
    """A form that does its thing once, however often it is sent."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid.uuid4


class ContractForm(_Once):
    """A contract file and where it belongs."""

    place = forms.ChoiceField(label=later("地点", "Place"))
    title_zh = forms.CharField(label=later("合同名称", "Name"), max_length=120)
    title_en = forms.CharField(label=later("英文名称", "Name in English"), max_length=120, required=False)
    terms = forms.FileField(
        label=later("合同文件（JSON）", "Contract file (JSON)"),
        help_text=later("由 hutong act contract 生成。", "Made by hutong act contract."),
    )

    def __init__(self, *args: Any, places: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(p.pk, spoken(p.title)) for p in places]


class DrawForm(_Once):
    """Which version of a scheme a contract is drawn from, and when its works begin."""

    version = forms.ChoiceField(label=later("方案版本", "Version of a scheme"))
    first_year = forms.IntegerField(
        label=later("动工年份", "Year in which works begin"), min_value=1950, max_value=2200
    )

    def __init__(self, *args: Any, versions: list[Version], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [(v.pk, spoken(_version_title(v))) for v in versions]
        self.fields["first_year"].initial = timezone.localdate().year


def _version_title(found: Version) -> Text:
    state, place = state_title(found.scheme), found.place.title
    return Text(
        f"{found.title.zh}（{place.zh}，{state.zh}）", f"{found.title.en} ({place.en}, {state.en.lower()})"
    )


class ReturnForm(forms.Form):
    """An operator's return of a period."""

    period = forms.RegexField(
        label=later("期间", "Period"),
        regex=r"^\d{4}(Q[1-4])?$",
        help_text=later("全年写 2027，季度写 2027Q1。", "A year: 2027. A quarter: 2027Q1."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (_, _, title) in LINES.items():
            label = f"{spoken(title)}{say('（元）', ' (yuan)')}"
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=10**12, required=False)
        for name, level in LEVELS.items():
            self.fields[name] = forms.FloatField(
                label=spoken(level), min_value=0, max_value=1e9, required=False
            )

    def given(self) -> tuple[dict[str, int], dict[str, float]]:
        """Return the lines and levels that were filled in."""
        c = self.cleaned_data
        return (
            {k: c[k] for k in LINES if c[k] is not None},
            {k: c[k] for k in LEVELS if c[k] is not None},
        )


class TableForm(forms.Form):
    """A table that is read whole or not at all."""

    table = forms.FileField(label=later("表（CSV 或 Excel）", "Table (CSV or Excel)"))


class RateForm(forms.Form):
    """How a resident finds the services."""

    score = forms.TypedChoiceField(
        label=later("今年的服务怎么样？", "How are the services this year?"),
        coerce=int,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = (Text("很差", "very poor"), Text("较差", "poor"), Text("一般", "fair"), Text("较好", "good"), Text("很好", "very good"))  # fmt: skip
        self.fields["score"].choices = [(n, f"{n} · {spoken(w)}") for n, w in enumerate(words, start=1)]


class BookForm(_Once):
    """An entry of the floor-area account."""

    kind = forms.ChoiceField(label=later("分录", "Entry"))
    place = forms.ChoiceField(label=later("地点（转移时为转出方）", "Place (that gives, where area moves)"))
    to = forms.ChoiceField(
        label=later("转入方（仅转移、分配）", "Receives (transfer and allotment only)"), required=False
    )
    m2 = forms.DecimalField(
        label=later("面积（m²）", "Area (m²)"), min_value=0, max_digits=13, decimal_places=4
    )
    uncounted = forms.ChoiceField(label=later("不计容种类", "Kind of uncounted area"), required=False)
    of = forms.IntegerField(label=later("冲销第几笔", "Entry that is reversed"), min_value=1, required=False)
    approval = forms.CharField(label=later("批准文号", "Approval"), max_length=120)
    day = forms.DateField(label=later("批准日期", "Day of approval"), widget=DayInput())

    def __init__(self, *args: Any, places: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(p.pk, spoken(p.title)) for p in places]
        self.fields["kind"].choices = [(k, spoken(x.title)) for k, x in kinds().items()]
        self.fields["place"].choices = rows
        self.fields["to"].choices = [("", "–"), *rows]
        self.fields["uncounted"].choices = [("", "–"), *((k, spoken(UNCOUNTED[k])) for k in UNCOUNTED_KINDS)]
        self.fields["day"].initial = timezone.localdate
