"""Games from YAML: any table of pay-offs, as numbers or as formulas of parameters (docs/games.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np
import yaml

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.evolve.games.finite import Process
from hutong.evolve.games.formula import value_of
from hutong.evolve.games.replicator import State, check_state
from hutong.evolve.games.table import Game, Population
from hutong.text import Text

_KEYS = {"title", "source", "parameters", "populations", "payoffs", "matrix", "start", "until", "finite"}


@dataclass(frozen=True)
class Finite:
    """A finite population: players, strength of selection, mutation rate (None: rare mutations only), process."""

    size: int
    intensity: float
    mutation: float | None
    process: Process


@dataclass(frozen=True)
class GameFile:
    """A game with the values of its parameters, a start and a horizon, and what is said of finite populations."""

    game: Game
    parameters: Mapping[str, float]
    titles: Mapping[str, Text]
    start: State
    until: float
    finite: Finite | None
    source: str


def read_game(path: Path, changes: Mapping[str, float] | None = None) -> GameFile:
    """Return the game of a file.

    Parameters
    ----------
    changes
        Values of parameters of the file to take instead, by name.

    Raises
    ------
    HutongError
        ``bad-game`` where the file cannot be read or its parts do not fit; ``bad-formula``; ``bad-start``;
        ``no-such-parameter`` for a change of a parameter that the file does not have.
    """
    try:
        raw = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as caught:
        reason = " ".join(str(caught).split())
        raise _bad(f"无法读取 {path}（{reason}）", f"{path} cannot be read ({reason})") from None
    if not isinstance(raw, dict):
        raise _bad(f"{path} 不是一个映射", f"{path} is not a mapping")
    unknown = sorted(set(map(str, raw)) - _KEYS)
    if unknown:
        raise _bad(f"不认识的项：{', '.join(unknown)}", f"unknown entries: {', '.join(unknown)}")
    return _read(raw, changes or {})


def _read(raw: dict[str, Any], changes: Mapping[str, float]) -> GameFile:
    values, titles = _parameters(raw.get("parameters") or {}, changes)
    people = _populations(raw.get("populations"))
    payoffs = _matrix(raw, people, values) if len(people) == 1 else _profiles(raw, people, values)
    game = Game(_title(raw.get("title"), "game", "title"), people, payoffs)
    start = _start(raw.get("start"), people)
    check_state(game, start)
    until = value_of(raw.get("until", 100), values, "until")
    if until <= 0:
        raise _bad("until 应大于 0", "until must be above 0")
    finite = _finite(raw["finite"], people, values) if raw.get("finite") is not None else None
    return GameFile(game, values, titles, start, until, finite, str(raw.get("source") or ""))


def _bad(zh: str, en: str) -> HutongError:
    return HutongError(
        "bad-game",
        Text(f"博弈文件有误：{zh}。", f"The game file is wrong: {en}."),
        Text("格式见 docs/games.md。", "The form is in docs/games.md."),
    )


def _title(raw: object, fallback: str, where: str) -> Text:
    """Return a text given as ``{zh, en}``, as one string, or not at all."""
    if raw is None:
        return Text(fallback, fallback)
    if isinstance(raw, str | int | float):
        return Text(str(raw), str(raw))
    if isinstance(raw, dict):
        zh, en = raw.get("zh", raw.get("en", fallback)), raw.get("en", raw.get("zh", fallback))
        return Text(str(zh), str(en))
    raise _bad(f"{where} 应是文字或 zh/en", f"{where} must be a text or zh/en")


def _parameters(raw: object, changes: Mapping[str, float]) -> tuple[dict[str, float], dict[str, Text]]:
    """Return values and titles; a value may be a formula of those above it."""
    if not isinstance(raw, dict):
        raise _bad("parameters 应是映射", "parameters must be a mapping")
    unknown = sorted(set(changes) - set(map(str, raw)))
    if unknown:
        names = ", ".join(unknown)
        raise HutongError(
            "no-such-parameter",
            Text(f"博弈文件没有参数 {names}。", f"The game file has no parameter {names}."),
            Text(
                f"可用的有：{', '.join(map(str, raw)) or '（无）'}。",
                f"It has: {', '.join(map(str, raw)) or 'none'}.",
            ),
        )
    values: dict[str, float] = {}
    titles: dict[str, Text] = {}
    for name, given in raw.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise _bad(f"参数名 {name!r} 不是标识符", f"the parameter name {name!r} is not an identifier")
        formula = given.get("value") if isinstance(given, dict) else given
        values[name] = changes.get(name, value_of(formula, values, f"parameters.{name}"))
        titles[name] = _title(given if isinstance(given, dict) else None, name, f"parameters.{name}")
    return values, titles


def _populations(raw: object) -> tuple[Population, ...]:
    if not isinstance(raw, dict) or not raw:
        raise _bad("缺 populations（群体与其策略）", "populations, with their strategies, are missing")
    people = []
    for name, given in raw.items():
        strategies = given.get("strategies") if isinstance(given, dict) else given
        if isinstance(strategies, list):
            strategies = {str(s): None for s in strategies}
        if not isinstance(strategies, dict) or len(strategies) < 1:
            raise _bad(f"群体 {name} 没有策略", f"population {name} has no strategies")
        people.append(
            Population(
                str(name),
                _title(given if isinstance(given, dict) else None, str(name), str(name)),
                tuple(str(s) for s in strategies),
                tuple(_title(t, str(s), f"{name}.{s}") for s, t in strategies.items()),
            )
        )
    return tuple(people)


def _matrix(
    raw: dict[str, Any], people: tuple[Population, ...], values: Mapping[str, float]
) -> tuple[np.ndarray]:
    """Return the pay-offs of a population that plays itself, from ``matrix``."""
    size, rows = len(people[0].strategies), raw.get("matrix")
    if raw.get("payoffs") is not None:
        raise _bad("单一群体用 matrix，不用 payoffs", "one population takes matrix, not payoffs")
    if not isinstance(rows, list) or [len(r) if isinstance(r, list) else -1 for r in rows] != [size] * size:
        raise _bad(
            f"matrix 应有 {size} 行 {size} 列（行策略对列策略的收益）",
            f"matrix must have {size} rows of {size} (what the row's strategy gets against the column's)",
        )
    table = [
        [value_of(cell, values, f"matrix[{i + 1}][{j + 1}]") for j, cell in enumerate(row)]
        for i, row in enumerate(rows)
    ]
    return (np.array(table),)


def _profiles(
    raw: dict[str, Any], people: tuple[Population, ...], values: Mapping[str, float]
) -> tuple[np.ndarray, ...]:
    """Return the pay-offs of several populations from ``payoffs``: one row ``{when, pay}`` per profile."""
    rows = raw.get("payoffs")
    if raw.get("matrix") is not None or not isinstance(rows, list):
        raise _bad(
            "多个群体用 payoffs：每行 when 与 pay", "several populations take payoffs: rows of when and pay"
        )
    tables = [np.full([len(p.strategies) for p in people], np.nan) for _ in people]
    for k, row in enumerate(rows, 1):
        where = f"payoffs[{k}]"
        if not isinstance(row, dict) or set(row) != {"when", "pay"}:
            raise _bad(f"{where} 应含 when 与 pay", f"{where} must hold when and pay")
        place = _place(row["when"], people, where)
        pay = row["pay"]
        if not isinstance(pay, list) or len(pay) != len(people):
            raise _bad(
                f"{where}.pay 应有 {len(people)} 个收益", f"{where}.pay must hold {len(people)} pay-offs"
            )
        if not np.isnan(tables[0][place]):
            raise _bad(f"{where} 与前面的组合重复", f"{where} repeats a profile")
        for i, cell in enumerate(pay):
            tables[i][place] = value_of(cell, values, f"{where}.pay[{i + 1}]")
    for profile in product(*(range(len(p.strategies)) for p in people)):
        if np.isnan(tables[0][profile]):
            names = ", ".join(p.strategies[h] for p, h in zip(people, profile, strict=True))
            raise _bad(f"缺组合（{names}）的收益", f"the profile ({names}) has no pay-offs")
    return tuple(tables)


def _place(when: object, people: Sequence[Population], where: str) -> tuple[int, ...]:
    if not isinstance(when, list) or len(when) != len(people):
        raise _bad(
            f"{where}.when 应依次写出 {len(people)} 个群体的策略",
            f"{where}.when must name the strategy of each of the {len(people)} populations in order",
        )
    place = []
    for name, population in zip(map(str, when), people, strict=True):
        if name not in population.strategies:
            raise _bad(
                f"{where}：群体 {population.id} 没有策略 {name}",
                f"{where}: {population.id} has no strategy {name}",
            )
        place.append(population.strategies.index(name))
    return tuple(place)


def _start(raw: object, people: tuple[Population, ...]) -> State:
    """Return the shares at the start; without any, all strategies are equally common."""
    if raw is None:
        return tuple(np.full(len(p.strategies), 1.0 / len(p.strategies)) for p in people)
    if not isinstance(raw, dict) or set(map(str, raw)) != {p.id for p in people}:
        raise _bad("start 应给出每个群体的份额", "start must give the shares of every population")
    shares = []
    for p in people:
        given = raw[p.id]
        if not isinstance(given, list) or len(given) != len(p.strategies):
            raise _bad(
                f"start.{p.id} 应有 {len(p.strategies)} 个份额",
                f"start.{p.id} must hold {len(p.strategies)} shares",
            )
        shares.append(np.array([value_of(v, {}, f"start.{p.id}") for v in given]))
    return tuple(shares)


def _finite(raw: object, people: tuple[Population, ...], values: Mapping[str, float]) -> Finite:
    if len(people) != 1:
        raise _bad("finite 只用于单一群体", "finite is for a population that plays itself")
    if not isinstance(raw, dict) or not {"size", "intensity"} <= set(raw) <= {
        "size",
        "intensity",
        "mutation",
        "process",
    }:
        raise _bad("finite 应含 size、intensity，可含 mutation、process",
                   "finite must hold size and intensity, and may hold mutation and process")  # fmt: skip
    size = value_of(raw["size"], values, "finite.size")
    process = raw.get("process", "fermi")
    if process not in ("fermi", "moran") or size != int(size) or size < 2:
        raise _bad("finite.process 为 fermi 或 moran，size 为不小于 2 的整数",
                   "finite.process is fermi or moran, and size a whole number from 2")  # fmt: skip
    mutation = raw.get("mutation")
    return Finite(
        int(size),
        value_of(raw["intensity"], values, "finite.intensity"),
        None if mutation is None else value_of(mutation, values, "finite.mutation"),
        cast("Process", process),
    )
