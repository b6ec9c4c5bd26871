"""The list of replies that goes back to the hotline, under its numbers."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from hutong.city.text_table import harmless
from hutong.service.requests import selectors
from hutong.service.requests.models import Request

COLUMNS = (
    "工单编号", "平台编号", "诉求时间", "类别", "承办单位", "状态", "派单时间", "签收时间", "时限", "延期", "反馈时间", "是否按时反馈",
    "答复内容",
)  # fmt: skip
ENCODINGS = ("utf-8", "gbk")


def orders(places: Iterable[str]) -> QuerySet[Request]:
    """Return the hotline's orders at or within places, given as paths, the newest first."""
    inside = Q(pk=None)
    for path in places:
        inside |= Q(place__path__startswith=path)
    return Request.objects.filter(inside, channel="hotline").select_related("place")


def replied(places: Iterable[str], since: dt.date, until: dt.date) -> QuerySet[Request]:
    """Return the orders that were replied to from a day to another, both with."""
    here = timezone.get_current_timezone()
    first = dt.datetime.combine(since, dt.time(), here)
    last = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), here)
    return orders(places).filter(replied__gte=first, replied__lt=last).order_by("replied")


def table(rows: Iterable[Request]) -> list[list[str]]:
    """Return the list, its head first, as texts."""
    found = list(rows)
    units = selectors.unit_titles(found)
    return [list(COLUMNS), *(_row(r, units) for r in found)]


def _row(r: Request, units: dict[int, Any]) -> list[str]:
    steps = list(r.steps.all())
    replies = [s.said.get("reply", "") for s in steps if s.event == "reply"]
    in_time = "" if r.replied is None or r.due is None else ("是" if r.replied <= r.due else "否")
    return [
        r.outside_number, r.number, _time(r.filed), r.kind.zh, units[r.pk].zh if r.pk in units else "", r.standing.zh,
        _when(steps, "dispatch"), _when(steps, "sign_for"), _time(r.due), "是" if r.extended else "否", _time(r.replied), in_time,
        replies[-1] if replies else "",
    ]  # fmt: skip


def _when(steps: list[Any], event: str) -> str:
    return _time(next((s.at for s in steps if s.event == event), None))


def _time(at: dt.datetime | None) -> str:
    return "" if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def as_csv(rows: list[list[str]], encoding: str) -> bytes:
    """Return a list as CSV: UTF-8 with a mark, or GBK (GB 18030, so that no character is lost)."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([[harmless(c) for c in row] for row in rows])
    return out.getvalue().encode("gb18030" if encoding == "gbk" else "utf-8-sig")


def as_xlsx(rows: list[list[str]]) -> bytes:
    """Return a list as a workbook."""
    from openpyxl import Workbook

    from hutong.sense.sheets import text_cell

    book = Workbook(write_only=True)
    page = book.create_sheet("回复")
    for row in rows:
        page.append([text_cell(page, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
