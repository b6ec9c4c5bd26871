"""``hutong evolve experiment NAME CITY``: a question put to the model, with its table, chart and plain answer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from hutong.cli.console import cores, err, guarded, out, progress, say
from hutong.text import Text

NAMES = "levers, claims, sensitivity, policy, tipping, early-warning"


@guarded
def experiment(
    name: Annotated[str, typer.Argument(metavar="NAME", help=NAMES)],
    city: Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))],
    to: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help=say("结果文件夹（默认 CITY-NAME）", "folder (default CITY-NAME)")
        ),
    ] = None,
    runs: Annotated[
        int, typer.Option(min=2, max=100_000, help=say("每种情景的次数", "runs of each setting"))
    ] = 40,
    months: Annotated[int, typer.Option(min=24, max=1200, help=say("推演月数", "months run forward"))] = 120,
    budget: Annotated[
        float | None,
        typer.Option(
            min=0, help=say("公共资金上限（元）", "limit of public money (yuan)"), show_default=False
        ),
    ] = None,
    jurisdiction: Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))] = "beijing",
    seed: Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))] = 1,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:PORT",
            show_default=False,
            help=say("Dask 调度器（默认本机线程）", "Dask scheduler (default: threads here)"),
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            show_default=False,
            help=say("线程数（不影响结果）", "threads (never change the result)"),
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help=say("接着上次停下处继续", "take up what was stopped"))
    ] = False,
) -> None:
    """Ask the model; write the table, a page with the chart, the runs and their recipe."""
    from hutong.city import City
    from hutong.evolve.cluster import Cluster
    from hutong.evolve.experiments import Bench, experiment_named
    from hutong.loop import EVOLVED, Settings, rules_for
    from hutong.plan import make_plan
    from hutong.report.experiments import write_experiment
    from hutong.sense import checkup

    ask = experiment_named(name)
    folder = to or Path(f"{city.resolve().name}-{name}")
    begun = time.monotonic()
    with progress() as step:
        step(0, 1, Text("正在编制方案", "Making the scheme"))
        snapshot = City.load(city)
        rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
        plan = make_plan(snapshot, checkup(snapshot, rules), rules, seed=seed, budget=budget, progress=step)
        bench = Bench(
            snapshot, plan.scheme(EVOLVED), rules, runs, months, seed,
            Cluster(cluster) if cluster else None, threads or cores(), folder, resume, step,
        )  # fmt: skip
        try:
            result = ask(bench)
        except KeyboardInterrupt:
            err.print(
                say(
                    f"已停止；已完成的推演保存在 {folder}，加 --resume 继续。",
                    f"Stopped; finished runs are kept in {folder}. Add --resume to go on.",
                ),
                markup=False,
            )
            raise typer.Exit(130) from None
    write_experiment(folder, result)
    for line in result.answer:
        out.print(say(line.zh, line.en), markup=False, soft_wrap=True)
    err.print(say(f"用时 {time.monotonic() - begun:.0f} 秒", f"took {time.monotonic() - begun:.0f} s"))
    out.print(say(f"已写入 {folder}", f"Wrote {folder}"), markup=False, soft_wrap=True)
