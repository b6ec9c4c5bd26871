"""The forms of schemes."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from hutong.act.schemes import scheme_machine
from hutong.errors import HutongError
from hutong.plan.document import SchemeDocument
from hutong.plan.document_file import read_scheme_text
from hutong.rules import IN_PRINCIPLE
from hutong.service.schemes import selectors
from hutong.service.schemes.consulting.selectors import hearers
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, say, spoken
from hutong.text import Text

#: A scheme file may be as large as this; 20,000 objects take about 2 MB.
MOST_BYTES = 4 * 1024 * 1024
_ROWS = {"rows": 4}


class SchemeForm(forms.Form):
    """A new scheme: for which place, called what, and from which file if any."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    place = forms.ChoiceField(label=later("地点", "Place"))
    title_zh = forms.CharField(label=later("名称", "Title"), max_length=120)
    title_en = forms.CharField(label=later("英文名称", "Title in English"), max_length=120, required=False)
    file = forms.FileField(
        label=later("方案文件", "Scheme file"),
        required=False,
        help_text=later(
            "可从 .yaml 或 .csv 文件开始；有错会逐行指出，什么也不会存下。",
            "You may begin from a .yaml or .csv file; faults are named line by line and nothing is kept then.",
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.csv"}),
    )

    def __init__(self, *args: Any, places: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(str(p.pk), spoken(p.title)) for p in places]


class TitleForm(forms.Form):
    """What a scheme is to be called."""

    title_zh = forms.CharField(label=later("名称", "Title"), max_length=120)
    title_en = forms.CharField(label=later("英文名称", "Title in English"), max_length=120, required=False)


class FileForm(forms.Form):
    """A scheme file."""

    file = SchemeForm.base_fields["file"].__class__(
        label=later("方案文件（.yaml、.csv）", "Scheme file (.yaml, .csv)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.csv"}),
    )


def uploaded(sent: Any) -> SchemeDocument:
    """Return the document of an uploaded file.

    Raises
    ------
    HutongError
        ``too-large``, ``unknown-form``, ``cannot-read`` or ``invalid-scheme`` naming each fault with its line.
    """
    from pathlib import PurePath

    data = sent.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise HutongError(
            "too-large",
            Text("文件超过 4 MB。", "The file is larger than 4 MB."),
            Text("请检查是不是方案文件。", "Check that it is a scheme."),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise HutongError(
            "cannot-read",
            Text("文件不是 UTF-8 文本。", "The file is not text in UTF-8."),
            Text("请以 UTF-8 编码保存后重试。", "Save it in UTF-8 and try again."),
        ) from None
    from pathlib import Path

    return read_scheme_text(Path(PurePath(str(sent.name)).name), text)


class TermsForm(forms.Form):
    """Terms of operation, budgets and the granted bonus; what is left empty holds as assumed."""

    concession_years = forms.IntegerField(
        label=later("经营年限", "Years of operation"), min_value=1, max_value=60, required=False
    )
    surplus_share_owners = forms.FloatField(
        label=later("超额收益归业主的份额（0–1）", "Owners' share of surplus (0–1)"),
        min_value=0,
        max_value=1,
        required=False,
    )
    city = forms.FloatField(label=later("市级预算（元）", "City budget (yuan)"), min_value=0, required=False)
    district = forms.FloatField(
        label=later("区级预算（元）", "District budget (yuan)"), min_value=0, required=False
    )
    far_bonus = forms.FloatField(
        label=later("已批准的容积率奖励（如 0.05）", "Granted FAR bonus (such as 0.05)"),
        min_value=0,
        max_value=1,
        required=False,
    )


class ReasonForm(forms.Form):
    """A recorded reason for passing a limit in principle; empty takes it back."""

    rule = forms.ChoiceField(label=later("原则性限制", "Limit in principle"))
    zh = forms.CharField(label=later("理由", "Reason"), max_length=500, required=False)
    en = forms.CharField(label=later("理由（英文）", "Reason in English"), max_length=500, required=False)

    def __init__(self, *args: Any, titles: dict[str, Text], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(r, spoken(titles.get(r, Text(r, r)))) for r in IN_PRINCIPLE]


class OpinionForm(forms.Form):
    """A verdict and its reasons."""

    verdict = forms.ChoiceField(label=later("意见", "Opinion"))
    words = forms.CharField(
        label=later("理由与建议", "Reasons and advice"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, *args: Any, points: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = scheme_machine().fields["verdict"].options
        self.fields["verdict"].choices = [(k, spoken(t)) for k, t in options.items()]
        if points:
            self.fields["points"] = forms.CharField(
                label=say("需要答复的问题（每行一条）", "Points to be answered (one a line)"),
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs=_ROWS),
            )


class ReasonsForm(forms.Form):
    """Reasons for a step."""

    reason = forms.CharField(
        label=later("理由", "Reasons"), max_length=2000, widget=forms.Textarea(attrs=_ROWS)
    )


class PublishForm(forms.Form):
    """From and until which day, and where people may say something."""

    starts = forms.DateField(label=later("开始", "From"), widget=DayInput())
    until = forms.DateField(label=later("截止", "Until"), widget=DayInput())
    contact = forms.CharField(label=later("不上网的向谁提", "Where to say it in person"), max_length=200)
    hears = forms.ChoiceField(
        label=later("谁书面答复", "Who answers in writing"),
        help_text=later("每条意见都要有书面答复；都答复了才能确定方案。", "Each opinion is owed a written answer; the scheme is adopted once all have one."),
    )  # fmt: skip

    def __init__(self, *args: Any, scheme: Any, **kwargs: Any) -> None:
        today = timezone.localdate()
        least = selectors.not_before(scheme, today)
        super().__init__(*args, initial={"starts": today, "until": least}, **kwargs)
        self.fields["until"].help_text = say(
            f"按规定不早于 {least.isoformat()}。", f"By rule no earlier than {least.isoformat()}."
        )
        units, running = hearers(scheme)
        self.hearers = {**{f"unit-{u.pk}": u for u in units}, **{f"process-{p.pk}": p for p in running}}
        self.fields["hears"].choices = [  # type: ignore[attr-defined]
            ("", say("请选择", "Choose one")),
            *((f"unit-{u.pk}", say(f"新开议题，由{u.name_zh}答复", f"A new question, answered by {u.name_en}")) for u in units),
            *((f"process-{p.pk}", say(f"用已有的议题：{p.title.zh}", f"A question that runs: {p.title.en}")) for p in running),
        ]  # fmt: skip
        if not units:
            self.fields["hears"].help_text = say(
                "这里还没有登记单位。请管理员先登记负责答复的单位。",
                "No unit serves this place yet. Let the administrator enter the one that answers.",
            )

    def clean_hears(self) -> Any:
        """Return the unit or the process that was chosen."""
        return self.hearers[self.cleaned_data["hears"]]


class AnswerForm(forms.Form):
    """An answer to a point of the experts."""

    words = forms.CharField(
        label=later("答复", "Answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class SolveForm(forms.Form):
    """What is asked of the optimiser."""

    mode = forms.ChoiceField(
        label=later("求什么", "What for"),
        choices=(
            ("balanced", later("均衡方案", "a balanced scheme")),
            ("most_benefit", later("资金内效益最大", "most benefit within the money")),
            ("least_cost", later("公共资金最少", "least public money")),
            ("pareto", later("多个方案的权衡（较慢）", "trade-offs between benefits (slower)")),
        ),
    )
    budget = forms.FloatField(
        label=later("公共资金上限（元，不填按假设）", "Public money (yuan; empty: as assumed)"),
        min_value=1,
        required=False,
    )


def checked(form: forms.Form) -> dict[str, Any]:
    """Return what a form says.

    Raises
    ------
    HutongError
        ``bad-form`` naming each fault.
    """
    if form.is_valid():
        return form.cleaned_data
    rows = [
        f"{form.fields[k].label if k in form.fields else ''} {e}".strip()
        for k, es in form.errors.items()
        for e in es
    ]
    raise HutongError(
        "bad-form",
        Text("表单没有填好，什么也没有改变。", "The form is not complete; nothing was changed."),
        Text("请按所列改正后再提交。", "Mend what is listed and send again."),
        rows,
    )  # fmt: skip
