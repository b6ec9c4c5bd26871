"""Reading what an official system gave: totals as a result, and their document."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.http import Http404

from hutong.agree.roll_book import RollBook
from hutong.agree.tally import tally_totals
from hutong.agree.totals import SAID as TOTALS
from hutong.agree.totals import Misfit, Totals, misfits
from hutong.errors import HutongError, Row
from hutong.service.consent.ballots.box import book_of, full_box
from hutong.service.consent.ballots.selectors import SURVEYED
from hutong.service.consent.counting.kept_count import kept
from hutong.service.consent.models import Ballot, OfficialDocument
from hutong.text import Text


def count_official(of: Ballot, totals: Totals, document: dict[str, str], now: dt.datetime) -> dict[str, Any]:
    """Return the result of a closed vote that the official system counted, as it is kept: its totals, by the vote's rule.

    ``document`` says where the totals are written: what it is called, its reference, its date, the SHA-256 of its file.

    Raises
    ------
    HutongError
        ``not-official`` where online ballots are not reserved; ``ballots-here`` if ballots that count were taken on the
        platform, since nobody can tell which heads are in both; ``bad-totals`` naming each figure that cannot be of the
        roll; ``sealed`` before the close.
    """
    if not of.official_online_only:
        raise not_official()
    here = of.casts.exclude(channel__in=SURVEYED).count() + of.sheets.filter(state="waiting").count()
    if here:
        raise HutongError(
            "ballots-here",
            Text(f"本平台已收下 {here} 张计入的票，只有合计就分不清谁投了两次。", f"{here} ballots that count were taken here; totals alone do not tell who is in both."),
            Text("请向官方系统索取逐票的表，与这里的票一并计。", "Ask the official system for its table ballot by ballot; it is counted with those here."),
        )  # fmt: skip
    book = book_of(of)
    box = full_box(of, book)
    found = box.result(now)
    wrong = misfits(book.roll, totals)
    if wrong:
        raise HutongError(
            "bad-totals",
            Text("合计与名册不符，没有采用。", "The totals do not fit the roll; nothing was taken."),
            Text("请对照文件逐项核对；名册有误须先由两人更正。", "Check each figure with the document; an error of the roll is corrected by two persons first."),
            [_row_of(w) for w in wrong],
        )  # fmt: skip
    tally = tally_totals(totals, box.rule, book.roll.hash)
    return kept(of, tally, totals, found, official_text(of, book, totals, document)) | {"official": document}


def _row_of(wrong: Misfit) -> Row:
    said = TOTALS[wrong.said] if wrong.said else Text("合计", "sum")
    what = Text("人数", "heads") if wrong.what == "heads" else Text("面积", "area")
    return Row(f"{said.zh} · {what.zh}：{wrong.why.zh}", f"{said.en} · {what.en}: {wrong.why.en}")


def official_totals(of: Ballot) -> Totals:
    """Return the totals that a vote has as its result."""
    heads, area = ({said: of.result[what][said] for said in TOTALS} for what in ("heads", "area"))
    return Totals(heads, area)


def official_text(of: Ballot, book: RollBook, totals: Totals, document: dict[str, str]) -> str:
    """Return the totals that an official system gave, with their document, as text; its hash stands in the ledger."""
    body = {
        "ballot": of.code, "roll": book.hash, "rule": of.rule["id"], "official": document,
        "heads": totals.heads, "area_cm2": totals.area_cm2,
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def not_official() -> HutongError:
    """Return why nothing is taken from an official system."""
    return HutongError(
        "not-official",
        Text("这里的法律没有把网上表决留给官方系统。", "The law here does not reserve online votes to an official system."),
        Text("网上的票已经计入。", "Online ballots count already."),
    )  # fmt: skip


def official_document(pk: int) -> OfficialDocument:
    """Return a document of the official system, or raise ``Http404``."""
    found = OfficialDocument.objects.select_related("ballot__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def document_behind(of: Ballot) -> OfficialDocument | None:
    """Return the document that a result of the official system rests on; None for another result, or if only its hash was kept."""
    official = (of.result or {}).get("official")
    return None if official is None else of.official_documents.filter(digest=official["sha256"]).first()
