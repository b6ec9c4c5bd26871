"""The forms of projects; what an event asks for is drawn from its table."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from hutong.act.machine import Event, Field, Machine
from hutong.act.projects import VERDICTS, change_kinds, disclosures, project_types
from hutong.service.projects import selectors
from hutong.service.projects.things.selectors import PERMITS
from hutong.service.requests.forms import PhotosField
from hutong.service.schemes.selectors import state_title
from hutong.service.web.inputs import DayInput
from hutong.service.web.papers import document
from hutong.service.words import later, say, spoken

_ACCEPT = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx"


def _file(required: bool = True) -> forms.FileField:
    return forms.FileField(
        label=say("文件", "File"),
        required=required,
        help_text=say("PDF、图片、Word 或 Excel，20 MB 以内。", "PDF, picture, Word or Excel, up to 20 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": _ACCEPT}),
    )


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput())


def field_of(field: Field) -> forms.Field:
    """Return the form field of something that an event asks for."""
    label = spoken(field.title)
    if field.options:
        return forms.ChoiceField(label=label, choices=[(k, spoken(t)) for k, t in field.options.items()])
    if field.kind == "date":
        return _day(label)
    if field.kind in ("count", "yuan"):
        return forms.IntegerField(label=label, min_value=0)
    if field.kind == "document":
        return _file()
    if field.kind == "id":
        return forms.CharField(label=label, max_length=100)
    return forms.CharField(label=label, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class DeedForm(forms.Form):
    """What must be said with an event, and nothing else."""

    def __init__(self, *args: Any, event: Event, table: Machine, photos: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, prefix=event.id, **kwargs)
        for name in event.needs:
            self.fields[name] = field_of(table.fields[name])
        if photos:
            self.fields["photos"] = PhotosField(label=say("照片", "Photos"), required=False)

    def said(self) -> dict[str, Any]:
        """Return what was said as it is recorded; files apart."""
        out = {}
        for name, value in self.cleaned_data.items():
            if name not in ("document", "photos"):
                out[name] = value.isoformat() if hasattr(value, "isoformat") else value
        return out


class ApplyForm(forms.Form):
    """What somebody applies for."""

    place = forms.ChoiceField(label=later("地点", "Place"))
    title_zh = forms.CharField(label=later("项目名称", "Name"), max_length=120)
    title_en = forms.CharField(label=later("英文名称", "Name in English"), max_length=120, required=False)
    procedure = forms.ChoiceField(label=later("程序", "Procedure"))
    types = forms.MultipleChoiceField(
        label=later("项目类型", "Kinds of work"), widget=forms.CheckboxSelectMultiple
    )
    tenures = forms.MultipleChoiceField(
        label=later("涉及的产权类型", "Tenures concerned"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(p.pk, spoken(p.title)) for p in places]
        self.fields["procedure"].choices = [(k, spoken(t)) for k, t in selectors.procedures().items()]
        self.fields["types"].choices = [(k, spoken(t)) for k, t in project_types().items()]
        self.fields["tenures"].choices = [(k, spoken(t)) for k, t in selectors.tenures().items()]
        self.fields["token"].initial = uuid.uuid4


class PaperForm(forms.Form):
    """A paper that is handed in, or why it is not needed."""

    kind = forms.ChoiceField(label=later("文件种类", "Paper"))

    def __init__(self, *args: Any, reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(k, spoken(t)) for k, t in selectors.papers_known().items()]
        if reason:
            self.fields["reason"] = forms.CharField(
                label=say("不需要的理由（公开）", "Why it is not needed (public)"), max_length=500
            )
        else:
            self.fields["file"] = _file()
            self.fields["public"] = forms.BooleanField(
                label=say("任何人可以阅读", "Anyone may read it"), required=False
            )


class VoteForm(forms.Form):
    """Which vote is the one on a project."""

    ballot = forms.ChoiceField(label=later("表决", "Vote"))

    def __init__(self, *args: Any, ballots: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ballot"].choices = [(b.pk, f"{spoken(b.title)} · {spoken(b.standing)}") for b in ballots]


class SchemeForm(forms.Form):
    """Which version of a scheme is filed."""

    version = forms.ChoiceField(label=later("已公布的方案", "Published scheme"))

    def __init__(self, *args: Any, versions: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [
            (v.pk, f"{spoken(v.title)} · {spoken(state_title(v.scheme))}") for v in versions
        ]


class ReviewForm(forms.Form):
    """Which departments are asked, who leads, by when."""

    departments = forms.MultipleChoiceField(
        label=later("征求意见的部门", "Departments asked"), widget=forms.CheckboxSelectMultiple
    )
    lead = forms.ChoiceField(label=later("牵头部门", "Lead"))
    due = forms.DateField(label=later("答复期限", "Answer by"), widget=DayInput())

    def __init__(self, *args: Any, units: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(u.code, spoken(u.title)) for u in units]
        self.fields["departments"].choices = self.fields["lead"].choices = choices


class OpinionForm(forms.Form):
    """A department's opinion."""

    department = forms.ChoiceField(label=later("部门", "Department"))
    verdict = forms.ChoiceField(label=later("意见", "Opinion"))
    words = forms.CharField(
        label=later("说明", "In words"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = units
        self.fields["verdict"].choices = [(k, spoken(t)) for k, t in VERDICTS.items()]


class TaskForm(forms.Form):
    """A task of the works."""

    title = forms.CharField(label=later("任务", "Task"), max_length=120)
    start = forms.DateField(label=later("开始", "Begins"), widget=DayInput())
    end = forms.DateField(label=later("结束", "Ends"), widget=DayInput())
    budget_yuan = forms.IntegerField(
        label=later("预算（元）", "Budget (yuan)"), min_value=0, max_value=10**12, required=False
    )


class ProgressForm(forms.Form):
    """How far a task is."""

    task = forms.ChoiceField(label=later("任务", "Task"))
    day = forms.DateField(label=later("日期", "Day"), widget=DayInput())
    done = forms.DecimalField(
        label=later("已完成（%）", "Done (%)"), min_value=0, max_value=100, decimal_places=2, required=False
    )
    spent_yuan = forms.IntegerField(
        label=later("累计支出（元）", "Spent so far (yuan)"), min_value=0, max_value=10**12, required=False
    )

    def __init__(self, *args: Any, tasks: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].choices = [(t.pk, t.title) for t in tasks]
        self.fields["day"].initial = timezone.localdate


class DiscloseForm(forms.Form):
    """What is made public."""

    kind = forms.ChoiceField(label=later("公开事项", "What is made public"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(d.id, spoken(d.title)) for d in disclosures().values()]
        self.fields["file"] = _file()


class ThingForm(forms.Form):
    """A new permit or change order."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, machine: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid.uuid4
        if machine == "permit":
            titles = selectors.papers_known()
            self.fields["kinds"] = forms.ChoiceField(
                label=say("许可", "Permit"), choices=[(p, spoken(titles[p])) for p in PERMITS]
            )
        else:
            self.fields["kinds"] = forms.MultipleChoiceField(
                label=say("变更类型", "Kinds of change"),
                choices=[(k, spoken(c.title)) for k, c in change_kinds().items()],
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields["words"] = forms.CharField(
            label=say("说明", "In words"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
        )


class InspectForm(forms.Form):
    """A visit to the site."""

    day = forms.DateField(label=later("哪一天", "Day"), widget=DayInput())
    words = forms.CharField(
        label=later("看到了什么", "What was seen"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    photos = PhotosField(
        label=later("照片", "Photos"),
        required=False,
        help_text=later(
            "最多 5 张；照片里的位置等信息会删去。",
            "Up to 5; where and with what they were taken is removed.",
        ),
    )
    defect = forms.BooleanField(
        label=later("这是质量问题，需要整改", "This is a defect and must be mended"), required=False
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = timezone.localdate
        self.fields["token"].initial = uuid.uuid4


def checked(form: forms.Form) -> dict[str, Any]:
    """Return what a form holds, its file as a document; raise ``bad-form`` naming every field that does not fit."""
    from hutong.errors import HutongError
    from hutong.text import Text

    if not form.is_valid():
        lacking = "; ".join(
            f"{form.fields[f].label if f in form.fields else ''} {' '.join(e)}".strip()
            for f, e in form.errors.items()
        )
        raise HutongError(
            "bad-form",
            Text(f"请补充或改正：{lacking}", f"Fill in or mend: {lacking}"),
            Text("请返回修改后再提交。", "Go back, mend it and send again."),
        )
    out = dict(form.cleaned_data)
    for name in ("file", "document"):
        if out.get(name):
            out[name] = document(out[name])
    return out
