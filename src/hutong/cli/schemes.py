"""``hutong plan check | explain | diff | save | measures``: schemes as documents, made by hand or by the solver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from hutong.cli.console import err, guarded, language, out, print_json, progress, say
from hutong.text import Text, number, percent, yuan

if TYPE_CHECKING:
    from hutong.plan.document import SchemeDocument
    from hutong.plan.review import Review
    from hutong.plan.studio import Studio

app = typer.Typer(no_args_is_help=True)

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
SchemeName = Annotated[
    str,
    typer.Argument(
        metavar="SCHEME",
        help=say(
            "方案文件（.yaml、.csv），或 least_cost、balanced、most_benefit",
            "a scheme (.yaml, .csv), or least_cost, balanced, most_benefit",
        ),
    ),
]
Own = Annotated[
    Path | None,
    typer.Option(
        "--measures",
        metavar="FILE",
        help=say("城市自己的措施库", "a city's own measures"),
        show_default=False,
    ),
]
Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]
Seed = Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
Force = Annotated[bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))]
SOLVED = ("least_cost", "balanced", "most_benefit")


def open_studio(city: Path, jurisdiction: str, seed: int, own: Path | None = None) -> Studio:
    """Lay a city out for composing schemes."""
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.plan.catalogue import load_measures, with_own
    from hutong.plan.studio import Studio
    from hutong.sense import checkup

    measures = None if own is None else with_own(load_measures(), own)
    snapshot = City.load(city)
    rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
    with progress() as step:
        return Studio.open(
            snapshot, checkup(snapshot, rules), rules, seed=seed, measures=measures, progress=step
        )


def document_from(studio: Studio, name: str) -> SchemeDocument:
    """Return the scheme of a file, or the one that the solver finds under a name."""
    from hutong.plan import make_plan
    from hutong.plan.document import document_of
    from hutong.plan.document_file import read_scheme

    if name not in SOLVED:
        return read_scheme(Path(name))
    with progress() as step:
        plan = make_plan(studio.city, studio.check, studio.rules, seed=studio.desk.seed, progress=step)
    meta = studio.city.meta
    return document_of(
        plan.scheme(name), city=meta.name, snapshot=meta.date, jurisdiction=studio.rules.jurisdiction
    )


def _lines(lines: tuple[Text, ...] | list[Text], mark: str = "·") -> None:
    for line in lines:
        out.print(f"{mark} {line.get(language())}", markup=False, soft_wrap=True)


@app.command(
    help=say(
        "核对一个方案：违规及依据、资金、同意、问题变化。",
        "Check a scheme: violations with their source, money, consent, findings.",
    )
)
@guarded
def check(
    city: CityPath,
    scheme: SchemeName,
    own: Own = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Check a scheme; exit 1 where it breaks a rule or a limit."""
    studio = open_studio(city, jurisdiction, seed, own)
    review = studio.review(document_from(studio, scheme))
    if as_json:
        print_json(review_data(review))
    else:
        show_review(review)
    if not review.sound:
        raise typer.Exit(1)


@app.command(
    help=say(
        "说明某对象为何选此措施、为何不选别的。", "Say why an object gets its measures, and why no others."
    )
)
@guarded
def explain(
    city: CityPath,
    thing: Annotated[
        str,
        typer.Argument(
            metavar="OBJECT", help=say("楼栋、院落或小区编号", "id of a building, courtyard or estate")
        ),
    ],
    scheme: Annotated[
        str, typer.Option("--scheme", help=say("方案文件或名称", "file or name of the scheme"))
    ] = "balanced",
    own: Own = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Explain one object of a scheme."""
    from hutong.plan.why import explain_choice

    studio = open_studio(city, jurisdiction, seed, own)
    why = explain_choice(studio, studio.review(document_from(studio, scheme)), thing)
    if as_json:
        rejected = [{"measure": r.measure.id, "kind": r.kind, "why": r.why} for r in why.rejected]
        print_json({"object": thing, "name": why.name, "lines": list(why.lines()), "rejected": rejected})
    else:
        _lines(why.lines())


@app.command(
    help=say(
        "两个方案版本的差别：内容、资金、同意。", "What changed between two schemes: choices, money, consent."
    )
)
@guarded
def diff(
    city: CityPath,
    before: SchemeName,
    after: SchemeName,
    own: Own = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Compare two versions of a scheme."""
    from hutong.plan.scheme_diff import diff_schemes

    studio = open_studio(city, jurisdiction, seed, own)
    first, last = (studio.review(document_from(studio, name)) for name in (before, after))
    found = diff_schemes(first, last, studio.measures)
    if as_json:
        print_json(
            {
                "before": found.before, "after": found.after, "lines": list(found.lines),
                "objects": found.objects.to_dict("records"), "money": found.money.to_dict("records"),
            }
        )  # fmt: skip
        return
    out.print(f"{found.before} → {found.after}", markup=False)
    _lines(found.lines)


@app.command(
    help=say("把方案写成文件，供修改与存档。", "Write a scheme as a document, to be kept or worked on.")
)
@guarded
def save(
    city: CityPath,
    to: Annotated[Path, typer.Option("--out", metavar="FILE", help=say("输出文件", "output file"))],
    scheme: Annotated[
        str, typer.Option("--scheme", help=say("方案文件或名称", "file or name of the scheme"))
    ] = "balanced",
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    force: Force = False,
) -> None:
    """Write a scheme."""
    from hutong.files import already_there
    from hutong.plan.document_file import write_scheme

    if to.exists() and not force:
        raise already_there(to)
    studio = open_studio(city, jurisdiction, seed)
    document = document_from(studio, scheme)
    studio.review(document)  # what is written can be read back and weighed
    write_scheme(to, document, force=force)
    err.print(
        say(f"已写入 {to}（版本 {document.version}）", f"Wrote {to} (version {document.version})"),
        markup=False,
        soft_wrap=True,
    )


@app.command(
    help=say("措施库：适用、造价、同意、来源。", "The catalogue of measures: where, cost, consent, source.")
)
@guarded
def measures(
    own: Own = None,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help=say("写成一页文档", "write them as a page"))
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """List the measures."""
    from hutong.files import write_text
    from hutong.plan.catalogue import load_measures, with_own
    from hutong.plan.catalogue_page import catalogue_page, catalogue_rows
    from hutong.plan.catalogue_words import group_title

    listed = load_measures() if own is None else with_own(load_measures(), own)
    rows = catalogue_rows(listed)
    if page is not None:
        write_text(page, catalogue_page(listed), force=force)
        return
    if as_json:
        print_json(rows)
        return
    lang, group = language(), ""
    for row in rows:
        if row["group"] != group:
            group = str(row["group"])
            out.print(f"[bold]{group_title(group).get(lang)}[/]")
        out.print(f"  {row['id']}: {row['title'].get(lang)} — {row['cost'].get(lang)}; {row['consent'].get(lang)}; {row['source'].get(lang)}", markup=False, soft_wrap=True)  # fmt: skip


@app.command(
    help=say(
        "一套住房一页纸：变化、出资、所得、时间、选择、不同意会怎样。",
        "One page for one dwelling: what changes, what you pay and get, how long, your choices.",
    )
)
@guarded
def statement(
    city: CityPath,
    dwelling: Annotated[str, typer.Argument(metavar="DWELLING", help=say("住房编号", "id of the dwelling"))],
    scheme: Annotated[
        str, typer.Option("--scheme", help=say("方案文件或名称", "file or name of the scheme"))
    ] = "balanced",
    to: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.html", help=say("写成可打印的网页", "write a printable page")),
    ] = None,
    own: Own = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Say what a scheme means for one dwelling."""
    from hutong.files import already_there, write_text
    from hutong.plan.statement import statement_for, statement_text
    from hutong.report.statement_page import statement_page

    if to is not None and to.exists() and not force:
        raise already_there(to)
    studio = open_studio(city, jurisdiction, seed, own)
    found = statement_for(studio, studio.review(document_from(studio, scheme)), dwelling)
    if to is not None:
        write_text(to, statement_page(found), force=force)
        err.print(say(f"已写入 {to}", f"Wrote {to}"), markup=False, soft_wrap=True)
    elif as_json:
        parts = [{"title": p.title, "lines": list(p.lines)} for p in found.parts]
        print_json({"dwelling": dwelling, "scheme": found.scheme, "version": found.version, "parts": parts})
    else:
        out.print(statement_text(found, language()), markup=False, soft_wrap=True, end="")


@app.command(
    help=say(
        "谁得益、谁受损：基尼、最差一成、按产权和收入。",
        "Who gains, who loses: Gini, worst-off tenth, by tenure and income.",
    )
)
@guarded
def people(
    city: CityPath,
    scheme: SchemeName = "balanced",
    own: Own = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Show how the gains of a scheme are distributed."""
    from hutong.plan.picks import read_picks
    from hutong.plan.who_gains import who_gains
    from hutong.report.words import word

    studio = open_studio(city, jurisdiction, seed, own)
    document = document_from(studio, scheme)
    picks = read_picks(document, studio.objects, studio.measures, studio.offers, studio.city.meta)
    found = who_gains(studio.weighed(picks))
    if as_json:
        print_json({"version": document.version, "lines": list(found.lines()), "groups": found.groups.to_dict("records")})  # fmt: skip
        return
    lang = language()
    _lines(found.lines())
    table = Table(box=None, pad_edge=False)
    for i, name in enumerate((say("分组", "group"), say("户数", "homes"), say("得益", "gain"), say("受损", "lose"), say("户均净收益", "mean net gain"))):  # fmt: skip
        table.add_column(name, justify="left" if i == 0 else "right")
    for row in found.groups.itertuples(index=False):
        name = word("tenure", row.group).get(lang) if row.by == "tenure" else say(f"收入第 {row.group} 档", f"income band {row.group}")  # fmt: skip
        table.add_row(name, *(number(v, lang) for v in (row.households, row.winners, row.losers)), yuan(row.net_yuan, lang))  # fmt: skip
    out.print(table)


@app.command(
    "fit-acceptance",
    help=say("由签约记录估计接受度参数。", "Learn the parameters of acceptance from signing records."),
)
@guarded
def fit(
    records: Annotated[Path, typer.Argument(metavar="RECORDS.csv", help=say("签约记录", "signing records"))],
    as_json: Json = False,
) -> None:
    """Fit the logit of acceptance."""
    from hutong.plan.fit_acceptance import fit_acceptance, read_records

    found = fit_acceptance(read_records(records))
    if as_json:
        print_json({"lines": list(found.lines()), "parameters": found.table.to_dict("records")})
        return
    _lines(found.lines())
    table = Table(box=None, pad_edge=False)
    for i, name in enumerate((say("参数", "parameter"), say("估计", "estimate"), say("标准误", "s.e."), "95%", say("假设", "assumed"))):  # fmt: skip
        table.add_column(name, justify="left" if i == 0 else "right")
    for row in found.table.itertuples(index=False):
        mark = " ▲" if row.differs else ""
        table.add_row(row.parameter, f"{row.value:.3f}", f"{row.se:.3f}", f"{row.low:.2f}–{row.high:.2f}", f"{row.assumed:g}{mark}")  # fmt: skip
    out.print(table)


def review_data(review: Review) -> dict[str, Any]:
    """Return a review for a script."""
    scheme, report = review.scheme, review.report
    return {
        "id": scheme.id,
        "version": review.document.version,
        "lawful": review.lawful,
        "sound": review.sound,
        "violations": [
            {"rule": v.rule, "message": v.message, "rigid": v.rigid, "source": v.source, "article": v.article, "objects": list(v.objects)}
            for v in report.violations
        ],
        "justified": [{"rule": v.rule, "message": v.message, "reason": j.reason} for v, j in report.justified],
        "unchecked": [{"rule": u.rule, "message": u.message} for u in report.unchecked],
        "limits": [
            {"row": b.row, "title": b.title, "value": b.value, "limit": b.limit, "unit": b.unit, "source": b.source}
            for b in review.limits
        ],
        "doubts": [{"object": d.object_id, "kind": d.kind, "message": d.message} for d in review.doubts],
        "totals": dict(scheme.totals),
        "choices": scheme.choices.to_dict("records"),
        "findings": review.findings.to_dict("records"),
    }  # fmt: skip


def show_review(review: Review) -> None:
    """Print what a scheme does and what stands against it."""
    from hutong.plan.money_words import party_title

    lang, scheme, report = language(), review.scheme, review.report
    totals = scheme.totals
    out.print(
        say(
            f"方案 {scheme.title.zh}，版本 {review.document.version}：{len(scheme.choices)} 处，投资 {yuan(totals['capital_yuan'], 'zh')}。",
            f"Scheme {scheme.title.en}, version {review.document.version}: {len(scheme.choices)} places, works {yuan(totals['capital_yuan'])}.",
        ),
        markup=False,
        soft_wrap=True,
    )
    against: list[Text] = []
    for v in report.violations:
        law = f"{v.source} {v.article}".strip()
        kind = Text("刚性", "rigid") if v.rigid else Text("原则性", "in principle")
        against.append(Text(f"{v.message.zh}（{kind.zh}；{law}）", f"{v.message.en} ({kind.en}; {law})"))
    _lines(against, "✗")
    _lines(
        [
            Text(
                f"{b.title.zh}：{_amount(b.value, b.unit, 'zh')}，限 {_amount(b.limit, b.unit, 'zh')}（{b.source.zh}）",
                f"{b.title.en}: {_amount(b.value, b.unit, 'en')}, limit {_amount(b.limit, b.unit, 'en')} ({b.source.en})",
            )
            for b in review.limits
        ],
        "✗",
    )
    if review.sound:
        out.print(
            say("✓ 未发现违规，也未超出本方案的限制。", "✓ No rule broken, no limit of the plan passed.")
        )
    _lines([u.message for u in report.unchecked], "?")
    _lines([d.message for d in review.doubts], "?")
    for party in ("city", "district", "owner_unit", "owners", "operator"):
        key = "owner_yuan" if party == "owners" else f"{party}_yuan"
        if totals[key]:
            name = party_title(party).get(lang)
            out.print(f"· {name}: {yuan(totals[key], lang)}", markup=False)
    states = review.findings["state"].value_counts()
    mended, partly = int(states.get("mended", 0)), int(states.get("partly", 0))
    consent = totals["consent_expected"]
    _lines(
        [
            Text(
                f"实施主体收益率 {percent(totals['operator_irr'], 'zh', 2)}；预计通过 {percent(consent, 'zh')}；预计自愿迁出 {number(totals['households_leaving'], 'zh')} 户。",
                f"Operator's return {percent(totals['operator_irr'], digits=2)}; expected to pass {percent(consent)}; {number(totals['households_leaving'])} households expected to leave by choice.",
            ),
            Text(
                f"体检问题 {len(review.findings)} 项：解决 {mended}，部分改善 {partly}。",
                f"{len(review.findings)} findings: {mended} mended, {partly} partly.",
            ),
        ]
    )


def _amount(value: float, unit: str, lang: str) -> str:
    code: Any = lang
    return yuan(value, code) if unit == "yuan" else f"{number(value, code, 2)} {unit}"
