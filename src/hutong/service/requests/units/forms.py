"""The forms of units."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from hutong.act.cases import default_catalogue
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.requests.models import Unit
from hutong.service.requests.selectors import units_at
from hutong.service.requests.units import selectors
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, say, spoken


class NamesForm(forms.Form):
    """What a unit is called."""

    name_zh = forms.CharField(label=later("名称（中文）", "Name (Chinese)"), max_length=120)
    name_en = forms.CharField(label=later("名称（英文）", "Name (English)"), max_length=120, required=False)


class UnitForm(NamesForm):
    """A unit to be set up."""

    place = forms.ChoiceField(label=later("服务范围", "Serves"))
    code = forms.CharField(
        label=later("编码", "Code"),
        max_length=40,
        help_text=later(
            "小写字母开头，如 water；派单目录和导入导出用它。",
            "Begins with a small letter, such as water; the dispatch catalogue and tables use it.",
        ),
    )
    field_order = ("place", "code", "name_zh", "name_en")

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = _places(selectors.places_served(viewer))


class UsualForm(forms.Form):
    """The units that the project's own catalogue knows, to be set up at once."""

    place = forms.ChoiceField(label=later("服务范围", "Serve"))
    units = forms.MultipleChoiceField(label=later("单位", "Units"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="usual", **kwargs)
        self.fields["place"].choices = _places(selectors.places_served(viewer))
        named = default_catalogue().units
        self.fields["units"].choices = [(code, spoken(title)) for code, title in named.items()]
        self.fields["units"].initial = list(named)


class TableForm(forms.Form):
    """A table of units or of dispatch."""

    what = forms.ChoiceField(label=later("表", "Table"))
    place = forms.ChoiceField(label=later("范围", "For"))
    file = forms.FileField(
        label=later("文件（CSV 或 xlsx）", "File (CSV or .xlsx)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=later(
            "承办单位：code、name_zh、name_en、place、people。派单目录：category、place、unit、helpers、from、until。多项用分号隔开。",
            "Units: code, name_zh, name_en, place, people. Dispatch: category, place, unit, helpers, from, until. Several in one cell stand between semicolons.",
        ),
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="table", **kwargs)
        self.fields["what"].choices = [
            ("units", say("承办单位", "Units")),
            ("dispatch", say("派单目录", "Dispatch catalogue")),
        ]
        self.fields["place"].choices = _places(selectors.places_served(viewer))


class PersonForm(forms.Form):
    """Somebody who is to act for a unit."""

    username = forms.CharField(label=later("用户名", "User name"), max_length=60)


class TakesForm(forms.Form):
    """Classes of requests that a unit takes at a place."""

    place = forms.ChoiceField(label=later("地点", "Where"))
    categories = forms.MultipleChoiceField(
        label=later("类别", "Classes"), widget=forms.CheckboxSelectMultiple
    )
    helpers = forms.MultipleChoiceField(
        label=later("协办单位", "Helped by"), widget=forms.CheckboxSelectMultiple, required=False
    )
    start = forms.DateField(label=later("自", "From"), widget=DayInput())

    def __init__(self, *args: Any, of: Unit, **kwargs: Any) -> None:
        super().__init__(*args, prefix="takes", **kwargs)
        self.fields["place"].choices = _places(selectors.inside(of))
        self.fields["categories"].choices = [(c.id, spoken(c.title)) for c in load_taxonomy().classes]
        others = [u for u in units_at(of.place) if u.pk != of.pk]
        self.fields["helpers"].choices = [(u.code, spoken(u.title)) for u in others]
        self.fields["start"].initial = timezone.localdate()


def _places(rows: Any) -> list[tuple[str, str]]:
    return [(p.path, f"{spoken(p.title)}（{p.path}）") for p in rows]
