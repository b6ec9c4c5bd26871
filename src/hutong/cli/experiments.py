"""``hutong evolve experiment NAME CITY``: a question put to the model, with its table, chart and plain answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hutong.cli.console import cores, err, guarded, out, progress, say
from hutong.text import Text

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.plan import Scheme
    from hutong.rules import Rules

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
        int | None,
        typer.Option(
            min=2,
            max=100_000,
            show_default=False,
            help=say(
                "每种情景的次数（默认 40；early-warning 120）",
                "runs of each setting (default 40; early-warning 120)",
            ),
        ),
    ] = None,
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
    from hutong.evolve.experiments import RUNS, Bench, experiment_named
    from hutong.loop import Settings, rules_for
    from hutong.report.experiments import write_experiment

    ask = experiment_named(name)
    folder = to or Path(f"{city.resolve().name}-{name}")
    begun = time.monotonic()
    with progress() as step:
        snapshot = City.load(city)
        rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
        scheme = _scheme(snapshot, rules, seed, budget, folder, resume, step)
        bench = Bench(
            snapshot, scheme, rules, runs or RUNS[name], months, seed,
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


def _scheme(
    city: City,
    rules: Rules,
    seed: int,
    budget: float | None,
    folder: Path,
    resume: bool,
    step: Callable[[int, int, Text], None],
) -> Scheme:
    """Return the scheme that the runs are of, kept in the folder.

    A search may end elsewhere on a busy machine, where its time limit comes first; what was begun goes on with the scheme
    that it began with.
    """
    from hutong.evolve.store import RECIPE
    from hutong.files import write_text
    from hutong.loop import EVOLVED
    from hutong.plan.document import document_of
    from hutong.plan.document_file import read_scheme, to_yaml
    from hutong.plan.schemes import budget_by_payer, plan_of
    from hutong.plan.studio import Studio
    from hutong.plan.study import Study
    from hutong.sense import checkup

    path = folder / f"scheme-{seed}-{'any' if budget is None else f'{budget:.0f}'}.yaml"
    check = checkup(city, rules)
    study = Study.of(city, check, rules, seed, step, steps=6)
    if resume and path.exists():
        document = read_scheme(path)
    else:
        solved = plan_of(study, budget_by_payer(budget), step).scheme(EVOLVED)
        document = document_of(
            solved, city=city.meta.name, snapshot=city.meta.date, jurisdiction=rules.jurisdiction
        )
        if not any(folder.rglob(RECIPE)):  # runs in the folder keep the scheme that they are of
            folder.mkdir(parents=True, exist_ok=True)
            write_text(path, to_yaml(document), force=True)
    return Studio(city, check, rules, study.desk).review(document).scheme
