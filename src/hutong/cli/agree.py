"""``hutong agree …``: what people think, what they chose, who must agree and whether they did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from hutong.cli.console import guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text, number

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "同意：意见分组、点单、点餐、议事会、名册、表决、签约、退租。",
        "Agreement: opinions, budgets, menus, councils, rolls, votes, signing, surrender.",
    ),
)

Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
Force = Annotated[bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))]
Seed = Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))]
Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]
CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]


def sheet(path: Path) -> pd.DataFrame:
    """Read a table, CSV or .xlsx, as text."""
    from hutong.sense.requests.sheet import read_sheet

    return read_sheet(path, None)


def lines(*said: Text) -> None:
    """Print sentences in the user's language."""
    for line in said:
        out.print(line.get(language()), markup=False, soft_wrap=True)


def grid(*columns: Text) -> Table:
    """Return a plain table, its first column to the left."""
    table = Table(box=None, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(name.get(language()), justify="left" if i == 0 else "right")
    return table


def wrote(path: Path) -> None:
    """Say where something was written."""
    out.print(say(f"已写入 {path}", f"Wrote {path}"), markup=False, soft_wrap=True)


def broken(what: Text, rows: list[str], hint: Text) -> HutongError:
    """Return the error for rows of a file that do not fit."""
    return HutongError("bad-rows", what, hint, rows)


@app.command(
    help=say(
        "意见分组：谁和谁想法相近，哪些观点是共识。", "Opinion groups: who thinks alike, and what all share."
    )
)
@guarded
def opinions(
    votes: Annotated[
        Path, typer.Argument(metavar="VOTES", help=say("表态（CSV/.xlsx）", "votes (CSV/.xlsx)"))
    ],
    statements: Annotated[Path, typer.Argument(metavar="STATEMENTS", help=say("观点", "the statements"))],
    ask: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help=say("接下来问此人哪几条", "what to ask this person next")),
    ] = None,
    chance: Annotated[
        bool, typer.Option("--chance/--no-chance", help=say("与碰巧分组相比较", "compare with chance"))
    ] = True,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Find opinion groups and tell them in words."""
    from hutong.agree import (
        compare_with_chance,
        describe,
        find_opinions,
        next_statements,
        public_view,
        read_conversation,
    )

    talk = read_conversation(votes, statements)
    found = find_opinions(talk.votes, hidden=talk.hidden, seed=seed)
    beside = compare_with_chance(talk.votes, hidden=talk.hidden, seed=seed) if chance else None
    view = public_view(found)
    following: tuple[Any, ...] = ()
    if ask is not None:
        person = next((p for p in talk.votes.participants.tolist() if str(p) == ask), ask)
        mine = talk.votes.participants[talk.votes.rows] == person
        done = talk.votes.statements[talk.votes.columns[mine]].tolist()
        following = next_statements(found, done, participant=person, count=3, seed=seed)
    if as_json:
        print_json(
            {
                "groups": view.groups.reset_index().to_dict("records"),
                "statements": view.statements.reset_index().to_dict("records"),
                "representative": view.representative.to_dict("records"),
                "silhouette": view.silhouette,
                "chance": None
                if beside is None
                else {
                    "verdict": beside.verdict,
                    "p_shuffled": beside.p_shuffled,
                    "p_scattered": beside.p_scattered,
                    "p_crowded": beside.p_crowded,
                },
                "next": list(following),
            }
        )
        return
    lines(*describe(view, talk.texts, chance=beside))
    for name in following:
        lines(Text(f"接下来问：{talk.texts.get(name, name)}", f"Ask next: {talk.texts.get(name, name)}"))


@app.command(
    help=say(
        "观点里可能重复的，以及待看的先后。", "Statements that may say the same, and which to read first."
    )
)
@guarded
def statements(
    file: Annotated[
        Path,
        typer.Argument(metavar="STATEMENTS", help=say("观点（CSV/.xlsx）", "the statements (CSV/.xlsx)")),
    ],
    as_json: Json = False,
) -> None:
    """List likely duplicates."""
    from hutong.agree import similar_statements
    from hutong.agree.opinion_files import read_statements

    texts, _ = read_statements(file)
    pairs = similar_statements(texts)
    if as_json:
        print_json(pairs.to_dict("records"))
        return
    if not len(pairs):
        lines(Text("没有疑似重复的观点。", "No statements look alike."))
    for row in pairs.itertuples():
        lines(
            Text(
                f"{row.similarity:.2f}  {row.statement}：{texts[row.statement]}",
                f"{row.similarity:.2f}  {row.statement}: {texts[row.statement]}",
            )
        )
        lines(Text(f"      {row.other}：{texts[row.other]}", f"      {row.other}: {texts[row.other]}"))


@app.command(
    help=say(
        "居民点单：均份法与得票法并排。", "A budget for small works: equal shares beside most votes first."
    )
)
@guarded
def budget(
    projects: Annotated[Path, typer.Argument(metavar="PROJECTS", help="id, cost, title, label")],
    ballots: Annotated[Path, typer.Argument(metavar="BALLOTS", help="voter, project")],
    money: Annotated[int, typer.Option("--budget", min=0, help=say("预算（元）", "yuan to spend"))],
    groups: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=say("选民分组（voter、group）", "groups of voters (voter, group)")),
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide a budget by both rules and say who gains by which."""
    from hutong.agree import BudgetVote, compare_budgets, equal_shares, greedy_budget

    vote = BudgetVote.from_table(_projects(sheet(projects)), sheet(ballots), money)
    shares, plain = equal_shares(vote), greedy_budget(vote)
    of = None if groups is None else _groups(sheet(groups), vote.voters)
    compared = compare_budgets(vote, plain, shares, of)
    if as_json:
        print_json(
            {
                "equal_shares": {"funded": shares.funded, "cost": shares.cost, "share": str(shares.share)},
                "greedy": {"funded": plain.funded, "cost": plain.cost},
                "groups": compared.groups.reset_index().to_dict("records"),
                "labels": compared.labels.reset_index().to_dict("records"),
            }
        )
        return
    table = grid(
        Text("项目", "project"), Text("造价（元）", "cost (yuan)"), Text("得票", "approvals"), Text("均份法", "equal shares"), Text("得票法", "most votes"),
    )  # fmt: skip
    for project, votes in zip(vote.projects, vote.votes, strict=True):
        title = project.id if project.title is None else project.title.get(language())
        marks = ["●" if project.id in outcome.funded else "–" for outcome in (shares, plain)]
        table.add_row(title, number(project.cost), str(votes), *marks)
    out.print(table)
    lines(
        Text(
            f"均份法用 {number(shares.cost)} 元，得票法用 {number(plain.cost)} 元，预算 {number(money)} 元。",
            f"Equal shares spends {number(shares.cost)} yuan, most votes first {number(plain.cost)}, of {number(money)}.",
        )
    )
    for name, row in compared.groups.iterrows():
        who = say("全体", "all") if name == "all" else str(name)
        lines(
            Text(
                f"{who}（{int(row.voters)} 人）：换成均份法，{int(row.gain)} 人得益，{int(row.lose)} 人受损；一个想要的项目也没有的，由 {int(row.none_first)} 人变为 {int(row.none_second)} 人。",
                f"{who} ({int(row.voters)} people): by equal shares {int(row.gain)} gain and {int(row.lose)} lose; with nothing they wanted: {int(row.none_first)} before, {int(row.none_second)} then.",
            )
        )


def _projects(table: pd.DataFrame) -> list[Any]:
    from hutong.agree import BudgetProject

    missing = [c for c in ("id", "cost") if c not in table]
    rows = [f"column {c} is missing" for c in missing]
    found = []
    for at, row in enumerate(table.to_dict("records") if not missing else [], start=2):
        cost = str(row["cost"] or "").replace(",", "")
        if not row["id"] or not cost.isdigit():
            rows.append(f"row {at}: id {row['id']!r}, cost {row['cost']!r}")
            continue
        title = row.get("title")
        found.append(
            BudgetProject(
                str(row["id"]), int(cost), Text(title, title) if title else None, row.get("label") or ""
            )
        )
    if rows:
        raise broken(
            Text(f"项目表有 {len(rows)} 处不合格。", f"The projects are broken in {len(rows)} places."),
            rows,
            Text(
                "需要列 id、cost（整数元），可有 title、label。",
                "It has id and cost (whole yuan), and may have title and label.",
            ),
        )
    return found


def _groups(table: pd.DataFrame, voters: tuple[str, ...]) -> list[str]:
    if "voter" not in table or "group" not in table:
        rows = [f"column {c} is missing" for c in ("voter", "group") if c not in table]
        raise broken(
            Text("分组表缺列。", "The groups lack columns."),
            rows,
            Text("需要 voter、group。", "It has voter and group."),
        )
    of = dict(zip(table["voter"].astype(str), table["group"].fillna("").astype(str), strict=True))
    return [of.get(v) or say("未知", "unknown") for v in voters]


@app.command(
    help=say(
        "同类同补：哪些补偿方案与同类不同。", "Like cases, like offers: which offers differ from their likes."
    )
)
@guarded
def offers(
    file: Annotated[
        Path, typer.Argument(metavar="OFFERS", help="dwelling_id, total_yuan, area_cm2, …, reason")
    ],
    like: Annotated[
        list[str],
        typer.Option(help=say("相同条件的列，可多次", "column in which cases are alike; repeatable")),
    ],
    tolerance: Annotated[
        float, typer.Option(min=0, help=say("容许相差", "difference that is still alike"))
    ] = 0.05,
    as_json: Json = False,
) -> None:
    """List offers that differ from like cases, with the reason recorded or that there is none."""
    import pandas as pd

    from hutong.agree import unequal_offers

    table = sheet(file)
    for name in {"total_yuan", "area_cm2"} & set(table):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    found = unequal_offers(table, like, tolerance)
    if as_json:
        print_json(found.to_dict("records"))
        return
    lines(
        Text(
            f"{len(table)} 户中有 {len(found)} 户需要核对。",
            f"{len(found)} of {len(table)} offers need a look.",
        )
    )
    for row in found.itertuples():
        lines(Text(f"{row.dwelling_id}：{row.zh}", f"{row.dwelling_id}: {row.en}"))


@app.command(
    help=say(
        "过程公开得分：该公布的、该答复的。", "How open a process is: what was due and what was answered."
    )
)
@guarded
def openness(
    file: Annotated[Path, typer.Argument(metavar="PROCESS.yaml", help="events, published, answers, five_co")],
    on: Annotated[str, typer.Option(metavar="DATE", help=say("截至日期", "the day it is scored"))],
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Score a process and check the five co's."""
    import datetime as dt

    from hutong.agree import five_co_summary
    from hutong.agree import openness as score
    from hutong.agree.openness import item_titles
    from hutong.agree.process_file import read_process
    from hutong.rules import load_rules

    process = read_process(file.read_text("utf-8"))
    day = dt.date.fromisoformat(on)
    found = score(load_rules(jurisdiction, on=day), day, process.events, process.published, process.answers)
    summary = None if process.five_co is None else five_co_summary(process.five_co)
    if as_json:
        print_json(
            {
                "score": found.score,
                "due": found.due,
                "items": found.items.to_dict("records"),
                "five_co": None if process.five_co is None else process.five_co.to_dict("records"),
            }
        )
        return
    states = {
        "on_time": say("按时", "in time"), "late": say("迟公布", "late"), "overdue": say("逾期未公布", "overdue"),
        "not_due": say("未到期", "not due yet"), "not_dated": say("日期未定", "not dated"),
    }  # fmt: skip
    table = grid(
        Text("事项", "item"), Text("应公布", "due"), Text("已公布", "published"), Text("状态", "state")
    )
    titles = item_titles()
    for row in found.items.itertuples():
        title = titles[row.item].get(language()) if row.item in titles else str(row.item)
        table.add_row(
            title, *("–" if d is None else str(d) for d in (row.due, row.published)), states[row.state]
        )
    out.print(table)
    shown = "–" if found.due == 0 else f"{found.score:.2f}"
    lines(
        Text(
            f"公开得分 {shown}（到期 {found.due} 项：按时 1，迟 0.5，逾期 0）；共识观点按时答复 {found.answered[0]}，迟 {found.answered[1]}，逾期 {found.answered[2]}。",
            f"Openness {shown} ({found.due} items due: in time 1, late ½, overdue 0); consensus statements answered in time {found.answered[0]}, late {found.answered[1]}, overdue {found.answered[2]}.",
        )
    )
    for row in [] if summary is None else summary.itertuples():
        lines(
            Text(
                f"{row.zh}：有证据 {row.shown}，缺 {row.missing}，未知 {row.unknown}，不适用 {row.not_applicable}。",
                f"{row.en}: shown {row.shown}, missing {row.missing}, unknown {row.unknown}, not applicable {row.not_applicable}.",
            )
        )


@app.command(help=say("情感热度：人们挂念的地方。", "Attachment: the places people care about."))
@guarded
def attachment(
    city: CityPath,
    memories: Annotated[Path, typer.Argument(metavar="MEMORIES", help="person, x, y")],
    as_json: Json = False,
) -> None:
    """Show the heat of attachment and what could be appraised."""
    from hutong.agree import attachment_of_buildings, read_memories, to_appraise
    from hutong.agree.memory import LIMITS
    from hutong.city import City

    snapshot = City.load(city)
    heat = attachment_of_buildings(snapshot, read_memories(sheet(memories)))
    hints = to_appraise(snapshot, heat)
    if as_json:
        print_json(
            {
                "heat": heat.dropna(subset=["heat"]).to_dict("records"),
                "to_appraise": hints["building_id"].tolist(),
            }
        )
        return
    warm = heat.dropna(subset=["heat"]).sort_values("heat", ascending=False)
    lines(
        Text(
            f"{len(warm)} 处建筑可以显示热度；其中 {len(hints)} 处热而未受保护，可作为价值评估的线索。",
            f"{len(warm)} buildings have a heat that may be shown; {len(hints)} of them are warm and unprotected: hints for an appraisal.",
        )
    )
    table = grid(
        Text("建筑", "building"), Text("讲述者", "people"), Text("热度", "heat"), Text("线索", "hint")
    )
    for row in warm.head(20).itertuples():
        table.add_row(
            row.building_id,
            str(row.people),
            f"{row.heat:.2f}",
            "▲" if row.building_id in set(hints["building_id"]) else "",
        )
    out.print(table)
    lines(LIMITS)
