"""``hutong plan pareto | prices | units``: what one benefit costs in another, what limits are worth, and renewal units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hutong.cli.console import err, guarded, language, out, print_json, progress, say
from hutong.cli.plan_ask import (
    Budget,
    CityPath,
    File,
    Json,
    Jurisdiction,
    Mode,
    Seed,
    asked_question,
    split_budget,
    study_of,
    with_money,
)
from hutong.text import Text, number, percent, yuan

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()


@app.command(
    help=say(
        "四项效益之间的权衡：互不占优的一组方案。",
        "What one benefit costs in another: schemes none of which another beats.",
    )
)
@guarded
def pareto(
    city: CityPath,
    budget: Budget = None,
    levels: Annotated[int, typer.Option(min=2, max=9, help=say("每项效益的档数", "floors per benefit"))] = 3,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    page: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.html", help=say("写成一页图表", "write a page with a chart")),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the trade-off between benefits."""
    from hutong.files import already_there, write_text
    from hutong.plan import BENEFITS
    from hutong.plan import pareto as trade_off

    if page is not None and page.exists() and not force:
        raise already_there(page)
    with progress() as step:
        study = study_of(city, jurisdiction, seed, step)
        found = trade_off(study, split_budget(budget), levels, step)
    if page is not None:
        from hutong.report.pareto_page import pareto_page

        write_text(page, pareto_page(found), force=force)
        err.print(say(f"已写入 {page}", f"Wrote {page}"), markup=False, soft_wrap=True)
    proof = found.certificate
    if as_json:
        print_json(
            {
                "points": found.points.to_dict("records"), "ideal": dict(found.ideal), "nadir": dict(found.nadir),
                "budget": dict(found.budget), "solves": proof.solves, "infeasible": proof.infeasible, "open": proof.open,
                "worst_gap": proof.worst_gap,
            }
        )  # fmt: skip
        return
    lang = language()
    from hutong.plan.pareto import WORDS

    table = Table(box=None, pad_edge=False)
    for name in (
        "",
        *(WORDS[b].get(lang) for b in BENEFITS),
        say("公共资金", "public money"),
        say("证明差距", "gap"),
    ):
        table.add_column(name, justify="right" if name else "left")
    for row in found.points.itertuples():
        shares = [percent(getattr(row, b), lang, 1) for b in BENEFITS]
        table.add_row(row.scheme, *shares, yuan(row.public_yuan, lang), percent(row.gap, lang, 2))
    out.print(table)
    out.print(
        say(
            f"求解 {proof.solves} 次，{proof.infeasible} 组下限不可达，{proof.open} 组未定；最差差距 {percent(proof.worst_gap, 'zh', 2)}。",
            f"{proof.solves} problems solved; {proof.infeasible} sets of floors cannot be reached, {proof.open} left open; worst gap {percent(proof.worst_gap, digits=2)}.",
        ),
        soft_wrap=True,
    )


@app.command(
    help=say(
        "限额的价格：收益下限每 0.1%、经营权每一年、每一元预算；--off 逐项停用政策工具。",
        "What limits are worth: each 0.1 % of the band's floor, each year, each yuan; --instruments: each instrument off.",
    )
)
@guarded
def prices(
    city: CityPath,
    question: File = None,
    mode: Mode = None,
    budget: Budget = None,
    instruments: Annotated[
        bool, typer.Option("--instruments", help=say("逐项停用政策工具", "take each instrument away in turn"))
    ] = False,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Solve again and again, and show the differences."""
    from hutong.plan.shadow import band_steps, money_steps, shadow_prices, what_if, year_steps

    asked = asked_question(question, {"mode": mode, "budget": split_budget(budget)}, [], [])
    with progress() as step:
        study = study_of(city, jurisdiction, seed, step)
        asked = with_money(study, asked)
        if instruments:
            table = what_if(study, asked, progress=step)
        else:
            steps = [*band_steps(study, asked), *year_steps(study, asked), *money_steps(asked)]
            table = shadow_prices(study, asked, steps, step)
    if as_json:
        print_json({"mode": asked.mode, "rows": table.to_dict("records")})
        return
    _show_prices(table, asked.mode)


def _show_prices(table: pd.DataFrame, mode: str) -> None:
    from hutong.plan.question import INSTRUMENTS

    lang = language()
    words = {
        "as_asked": Text("原要求", "as asked"), "band_floor": Text("收益下限", "floor of the band"),
        "concession": Text("经营权年限", "years of concession"), "budget.city": Text("市级预算", "city budget"),
        "budget.district": Text("区级预算", "district budget"), **{k: v for k, v in INSTRUMENTS.items() if k != "concession"},
    }  # fmt: skip

    def worth(value: float) -> str:
        if value != value:
            return say("无方案", "no scheme")
        return yuan(1e6 * value, lang) if mode == "money" else percent(value, lang, 2)

    grid = Table(box=None, pad_edge=False)
    head = (
        say("公共资金现值", "public money, present value") if mode == "money" else say("综合效益", "benefit")
    )
    for i, name in enumerate(
        ("", say("取值", "set to"), head, say("变化", "change"), say("每单位", "per unit"))
    ):
        grid.add_column(name, justify="right" if i else "left")
    for row in table.itertuples():
        title = (
            INSTRUMENTS[row.what]
            if row.unit == "instrument"
            else words.get(row.what, Text(row.what, row.what))
        )
        setting = {
            "0.1 %": percent(row.setting, lang, 1),
            "yuan": yuan(row.setting, lang),
            "instrument": say("停用", "off"),
        }.get(row.unit, number(row.setting, lang) if row.unit else "")
        each = ""
        if row.unit == "yuan" and row.each == row.each:
            each = f"{worth(1e6 * row.each)} / {yuan(1e6, lang)}"
        elif row.unit and row.unit != "instrument":
            each = f"{worth(row.each)} / {row.unit}"
        grid.add_row(
            title.get(lang),
            setting,
            worth(row.value),
            "" if row.what == "as_asked" else worth(row.change),
            each,
        )
    out.print(grid)
    wide = float(table["open"].where(table["unit"] != "yuan").max())
    out.print(
        say(
            f"证明尚未确定的部分最大为 {worth(wide)}。",
            f"What the proofs leave open is at most {worth(wide)}.",
        ),
        soft_wrap=True,
    )


@app.command(help=say("按紧凑均衡划分更新单元。", "Make renewal units, compact and even."))
@guarded
def units(
    city: CityPath,
    count: Annotated[int, typer.Argument(min=1, help=say("单元数", "how many"))],
    uneven: Annotated[
        float,
        typer.Option(min=0, max=1, help=say("户数偏离均值的上限", "how far homes may lie from the mean")),
    ] = 0.35,
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Print units as a question file has them."""
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.plan.objects import gather
    from hutong.plan.renewal_units import make_units
    from hutong.sense import checkup

    snapshot = City.load(city)
    rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
    objects = gather(snapshot, checkup(snapshot, rules), rules)
    of = make_units(snapshot, objects, count, uneven)
    found: dict[str, list[str]] = {}
    for place, unit in sorted(of.items()):
        found.setdefault(unit, []).append(place)
    if as_json:
        print_json({"units": found})
        return
    out.print("units:", markup=False)
    homes = {p: float(objects["dwellings"][objects.row_of_id[p]]) for p in of}
    for unit, places in sorted(found.items()):
        total = number(sum(homes[p] for p in places), language())
        out.print(
            f"  {unit}: [{', '.join(places)}]  # {total} {say('户', 'homes')}", markup=False, soft_wrap=True
        )
