"""``hutong rules``: what the law says, where it comes from, how places and dates differ, and what can follow."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from hutong.cli import checklist
from hutong.cli.console import err, guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "查阅规则：数值、依据、差异、程序、政策工具。",
        "Read the rules: figures, sources, differences, procedures, instruments.",
    ),
)

On = Annotated[
    dt.datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        show_default=False,
        help=say(
            "哪一天的规则（默认为核对日）", "rules of which day (default: the day they were last checked)"
        ),
    ),
]
Jurisdiction = Annotated[str, typer.Option("--jurisdiction", "-j", help=say("适用规则", "whose rules hold"))]
Extra = Annotated[
    Path | None,
    typer.Option(
        "--extra",
        metavar="FILE",
        show_default=False,
        help=say("叠加本地规则文件", "lay your own rule file over it"),
    ),
]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]

_CONFIDENCE = {
    "D": Text("已读原文", "read in a document"),
    "D-": Text("出处较弱", "weak source"),
    "K": Text("通行说法", "commonly known"),
    "U": Text("假设", "assumption"),
}
_WHAT = {
    "added": Text("新增", "added"),
    "gone": Text("没有", "gone"),
    "value": Text("数值不同", "value"),
    "basis": Text("口径不同", "basis"),
    "source": Text("依据不同", "source"),
}


def _day(on: dt.datetime | None) -> dt.date | None:
    return None if on is None else on.date()


def _plain(p: Any) -> dict[str, Any] | None:
    """Return a parameter as data: an exact share as text, so that nothing is rounded."""
    if p is None:
        return None
    exact = p.value if isinstance(p.value, bool | int | float | str) else str(p.value)
    return {
        "id": p.id, "title": p.title, "value": exact, "unit": p.unit, "basis": p.basis, "population": p.population,
        "source": p.source, "article": p.article, "in_force": str(p.in_force), "confidence": p.confidence,
        "assumption": p.assumed, "jurisdiction": p.jurisdiction, "note": p.note,
    }  # fmt: skip


def _value(p: Any) -> str:
    from hutong.rules.procedure_page import value_words

    return value_words(p, language())


def _grid(*heads: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head == "id")
    return table


@app.command(
    help=say("列出规则；可给编号或其前缀（如 vote）。", "List rules, all or those of a prefix such as vote.")
)
@guarded
def show(
    prefix: Annotated[str, typer.Argument(metavar="[ID|PREFIX]")] = "",
    on: On = None,
    jurisdiction: Jurisdiction = "beijing",
    extra: Extra = None,
    json: Json = False,
) -> None:
    """Print the parameters that hold."""
    from hutong.rules import counts, load_rules, select

    rules = load_rules(jurisdiction, _day(on), extra)
    found = select(rules, prefix)
    if json:
        print_json(
            {"jurisdiction": rules.jurisdiction, "on": str(rules.on), "rules": [_plain(p) for p in found]}
        )
        return
    out.print(f"[bold]{escape(rules.title.get(language()))}[/] · {rules.on}")
    table = _grid(
        "id", say("名称", "title"), say("数值", "value"), say("依据", "source"), say("可信度", "confidence")
    )
    for p in found:
        source = f"{p.source} {p.article}".strip() or (p.note.get(language()) if p.note else "")
        table.add_row(p.id, p.title.get(language()), _value(p), source, p.confidence)
    out.print(table)
    n = counts(rules)
    out.print(
        say(
            f"共 {len(rules)} 项，{n.sourced} 项有依据，{n.assumed} 项为假设；本次列出 {len(found)} 项。",
            f"{len(rules)} rules: {n.sourced} with a source, {n.assumed} assumptions; {len(found)} listed.",
        )
    )


@app.command(
    help=say(
        "说明一项规则：数值、依据、继承与改写。",
        "Explain a rule: value, source, inheritance, who overrides it.",
    )
)
@guarded
def explain(
    rule: Annotated[str, typer.Argument(metavar="ID")],
    on: On = None,
    jurisdiction: Jurisdiction = "beijing",
    extra: Extra = None,
    json: Json = False,
) -> None:
    """Print everything that is known of one parameter."""
    from hutong.rules import explain as explain_rule

    told = explain_rule(rule, jurisdiction, _day(on), extra)
    if json:
        print_json(_explained(told))
        return
    lang, p = language(), told.parameter
    out.print(f"[bold]{escape(told.title.get(lang))}[/] · {told.id} · {told.on}")
    if p is None:
        out.print(
            say(
                f"当日没有有效的数值；最早施行于 {told.since}。",
                f"Nothing holds on that day; the first does on {told.since}.",
            )
        )
    else:
        basis = " · ".join(x for x in (p.basis, p.population) if x)
        rows = (
            (say("数值", "value"), _value(p)),
            (say("单位", "unit"), p.unit),
            (say("口径", "basis"), basis or "–"),
            (say("依据", "source"), f"{p.source} {p.article}".strip() or "–"),
            (say("施行", "in force"), str(p.in_force)),
            (say("可信度", "confidence"), f"{p.confidence} {_CONFIDENCE[p.confidence].get(lang)}"),
            (say("说明", "note"), p.note.get(lang) if p.note else "–"),
        )
        table = _grid("", "")
        for row in rows:
            table.add_row(*row)
        out.print(table)
    table = _grid(say("继承链", "chain"), say("自", "from"), say("数值", "value"), say("依据", "source"), "")
    for s in told.statements:
        for v in s.values:
            mark = "●" if s.decides and v is s.held else ""
            value = say("终止", "ended") if v.value is None else str(v.value)
            table.add_row(
                s.title.get(lang),
                str(v.since),
                value,
                f"{v.source} {v.article}".strip() or v.confidence,
                mark,
            )
    out.print(table)
    for o in told.overridden_by:
        out.print(
            say(
                f"{o.title.zh}另有规定：{o.value.value}（{o.value.since} 起）",
                f"{o.title.en} says otherwise: {o.value.value} (from {o.value.since})",
            ),
            markup=False,
        )


def _explained(told: Any) -> dict[str, Any]:
    def dated(v: Any) -> dict[str, Any]:
        value = v.value if v.value is None or isinstance(v.value, bool | int | float | str) else str(v.value)
        return {
            "from": str(v.since),
            "value": value,
            "source": v.source,
            "article": v.article,
            "confidence": v.confidence,
        }

    return {
        "id": told.id, "title": told.title, "unit": told.unit, "on": str(told.on), "rule": _plain(told.parameter),
        "since": None if told.since is None else str(told.since),
        "chain": [
            {"jurisdiction": s.jurisdiction, "combine": s.combine, "decides": s.decides, "values": [dated(v) for v in s.values]}
            for s in told.statements
        ],
        "overridden_by": [{"jurisdiction": o.jurisdiction, **dated(o.value)} for o in told.overridden_by],
    }  # fmt: skip


@app.command(
    help=say(
        "比较两地或两日的规则（如 beijing shanghai，或 2024-05-01 2026-01-01）。",
        "Compare two places or two days (beijing shanghai, or 2024-05-01 2026-01-01).",
    )
)
@guarded
def diff(
    a: Annotated[str, typer.Argument(metavar="A")],
    b: Annotated[str, typer.Argument(metavar="B")],
    on: On = None,
    jurisdiction: Jurisdiction = "beijing",
    extra: Extra = None,
    json: Json = False,
) -> None:
    """Print what two books of rules do not share."""
    from hutong.rules import diff as compare

    before, after = (_book(x, _day(on), jurisdiction, extra) for x in (a, b))
    found = compare(before, after)
    if json:
        print_json([{"id": d.id, "what": d.what, "a": _plain(d.before), "b": _plain(d.after)} for d in found])
        return
    table = _grid("id", say("名称", "title"), "", a, b)
    for d in found:
        values = (_value(p) if p is not None else "–" for p in (d.before, d.after))
        table.add_row(d.id, d.title.get(language()), _WHAT[d.what].get(language()), *values)
    out.print(table)
    out.print(say(f"{len(found)} 项不同。", f"{len(found)} differ."))


def _book(name: str, on: dt.date | None, jurisdiction: str, extra: Path | None) -> Any:
    """Return the rules that an argument names: a day of the jurisdiction, or a jurisdiction on the day."""
    from hutong.rules import load_rules

    if not name[:1].isdigit():
        return load_rules(name, on, extra if name == jurisdiction else None)
    try:
        return load_rules(jurisdiction, dt.date.fromisoformat(name), extra)
    except ValueError as caught:
        raise HutongError(
            "bad-date",
            Text(f"{name!r} 不是日期。", f"{name!r} is not a date."),
            Text("请写作 2024-05-01。", "Write it as 2024-05-01."),
        ) from caught


@app.command(
    help=say(
        "显示一种程序（步骤、文件、期限、走向），或写出全部。",
        "Show a procedure (steps, papers, clocks, routes), or write them all.",
    )
)
@guarded
def procedure(
    name: Annotated[str, typer.Argument(metavar="[NAME]")] = "",
    on: On = None,
    jurisdiction: Jurisdiction = "beijing",
    extra: Extra = None,
    write: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            show_default=False,
            help=say("把全部程序写入文件夹", "write all procedures into a folder"),
        ),
    ] = None,
) -> None:
    """Print a procedure as Markdown, list those there are, or write the pages of all."""
    from hutong.files import write_text
    from hutong.rules import load_procedure, load_procedures, load_rules, procedure_page, render_procedure

    rules = load_rules(jurisdiction, _day(on), extra)
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        for key, p in load_procedures(rules).items():
            err.print(str(write_text(write / f"{key}.md", procedure_page(p), force=True)), markup=False)
        return
    if name:
        out.print(render_procedure(load_procedure(name, rules), language()), markup=False, soft_wrap=True)
        return
    table = _grid(say("程序", "procedure"), say("名称", "title"), say("说明", "about"))
    for key, p in load_procedures(rules).items():
        table.add_row(key, p.title.get(language()), p.about.get(language()))
    out.print(table)


@app.command(
    help=say(
        "列出政策工具：限额、作用、未载明之处。",
        "List instruments: limits, effects and what no document gives.",
    )
)
@guarded
def instruments(
    on: On = None, jurisdiction: Jurisdiction = "beijing", extra: Extra = None, json: Json = False
) -> None:
    """Print the instruments that a place has on a day."""
    from hutong.rules import instruments as instruments_of
    from hutong.rules import load_rules

    rules = load_rules(jurisdiction, _day(on), extra)
    found = instruments_of(rules)
    if json:
        print_json([_instrument(i) for i in found])
        return
    lang = language()
    table = _grid(
        "id",
        say("名称", "title"),
        say("限额", "limits"),
        say("作用", "effects"),
        say("未载明", "not documented"),
    )
    for i in found:
        limits = "; ".join(f"{x.parameter.title.get(lang)} {_value(x.parameter)}" for x in i.limits)
        effects = f"{i.area.get(lang)} {i.money.get(lang)} {i.time.get(lang)}"
        table.add_row(i.id, i.title.get(lang), limits, effects, i.gap.get(lang) if i.gap else "")
    out.print(table)


def _instrument(i: Any) -> dict[str, Any]:
    return {
        "id": i.id, "title": i.title, "from": str(i.since), "until": None if i.until is None else str(i.until),
        "stage": i.stage, "when": [{"subject": c.subject, "title": c.title, "fits": list(c.fits)} for c in i.conditions],
        "limits": [{"bound": x.bound, **(_plain(x.parameter) or {})} for x in i.limits],
        "undocumented": list(i.undocumented), "area": i.area, "money": i.money, "time": i.time, "gap": i.gap,
        "source": i.authority.source, "article": i.authority.article, "confidence": i.authority.confidence,
    }  # fmt: skip


app.command("checklist", help=checklist.HELP)(checklist.command)
