"""The page of orders: take a list in, and give the replies out."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from hutong.errors import HutongError
from hutong.service.places.selectors import at as place_at
from hutong.service.requests.orders import replies, services
from hutong.service.requests.orders.reading import read_orders
from hutong.service.web.access import permitted
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, spoken
from hutong.text import Text

MOST_BYTES = 20 * 1024 * 1024
KINDS = {".csv": "text/csv", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class OrdersForm(forms.Form):
    """A list of orders for a place."""

    place = forms.ChoiceField(label=later("所属", "For"))
    file = forms.FileField(
        label=later("工单表（CSV 或 xlsx）", "List of orders (CSV or .xlsx)"),
        help_text=later(
            "UTF-8 或 GBK 均可。要有工单编号、诉求时间、内容；街道、社区、地址、承办单位、问题分类有就读。来电人的姓名、电话不读。",
            "UTF-8 or GBK. It needs number, time and text; subdistrict, community, address, unit and class are read if there. Names and telephones of callers are not.",
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class RepliesForm(forms.Form):
    """Which replies, and in which form."""

    since = forms.DateField(label=later("反馈日期自", "Replied from"), widget=DayInput())
    until = forms.DateField(label=later("至", "to"), widget=DayInput())
    form = forms.ChoiceField(
        label=later("格式", "Form"),
        choices=[("xlsx", "Excel (.xlsx)"), ("utf-8", "CSV (UTF-8)"), ("gbk", "CSV (GBK)")],
    )


def scopes(user: Any) -> list[str]:
    """Return the paths of the places whose orders a person's office takes in."""
    return sorted({path for role, path in user.held if role in ("subdistrict", "district")})


@permitted("requests.orders")
def orders(request: HttpRequest) -> HttpResponse:
    """Take a list in, or say everything that is wrong with it."""
    paths = scopes(request.user)
    form = OrdersForm(request.POST or None, request.FILES or None)
    form.fields["place"].choices = [(path, spoken(place_at(path).title)) for path in paths]
    if request.method == "POST" and form.is_valid():
        taken = _take(form.cleaned_data["file"], form.cleaned_data["place"], request.user)
        messages.success(request, spoken(told(taken)), extra_tags="good")
        return redirect("request_orders")
    rows = replies.orders(paths)
    today = timezone.localdate()
    context = {
        "form": form,
        "out": RepliesForm(initial={"since": today - dt.timedelta(days=7), "until": today, "form": "xlsx"}),
        "all": rows.count(),
        "waiting": rows.filter(replied=None).exclude(due=None).count(),
        "rows": rows[:50],
    }
    return render(request, "requests/orders.html", context, status=400 if form.errors else 200)


def _take(sent: Any, path: str, user: Any) -> services.Taken:
    kind = Path(sent.name).suffix.lower()
    if kind not in KINDS or sent.size > MOST_BYTES:
        raise HutongError(
            "unreadable",
            Text(
                "文件不是 CSV 或 xlsx，或超过 20 MB。", "The file is no CSV or .xlsx, or larger than 20 MB."
            ),
            Text("请从热线系统重新导出。", "Export it from the hotline's system again."),
        )
    with tempfile.TemporaryDirectory(prefix="hutong-orders-") as folder:
        kept = (
            Path(folder) / f"{Path(sent.name).stem[:60] or 'orders'}{kind}"
        )  # what is wrong is said by its name
        kept.write_bytes(sent.read())
        found = read_orders(kept, place_at(path), timezone.now())
    return services.take(found, user)


def told(taken: services.Taken) -> Text:
    """Return what a list brought, as a sentence."""
    zh = f"新工单 {taken.new} 件，更新 {taken.changed} 件，未变 {taken.same} 件，按回访结果办结 {taken.called_back} 件。"
    en = f"{taken.new} new orders, {taken.changed} updated, {taken.same} as they were, {taken.called_back} closed as called back."
    if taken.early:
        zh += f"有回访结果但尚未答复、没有办结：{'、'.join(taken.early[:10])}。"
        en += f" Called back, but not replied to yet and so not closed: {', '.join(taken.early[:10])}."
    return Text(zh, en)


@permitted("requests.orders")
def replies_file(request: HttpRequest) -> HttpResponse:
    """Give the replies out."""
    today = timezone.localdate()
    asked = {"since": f"{today - dt.timedelta(days=7)}", "until": f"{today}", "form": "xlsx"}
    form = RepliesForm({**asked, **request.GET.dict()})
    if not form.is_valid():
        raise HutongError(
            "bad-dates",
            Text("起止日期不对。", "The dates are not right."),
            Text("请返回重新选择。", "Go back and choose again."),
        )
    given = form.cleaned_data
    rows = replies.replied(scopes(request.user), given["since"], given["until"])
    table = replies.table(rows.prefetch_related("steps"))
    workbook = given["form"] == "xlsx"
    data = replies.as_xlsx(table) if workbook else replies.as_csv(table, given["form"])
    name = f"replies-{given['since']:%Y%m%d}-{given['until']:%Y%m%d}.{'xlsx' if workbook else 'csv'}"
    return HttpResponse(
        data,
        content_type=KINDS[".xlsx" if workbook else ".csv"],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
