"""``hutong requests analyse | evaluate | train``: what an office's list of requests tells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from hutong.cli.console import guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text, number, percent

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "接诉即办：诉求分类、热点、重复、三率、预测。",
        "Requests: classes, hot topics, repeats, rates, forecast.",
    ),
)

FilePath = Annotated[
    Path, typer.Argument(metavar="FILE", help=say("工单表（CSV 或 .xlsx）", "requests (CSV or .xlsx)"))
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=COLUMN",
        help=say("列名对应，可多次", "which column is a field; repeatable"),
    ),
]
Encoding = Annotated[
    str | None, typer.Option(help=say("文件编码", "encoding of the file"), show_default=False)
]
LeaveOut = Annotated[
    bool,
    typer.Option("--leave-out-broken", help=say("略去不合格的行", "leave broken rows out, and list them")),
]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
Folds = Annotated[int, typer.Option(min=2, max=20, help=say("交叉验证折数", "folds of cross-validation"))]
Seed = Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))]


@app.command(
    help=say(
        "分析一张工单表（或城市快照里的诉求）。", "Analyse a list of requests, or those of a city folder."
    )
)
@guarded
def analyse(
    file: FilePath,
    model: Annotated[
        Path | None, typer.Option(metavar="MODEL.npz", help=say("训练好的分类模型", "a trained model"))
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help=say("三率按何统计", "rates by unit, subdistrict or community"), show_default=False),
    ] = None,
    datum: Annotated[
        str | None,
        typer.Option(
            help=say("经纬度坐标系：wgs84、cgcs2000、gcj02、bd09", "datum of coordinates"), show_default=False
        ),
    ] = None,
    zone: Annotated[
        str, typer.Option(help=say("未注明时区的时间按此时区", "zone of times that state none"))
    ] = "Asia/Shanghai",
    jurisdiction: Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))] = "beijing",
    column: Columns = None,
    encoding: Encoding = None,
    leave_out_broken: LeaveOut = False,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Analyse a list of requests."""
    from hutong.rules import load_rules
    from hutong.sense.requests import analyse as run
    from hutong.sense.requests import from_city, load_model, read_requests

    if (file / "city.toml").is_file():
        from hutong.city import City

        requests = from_city(City.load(file))
    else:
        requests = read_requests(
            file,
            zone=zone,
            datum=datum,
            columns=_columns(column),
            encoding=encoding,
            leave_out_broken=leave_out_broken,
        )
    trained = load_model(model) if model is not None else None
    result = run(requests, load_rules(jurisdiction), model=trained, by=by, seed=seed)
    if as_json:
        print_json(result.data())
    else:
        _show(result)


@app.command(
    help=say(
        "用已分类的历史检验分类（交叉验证）。", "Test classification on labelled history (cross-validation)."
    )
)
@guarded
def evaluate(
    file: FilePath,
    folds: Folds = 5,
    column: Columns = None,
    encoding: Encoding = None,
    leave_out_broken: LeaveOut = False,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Print macro-F1 by cross-validation."""
    from hutong.sense.requests import evaluate as run

    texts, labels = _labelled(file, column, encoding, leave_out_broken)
    result = run(texts, labels, folds=folds, seed=seed)
    if as_json:
        print_json(
            {
                "macro_f1": result.macro_f1, "accuracy": result.accuracy, "macro_f1_by_fold": result.macro_f1_by_fold,
                "requests": result.n, "distinct_texts": result.distinct, "folds": result.folds,
                "keywords_macro_f1": result.keywords_macro_f1, "commonest_macro_f1": result.commonest_macro_f1,
                "left_out": result.left_out,
                "classes": result.classes.reset_index(names="class").to_dict("records"),
                "confusion": {str(k): {str(c): int(n) for c, n in r.items() if n} for k, r in result.confusion.iterrows()},
            }
        )  # fmt: skip
        return
    _say(result.lines())
    table = _table([say("类别", "class"), "n", say("精确率", "precision"), say("召回率", "recall"), "F1"])
    for name, row in result.classes.iterrows():
        table.add_row(str(name), number(row["n"]), *(f"{row[c]:.3f}" for c in ("precision", "recall", "f1")))
    out.print(table)


@app.command(
    help=say(
        "用自有历史训练分类模型，写出模型和模型卡。",
        "Train on your own history; write the model and its card.",
    )
)
@guarded
def train(
    file: FilePath,
    to: Annotated[
        Path, typer.Option("--out", metavar="MODEL.npz", help=say("输出文件", "output file"))
    ] = Path("request-model.npz"),
    folds: Folds = 5,
    column: Columns = None,
    encoding: Encoding = None,
    leave_out_broken: LeaveOut = False,
    seed: Seed = 1,
    force: Annotated[
        bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))
    ] = False,
) -> None:
    """Train a model, test it and write both with a model card."""
    from hutong.files import already_there, write_text
    from hutong.sense.requests import evaluate as test
    from hutong.sense.requests import model_card, save_model
    from hutong.sense.requests import train as learn

    card = to.with_suffix(".md")
    for path in (to, card):
        if path.exists() and not force:
            raise already_there(path)
    texts, labels = _labelled(file, column, encoding, leave_out_broken)
    result = test(texts, labels, folds=folds, seed=seed)
    model = learn(texts, labels, seed=seed)
    save_model(model, to, force=force)
    words = model_card(model, result, file.name)
    write_text(card, f"{words.zh}\n---\n\n{words.en}", force=force)
    _say(result.lines())
    out.print(say(f"已写入 {to} 和 {card}", f"Wrote {to} and {card}"), markup=False, soft_wrap=True)


def _columns(stated: Sequence[str] | None) -> dict[str, str]:
    """Read ``field=column`` pairs."""
    from hutong.sense.requests import FIELDS

    pairs = {field: name for field, _, name in (s.partition("=") for s in stated or ())}
    wrong = [k for k, v in pairs.items() if k not in (*FIELDS, "lon", "lat") or not v]
    if wrong:
        raise HutongError(
            "no-columns",
            Text(f"--column 写法不对：{'、'.join(wrong)}。", f"--column cannot be read: {', '.join(wrong)}."),
            Text(
                f"写作 字段=列名，字段为：{'、'.join(FIELDS)}。",
                f"Write FIELD=COLUMN; fields are {', '.join(FIELDS)}.",
            ),
        )
    return pairs


def _labelled(
    file: Path, column: Sequence[str] | None, encoding: str | None, leave_out_broken: bool
) -> tuple[list[str], list[str]]:
    """Return the texts and labels of a file of history; rows without a label are not used."""
    from hutong.sense.requests import read_requests

    requests = read_requests(
        file, columns=_columns(column), fields=("title", "text", "category"), encoding=encoding,
        leave_out_broken=leave_out_broken,
    )  # fmt: skip
    labels = requests.table["category"]
    known = labels.notna().to_numpy()
    if not known.any():
        raise HutongError(
            "no-columns",
            Text(f"{file.name} 没有分类一列。", f"{file.name} has no column of classes."),
            Text("用 --column category=列名 注明。", "State it with --column category=COLUMN."),
        )
    words = requests.words()
    return [w for w, k in zip(words, known, strict=True) if k], labels[known].astype(str).tolist()


def _say(lines: Sequence[Text]) -> None:
    for line in lines:
        out.print(f"· {line.get(language())}", markup=False, soft_wrap=True)


def _table(columns: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(name, justify="left" if i == 0 else "right")
    return table


def _show(result: Any) -> None:
    """Show an analysis: what matters first, then classes and the rates of units."""
    from hutong.sense.requests import summary
    from hutong.sense.requests.rates import RATE_TITLES

    lang = language()
    _say(summary(result))
    table = _table(
        [
            say("类别", "class"),
            say("件数", "requests"),
            say("占比", "share"),
            say("通常主责", "usual department"),
        ]
    )
    for row in result.counts().itertuples():
        title, who = (row.title_zh, row.department_zh) if lang == "zh" else (row.title_en, row.department_en)
        table.add_row(title, number(row.requests), percent(row.share), who or "–")
    out.print(table)
    units = result.rates[result.rates["place"] != ""]
    if not len(units):
        return
    words = {
        "above": say("高于总体", "above all"), "below": say("低于总体", "below all"),
        "unclear": say("与总体无明显差别", "no clear difference"), "small": say("件数太少", "too few to say"),
    }  # fmt: skip
    table = _table(
        [
            say("单位", "unit"),
            say("指标", "rate"),
            say("比例", "share"),
            say("95% 区间", "95% interval"),
            "n",
            "",
        ]
    )
    for row in units.itertuples():
        interval = f"{percent(row.low)}–{percent(row.high)}"
        table.add_row(
            str(row.place), RATE_TITLES[row.rate].get(lang), percent(row.share), interval, number(row.known), words[row.beside_all]
        )  # fmt: skip
    out.print(table)
