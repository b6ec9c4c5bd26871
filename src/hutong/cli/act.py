"""``hutong act project | gate | change | floor | machine``: what was decided, carried out and recorded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hutong.cli.agree import Force, Json, Jurisdiction, grid, lines, sheet, wrote
from hutong.cli.console import guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text, number, percent, yuan

if TYPE_CHECKING:
    from hutong.act.projects import Owed, Progress, ProjectFile
    from hutong.act.standing import Standing

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "实施：项目、许可、缺陷、变更、建筑规模账、合同、运营。",
        "Act: projects, permits, defects, changes, floor area, contracts, operation.",
    ),
)

On = Annotated[
    str | None,
    typer.Option("--on", metavar="DAY", help=say("截至哪天（默认今天）", "as of (default: today)")),
]


def day(said: str | None) -> dt.date:
    """Return a day of the command line."""
    if said is None:
        return dt.datetime.now().astimezone().date()
    try:
        return dt.date.fromisoformat(said)
    except ValueError:
        raise HutongError(
            "bad-time",
            Text(f"不是日期：{said}。", f"This is no day: {said}."),
            Text("写作 2026-11-23。", "Write it like 2026-11-23."),
        ) from None


def _tables() -> dict[str, Any]:
    from hutong.act.cases import machine as case_machine
    from hutong.act.contracts import asset_machine, contract_machine
    from hutong.act.projects import change_machine, course, defect_machine, outlines, permit_machine
    from hutong.rules import load_rules

    rules = load_rules()
    found = (
        *(case_machine(), permit_machine(), defect_machine(), change_machine()),
        *(contract_machine(), asset_machine()),
    )
    return {m.id: m for m in found} | {n: course(n, rules).machine for n in outlines()}


@app.command(
    help=say("一种事项的状态和事件：图和表。", "States and events of one kind of thing, drawn and listed.")
)
@guarded
def machine(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="case | permit | defect | change | contract | asset | estate …"),
    ],
) -> None:
    """Print a machine as Markdown."""
    from hutong.act.machine_page import machine_page

    tables = _tables()
    if name not in tables:
        raise HutongError(
            "no-machine",
            Text(f"没有名为 {name} 的状态表。", f"There is no machine {name!r}."),
            Text(f"可选：{'、'.join(tables)}。", f"Choose one of {', '.join(tables)}."),
        )
    out.print(machine_page(tables[name], language()), markup=False, soft_wrap=True)


@app.command(
    help=say(
        "一个项目：阶段、还缺什么、公开期限、进度与预算、许可、缺陷、变更。",
        "A project: its stage, what is missing, duties to publish, schedule and budget, permits, defects, changes.",
    )
)
@guarded
def project(
    file: Annotated[Path, typer.Argument(metavar="PROJECT.yaml", help=say("项目文件", "the project"))],
    on: On = None,
    as_json: Json = False,
) -> None:
    """Show a project as it stands on a day."""
    from hutong.act.projects import gate, owed, progress, read_project
    from hutong.act.projects.project_file import ZONE
    from hutong.rules import official_calendar

    calendar, today = official_calendar(), day(on)
    found = read_project(file, calendar)
    p = found.project
    now = dt.datetime.combine(today, dt.time(12), ZONE)
    door = gate(found.course, p) if p.open else None
    missing = door.missing(found.papers, found.settled, p.since, now, calendar) if door else ()
    duties = owed(p, found.published, today, found.course.rules, calendar)
    works = progress(found.tasks, found.reports, today) if found.tasks else None
    if as_json:
        print_json(_json(found, missing, duties, works))
        return
    _show_stage(found, missing)
    _show_duties(duties)
    if works is not None:
        _show_works(works)
    for title, rows in (
        (Text("许可", "Permits"), found.permits),
        (Text("缺陷", "Defects"), found.defects),
        (Text("变更", "Changes"), found.changes),
    ):
        _show_standings(title, rows)


def _show_stage(found: ProjectFile, missing: tuple[Text, ...]) -> None:
    from hutong.act.projects import LIBRARY

    c, p = found.course, found.project
    step, where = c.machine.states[p.state].title, LIBRARY[c.library(p.state)]
    lines(
        Text(
            f"{found.title.zh}：{where.zh}，{step.zh}（自 {p.since.date()}）",
            f"{found.title.en}: {where.en.lower()}, at “{step.en}” since {p.since.date()}",
        )
    )
    if not p.open:
        return
    lines(Text(f"下一步还缺 {len(missing)} 项：", f"To go on, {len(missing)} things are missing:"), *(Text(f"  - {m.zh}", f"  - {m.en}") for m in missing))  # fmt: skip
    for event in c.machine.allowed(p.state):
        who = [c.machine.actors[a] for a in event.by]
        lines(
            Text(
                f"  → {event.title.zh} `{event.id}`（{'、'.join(w.zh for w in who)}）",
                f"  → {event.title.en} `{event.id}` ({', '.join(w.en for w in who)})",
            )
        )


def _show_duties(duties: tuple[Owed, ...]) -> None:
    from hutong.act.projects import STANDINGS

    if not duties:
        return
    table = grid(Text("应公开", "To be public"), Text("自", "from"), Text("至", "until"), Text("情况", "standing"))  # fmt: skip
    for o in duties:
        until = "–" if o.day is None else f"{o.day}{say('（假设）', ' (assumed)') if o.assumed else ''}"
        table.add_row(
            o.kind.title.get(language()), str(o.since), until, STANDINGS[o.standing].get(language())
        )
    out.print(table)


def _show_works(works: Progress) -> None:
    lang = language()
    table = grid(
        Text("任务", "Task"), Text("应完成", "planned"), Text("已完成", "done"), Text("已支出", "spent"), Text("逾期天数", "days late")
    )  # fmt: skip
    for x in works.lines:
        done = None if x.done is None else x.done / 10_000
        table.add_row(
            x.task.title, percent(x.planned / 10_000, lang), percent(done, lang), yuan(x.spent_yuan, lang), number(x.late_days, lang)
        )  # fmt: skip
    out.print(table)
    low, high = works.earned or (None, None)
    earned = [
        yuan(low, code) if low == high else f"{yuan(low, code)}–{yuan(high, code)}" for code in ("zh", "en")
    ]  # type: ignore[arg-type]
    lines(
        Text(
            f"预算 {yuan(works.budget, 'zh')}，应完成 {yuan(works.planned, 'zh')}，已完成 {earned[0]}，已支出 {yuan(works.spent, 'zh')}；进度指数 {number(works.schedule_index, 'zh', 2)}，费用指数 {number(works.cost_index, 'zh', 2)}，预计完工 {yuan(works.at_completion, 'zh')}。",
            f"Budget {yuan(works.budget)}, planned {yuan(works.planned)}, earned {earned[1]}, spent {yuan(works.spent)}; SPI {number(works.schedule_index, digits=2)}, CPI {number(works.cost_index, digits=2)}, at completion {yuan(works.at_completion)}.",
        )
    )
    if works.unreported:
        names = "、".join(works.unreported), ", ".join(works.unreported)
        lines(Text(f"未报进度：{names[0]}（已完成按区间计）。", f"Nothing is reported of {names[1]}: what is earned is a range."))  # fmt: skip


def _show_standings(title: Text, rows: tuple[Standing, ...]) -> None:
    for s in rows:
        state = s.machine.states[s.state].title
        lines(
            Text(
                f"{title.zh} {s.id}：{state.zh}（自 {s.since.date()}）",
                f"{title.en}: {s.id}, {state.en.lower()} since {s.since.date()}",
            )
        )


def _json(
    found: ProjectFile, missing: tuple[Text, ...], duties: tuple[Owed, ...], works: Progress | None
) -> dict[str, Any]:
    p = found.project
    return {
        "id": found.id,
        "state": p.state,
        "since": p.since.isoformat(),
        "library": found.course.library(p.state),
        "missing": [{"zh": m.zh, "en": m.en} for m in missing],
        "disclosures": [
            {
                "kind": o.kind.id, "since": str(o.since), "until": None if o.day is None else str(o.day),
                "standing": o.standing, "assumed": o.assumed,
            }
            for o in duties
        ],
        "works": None
        if works is None
        else {
            "budget_yuan": works.budget, "planned_yuan": works.planned, "earned_yuan": works.earned,
            "spent_yuan": works.spent, "schedule_index": works.schedule_index, "cost_index": works.cost_index,
            "at_completion_yuan": works.at_completion, "unreported": list(works.unreported),
        },
        **{
            name: {s.id: s.state for s in rows}
            for name, rows in (("permits", found.permits), ("defects", found.defects), ("changes", found.changes))
        },
    }  # fmt: skip


@app.command(
    help=say("一项变更要重新取得哪些同意。", "Which consents a change of an approved project re-opens.")
)
@guarded
def change(
    kinds: Annotated[list[str], typer.Argument(metavar="KIND…", help=say("变更类型", "kinds of change"))],
    as_json: Json = False,
) -> None:
    """Show what a change re-opens."""
    from hutong.act.projects import change_machine, reopened

    titles = change_machine().fields["consent"].options
    found = reopened(kinds)
    if as_json:
        print_json([{"kind": k.id, "reopens": k.reopens, "matter": k.matter, "source": k.source, "article": k.article, "confidence": k.confidence} for k in found])  # fmt: skip
        return
    for k in found:
        basis = say("假设", "assumption") if k.assumed else f"{k.source}{k.article}"
        needs = [titles[c] for c in k.reopens]
        lines(
            Text(
                f"{k.title.zh}：{'、'.join(n.zh for n in needs) or '无须重新同意'}（{basis}）",
                f"{k.title.en}: {', '.join(n.en for n in needs) or 'no consent anew'} ({basis})",
            )
        )
        if k.note is not None:
            lines(k.note)


@app.command(
    help=say(
        "建筑规模账：各单元、街道、区的拆、减、转、市级指标、不计容。",
        "The floor-area account: demolished, given up, moved, city quota, uncounted, by unit, subdistrict, district.",
    )
)
@guarded
def floor(
    places: Annotated[
        Path, typer.Argument(metavar="PLACES", help=say("地点（CSV/.xlsx）：place, within", "places (CSV/.xlsx): place, within"))
    ],
    bookings: Annotated[
        Path,
        typer.Argument(
            metavar="BOOKINGS",
            help="kind, day, place, m2, approval, to, uncounted, of",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.csv", help=say("写出各地点的账", "write the statements"))
    ] = None,
    jurisdiction: Jurisdiction = "beijing",
    force: Force = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Book entries and show what every place has."""
    from hutong.act.floor import accounts, read_book, statement, statement_table
    from hutong.city.text_table import csv_text
    from hutong.files import write_text
    from hutong.rules import load_rules

    rules = load_rules(jurisdiction)
    book = read_book(sheet(places), sheet(bookings), rules)
    table = statement_table(book, rules)
    if output is not None:
        write_text(output, csv_text(table), force=force)
        wrote(output)
    if as_json:
        print_json(table.to_dict("records"))
        return
    shown = grid(Text("地点", "Place"), *accounts().values())
    for place in book.parents:
        s = statement(book, place, rules)
        shown.add_row(place, *(number(s.balances[a] / 1e4, language(), 2) for a in accounts()))
    out.print(shown)
    owing = [s for s in (statement(book, p, rules) for p in book.parents) if s.owed]
    for s in owing:
        lines(Text(f"{s.place} 还须减量 {number(s.owed / 1e4, 'zh', 2)} m²。", f"{s.place} still has to give up {number(s.owed / 1e4, digits=2)} m²."))  # fmt: skip
