"""``hutong rules checklist``: what a design is asked for the look of the place, and what its answers come to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hutong.cli.console import guarded, language, out, print_json, say
from hutong.text import Text

_VERDICTS = {
    "pass": Text("● 符合", "● passes"),
    "fail": Text("■ 不符合", "■ fails"),
    "unknown": Text("○ 未知", "○ unknown"),
}


def _checklist(
    grade: Annotated[
        str, typer.Option(help="none | traditional | historic | protected", show_default=False)
    ] = "",
    zone: Annotated[str, typer.Option(help="none | control_zone | historic_block", show_default=False)] = "",
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.yaml",
            show_default=False,
            help=say("设计的答复（编号: 答复）", "answers of a design (id: answer)"),
        ),
    ] = None,
    jurisdiction: Annotated[
        str, typer.Option("--jurisdiction", "-j", help=say("适用规则", "whose rules hold"))
    ] = "beijing",
    json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))] = False,
) -> None:
    """Print the checklist for a heritage grade and zone, or judge a design by its answers."""
    from hutong.cli.show import grid_of
    from hutong.rules import checklist, judge, load_rules
    from hutong.rules.reading import Reader, open_law

    rules = load_rules(jurisdiction)
    items = checklist(grade, zone, rules)
    told: dict[str, Any] = {}
    if answers is not None:
        raw, lines = open_law(answers)
        reader = Reader(answers, lines)
        told = reader.mapping(raw, (), "a mapping of question to answer")
        reader.done()
    judged = judge(items, told, rules)
    if json:
        print_json(
            [
                {
                    "id": j.item.id, "about": j.item.about, "ask": j.item.ask, "why": j.item.why, "expect": dict(j.item.expect),
                    "answer": j.answer, "verdict": j.verdict, "source": j.item.authority.source,
                    "article": j.item.authority.article, "confidence": j.item.authority.confidence,
                }
                for j in judged
            ]
        )  # fmt: skip
        return
    lang = language()
    grid = grid_of(
        ("id", "left"),
        (say("问", "asked"), "left"),
        (say("为何", "why"), "left"),
        (say("依据", "source"), "left"),
        *([(say("结果", "verdict"), "left")] if answers is not None else []),
    )
    for j in judged:
        about = j.item.authority
        source = f"{about.source} {about.article}".strip() or say("假设", "assumption")
        row = [j.item.id, j.item.ask.get(lang), j.item.why.get(lang), f"{source} ({about.confidence})"]
        grid.add_row(*row, *([_VERDICTS[j.verdict].get(lang)] if answers is not None else []))
    out.print(grid)
    counts = {v: sum(j.verdict == v for j in judged) for v in _VERDICTS}
    if answers is not None:
        out.print("  ".join(f"{_VERDICTS[v].get(lang)} {n}" for v, n in counts.items()), markup=False)


command = guarded(_checklist)
HELP = say(
    "风貌清单：按保护等级和范围列出设计要答的问题，或按答复判定。",
    "The look of the place: what a design is asked by grade and zone, or what its answers come to.",
)
