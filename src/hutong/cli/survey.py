"""``hutong survey``: forms for field teams, and what they bring back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hutong.cli.console import guarded, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text

app = typer.Typer(
    no_args_is_help=True,
    help=say("现场调查：制作调查表、读入结果。", "Field surveys: make the forms, read the answers."),
)

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
Force = Annotated[bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))]


@app.command(
    help=say(
        "制作调查表（.xlsx 含说明和下拉选项；.csv 每类对象一个文件）。",
        "Make the forms (.xlsx with instructions and drop-downs; .csv, one file per kind of object).",
    )
)
@guarded
def template(
    city: CityPath,
    to: Annotated[Path, typer.Option("--out", metavar="FILE", help=".xlsx / .csv")] = Path("survey.xlsx"),
    table: Annotated[
        list[str] | None,
        typer.Option(help=say("只要这些对象（可重复）", "only these objects (may be repeated)")),
    ] = None,
    city_scale: Annotated[
        bool,
        typer.Option("--city", help=say("城市尺度指标的数据表", "the form for figures of the whole city")),
    ] = False,
    force: Force = False,
) -> None:
    """Write the forms of a city."""
    from hutong.city import City
    from hutong.files import already_there, write_bytes
    from hutong.sense.city_scale import INSTRUCTIONS, city_sheet
    from hutong.sense.sheets import csv_bytes, xlsx_bytes
    from hutong.sense.survey import survey_guide, survey_sheets

    kind = _kind(to)
    snapshot = City.load(city)
    sheets = [city_sheet()] if city_scale else survey_sheets(snapshot, table)
    guide = list(INSTRUCTIONS) if city_scale else survey_guide(snapshot)
    if kind == ".xlsx":
        files = {to: xlsx_bytes(sheets, guide)}
    else:
        several = len(sheets) > 1
        files = {to.with_stem(f"{to.stem}-{s.id}") if several else to: csv_bytes(s) for s in sheets}
    for path in files:
        if path.exists() and not force:
            raise already_there(path)
    for path, data in files.items():
        write_bytes(path, data, force=force)
        out.print(say(f"已写入 {path}", f"Wrote {path}"), markup=False, soft_wrap=True)


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise HutongError(
            "unknown-form",
            Text(f"不能写成 {path.name}。", f"{path.name} is no kind of form."),
            Text("文件名请以 .xlsx 或 .csv 结尾。", "Let its name end in .xlsx or .csv."),
        )
    return kind


@app.command(
    help=say(
        "检查填好的调查表；给出 --out 时写成新快照，调查所得记为实测。",
        "Check filled forms; with --out, write a new snapshot that holds the answers as observed.",
    )
)
@guarded
def read(
    city: CityPath,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=".xlsx / .csv")],
    to: Annotated[
        Path | None,
        typer.Option("--out", metavar="NEW", help=say("新快照文件夹", "folder of the new snapshot")),
    ] = None,
    title: Annotated[str, typer.Option(help=say("来源名称", "title of the source"))] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))
    ] = False,
    force: Force = False,
) -> None:
    """Read filled forms."""
    from hutong.city import City
    from hutong.sense.survey import apply_survey, read_survey

    snapshot = City.load(city)
    survey = read_survey(snapshot, files)
    counts = survey.answers.groupby(["table", "item"]).size()
    if to is not None:
        apply_survey(snapshot, survey, title).save(to, force=force)
    if as_json:
        print_json(
            {"answers": survey.answers.to_dict("records"), "files": survey.files, "until": survey.until}
        )
        return
    for (table, item), count in counts.items():
        out.print(f"{table}.{item}: {count:,}", markup=False)
    done = say("检查合格", "All is well")
    if to is not None:
        done += say(f"；已写入 {to}", f"; wrote {to}")
    out.print(done, markup=False, soft_wrap=True)
