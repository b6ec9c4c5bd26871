"""``hutong learn``: what works did, what is believed now, how forecasts did."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hutong.cli.console import guarded, language, out, print_json, say
from hutong.files import write_bytes, write_text
from hutong.text import Text

app = typer.Typer(
    no_args_is_help=True, help=say("反馈：评估、经验、预测得分。", "Feedback: evaluation, lessons, scores.")
)

Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]


@app.command(
    help=say(
        "前后两次快照和实施记录：承诺了什么、做到什么、花了多少、谁受益、下一轮改什么。",
        "Two snapshots and the record of works: what was promised, what came, what it cost, who gained, what to change.",
    )
)
@guarded
def evaluate(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help=say("较早的快照", "the earlier snapshot"))],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help=say("较晚的快照", "the later snapshot"))],
    works: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help=say("实施记录（CSV 或 .xlsx）", "the record of works (CSV or .xlsx)")
        ),
    ],
    earlier: Annotated[
        Path | None,
        typer.Option(
            metavar="CITY",
            help=say("更早的快照，用来检验可比性", "a snapshot still earlier, to test the comparison"),
        ),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", metavar="HTML", help=say("写成一页报告", "write it as one page"))
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            "--lessons",
            metavar="CSV",
            help=say(
                "写出经验表，由人逐条采纳或不采纳，再交给 hutong plan --lessons",
                "write the lessons for a person to accept or refuse; hutong plan --lessons then uses them",
            ),
        ),
    ] = None,
    jurisdiction: Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))] = "beijing",
    as_json: Json = False,
    force: Annotated[
        bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))
    ] = False,
) -> None:
    """Evaluate what was done between two snapshots."""
    from hutong.city import City
    from hutong.city.text_table import csv_text
    from hutong.learn import evaluate as evaluate_works
    from hutong.learn import lessons_record, read_works
    from hutong.plan import load_measures
    from hutong.report.evaluation import render_evaluation
    from hutong.rules import load_rules

    first, last = City.load(before), City.load(after)
    measures = {m.id: m for m in load_measures()}
    done = read_works(works, set(first["buildings"]["building_id"]), set(measures))
    rules = load_rules(jurisdiction, dt.date.fromisoformat(last.meta.date))
    found = evaluate_works(
        first,
        last,
        done,
        tuple(measures.values()),
        rules,
        earlier=None if earlier is None else City.load(earlier),
    )
    if to is not None:
        write_text(to, render_evaluation(found, measures, last.meta.title), force=force)
    if record is not None:
        table = lessons_record(found.lessons, f"{found.start}/{found.end}")
        write_bytes(record, csv_text(table).encode("utf-8-sig"), force=force)
    if as_json:
        names = ("works", "effects", "gains", "lessons")
        print_json(
            {
                "from": found.start, "to": found.end, "summary": list(found.summary()),
                **{name: getattr(found, name).to_dict("records") for name in names},
                "changes": found.changes[found.changes["scale"] == "quarter"].to_dict("records"),
            }
        )  # fmt: skip
        return
    for line in found.summary():
        out.print(f"· {line.get(language())}", markup=False)
    if to is not None:
        out.print(say(f"已写入 {to}", f"Wrote {to}"), markup=False, soft_wrap=True)


@app.command(
    help=say(
        "给以前的预测打分：CSV 列 id、mean、sd、reference_mean、reference_sd、outcome（未知留空）。",
        "Score earlier forecasts: a CSV with id, mean, sd, reference_mean, reference_sd, outcome (blank: not known yet).",
    )
)
@guarded
def score(
    record: Annotated[Path, typer.Argument(metavar="FILE", help=say("预测记录", "the record of forecasts"))],
    as_json: Json = False,
) -> None:
    """Score a record of forecasts."""
    from hutong.learn.record import score_record

    found, held = score_record(record)
    if as_json:
        print_json(
            {
                "score": found.score, "reference": found.reference, "skill": found.skill, "low": found.low, "high": found.high,
                "forecasts": found.forecasts, "waiting": found.waiting,
                "calibration": [
                    {"stated": s, "inside": i, "low": a, "high": b}
                    for s, i, a, b in zip(held.stated, held.inside, held.low, held.high, strict=True)
                ],
            }
        )  # fmt: skip
        return
    out.print(_skill_words(found.skill, found.low, found.high).get(language()), markup=False)
    out.print(
        say(
            f"已有结果 {found.forecasts} 条，等待 {found.waiting} 条。",
            f"{found.forecasts} have come due, {found.waiting} are waiting.",
        ),
        markup=False,
    )
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for name in (
        say("声称的区间", "interval stated"),
        say("实际落在其中", "outcomes inside"),
        say("95% 区间", "95 % interval"),
    ):
        grid.add_column(name, justify="right")
    for stated, inside, low, high in zip(held.stated, held.inside, held.low, held.high, strict=True):
        grid.add_row(f"{stated:.0%}", f"{inside:.0%}", f"{low:.0%}–{high:.0%}")
    if held.forecasts:
        out.print(grid)


def _skill_words(skill: float, low: float, high: float) -> Text:
    if skill != skill:
        return Text("还没有可以打分的预测。", "No forecast can be scored yet.")
    band_zh = f"（95% 区间 {low:+.0%} 至 {high:+.0%}）" if low == low else "（太少，没有区间）"
    band_en = f" (95 % interval {low:+.0%} to {high:+.0%})" if low == low else " (too few for an interval)"
    if low > 0:
        return Text(f"比参照好 {skill:.0%}{band_zh}。", f"Better than the reference by {skill:.0%}{band_en}.")
    if high < 0:
        return Text(
            f"比参照差 {-skill:.0%}{band_zh}。", f"Worse than the reference by {-skill:.0%}{band_en}."
        )
    return Text(
        f"与参照分不出高下：{skill:+.0%}{band_zh}。",
        f"Not distinguishable from the reference: {skill:+.0%}{band_en}.",
    )
