"""``hutong act contract | returns | assets``: what was agreed on operation, what was reported, what must be kept up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from hutong.cli import money_plan
from hutong.cli.act import On, day
from hutong.cli.agree import Force, Json, Jurisdiction, grid, lines, sheet, wrote
from hutong.cli.agree_rolls import text_of
from hutong.cli.console import guarded, language, out, print_json, say
from hutong.text import Text, yuan

app = typer.Typer()


@app.command(help=say("由方案生成经营合同：条款、计划收支。", "Draw the contract of a scheme: clauses and planned payments."))  # fmt: skip
@guarded
def contract(
    city: money_plan.CityPath,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.json", help=say("写到哪里", "where to"))
    ],
    first_year: Annotated[int, typer.Option(min=1950, max=2200, help=say("动工年份", "year in which works begin"))],
    name: Annotated[str, typer.Option(help=say("合同编号", "id of the contract"))] = "contract-1",
    scheme: money_plan.SchemeId = "balanced",
    budget: money_plan.Budget = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: money_plan.Seed = 1,
    assets: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help=say("另写资产清册", "write the assets too"))
    ] = None,
    force: Force = False,
) -> None:  # fmt: skip
    """Write a contract."""
    from hutong.act.contracts import asset_table, assets_of, contract_text, draw_contract
    from hutong.city.text_table import csv_text
    from hutong.files import write_text

    plan, rules = money_plan.planned(city, jurisdiction, budget, seed)
    found = money_plan.chosen(plan, scheme, rules)
    terms = draw_contract(found, rules, name, first_year)
    write_text(output, contract_text(terms), force=force)
    lines(*terms.clauses)
    wrote(output)
    if assets is not None:
        table = asset_table(assets_of(found, plan.measures, dt.date(first_year + 2, 1, 1)))
        write_text(assets, csv_text(table), force=force)
        wrote(assets)


@app.command(
    help=say("按报送核对微利区间：分享多少、可延长几年。", "Hold returns to the micro-profit band: what is shared, how many years are added.")
)  # fmt: skip
@guarded
def returns(
    file: Annotated[Path, typer.Argument(metavar="CONTRACT.json", help=say("合同", "the contract"))],
    table: Annotated[Path, typer.Argument(metavar="RETURNS", help=say("报送（CSV/.xlsx）", "returns (CSV/.xlsx)"))],
    on: On = None,
    added: Annotated[int, typer.Option(min=0, max=60, help=say("已延长年数", "years added so far"))] = 0,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Watch a contract."""
    from hutong.act.contracts import band_lines, read_contract, read_returns, watch

    terms = read_contract(text_of(file))
    found = watch(terms, read_returns(sheet(table)), day(on).year, added)
    if as_json:
        print_json(
            {
                "contract": terms.contract, "standing": found.standing, "missing": list(found.missing),
                "npv_low": found.npv_low, "npv_high": found.npv_high, "irr": found.irr.rate, "irr_flag": found.irr.flag,
                "share_yuan_per_year": found.share, "years_left": found.years_left, "extension_years": found.extension,
                "net": found.net.tolist(), "reported": found.reported.tolist(),
            }
        )  # fmt: skip
        return
    lines(*band_lines(terms, found))


@app.command(
    help=say("资产清册：现值、每年应提留、五年内到期更新。", "The asset register: worth now, to lay by each year, due within years.")
)  # fmt: skip
@guarded
def assets(
    table: Annotated[Path, typer.Argument(metavar="ASSETS", help=say("资产清册（CSV/.xlsx）", "assets (CSV/.xlsx)"))],
    on: On = None,
    years: Annotated[int, typer.Option(min=0, max=50, help=say("看几年内到期", "look so many years ahead"))] = 5,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Show the register on a day."""
    from hutong.act.contracts import read_assets, register
    from hutong.rules import load_rules

    today, rules = day(on), load_rules()
    found = register(read_assets(sheet(table)), today, years)
    if as_json:
        print_json(
            {
                "value_yuan": found.value_yuan, "yearly_yuan": found.yearly_yuan,
                "due": [{"asset": a.id, "ends": str(a.ends())} for a in found.due],
            }
        )  # fmt: skip
        return
    lines(
        Text(
            f"{len(found.assets)} 项，现值 {yuan(found.value_yuan, 'zh')}，每年应提留 {yuan(found.yearly_yuan, 'zh')}。",
            f"{len(found.assets)} assets, worth {yuan(found.value_yuan)}; {yuan(found.yearly_yuan)} to lay by each year.",
        )
    )
    shown = grid(Text("资产", "Asset"), Text("寿命止", "life ends"), Text("保修至", "warranty until"), Text("现值", "worth"))  # fmt: skip
    for a in found.due:
        shown.add_row(a.id, str(a.ends()), str(a.warranty(rules) or "–"), yuan(a.value(today), language()))
    out.print(shown)
