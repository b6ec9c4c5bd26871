"""The forms of requests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from hutong.act.cases import extended_to, machine
from hutong.act.cases.machine import Event
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.requests import selectors
from hutong.service.web.templatetags.hutong import moment
from hutong.service.words import later, say, spoken
from hutong.text import Text

#: Working days by which a limit may be extended, at most (ours; the regulation names none).
MOST_DAYS = 15
NATURE_WORDS = {
    "help": Text("求助", "Ask for help"),
    "complaint": Text("投诉", "Complaint"),
    "report": Text("举报", "Report an offence"),
    "suggestion": Text("建议", "Suggestion"),
    "inquiry": Text("咨询", "Question"),
}


class _Photos(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several files at once."""

    widget = _Photos

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files, possibly none."""
        return [super(PhotosField, self).clean(one, initial) for one in (data or []) if one]


class ReportForm(forms.Form):
    """What somebody reports at a place."""

    words = forms.CharField(
        label=later("什么问题？", "What is wrong?"),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": 2000, "autocomplete": "off"}),
        min_length=4,
        max_length=2000,
    )
    nature = forms.ChoiceField(label=later("类型", "Kind"), initial="help")
    photos = PhotosField(
        label=later("照片", "Photos"),
        required=False,
        help_text=later(
            "最多 5 张；照片里的位置等信息会删去。",
            "Up to 5; where and with what they were taken is removed.",
        ),
        widget=_Photos(attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": True}),
    )
    contact = forms.CharField(
        label=later("联系电话", "Telephone"),
        required=False,
        max_length=60,
        help_text=later("只给办理的人看，用来回访。", "Seen only by those who handle it, for calling back."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nature"].choices = [(n, spoken(t)) for n, t in NATURE_WORDS.items()]
        self.fields["token"].initial = uuid.uuid4

    def renew(self) -> None:
        """Let what was filled in be sent as another form."""
        given = self.data.copy()  # type: ignore[has-type]  # django's own attribute, a QueryDict here
        given["token"] = str(uuid.uuid4())
        self.data = given


class FindForm(forms.Form):
    """A number and the code that came with it."""

    number = forms.CharField(label=later("编号", "Number"), max_length=24)
    code = forms.CharField(
        label=later("查询码", "Code"), max_length=24, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def _text(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": 2000})


class StepForm(forms.Form):
    """What must be said with an event, and nothing else."""

    def __init__(self, *args: Any, event: Event, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix=event.id, **kwargs)
        for name in event.needs:
            self.fields[name] = _FIELDS[name](request)

    def said(self) -> dict[str, Any]:
        """Return what was said, as it is recorded."""
        out = dict(self.cleaned_data)
        if "satisfied" in out:
            out["satisfied"] = {"yes": True, "no": False}.get(out["satisfied"])
        return out


def _units(request: Any) -> Sequence[tuple[str, str]]:
    """Offer the units that serve the place, and the two offices that act for themselves; the likely ones first."""
    from hutong.act.cases import default_catalogue

    here = {u.code: spoken(u.title) for u in selectors.units_at(request.place)}
    named = {code: spoken(default_catalogue().title(code)) for code in selectors.OFFICES} | here
    kind = request.category or request.suggested
    likely = selectors.dispatch_row(kind, request.place, timezone.localdate())
    first = [likely.unit, *likely.helpers]
    order = [c for c in first if c in named] + [c for c in named if c not in first]
    return [(c, named[c]) for c in order]


def _category(request: Any) -> forms.Field:
    choices = [(c.id, spoken(c.title)) for c in load_taxonomy().classes]
    return forms.ChoiceField(
        label=say("类别", "Class"), choices=choices, initial=request.category or request.suggested
    )


def _limit(request: Any) -> forms.Field:
    kind = load_taxonomy().find(request.category or request.suggested)
    return forms.ChoiceField(
        label=say("时限", "Time limit"),
        choices=[(n, spoken(t)) for n, t in selectors.classes_of_limit().items()],
        initial=kind.deadline if kind else None,
    )


def _until(request: Any) -> forms.Field:
    """Offer working days, each with the moment that the machine reckons."""
    choices = []
    for days in range(1, MOST_DAYS + 1 if request.due else 1):
        ends, note = extended_to(request.due, days)
        assumed = f" · {spoken(note)}" if note is not None else ""
        choices.append(
            (ends.isoformat(), f"{days} {say('个工作日', 'working days')} → {moment(ends)}{assumed}")
        )
    return forms.ChoiceField(
        label=say("延长", "Extend by"),
        choices=choices,
        help_text=say(
            "按国务院放假安排推算；只能延期一次，并向诉求人说明。",
            "Reckoned by the State Council’s calendar; once only, and the reporter is told why.",
        ),
    )


def _satisfied(_request: Any) -> forms.Field:
    return forms.ChoiceField(
        label=say("是否满意", "Satisfied?"),
        choices=[
            ("yes", say("满意", "yes")),
            ("no", say("不满意", "no")),
            ("", say("未表态", "would not say")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )


_FIELDS: dict[str, Any] = {
    "category": _category,
    "limit": _limit,
    "unit": lambda r: forms.ChoiceField(label=say("承办单位", "Unit"), choices=_units(r)),
    "units": lambda r: forms.MultipleChoiceField(
        label=say("吹哨单位", "Units to call"), choices=_units(r), widget=forms.CheckboxSelectMultiple
    ),
    "kind": lambda _: forms.ChoiceField(
        label=say("哨的类型", "Kind of whistle"),
        choices=[(k, spoken(t)) for k, t in machine().whistles.items()],
    ),
    "ground": lambda _: forms.ChoiceField(
        label=say("理由", "Ground"), choices=[(k, spoken(t)) for k, t in machine().grounds.items()]
    ),
    "reason": lambda _: forms.CharField(label=say("原因", "Reason"), max_length=2000, widget=_text()),
    "reply": lambda _: forms.CharField(label=say("答复内容", "Reply"), max_length=2000, widget=_text(4)),
    "until": lambda r: _until(r),
    "satisfied": _satisfied,
}
