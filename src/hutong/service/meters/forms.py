"""The forms of meters and sensors."""

from __future__ import annotations

from typing import Any

from django import forms

from hutong.service.words import later


class DoneForm(forms.Form):
    """What was done about an alert."""

    done = forms.CharField(
        label=later("做了什么", "What was done"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
    )


class UploadForm(forms.Form):
    """A CSV of readings."""

    file = forms.FileField(
        label=later("读数（CSV）", "Readings (CSV)"),
        help_text=later(
            "列：设备编号、测量项、时间、数值、单位。", "Columns: sensor_id, quantity, time, value, unit."
        ),
    )
    zone = forms.ChoiceField(
        label=later("没写时区的时间", "Times that state no zone"),
        choices=[
            ("Asia/Shanghai", later("北京时间", "Beijing time")),
            ("UTC", "UTC"),
            ("", later("不收", "are refused")),
        ],
        required=False,
    )
    leave_out_broken = forms.BooleanField(
        label=later("略去不合格的行，收下其余", "Leave broken rows out and take the rest"), required=False
    )


class SensorForm(forms.Form):
    """A sensor and where it is."""

    code = forms.CharField(label=later("设备编号", "Code"), max_length=80)
    name = forms.CharField(label=later("名称", "Name"), max_length=120, required=False)
    where = forms.CharField(
        label=later("楼栋或地点", "Building or place"),
        max_length=500,
        help_text=later(
            "楼栋编号（如 b0000001）或地点路径（以 / 开头）。",
            "The id of a building, such as b0000001, or the path of a place, which begins with /.",
        ),
    )


class YearForm(forms.Form):
    """The degree days of a normal year, and whose figure that is."""

    degree_days = forms.FloatField(
        label=later("标准年采暖度日数（18 ℃）", "Heating degree days of a normal year (18 °C)"),
        min_value=0,
        max_value=10000,
    )
    source = forms.CharField(label=later("该数的出处", "Whose figure that is"), max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = True
