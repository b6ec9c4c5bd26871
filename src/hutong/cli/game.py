"""``hutong evolve game FILE``: rest points, stability, paths and finite populations of any game from YAML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hutong.cli.console import guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text

if TYPE_CHECKING:
    from hutong.evolve.games import Equilibrium, Game, GameFile

KINDS = {
    "stable": Text("● 稳定", "● stable"),
    "unstable": Text("▲ 不稳定", "▲ unstable"),
    "saddle": Text("◐ 鞍点", "◐ saddle"),
    "neutral": Text("○ 线性部分不能判定", "○ linear part undecided"),
}
#: Times at which the path is shown, as shares of the horizon.
SHOWN = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0)


def game(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help=say("博弈文件", "game file"))],
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help=say("改参数，可重复", "change a parameter; may be repeated")
        ),
    ] = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=LOW:HIGH:STEPS",
            show_default=False,
            help=say(
                "让一个参数变动，看何时换稳定点", "move one parameter and see when the stable points change"
            ),
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))
    ] = False,
) -> None:
    """Show what follows from a table of pay-offs."""
    from hutong.evolve.games import read_game

    given = dict(_change(c) for c in changes or [])
    if sweep is None:
        found = _everything(read_game(file, given))
        if as_json:
            print_json(found)
        else:
            _show(found)
        return
    name, values = _sweep(sweep)
    rows: list[dict[str, Any]] = [
        {"value": v, "stable": _stable(read_game(file, {**given, name: v}))} for v in values
    ]
    if as_json:
        print_json({"parameter": name, "rows": rows})
        return
    table = _grid((name, "right"), (say("稳定点", "stable points"), "left"))
    for row in rows:
        table.add_row(
            f"{row['value']:g}", "; ".join(t.get(language()) for t in row["stable"]) or say("无", "none")
        )
    out.print(table)


command = guarded(game)


def _grid(*columns: tuple[str, Any]) -> Any:
    from hutong.cli.show import grid_of as grid

    return grid(*columns)


def _change(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        if not equals:
            raise ValueError
        return name.strip(), float(value)
    except ValueError:
        raise HutongError(
            "bad-change",
            Text(f"看不懂 --set {text}。", f"--set {text} is not understood."),
            Text("写成 名称=数值。", "Write NAME=VALUE."),
        ) from None


def _sweep(text: str) -> tuple[str, list[float]]:
    import numpy as np

    name, _, span = text.partition("=")
    try:
        low, high, steps = span.split(":")
        count = int(steps)
        if not 2 <= count <= 1000:
            raise ValueError
        return name.strip(), np.linspace(float(low), float(high), count).tolist()
    except ValueError:
        raise HutongError(
            "bad-sweep",
            Text(f"看不懂 --sweep {text}。", f"--sweep {text} is not understood."),
            Text("写成 名称=低:高:个数，个数 2–1000。", "Write NAME=LOW:HIGH:STEPS with 2 to 1000 steps."),
        ) from None


def _everything(file: GameFile) -> dict[str, Any]:
    """Return all that is known of a game, ready for JSON."""
    import numpy as np

    from hutong.evolve.games import equilibria, path

    found = equilibria(file.game)
    times = np.array(SHOWN) * file.until
    walk = path(file.game, file.start, times)
    return {
        "title": file.game.title,
        "source": file.source,
        "parameters": {k: {"value": v, "title": file.titles[k]} for k, v in file.parameters.items()},
        "populations": [
            {"id": p.id, "title": p.title, "strategies": [
                {"id": s, "title": t} for s, t in zip(p.strategies, p.titles, strict=True)]}
            for p in file.game.populations
        ],
        "rest_points": [
            {
                "where": name_of(file.game, e),
                "shares": list(e.state),
                "eigenvalues": [{"real": v.real, "imaginary": v.imag} for v in e.eigenvalues.astype(complex).tolist()],
                "kind": e.kind,
                "nash": e.nash,
            }
            for e in found.points
        ],
        "lines": [_support_name(file.game, s) for s in found.lines],
        "complete": found.complete,
        "path": {"times": times, "shares": list(walk)},
        "finite": _finite(file),
    }  # fmt: skip


def _finite(file: GameFile) -> dict[str, Any] | None:
    from hutong.evolve.games import fixation_table, rare_mutations, stationary

    if file.finite is None:
        return None
    f, matrix = file.finite, file.game.payoffs[0]
    how = f.size, f.intensity
    return {
        "size": f.size,
        "intensity": f.intensity,
        "mutation": f.mutation,
        "process": f.process,
        "fixation": fixation_table(matrix, *how, f.process),
        "rare_mutations": rare_mutations(matrix, *how, f.process),
        "frequencies": None
        if f.mutation is None
        else stationary(matrix, *how, f.mutation, f.process).frequencies,
    }


def name_of(game: Game, point: Equilibrium) -> Text:
    """Return a rest point in words: the strategies played, with their share where a population mixes."""

    def words(lang: Any) -> str:
        parts = []
        for p, x, chosen in zip(game.populations, point.state, point.support, strict=True):
            each = [p.titles[h].get(lang) + (f" {x[h]:.1%}" if len(chosen) > 1 else "") for h in chosen]
            parts.append("+".join(each))
        return (" · ").join(parts)

    return Text(words("zh"), words("en"))


def _support_name(game: Game, support: tuple[tuple[int, ...], ...]) -> Text:
    def words(lang: Any) -> str:
        return " · ".join(
            "+".join(p.titles[h].get(lang) for h in chosen)
            for p, chosen in zip(game.populations, support, strict=True)
        )

    return Text(words("zh"), words("en"))


def _stable(file: GameFile) -> list[Text]:
    from hutong.evolve.games import equilibria

    return [name_of(file.game, e) for e in equilibria(file.game).points if e.kind == "stable"]


def _show(found: dict[str, Any]) -> None:
    lang = language()
    out.print(found["title"].get(lang), style="bold", markup=False)
    if found["parameters"]:
        shown = (f"{p['title'].get(lang)} {k}={p['value']:g}" if p["title"].get(lang) != k else f"{k}={p['value']:g}"
                 for k, p in found["parameters"].items())  # fmt: skip
        out.print(say("参数：", "parameters: ") + " · ".join(shown), markup=False)
    table = _grid(
        (say("静止点", "rest point"), "left"), (say("特征值", "eigenvalues"), "left"), (say("判断", "kind"), "left"),
        (say("纳什", "Nash"), "left"),
    )  # fmt: skip
    for e in found["rest_points"]:
        table.add_row(
            e["where"].get(lang), ", ".join(map(_complex, e["eigenvalues"])), KINDS[e["kind"]].get(lang),
            say("是", "yes") if e["nash"] else say("否", "no"),
        )  # fmt: skip
    out.print(table)
    for line in found["lines"]:
        out.print(say(f"· 整条线静止：{line.zh}", f"· a whole line rests: {line.en}"), markup=False)
    if not found["complete"]:
        out.print(say("· 三方以上同时混合的静止点是多起点搜索所得，可能不全。",
                      "· Where three or more mix, rest points were searched from many starts; some may be missing."))  # fmt: skip
    _show_path(found)
    if found["finite"] is not None:
        _show_finite(found["finite"], found["populations"][0]["strategies"])


def _complex(value: dict[str, float]) -> str:
    def fixed(x: float) -> str:
        return f"{0.0 if abs(x) < 1e-12 else x:.4g}".replace("-", "−")

    if abs(value["imaginary"]) < 1e-12:
        return fixed(value["real"])
    sign = "+" if value["imaginary"] > 0 else "−"
    return f"{fixed(value['real'])} {sign} {fixed(abs(value['imaginary']))}i"


def _show_path(found: dict[str, Any]) -> None:
    lang = language()
    heads = [f"{s['title'].get(lang)}" for p in found["populations"] for s in p["strategies"]]
    table = _grid((say("时间", "time"), "right"), *((h, "right") for h in heads))
    for k, t in enumerate(found["path"]["times"]):
        table.add_row(f"{t:g}", *(f"{v:.1%}" for part in found["path"]["shares"] for v in part[k]))
    out.print(say("从起点出发（复制动态）", "from the start (replicator dynamics)"))
    out.print(table)


def _show_finite(f: dict[str, Any], strategies: list[dict[str, Any]]) -> None:
    lang = language()
    names = [s["title"].get(lang) for s in strategies]
    out.print(
        say(f"有限群体 {f['size']} 人，选择强度 {f['intensity']:g}，{f['process']} 过程：一个（列）突变者取代全体（行）的概率",
            f"{f['size']} players, intensity {f['intensity']:g}, {f['process']}: chance that one player of the column takes over the row")
    )  # fmt: skip
    table = _grid(("", "left"), *((n, "right") for n in names))
    for name, row in zip(names, f["fixation"], strict=True):
        table.add_row(name, *("" if v != v else f"{v:.4g}" for v in row))
    out.print(table)
    table = _grid((say("长期份额", "long-run shares"), "left"), *((n, "right") for n in names))
    table.add_row(say("突变极少", "rare mutations"), *(f"{v:.1%}" for v in f["rare_mutations"]))
    if f["frequencies"] is not None:
        table.add_row(
            say(f"突变率 {f['mutation']:g}", f"mutation {f['mutation']:g}"),
            *(f"{v:.1%}" for v in f["frequencies"]),
        )
    out.print(table)
