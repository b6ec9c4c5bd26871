"""``hutong agree roll | correct | tally | signing | surrender``: who must agree, and whether they did."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hutong.cli.agree import CityPath, Force, Json, Jurisdiction, broken, grid, lines, sheet, wrote
from hutong.cli.console import guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text, number, percent

if TYPE_CHECKING:
    import pandas as pd

    from hutong.agree import Mandate, RollBook, Tally

app = typer.Typer()

RollFile = Annotated[Path, typer.Argument(metavar="ROLL.json", help=say("冻结的名册", "the frozen roll"))]
Level = Annotated[str, typer.Option(help="staircase | building | estate")]
Place = Annotated[str, typer.Option(help=say("编号", "its id"))]
Now = Annotated[
    str | None,
    typer.Option("--now", metavar="TIME", help=say("此刻（默认现在）", "the moment (default: now)")),
]


def _moment(said: str | None, option: str) -> dt.datetime:
    from hutong.agree.act_files import ZONE, moment

    if said is None:
        return dt.datetime.now(ZONE)
    try:
        return moment(said)
    except ValueError:
        raise HutongError(
            "bad-time",
            Text(f"{option} 不是时间：{said}。", f"{option} is no time: {said}."),
            Text("写作 2026-11-23T18:00。", "Write it like 2026-11-23T18:00."),
        ) from None


def _book(file: Path) -> RollBook:
    from hutong.agree.roll_file import read_roll

    return read_roll(text_of(file))


def text_of(file: Path) -> str:
    """Return the text of a file, or say that it is missing."""
    if not file.is_file():
        raise HutongError(
            "no-file",
            Text(f"没有文件 {file}。", f"There is no file {file}."),
            Text("请检查路径。", "Check the path."),
        )
    return file.read_text("utf-8")


def holders_of(file: Path | None) -> pd.DataFrame | None:
    """Read who holds what: dwelling_id, holder, kind, representative."""
    if file is None:
        return None
    table = sheet(file)
    if "representative" in table:
        table["representative"] = [
            str(v).strip().lower() in ("1", "yes", "true", "是") for v in table["representative"]
        ]
    return table


def _mandates(file: Path | None) -> tuple[Mandate, ...]:
    from hutong.agree import Mandate

    if file is None:
        return ()
    table = sheet(file)
    needed = ("holder", "agent", "document", "since", "until")
    rows = [f"column {c} is missing" for c in needed if c not in table]
    found = []
    for at, row in enumerate(table.to_dict("records") if not rows else [], start=2):
        try:
            since, until = (_moment(str(row[k]), k) for k in ("since", "until"))
        except HutongError as caught:
            rows.append(f"row {at}: {caught.what.en}")
            continue
        found.append(
            Mandate(
                str(row["holder"] or ""), str(row["agent"] or ""), str(row["document"] or ""), since, until
            )
        )
    if rows:
        raise broken(
            Text("委托表不合格。", "The mandates do not fit."),
            rows,
            Text(f"需要列 {'、'.join(needed)}。", f"It has {', '.join(needed)}."),
        )
    return tuple(found)


@app.command(help=say("从产权登记生成名册并冻结。", "Make the roll from the titles, and freeze it."))
@guarded
def roll(
    city: CityPath,
    level: Level,
    place: Place,
    act: Annotated[str, typer.Option(help="owners | lessees")] = "owners",
    holders: Annotated[
        Path | None, typer.Option(metavar="FILE", help="dwelling_id, holder, kind, representative")
    ] = None,
    mandates: Annotated[
        Path | None, typer.Option(metavar="FILE", help="holder, agent, document, since, until")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", metavar="ROLL.json", help=say("写出名册", "write the roll"))
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a roll."""
    from hutong.agree import homes_at, lease_roll, owners_roll, unit_signatures
    from hutong.agree.roll_file import roll_text
    from hutong.city import City
    from hutong.files import write_text

    makers = {"owners": owners_roll, "lessees": lease_roll}
    if act not in makers:
        raise HutongError(
            "no-act", Text(f"没有名册种类 {act}。", f"There is no roll of {act!r}."), Text("可用 owners、lessees。", "Use owners or lessees.")
        )  # fmt: skip
    snapshot = City.load(city)
    book = makers[act](
        snapshot,
        homes_at(snapshot, level, place),
        f"{level} {place}",
        holders_of(holders),
        _mandates(mandates),
    )
    if to is not None:
        write_text(to, roll_text(book), force=force)
    if as_json:
        print_json({"hash": book.hash, "heads": len(book.roll), "area_cm2": book.roll.total_cm2, "held_back": [[h.dwelling_id, h.reason] for h in book.held_back], "consulted": list(book.consulted)})  # fmt: skip
        return
    _say_book(book)
    for unit, homes in unit_signatures(book).items() if act == "lessees" else ():
        lines(
            Text(
                f"产权单位 {unit} 须在 {homes} 户的协议上一并签字。",
                f"The unit {unit} signs beside the lessees of {homes} homes.",
            )
        )
    if to is not None:
        wrote(to)


def _say_book(book: RollBook) -> None:
    from hutong.agree import held_back_words

    area = book.roll.total_cm2 / 10_000
    lines(
        Text(
            f"{book.place}：{len(book.roll)} 名表决人，{len(book.entries)} 户，{number(area, 'zh', 2)} m²。",
            f"{book.place}: {len(book.roll)} heads, {len(book.entries)} homes, {number(area, digits=2)} m².",
        ),
        Text(
            f"征求意见但不表决的住户 {len(book.consulted)} 户；更正 {len(book.changes)} 次。",
            f"Homes consulted without a vote: {len(book.consulted)}; corrections: {len(book.changes)}.",
        ),
    )
    for dwelling, why in held_back_words(book):
        lines(Text(f"暂未列入 {dwelling}：{why.zh}", f"Held back {dwelling}: {why.en}"))
    lines(
        Text(
            f"名册哈希 {book.hash}（表决前公布）",
            f"Hash of the roll {book.hash} (publish it before the vote)",
        )
    )


@app.command(
    help=say("更正名册：逐条留痕，原名册不变。", "Correct a roll: each change logged, the old roll kept.")
)
@guarded
def correct(
    roll_file: RollFile,
    changes: Annotated[Path, typer.Argument(metavar="CHANGES", help="dwelling_id, action, why, …")],
    by: Annotated[str, typer.Option(help=say("经办人", "who enters them"))],
    to: Annotated[
        Path, typer.Option("--out", metavar="NEW.json", help=say("写出更正后的名册", "the corrected roll"))
    ],
    now: Now = None,
    force: Force = False,
) -> None:
    """Enter corrections."""
    from hutong.agree.roll_file import correct_all, roll_text
    from hutong.files import write_text

    before = _book(roll_file)
    book = correct_all(before, sheet(changes), by, _moment(now, "--now"))
    write_text(to, roll_text(book), force=force)
    lines(
        Text(
            f"更正 {len(book.changes) - len(before.changes)} 处。",
            f"Corrections: {len(book.changes) - len(before.changes)}.",
        )
    )
    _say_book(book)
    wrote(to)


def _say_tally(count: Tally, book: RollBook, ballots: Any, rule: Any, over: bool = False) -> None:
    from hutong.agree import needed_words, pivotal_groups, stands_with_held_back, still_needed

    verdict = Text("通过", "passed") if count.passed else Text("未通过", "not passed")
    lines(
        rule.title,
        Text(
            f"名册 {count.heads} 人、{number(count.area_cm2 / 1e4, 'zh', 2)} m²；参加 {count.part_heads} 人、{number(count.part_area_cm2 / 1e4, 'zh', 2)} m²；同意 {count.yes_heads} 人、{number(count.yes_area_cm2 / 1e4, 'zh', 2)} m²：{verdict.zh}。",
            f"Roll {count.heads} heads, {number(count.area_cm2 / 1e4, digits=2)} m²; took part {count.part_heads}, {number(count.part_area_cm2 / 1e4, digits=2)} m²; agree {count.yes_heads}, {number(count.yes_area_cm2 / 1e4, digits=2)} m²: {verdict.en}.",
        ),
    )
    if not over:
        lines(needed_words(still_needed(book.roll, ballots, rule), count.heads))
    stands = stands_with_held_back(book, ballots, rule)
    if book.held_back and count.passed:
        words = {
            True: Text(
                "暂未列入的住户无论如何表态，结果不变。",
                "Whatever those held back would do, the result stands.",
            ),
            False: Text("暂未列入的住户可能改变结果。", "Those held back could change the result."),
            None: Text(
                "暂未列入的住户面积不详，不知道会不会改变结果。",
                "Whether those held back could change it is unknown.",
            ),
        }
        lines(words[stands])
    if count.passed or over or not len(book.roll):
        return
    first: dict[str, str] = {}
    for entry in book.entries:
        first.setdefault(entry.head, entry.category)
    table = pivotal_groups(book.roll, ballots, rule, [first[h] for h in book.roll.heads])
    for row in table.dropna().itertuples():
        if row.silent and (row.decisive or row.indispensable):
            lines(
                Text(
                    f"关键群体：{row.category}（{row.heads} 人，{row.silent} 人未表态）{'同意即可通过' if row.decisive else '不同意则无法通过'}。",
                    f"Pivotal: {row.category} ({row.heads} heads, {row.silent} silent): {'passes if they agree' if row.decisive else 'cannot pass without them'}.",
                )
            )


@app.command(
    help=say("计票：截止前只见参与人数，截止后按规则计。", "Count a vote: only the turnout before the close.")
)
@guarded
def tally(
    roll_file: RollFile,
    ballots: Annotated[
        Path, typer.Argument(metavar="BALLOTS", help="dwelling_id, choice, at, channel, signature")
    ],
    opens: Annotated[str, typer.Option(metavar="TIME", help=say("开始", "when it opens"))],
    closes: Annotated[str, typer.Option(metavar="TIME", help=say("截止", "when it closes"))],
    matter: Annotated[
        str,
        typer.Option(
            help="ordinary | special | unanimous | 1…9 " + say("（民法典第278条）", "(Civil Code art. 278)")
        ),
    ] = "special",
    now: Now = None,
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Count a vote of owners."""
    from hutong.agree import open_box, vote_rule
    from hutong.agree.act_files import cast_all
    from hutong.rules import load_rules

    begins, ends, at = _moment(opens, "--opens"), _moment(closes, "--closes"), _moment(now, "--now")
    rules = load_rules(jurisdiction, on=begins.date())
    rule = vote_rule(rules, int(matter) if matter.isdigit() else matter)
    box = cast_all(open_box("vote", _book(roll_file), rule, rules, begins, ends), sheet(ballots))
    voted, whole = box.turnout()
    if at < ends:
        if as_json:
            print_json({"sealed_until": ends.isoformat(), "voted": voted, "heads": whole})
        else:
            lines(
                Text(
                    f"已有 {voted} / {whole} 人表决；{ends:%Y-%m-%d %H:%M} 截止前不开票。",
                    f"{voted} of {whole} have voted; sealed until {ends:%Y-%m-%d %H:%M}.",
                )
            )
        return
    result, counted = box.result(at), box.counted(at)
    count = result.tally
    if as_json:
        print_json({"rule": count.rule, "passed": count.passed, "quorum": count.quorum, "heads": count.heads, "area_cm2": count.area_cm2, "part_heads": count.part_heads, "part_area_cm2": count.part_area_cm2, "yes_heads": count.yes_heads, "yes_area_cm2": count.yes_area_cm2, "conflicts": result.conflicts, "survey": list(result.survey), "roll": box.book.hash})  # fmt: skip
        return
    _say_tally(count, box.book, counted, rule)
    if result.conflicts:
        lines(
            Text(
                f"共有人意见不一、按未表决计：{result.conflicts} 户。",
                f"Co-owners who contradict each other, counted as not voting: {result.conflicts}.",
            )
        )
    if any(result.survey):
        lines(
            Text(
                f"非官方线上表态（仅作意愿调查）：同意 {result.survey[0]}，不同意 {result.survey[1]}，弃权 {result.survey[2]}。",
                f"Unofficial online answers (a survey only): {result.survey[0]} yes, {result.survey[1]} no, {result.survey[2]} abstain.",
            )
        )


@app.command(
    help=say(
        "附条件签约：到期达标对全体生效，否则对全体作废。",
        "Conditional signing: effective for all, or void for all.",
    )
)
@guarded
def signing(
    roll_file: RollFile,
    acts: Annotated[Path, typer.Argument(metavar="ACTS", help="event, dwelling_id, at, signer")],
    terms: Annotated[
        Path, typer.Option(metavar="FILE", help=say("公布的协议文本", "the published agreement"))
    ],
    published: Annotated[str, typer.Option(metavar="TIME", help=say("公布时间", "when it was published"))],
    deadline: Annotated[str, typer.Option(metavar="TIME", help=say("截止", "the deadline"))],
    act: Annotated[
        str,
        typer.Option(
            help="presigning | mediation | mediation_public | rebuild | rebuild_start | willingness"
        ),
    ] = "presigning",
    early: Annotated[
        bool, typer.Option("--early", help=say("达标即生效", "takes effect as soon as it is met"))
    ] = False,
    now: Now = None,
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Replay a signing and say how it stands."""
    import numpy as np

    from hutong.agree import NONE, YES, Signing, signing_rule
    from hutong.agree.act_files import sign_all
    from hutong.rules import load_rules

    begins, ends, at = (
        _moment(published, "--published"),
        _moment(deadline, "--deadline"),
        _moment(now, "--now"),
    )
    rule = signing_rule(load_rules(jurisdiction, on=begins.date()), act)
    sealed = hashlib.sha256(text_of(terms).encode()).hexdigest()
    opened = Signing(_book(roll_file), rule, sealed, ends, early).publish(begins)
    found = sign_all(opened, sheet(acts), at)
    if early and found.state == "open" and found.count().passed:
        found = found.settle(at)
    count = found.count()
    if as_json:
        print_json({"state": found.state, "signed": len(found.signed), "heads": count.heads, "passed": count.passed, "terms": sealed, "roll": found.book.hash})  # fmt: skip
        return
    states = {
        "open": Text(
            "签约进行中：尚不约束任何人，截止前可撤回", "open: binds nobody yet, and anyone may withdraw"
        ),
        "effective": Text("已对全体签约人生效", "in effect for all who signed"),
        "void": Text("未达比例，对全体作废，包括已签约的", "void for all, also for those who signed"),
    }
    said = states[found.state]
    lines(Text(f"{said.zh}。", f"{said.en.capitalize()}."))
    ballots = np.array([YES if h in found.signed else NONE for h in found.book.roll.heads], np.int8)
    _say_tally(count, found.book, ballots, rule, over=found.state != "open")
    if found.state == "open":
        _say_projection(found.book, ballots, rule)


def _say_projection(book: RollBook, ballots: Any, rule: Any) -> None:
    """Say where a signing may end for three answers to what nobody knows: how many of the rest will still sign."""
    from hutong.agree import project

    if not (ballots != 0).any():
        return
    for share, zh, en in (
        (0.25, "四分之一", "a quarter"),
        (0.5, "一半", "half"),
        (0.75, "四分之三", "three quarters"),
    ):
        at = project(book.roll, ballots, rule, turnout_of_rest=share, seed=1)
        low, _, high = at.yes_heads
        lines(
            Text(
                f"若其余住户约{zh}还会签：最终 {low}–{high} 户（90% 区间），达标的可能 {percent(at.passes, 'zh')}。",
                f"If about {en} of the others still sign: {low}–{high} in the end (90 % interval), chance to reach it {percent(at.passes)}.",
            )
        )
    lines(Text("这些比例是假设，不是预测。", "These shares are assumptions, not predictions."))


@app.command(
    help=say(
        "申请式退租：各户自愿，逐户进度、时间窗口、整院情况。",
        "Lease surrender: each alone; progress, windows, courtyards.",
    )
)
@guarded
def surrender(
    city: CityPath,
    events: Annotated[Path, typer.Argument(metavar="EVENTS", help="dwelling_id, event, at, form")],
    briefing: Annotated[str, typer.Option(metavar="DATE", help=say("宣讲首日", "first day of the briefing"))],
    signs: Annotated[
        str | None, typer.Option("--signing", metavar="DATE", help=say("签约首日", "first day of signing"))
    ] = None,
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Replay a surrender project."""
    from collections import Counter

    from hutong.agree import (
        courtyards_in_public,
        improvements,
        lease_roll,
        stay_rights,
        surrender_forms,
        surrender_steps,
        whole_courtyards,
    )
    from hutong.agree.act_files import surrender_all
    from hutong.city import City
    from hutong.rules import load_rules

    first = _moment(briefing, "--briefing").date()
    steps = surrender_steps(
        load_rules(jurisdiction, on=first),
        first,
        None if signs is None else _moment(signs, "--signing").date(),
    )
    snapshot = City.load(city)
    found = surrender_all(sheet(events), steps)
    gone = sorted(home for home, s in found.items() if s.state == "surrendered")
    yards = courtyards_in_public(whole_courtyards(snapshot, gone))
    rights = stay_rights(snapshot, _leases(snapshot, lease_roll), gone)
    states, forms = (
        Counter(s.state for s in found.values()),
        Counter(s.form for s in found.values() if s.form),
    )
    if as_json:
        print_json({"states": states, "forms": forms, "whole_courtyards": yards.loc[yards["whole"].fillna(False), "building_id"].tolist(), "stay": len(rights)})  # fmt: skip
        return
    table = grid(Text("步骤", "step"), Text("谁", "who"), Text("时间窗口", "window"))
    for step in steps:
        window = "–" if step.starts is None else f"{step.starts} – {step.ends}"
        table.add_row(step.title.get(language()), step.who.get(language()), window)
    out.print(table)
    words = {
        "staying": ("留住", "staying"), "applied": ("已申请", "applied"), "assessed": ("已评估", "assessed"), "offered": ("已收到方案", "offered"),
        "signed": ("已签约", "signed"), "chosen": ("已选补偿方式", "form chosen"), "surrendered": ("已腾退", "surrendered"),
    }  # fmt: skip
    for state, (zh, en) in words.items():
        if states[state]:
            lines(Text(f"{zh} {states[state]} 户", f"{en}: {states[state]}"))
    for form, count in forms.items():
        title = surrender_forms()[form]
        lines(Text(f"补偿方式 {title.zh}：{count} 户", f"form {title.en}: {count}"))
    whole = int(yards["whole"].fillna(False).sum())
    lines(
        Text(f"{len(yards)} 个院落中 {whole} 个已整院腾空（是事实，不是任务）。", f"{whole} of {len(yards)} courtyards have become whole: a fact, and owed by nobody."),
        Text(f"{len(rights)} 户承租人留住，租约和租金不变，可申请改善：", f"{len(rights)} lessees stay with lease and rent as they are, and may ask for:"),
    )  # fmt: skip
    for name, title in improvements().items():
        yes, unknown = int(rights[name].fillna(False).sum()), int(rights[name].isna().sum())
        lines(
            Text(
                f"  {title.zh}：{yes} 户（另 {unknown} 户不详）",
                f"  {title.en}: {yes} homes (unknown for {unknown})",
            )
        )


def _leases(snapshot: Any, maker: Any) -> RollBook:
    import numpy as np

    book: RollBook = maker(snapshot, np.arange(len(snapshot["dwellings"])), "all")
    return book
