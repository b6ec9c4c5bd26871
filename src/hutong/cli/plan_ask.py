"""``hutong plan solve``: questions to the optimiser beyond the three default schemes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hutong.cli.console import err, guarded, language, out, print_json, progress, say
from hutong.text import Text, number, percent, yuan

if TYPE_CHECKING:
    from hutong.plan import Answer, Question, Study

app = typer.Typer()

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
File = Annotated[
    Path | None,
    typer.Option(
        "--question",
        metavar="FILE.yaml",
        help=say("要求文件（见 docs/plan.md）", "question file (docs/plan.md)"),
    ),
]
Mode = Annotated[
    str | None,
    typer.Option(
        help=say("benefit 效益最大 | money 公共资金最少", "benefit: most benefit | money: least money")
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(min=0, help=say("公共资金上限（元）", "limit of public money (yuan)"), show_default=False),
]
Least = Annotated[
    list[str],
    typer.Option(metavar="NAME=SHARE", help=say("须达到的效益，可多次", "benefit to reach; may be repeated")),
]
Off = Annotated[
    list[str],
    typer.Option(
        metavar="INSTRUMENT", help=say("停用的政策工具，可多次", "instrument taken away; may be repeated")
    ),
]
Reason = Annotated[
    list[str],
    typer.Option(
        metavar="RULE=WHY",
        help=say(
            "突破原则性要求及理由，可多次", "limit in principle to pass, with the reason; may be repeated"
        ),
    ),
]
Years = Annotated[
    list[int],
    typer.Option(
        "--years", help=say("经营权年限，可多次（备选）", "years of concession; several: to choose from")
    ),
]
Phases_ = Annotated[
    int | None,
    typer.Option("--phases", min=1, max=15, help=say("分几年实施", "years over which works begin")),
]
Yearly = Annotated[
    float | None,
    typer.Option(min=0, help=say("每年公共资金（元，市区按比例）", "public money in each year (yuan)")),
]
Room = Annotated[
    float | None,
    typer.Option(min=0, help=say("周转房可住户数", "households that can stay elsewhere at once")),
]
Units = Annotated[
    int | None, typer.Option(min=1, help=say("按紧凑均衡划分几个更新单元", "renewal units to make"))
]
Gap = Annotated[
    float | None, typer.Option(min=0, max=1, help=say("相对最优的差距", "relative gap asked for"))
]
Limit = Annotated[
    float | None, typer.Option("--time-limit", min=1, help=say("时限（秒）", "time limit (seconds)"))
]
Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]
Seed = Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]


def study_of(city: Path, jurisdiction: str, seed: int, step: Callable[[int, int, Text], None]) -> Study:
    """Return what the optimiser must know of a snapshot, by the rules of its place."""
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.plan import Study
    from hutong.sense import checkup

    snapshot = City.load(city)
    rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
    return Study.of(snapshot, checkup(snapshot, rules), rules, seed, step)


def _pairs(given: list[str], what: str) -> dict[str, str]:
    from hutong.errors import HutongError

    wrong = [g for g in given if "=" not in g]
    if wrong:
        raise HutongError(
            "bad-option",
            Text(f"{what} 的写法有误：{'、'.join(wrong)}。", f"{what} cannot be read: {', '.join(wrong)}."),
            Text("请写成 名称=值。", "Write NAME=VALUE."),
        )
    return dict(g.split("=", 1) for g in given)


def _number(name: str, value: str) -> float:
    from hutong.errors import HutongError

    try:
        return float(value)
    except ValueError:
        raise HutongError(
            "bad-option",
            Text(f"{name} 不是数字：{value}。", f"{name} is no number: {value}."),
            Text("请写小数，如 0.4。", "Write a share such as 0.4."),
        ) from None


def asked_question(
    file: Path | None, changes: dict[str, Any], least: list[str], reason: list[str]
) -> Question:
    """Return the question of a file, with the options of the command laid over it."""
    from hutong.plan import Question
    from hutong.plan.question_file import read_question
    from hutong.rules import Justification

    question = read_question(file) if file is not None else Question()
    changes = {k: v for k, v in changes.items() if v is not None}
    if least:
        changes["least"] = {k: _number(k, v) for k, v in _pairs(least, "--least").items()}
    if reason:
        found = _pairs(reason, "--reason").items()
        changes["reasons"] = tuple(Justification(rule, Text(why, why)) for rule, why in found)
    return replace(question, **changes)


def split_budget(budget: float | None) -> dict[str, float] | None:
    """Return a sum of public money (yuan) by payer; nothing given stays nothing."""
    from hutong.plan.schemes import budget_by_payer

    return budget_by_payer(budget)


def _watch(step: Callable[[int, int, Text], None]) -> Callable[[float, float], None]:
    """Return a watcher that says at most once a second how far the search is."""
    last = [0.0]

    def told(value: float, bound: float) -> None:
        now = time.monotonic()
        if now - last[0] < 1.0 or abs(value) > 1e20 or abs(bound) > 1e20:
            return
        last[0] = now
        gap = max(0.0, bound - value) / max(abs(value), 1e-9)
        step(
            0,
            1,
            Text(
                f"已找到方案，尚差 {percent(gap, 'zh', 2)}",
                f"a scheme found, {percent(gap, digits=2)} from the proof",
            ),
        )

    return told


def with_money(study: Study, question: Question) -> Question:
    """Return the question with the assumed budget where it asks for most benefit and names no money."""
    from hutong.plan.pareto import assumed_budget

    yearly = question.phases is not None and question.phases.budgets
    if question.mode != "benefit" or question.budget or yearly:
        return question
    budget = assumed_budget(study)
    total = sum(budget.values())
    err.print(
        say(
            f"未给定预算：按假设的公共预算 {yuan(total, 'zh')} 计算。",
            f"No budget was given: an assumed public budget of {yuan(total)} is used.",
        ),
        markup=False,
    )
    return replace(question, budget=budget)


def _solution(
    study: Study, question: Question, units: int | None, step: Callable[[int, int, Text], None]
) -> Answer:
    from hutong.plan import optimise
    from hutong.plan.renewal_units import make_units

    if units is not None:
        question = replace(question, units=make_units(study.desk.city, study.desk.options.objects, units))
    return optimise(study, with_money(study, question), watch=_watch(step), keep_best=True)


@app.command(
    help=say(
        "按要求求解一个方案：模式、分年、单元、停用工具；Ctrl-C 给出已找到的最好方案。",
        "One scheme for a question: mode, years, units, instruments off. Ctrl-C gives the best found.",
    )
)
@guarded
def solve(
    city: CityPath,
    question: File = None,
    mode: Mode = None,
    budget: Budget = None,
    least: Least = [],  # noqa: B006 (typer reads it)
    off: Off = [],  # noqa: B006
    reason: Reason = [],  # noqa: B006
    years: Years = [],  # noqa: B006
    phases: Phases_ = None,
    yearly: Yearly = None,
    room: Room = None,
    units: Units = None,
    gap: Gap = None,
    time_limit: Limit = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Answer a question."""
    from hutong.plan import Phases

    changes: dict[str, Any] = {
        "mode": mode, "budget": split_budget(budget), "off": frozenset(off) or None, "years": tuple(years) or None, "gap": gap,
        "time_limit": time_limit, "balance": "unit" if units is not None else None,
        "phases": Phases(phases, split_budget(yearly) or {}, room) if phases is not None else None,
    }  # fmt: skip
    asked = asked_question(question, changes, least, reason)
    with progress() as step:
        study = study_of(city, jurisdiction, seed, step)
        step(0, 1, Text("求解", "Solving"))
        answer = _solution(study, asked, units, step)
    if as_json:
        print_json(answer_data(answer))
        return
    show_answer(answer)


def answer_data(answer: Answer) -> dict[str, Any]:
    """Return an answer for a script."""
    from hutong.cli.show import plan_data
    from hutong.plan import Plan

    scheme = plan_data(Plan((answer.scheme,), (), answer.scheme.choices, ()))["schemes"][0]
    return {
        "scheme": scheme,
        "justified": [
            {"rule": v.rule, "message": v.message, "reason": j.reason} for v, j in answer.report.justified
        ],
        "starts": dict(answer.starts),
        "moved": answer.moved.to_dict("records"),
        "units": answer.units.to_dict("records"),
    }


def show_answer(answer: Answer) -> None:
    """Print the scheme, its years, units and transfers, and the proof."""
    from hutong.cli.show import show_plan
    from hutong.plan import Plan

    lang, proof = language(), answer.scheme.certificate
    if proof.status in ("stopped", "time_limit"):
        words = Text("已停止", "Stopped") if proof.status == "stopped" else Text("时限已到", "The time is up")
        err.print(
            say(
                f"{words.zh}：以下是已找到的最好方案，距最优不超过 {percent(proof.gap, 'zh', 2)}。",
                f"{words.en}: this is the best scheme found; no scheme is more than {percent(proof.gap, digits=2)} better.",
            ),
            markup=False,
        )
    show_plan(Plan((answer.scheme,), (), answer.scheme.choices, ()))
    for found, given in answer.report.justified:
        out.print(f"· {found.message.get(lang)} ({given.reason.get(lang)})", markup=False, soft_wrap=True)
    if len(set(answer.starts.values())) > 1:
        count: dict[int, int] = {}
        for year in answer.starts.values():
            count[year] = count.get(year, 0) + 1
        for year, objects in sorted(count.items()):
            out.print(
                say(
                    f"· 第 {year + 1} 年开工 {objects} 处",
                    f"· year {year + 1}: works begin at {objects} places",
                )
            )
    for row in answer.moved.itertuples():
        size = yuan(row.amount, lang) if row.kind == "support" else f"{number(row.amount, lang)} m²"
        per = say("/年", " a year") if row.kind == "support" else ""
        out.print(f"· {row.giver} → {row.taker}: {size}{per} ({row.approval})", markup=False, soft_wrap=True)
    for row in answer.units.itertuples():
        if row.reserve_m2 >= 0.5:
            out.print(
                say(
                    f"· {row.unit or '全片区'}：使用市级建筑规模指标 {number(row.reserve_m2, 'zh')} m²",
                    f"· {row.unit or 'the quarter'}: draws {number(row.reserve_m2)} m² of the city's floor-area reserve",
                )
            )
    if len(answer.units) > 1:
        for row in answer.units.itertuples():
            rate = percent(row.operator_irr, lang, 2) if row.operator_irr == row.operator_irr else "–"
            out.print(
                say(
                    f"· {row.unit}：建筑面积 {number(row.floor_before_m2, 'zh')} → {number(row.floor_after_m2, 'zh')} m²，实施主体收益率 {rate}",
                    f"· {row.unit}: floor area {number(row.floor_before_m2)} → {number(row.floor_after_m2)} m², operator's return {rate}",
                ),
                markup=False,
                soft_wrap=True,
            )
