"""``hutong evolve calibrate``: the model held against documented patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hutong.cli.console import cores, err, guarded, language, out, print_json, say
from hutong.text import Text


@guarded
def command(
    city: Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))],
    patterns: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=say("模式文件（默认用自带的）", "patterns (default: those that come with it)"),
        ),
    ] = None,
    jurisdiction: Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))] = "beijing",
    seed: Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))] = 1,
    first: Annotated[
        int, typer.Option(min=200, max=100_000, help=say("第一轮次数", "runs of the first wave"))
    ] = 1000,
    threads: Annotated[int | None, typer.Option(min=1, max=256, show_default=False)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))
    ] = False,
) -> None:
    """Fit the model's main parameters to documented patterns, and predict those held out."""
    from hutong.city import City
    from hutong.evolve.calibrate import calibrate_model
    from hutong.evolve.parameters import parameter_infos
    from hutong.learn import load_patterns
    from hutong.loop import EVOLVED, Settings, rules_for
    from hutong.plan import make_plan
    from hutong.sense import checkup

    snapshot = City.load(city)
    settings = Settings(jurisdiction=jurisdiction, seed=seed)
    rules = rules_for(snapshot, settings)
    scheme = make_plan(snapshot, checkup(snapshot, rules), rules, seed=seed).scheme(EVOLVED)
    err.print(say("· 校准模型：先编译，再分批推演", "· Calibrating: it compiles first, then runs in waves"))
    found = calibrate_model(
        snapshot,
        scheme,
        rules,
        patterns=load_patterns(patterns),
        seed=seed,
        first=first,
        threads=threads or cores(),
    )
    fit = found.fit
    titles = {i.id: i.title for i in parameter_infos()}
    if as_json:
        print_json(
            {
                "runs": fit.runs, "distance": fit.distance, "plausible": fit.plausible,
                "patterns": [
                    {"id": c.pattern.id, "use": c.pattern.use, "value": c.pattern.value, "median": c.median, "low": c.low,
                     "high": c.high, "before": c.before, "inside": c.inside}
                    for c in fit.checks
                ],
                "absent": [p.id for p in found.absent],
                "parameters": [
                    {"id": r.id, "prior": (r.low, r.high), "low": fit.interval(i)[0], "high": fit.interval(i)[1],
                     "narrowed": fit.narrowed[i], "edge": r.id in found.edge}
                    for i, r in enumerate(fit.parameters)
                ],
            }
        )  # fmt: skip
        return
    grid = _grid(
        "模式",
        "pattern",
        "用途",
        "use",
        "文献",
        "documented",
        "模型（90%）",
        "model (90 %)",
        "结论",
        "verdict",
    )
    uses = {"fit": Text("拟合", "fitted"), "hold": Text("预测", "predicted")}
    for c in fit.checks:
        verdict = Text("相符", "agrees") if c.inside else Text("不符", "does not agree")
        grid.add_row(
            c.pattern.title.get(language()), uses[c.pattern.use].get(language()), f"{c.pattern.value:.1%}",
            f"{c.median:.1%} ({c.low:.1%}–{c.high:.1%})", verdict.get(language()),
        )  # fmt: skip
    out.print(grid)
    for p in found.absent:
        out.print(
            say(
                f"○ 本片区或模型没有对应的量：{p.title.zh}",
                f"○ this place or the model has no such thing: {p.title.en}",
            ),
            markup=False,
        )
    out.print(
        say(
            f"先验中 {fit.plausible:.1%} 的推演与全部拟合模式相差三倍离散以内；共 {fit.runs:,} 次。",
            f"{fit.plausible:.1%} of the runs before fitting lie within three spreads of every fitted pattern; {fit.runs:,} runs in all.",
        ),
        markup=False,
    )
    grid = _grid(
        "参数", "parameter", "先验", "prior", "校准后（90%）", "now (90 %)", "收窄", "narrowed", "", ""
    )
    edge = Text("到了范围边缘", "at the edge of its range")
    for i, r in enumerate(fit.parameters):
        low, high = fit.interval(i)
        grid.add_row(
            titles[r.id].get(language()), f"{r.low:g}–{r.high:g}", f"{low:.3g}–{high:.3g}", f"{fit.narrowed[i]:.0%}",
            edge.get(language()) if r.id in found.edge else "",
        )  # fmt: skip
    out.print(grid)


def _grid(*words: str) -> Table:
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for zh, en in zip(words[::2], words[1::2], strict=True):
        grid.add_column(say(zh, en))
    return grid
