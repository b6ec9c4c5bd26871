"""The forms of votes."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from hutong.agree.roll import Roll
from hutong.agree.tally import ABSTAIN, NO, YES
from hutong.agree.totals import SAID as TOTALS
from hutong.agree.totals import Totals, misfits
from hutong.errors import HutongError
from hutong.service.consent.ballots.kept_rule import matters
from hutong.service.web.inputs import DayInput, MomentInput
from hutong.service.web.papers import Document, document
from hutong.service.words import later, say, spoken

SAID = {"yes": YES, "no": NO, "abstain": ABSTAIN}


def _choices() -> list[tuple[str, str]]:
    return [
        ("yes", say("同意", "For")),
        ("no", say("不同意", "Against")),
        ("abstain", say("弃权", "Abstain")),
    ]


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(label=label, widget=MomentInput())


class BallotForm(forms.Form):
    """A vote to be."""

    roll = forms.ChoiceField(label=later("名册", "Roll"))
    matter = forms.ChoiceField(label=later("事项", "Matter"))
    name_zh = forms.CharField(label=later("名称（中文）", "Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=later("名称（英文）", "Name in English"), max_length=120, required=False)
    asked_zh = forms.CharField(
        label=later("问什么（中文，一句话）", "The question in Chinese, one sentence"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip
    asked_en = forms.CharField(
        label=later("问什么（英文）", "The question in English"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip
    document = forms.CharField(
        label=later("表决的全文", "The whole text that is voted on"), max_length=200_000, widget=forms.Textarea(attrs={"rows": 10})
    )  # fmt: skip

    def __init__(self, *args: Any, rolls: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roll"].choices = [(r.pk, f"{spoken(r.title)} · {spoken(r.kind)}") for r in rolls]
        self.fields["matter"].choices = [(m, spoken(t)) for m, t in matters(timezone.localdate())]


class NoticeForm(forms.Form):
    """When a vote opens and closes."""

    opens = _moment(later("开始", "Opens"))
    closes = _moment(later("截止", "Closes"))


class AnswerForm(forms.Form):
    """What somebody answers, for which head."""

    head = forms.CharField(max_length=40, widget=forms.HiddenInput)
    choice = forms.ChoiceField(label=later("我的意见", "My answer"), widget=forms.RadioSelect)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = _choices()
        self.fields["token"].initial = uuid.uuid4


class CodeForm(forms.Form):
    """A letter code."""

    code = forms.CharField(
        label=later("信函上的验证码", "The code in the letter"),
        max_length=30,
        help_text=later(
            "10 个字母和数字，大小写和空格不限。", "10 letters and digits; capitals and spaces do not matter."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class SheetForm(forms.Form):
    """A signed paper, as the first officer reads it."""

    reference = forms.RegexField(
        r"^[\w./-]{1,60}$", label=later("票号", "Number of the paper"), max_length=60
    )
    dwelling_id = forms.CharField(label=later("房屋编号", "Home"), max_length=60)
    signer = forms.CharField(
        label=later("签字人（共有时填，与名册表一致）", "Who signed (of a home with several, as in the table)"), max_length=100, required=False
    )  # fmt: skip
    channel = forms.ChoiceField(label=later("渠道", "How it came"), widget=forms.RadioSelect)
    at = forms.DateTimeField(
        label=later("交票时间（现在交的不填）", "When it was handed in (empty: now)"),
        required=False,
        widget=MomentInput(),
    )
    choice = forms.ChoiceField(label=later("票上的意见", "What it says"), widget=forms.RadioSelect)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = _choices()
        self.fields["channel"].choices = [("paper", say("纸质票", "on paper")), ("counter", say("本人在柜台", "in person at the counter"))]  # fmt: skip
        self.fields["channel"].initial = "paper"
        self.fields["token"].initial = uuid.uuid4


class CheckForm(forms.Form):
    """The same paper, as the second officer reads it."""

    choice = forms.ChoiceField(label=later("票上的意见", "What the paper says"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = _choices()


class TotalsForm(forms.Form):
    """The totals of the official system as its document gives them, and the document."""

    called = forms.CharField(label=later("文件名称", "What the document is called"), max_length=120)
    reference = forms.CharField(label=later("文号", "Its reference"), max_length=60)
    dated = forms.DateField(label=later("文件日期", "Its date"), widget=DayInput())
    document = forms.FileField(
        label=later("文件（扫描件或原件）", "The document, scanned or as issued"),
        help_text=later(
            "PDF、图片、Word 或 Excel，不超过 20 MB。经办的两人和审计可以下载；指纹（SHA-256）存入台账。",
            "PDF, picture, Word or Excel, up to 20 MB. The two officers and the auditor can download it; its fingerprint (SHA-256) enters the ledger.",
        ),
    )

    def __init__(self, *args: Any, roll: Roll, closed: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roll, self.closed = roll, closed
        for said, title in TOTALS.items():
            called = spoken(title)
            self.fields[f"heads_{said}"] = forms.IntegerField(
                label=f"{called} · {say('人数', 'heads')}", min_value=0, max_value=10**9
            )
            self.fields[f"area_{said}"] = forms.DecimalField(
                label=f"{called} · {say('面积 m²', 'area m²')}", min_value=0, max_digits=14, decimal_places=4
            )

    @property
    def figures(self) -> list[tuple[str, list[Any]]]:
        """The rows of the table: what was said, with its fields of heads and of area."""
        return [(spoken(t), [self[f"heads_{said}"], self[f"area_{said}"]]) for said, t in TOTALS.items()]

    def clean_dated(self) -> Any:
        """Refuse a day before the close, or one to come."""
        dated = self.cleaned_data["dated"]
        first = timezone.localdate(self.closed)
        if not first <= dated <= timezone.localdate():
            raise forms.ValidationError(
                say(
                    f"应在截止日 {first} 与今天之间。",
                    f"It lies between the day of the close, {first}, and today.",
                )
            )
        return dated

    def clean_document(self) -> Document:
        """Return the file as a document, told apart by what it is and not by its name."""
        try:
            return document(self.cleaned_data["document"])
        except HutongError as caught:
            raise forms.ValidationError([spoken(caught.what), spoken(caught.hint)]) from None

    def clean(self) -> dict[str, Any]:
        """Hold the figures to the roll."""
        given = super().clean() or {}
        names = [f"{what}_{said}" for what in ("heads", "area") for said in TOTALS]
        if all(n in given for n in names):
            for wrong in misfits(self.roll, self.totals()):
                field = f"{wrong.what}_{wrong.said}" if wrong.said else None
                self.add_error(field, spoken(wrong.why))
        return given

    def totals(self) -> Totals:
        """Return the figures; areas in whole cm²."""
        given = self.cleaned_data
        return Totals(
            {said: given[f"heads_{said}"] for said in TOTALS},
            {said: int(given[f"area_{said}"] * 10_000) for said in TOTALS},
        )

    def said(self) -> dict[str, str]:
        """Return what is said of the document."""
        given = self.cleaned_data
        return {
            "called": given["called"],
            "reference": given["reference"],
            "dated": given["dated"].isoformat(),
        }
