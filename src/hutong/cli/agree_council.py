"""``hutong agree menu-form | menu | lottery | draw | verify``: what residents chose, and who is drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hutong.cli.agree import CityPath, Force, Json, Jurisdiction, broken, grid, lines, sheet, wrote
from hutong.cli.agree_rolls import holders_of, text_of
from hutong.cli.console import guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text, percent

if TYPE_CHECKING:
    import pandas as pd

    from hutong.agree import Pool, Quota

app = typer.Typer()

MenuFile = Annotated[Path, typer.Argument(metavar="MENU.yaml", help=say("菜单", "the menu"))]
Holders = Annotated[
    Path | None, typer.Option(metavar="FILE", help="dwelling_id, holder, kind, representative")
]
LotteryFile = Annotated[
    Path, typer.Argument(metavar="LOTTERY.json", help=say("公布的抽签方案", "the published lottery"))
]
SaltFile = Annotated[
    Path,
    typer.Option(
        "--salt",
        metavar="FILE",
        help=say(
            "盐值文件（保密，至少 16 个随机字符）", "file with the secret salt, 16 random characters or more"
        ),
    ),
]


@app.command("menu-form", help=say("印发菜单表：每户一行。", "Make the menu's form, a row per home."))
@guarded
def menu_form(
    city: CityPath,
    menu: MenuFile,
    to: Annotated[Path, typer.Option("--out", metavar="FILE", help=".xlsx / .csv")] = Path("menu.xlsx"),
    holders: Holders = None,
    force: Force = False,
) -> None:
    """Write the form."""
    from hutong.agree import held_back_words, read_menu
    from hutong.agree.menu_forms import menu_book, menu_of, menu_sheet
    from hutong.city import City
    from hutong.files import write_bytes
    from hutong.sense.sheets import csv_bytes, xlsx_bytes

    snapshot = City.load(city)
    book = menu_book(snapshot, holders_of(holders))
    form = menu_sheet(menu_of(snapshot, read_menu(text_of(menu)), book))
    guide = [
        Text("一户一行；选 yes、no、abstain，不选留空。没有作答不算同意。", "A row per home: yes, no, abstain, or blank for no answer. Silence is not consent."),
        Text("填写时间写作 2026-11-23；渠道为 doorstep、paper、online。", "The time is like 2026-11-23; the channel doorstep, paper or online."),
    ]  # fmt: skip
    data = csv_bytes(form) if to.suffix.lower() == ".csv" else xlsx_bytes([form], guide)
    write_bytes(to, data, force=force)
    lines(Text(f"{len(form.rows)} 户；产权待清、未列入 {len(held_back_words(book))} 户。", f"{len(form.rows)} homes; {len(held_back_words(book))} are left out until their titles are cleared."))  # fmt: skip
    wrote(to)


@app.command(
    help=say(
        "点餐计票：每个文件一批；--out 写出供编制方案使用的结果。",
        "Count a menu, a batch per file; --out writes the choices for hutong plan --menu.",
    )
)
@guarded
def menu(
    city: CityPath,
    menu_file: MenuFile,
    forms: Annotated[list[Path], typer.Argument(metavar="FORMS...", help=say("填好的表", "filled forms"))],
    to: Annotated[Path | None, typer.Option("--out", metavar="CHOICES.csv")] = None,
    holders: Holders = None,
    jurisdiction: Jurisdiction = "beijing",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Count the menu."""
    from hutong.agree import MenuAnswers, menu_choices, read_menu, tally_menu, tally_undertakings
    from hutong.agree.menu_forms import menu_book, menu_of, read_menu_forms
    from hutong.city import City
    from hutong.city.text_table import csv_text
    from hutong.files import write_text
    from hutong.loop import Settings, rules_for

    snapshot = City.load(city)
    of = menu_of(snapshot, read_menu(text_of(menu_file)), menu_book(snapshot, holders_of(holders)))
    answers = MenuAnswers()
    for file in forms:
        answers = of.enter(answers, read_menu_forms(file), file.name)
    counts = tally_menu(of, answers, rules_for(snapshot, Settings(jurisdiction=jurisdiction)))
    choices, fees = menu_choices(of, counts), tally_undertakings(of, answers, "estate")
    if to is not None:
        write_text(to, csv_text(choices), force=force)
    if as_json:
        print_json({"tally": counts.to_dict("records"), "choices": choices.to_dict("records"), "undertakings": fees.to_dict("records")})  # fmt: skip
        return
    titles = {i.id: i.title.get(language()) for i in of.items}
    table = grid(
        Text("事项", "item"), Text("对象", "where"), Text("表决人", "heads"), Text("作答", "answered"), Text("同意", "yes"),
        Text("面积占比", "by area"), Text("结果", "result"), Text("还差（户）", "heads short"),
    )  # fmt: skip
    for row in counts.itertuples():
        verdict = say("通过", "passes") if row.passes else say("未通过", "not passed")
        short = "" if row.passes else str(max(row.short_heads, row.quorum_short_heads))
        table.add_row(
            titles[row.item],
            row.object,
            str(row.heads),
            str(row.answered),
            str(row.yes),
            percent(row.support_area),
            verdict,
            short,
        )
    out.print(table)
    for row in fees.itertuples():
        lines(
            Text(
                f"{row.object}：承诺缴纳物业费 {percent(row.least, 'zh')}–{percent(row.most, 'zh')}（{row.unknown} 户未答）",
                f"{row.object}: undertake to pay property fees {percent(row.least)}–{percent(row.most)} ({row.unknown} homes did not say)",
            )
        )
    if to is not None:
        wrote(to)


@app.command(
    help=say(
        "编制并公布抽签方案（在种子产生之前）。", "Make the lottery and publish it, before the seed exists."
    )
)
@guarded
def lottery(
    pool: Annotated[Path, typer.Argument(metavar="POOL", help="id, …")],
    quotas: Annotated[Path, typer.Argument(metavar="QUOTAS", help="category, value, least, most")],
    size: Annotated[int, typer.Option(min=1, help=say("席位", "seats"))],
    salt: SaltFile,
    to: Annotated[Path, typer.Option("--out", metavar="LOTTERY.json")] = Path("lottery.json"),
    force: Force = False,
) -> None:
    """Publish a lottery."""
    from hutong.agree import Selection, fair_lottery, publish_lottery
    from hutong.files import write_text

    selection = Selection(_pool(pool), size, _quotas(sheet(quotas)))
    fair = fair_lottery(selection)
    published = publish_lottery(fair, text_of(salt).strip())
    write_text(to, published.text(), force=force)
    lines(
        fair.certificate.text(),
        Text(f"公布前请记下：SHA-256 {published.hash}", f"Publish with its SHA-256: {published.hash}"),
        Text("之后再取公开种子（如指定日期的彩票号码），用 hutong agree draw 抽签。", "Then take the public seed (such as the lottery numbers of a date named in advance) and draw with hutong agree draw."),
    )  # fmt: skip
    wrote(to)


def _pool(file: Path) -> Pool:
    from hutong.agree import Pool

    return Pool.from_table(sheet(file))


def _quotas(table: pd.DataFrame) -> tuple[Quota, ...]:
    from hutong.agree import Quota

    needed = ("category", "value", "least", "most")
    rows = [f"column {c} is missing" for c in needed if c not in table]
    found = []
    for at, row in enumerate(table.to_dict("records") if not rows else [], start=2):
        try:
            found.append(Quota(str(row["category"]), str(row["value"]), int(row["least"]), int(row["most"])))
        except (TypeError, ValueError):
            rows.append(f"row {at}: least {row['least']!r}, most {row['most']!r}")
    if rows:
        raise broken(Text("名额表不合格。", "The quotas do not fit."), rows, Text("需要列 category、value、least、most（整数）。", "It has category, value, least and most (whole numbers)."))  # fmt: skip
    return tuple(found)


@app.command(help=say("按公开种子抽签。", "Draw by the public seed."))
@guarded
def draw(
    lottery_file: LotteryFile,
    seed: Annotated[str, typer.Option(help=say("公开种子", "the public seed"))],
    to: Annotated[Path, typer.Option("--out", metavar="DRAW.json")] = Path("draw.json"),
    pool: Annotated[
        Path | None,
        typer.Option(metavar="POOL", help=say("候选人名单（仅组织者）", "the pool, for the organiser alone")),
    ] = None,
    salt: Annotated[Path | None, typer.Option("--salt", metavar="FILE")] = None,
    force: Force = False,
) -> None:
    """Draw a panel."""
    from hutong.agree import PublishedLottery, draw_ticket, panel_members
    from hutong.files import write_text

    published = PublishedLottery.read(text_of(lottery_file))
    drawn = draw_ticket(published, seed)
    body = {
        "lottery_hash": drawn.lottery_hash,
        "seed": drawn.seed,
        "ticket": drawn.ticket,
        "panel": list(drawn.panel),
    }
    write_text(to, json.dumps(body, ensure_ascii=False, indent=1) + "\n", force=force)
    lines(
        Text(f"抽中第 {drawn.ticket} 号签，成员编号：{'、'.join(map(str, drawn.panel))}", f"Ticket {drawn.ticket}, members by number: {', '.join(map(str, drawn.panel))}")
    )  # fmt: skip
    if pool is not None and salt is not None:
        names = panel_members(_pool(pool), text_of(salt).strip(), drawn.panel)
        lines(Text(f"即：{'、'.join(names)}", f"They are: {', '.join(names)}"))
    wrote(to)


@app.command(help=say("核验抽签：按公布内容重算一遍。", "Check a draw: repeat it from what was published."))
@guarded
def verify(
    lottery_file: LotteryFile,
    draw_file: Annotated[
        Path, typer.Argument(metavar="DRAW.json", help=say("公布的结果", "the published draw"))
    ],
) -> None:
    """Verify a draw; exit 1 if something does not hold."""
    from hutong.agree import Draw, PublishedLottery, verify_draw

    published = PublishedLottery.read(text_of(lottery_file))
    try:
        body = json.loads(text_of(draw_file))
        drawn = Draw(
            body["lottery_hash"], body["seed"], int(body["ticket"]), tuple(int(n) for n in body["panel"])
        )
    except (ValueError, KeyError, TypeError) as caught:
        raise HutongError(
            "bad-draw", Text(f"{draw_file.name} 不是抽签结果。", f"{draw_file.name} is no draw."), Text("请重新获取公布的文件。", "Fetch the published file again.")
        ) from caught  # fmt: skip
    failures = verify_draw(published, drawn)
    lines(
        *(
            failures
            or (
                Text(
                    "核验无误：结果由公布的方案和种子唯一确定。",
                    "All holds: the result follows from the published lottery and the seed alone.",
                ),
            )
        )
    )
    if failures:
        raise typer.Exit(1)
