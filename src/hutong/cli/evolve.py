"""``hutong evolve``: a scheme run forward on a city (``hutong evolve CITY``), and what can be asked of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hutong.cli import calibrate, experiments, game
from hutong.cli.console import cores, group_with, guarded, print_json, progress, say

app = typer.Typer(
    cls=group_with("run"),
    no_args_is_help=True,
    help=say(
        "推演：evolve CITY 把方案放进模型；其余见下。",
        "The model: evolve CITY runs a scheme forward; what else it answers is listed below.",
    ),
)


@app.command(
    help=say(
        "把方案放进模型推演：有无数字平台、有无协商。",
        "Run a scheme forward: with and without a digital layer and deliberation.",
    )
)
@guarded
def run(
    city: Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))],
    runs: Annotated[
        int, typer.Option(min=2, max=100_000, help=say("每种情景的次数", "runs of each setting"))
    ] = 100,
    months: Annotated[int, typer.Option(min=12, max=1200, help=say("推演月数", "months run forward"))] = 120,
    budget: Annotated[
        float | None,
        typer.Option(
            min=0, help=say("公共资金上限（元）", "limit of public money (yuan)"), show_default=False
        ),
    ] = None,
    jurisdiction: Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))] = "beijing",
    seed: Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))] = 1,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            show_default=False,
            help=say(
                "线程数（默认全部核；不影响结果）", "threads (default: all cores; never changes the result)"
            ),
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))
    ] = False,
) -> None:
    """Run the balanced scheme forward under four settings."""
    from hutong.city import City
    from hutong.cli.show import evolve_data, show_evolve
    from hutong.loop import Settings, run_loop

    snapshot = City.load(city)
    settings = Settings(
        jurisdiction=jurisdiction,
        seed=seed,
        budget=budget,
        runs=runs,
        months=months,
        threads=threads or cores(),
    )
    with progress() as step:
        result = run_loop(snapshot, settings, step).ensemble
    if as_json:
        print_json(evolve_data(result))
    else:
        show_evolve(result)


app.command(
    "game",
    help=say(
        "任意支付表的演化博弈：静止点、特征值、稳定性、路径、有限群体。",
        "An evolutionary game from a pay-off table: rest points, eigenvalues, stability, paths, finite populations.",
    ),
)(game.command)


app.command(
    "experiment",
    help=say(
        "向模型提问：levers 做法、claims 论断、sensitivity 敏感性、policy 政策、tipping 拐点、early-warning 预警。",
        "Ask the model: levers, claims, sensitivity, policy, tipping, early-warning.",
    ),
)(experiments.experiment)

app.command(
    "calibrate",
    help=say(
        "用有据可查的数字校准模型：哪些参数与之相符，又能预测什么。",
        "The model held against documented figures: which parameters agree, and what it then predicts.",
    ),
)(calibrate.command)
