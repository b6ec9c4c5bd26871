"""The briefing in Word: headings, tables, a picture, a source for every figure; Chinese or English."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from hutong.report.format import day
from hutong.report.words import word
from hutong.service.desk.briefing_facts import Facts, Row
from hutong.service.desk.picture import GRADE_COLOURS, png
from hutong.text import Lang, Text

_LATIN, _CHINESE = "Arial", "Microsoft YaHei"
_INK, _GREY = RGBColor(0x23, 0x26, 0x2A), RGBColor(0x5F, 0x64, 0x69)


def briefing_bytes(facts: Facts, lang: Lang) -> bytes:
    """Return the briefing as a .docx file."""
    page = _Page(lang)
    _opening(page, facts)
    _state(page, facts)
    _findings(page, facts)
    _indicators(page, facts)
    _titles(page, facts)
    _requests(page, facts)
    _sources(page, facts)
    return page.bytes()


class _Page:
    """A document being written in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self.doc = Document()
        section = self.doc.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.3)
        section.top_margin = section.bottom_margin = Cm(2.2)
        for name, size in (
            ("Normal", 10.5),
            ("Title", 22),
            ("Heading 1", 15),
            ("Heading 2", 12),
            ("Caption", 9),
        ):
            style = self.doc.styles[name]
            style.font.name, style.font.size = _LATIN, Pt(size)
            style.font.italic = False
            style.font.color.rgb = _GREY if name == "Caption" else _INK
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{kind}"), None)
            fonts.set(qn("w:eastAsia"), _CHINESE)
        self.doc.styles["Normal"].paragraph_format.space_after = Pt(6)
        self.doc.core_properties.language = "zh-CN" if lang == "zh" else "en-GB"

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).get(self.lang)

    def heading(self, zh: str, en: str, level: int = 1) -> None:
        self.doc.add_heading(self.say(zh, en), level)

    def text(self, zh: str, en: str, style: str | None = None) -> Any:
        return self.doc.add_paragraph(self.say(zh, en), style)

    def note(self, zh: str, en: str) -> None:
        self.text(zh, en, "Caption")

    def table(self, head: Sequence[Text], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Any:
        """Add a table with a header row that is repeated on every page; widths in cm."""
        self.doc.paragraphs[-1].paragraph_format.keep_with_next = True
        table = self.doc.add_table(rows=1, cols=len(head), style="Table Grid")
        table.autofit = False
        for cell, text in zip(table.rows[0].cells, head, strict=True):
            _write(cell, text.get(self.lang), bold=True)
            _shade(cell, "ECE9E2")
        _repeated(table.rows[0])
        for row in rows:
            for cell, words in zip(table.add_row().cells, row, strict=True):
                _write(cell, words)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for row in table.rows:
            _unbroken(row)
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Cm(width)
        self.doc.add_paragraph()
        return table

    def bytes(self) -> bytes:
        out = io.BytesIO()
        self.doc.save(out)
        return out.getvalue()


def _write(cell: Any, words: str, bold: bool = False) -> None:
    run = cell.paragraphs[0].add_run(words)
    run.font.size, run.bold = Pt(9), bold
    cell.paragraphs[0].paragraph_format.space_before = cell.paragraphs[0].paragraph_format.space_after = Pt(2)


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _repeated(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _unbroken(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _opening(page: _Page, facts: Facts) -> None:
    page.doc.add_paragraph(page.say("体检情况简报", "Briefing on the city health check"), "Title")
    line = page.doc.add_paragraph(f"{facts.place.get(page.lang)} · {facts.title.get(page.lang)}")
    line.runs[0].bold = True
    page.text(
        f"快照日期 {day(facts.date).zh}；成文日期 {day(facts.made.isoformat()).zh}。",
        f"Snapshot of {day(facts.date).en}; written on {day(facts.made.isoformat()).en}.",
    )
    if facts.draft:
        page.text(
            "内部草稿：体检结果尚未公布，请勿外传。",
            "Internal draft: the checkup is not published; keep it inside.",
        )


def _state(page: _Page, facts: Facts) -> None:
    page.heading("一、总体情况", "1 How things stand")
    known, n = facts.national["known"], facts.national["all"]
    page.text(
        f"国家体检 {n} 项指标中 {known} 项有值，其中 {facts.national['met']} 项达标、{facts.national['short']} 项未达标；其余 {n - known} 项未知或不适用，原因见体检页面。",
        f"Of the {n} indicators of the national check {known} have a value; {facts.national['met']} meet the standard, {facts.national['short']} do not. The other {n - known} are unknown or do not apply; the checkup says why.",
    )
    rows = [[word("status", status).get(page.lang), str(count)] for status, count in facts.counts]
    page.table([Text("状态", "Status"), Text("指标数", "Indicators")], rows, (5, 4))
    page.note("来源：本次体检，全片区。", "Source: this checkup, the whole quarter.")
    page.doc.add_picture(io.BytesIO(png(facts.picture)), width=Cm(13))
    page.doc.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    page.note(
        "图 1 楼栋状况：每栋按最差一项等级着色；灰色为未知。来源：快照楼栋表（含推算和假设的值）。",
        "Figure 1 Condition: each building by its worst grade; grey is unknown. Source: table of buildings of the snapshot (with imputed and assumed values).",
    )
    legend = page.doc.add_table(rows=1, cols=len(GRADE_COLOURS))
    for cell, (name, colour) in zip(legend.rows[0].cells, GRADE_COLOURS, strict=True):
        _write(cell, name.get(page.lang))
        _shade(cell, colour.lstrip("#"))
        dark = sum(int(colour[i : i + 2], 16) for i in (1, 3, 5)) < 330
        cell.paragraphs[0].runs[0].font.color.rgb = RGBColor(255, 255, 255) if dark else _INK
    page.doc.add_paragraph()


def _listed(page: _Page, head: Sequence[Text], rows: Sequence[Row], widths: Sequence[float]) -> None:
    cells = [[c.get(page.lang) for c in (*row.cells, row.source)] for row in rows]
    page.table([*head, Text("来源", "Source")], cells, widths)


def _findings(page: _Page, facts: Facts) -> None:
    page.heading("二、主要问题", "2 What is wrong")
    page.text(
        f"共发现 {facts.findings_in_all} 处问题，已答复 {facts.answered} 处。下表按严重程度列出前 {len(facts.findings)} 处。",
        f"{facts.findings_in_all} findings, {facts.answered} of them answered. The gravest {len(facts.findings)}:",
    )
    if facts.findings:
        head = [
            Text("状态", "Status"),
            Text("指标", "Indicator"),
            Text("为什么", "Why"),
            Text("答复", "Answer"),
        ]
        _listed(page, head, facts.findings, (1.6, 3, 6.8, 2.2, 2.8))


def _indicators(page: _Page, facts: Facts) -> None:
    page.heading("三、指标", "3 Indicators")
    page.text(
        "只列已知的指标；未知的及其原因见体检页面。",
        "Known indicators only; the unknown stand in the checkup with their reason.",
    )
    head = [
        Text("指标", "Indicator"),
        Text("数值", "Value"),
        Text("标准", "Standard"),
        Text("状态", "Status"),
    ]
    _listed(page, head, facts.indicators, (5.2, 2.6, 2.6, 1.8, 4.2))


def _titles(page: _Page, facts: Facts) -> None:
    page.heading("四、产权", "4 Titles")
    t = facts.titles
    if not t["courtyards"]:
        page.text("本片区没有院落。", "There are no courtyards in this quarter.")
        return
    page.text(
        f"{t['courtyards']} 个院落中 {t['open_courtyards']} 个有产权未清的住房，共 {t['open']} 户（应清 {t['homes']} 户）。",
        f"Of {t['courtyards']} courtyards {t['open_courtyards']} have homes whose title is not clear: {t['open']} of {t['homes']} homes.",
    )
    if facts.gaps:
        head = [
            Text("院落", "Courtyard"),
            Text("未清 / 户数", "Open / homes"),
            Text("缺什么（户）", "What is missing (homes)"),
        ]
        _listed(page, head, facts.gaps, (3, 2.6, 8, 2.8))


def _requests(page: _Page, facts: Facts) -> None:
    page.heading("五、诉求", "5 Requests")
    r = facts.requests
    page.text(
        f"本平台受理 {r['all']} 件；回访未接通 {r['unreached']} 件，退回或重办 {r['reopened']} 件，派单异议 {r['disputed']} 件，延期 {r['extended']} 件。不是官方考评数据。",
        f"{r['all']} requests were taken in here; {r['unreached']} not reached on call-back, {r['reopened']} reopened, {r['disputed']} disputed, {r['extended']} extended. These are no official scores.",
    )


def _sources(page: _Page, facts: Facts) -> None:
    page.heading("六、数据来源与说明", "6 Sources and notes")
    for source in facts.sources:
        page.doc.add_paragraph(source, "List Bullet")
    for note in facts.notes:
        page.doc.add_paragraph(note.get(page.lang), "List Bullet")
    page.note(
        f"快照哈希 {facts.digest}。推算和假设的数在体检页面逐项标明；“假设”指本平台设定、没有来源。",
        f"Hash of the snapshot {facts.digest}. What was imputed or assumed is marked figure by figure in the checkup; “assumed” is this platform's own, without a source.",
    )
