"""A bargain as a file: what is shared, between whom, and what each group could do by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.plan.coalitions import NUCLEOLUS_PLAYERS, CoreCheck, Game, core_check, nucleolus, shapley
from hutong.plan.groups import GroupGame, core_of_groups, shapley_of
from hutong.plan.money_words import party_title
from hutong.plan.sharing import Party, Split, nash_split
from hutong.text import Text

Floats = NDArray[np.float64]
_FIELDS = {
    "without_yuan": "disagreement_yuan",
    "weight": "weight",
    "least_yuan": "least_yuan",
    "most_yuan": "most_yuan",
}


@dataclass(frozen=True)
class Bargain:
    """What a file states: the surplus, the parties, and the worth of every coalition where it is stated."""

    surplus_yuan: float
    parties: tuple[Party, ...]
    game: Game | GroupGame | None


@dataclass(frozen=True)
class Sharing:
    """The bargain solved: the Nash split, and by the worth of coalitions Shapley values and nucleolus, each with its core check.

    ``errors`` are standard errors of Shapley values that are estimated (0 where they are exact).
    """

    split: Split
    divisions: Mapping[str, tuple[Floats, CoreCheck]]
    errors: Floats


#: What the divisions are called.
DIVISIONS = {
    "nash": Text("纳什谈判解", "Nash bargaining"),
    "shapley": Text("沙普利值", "Shapley value"),
    "nucleolus": Text("核仁", "nucleolus"),
}


def read_bargain(path: Path) -> Bargain:
    """Read a bargain from YAML.

    ``surplus_yuan``; ``parties`` by id, each with ``without_yuan``, ``weight``, ``least_yuan``, ``most_yuan`` and ``title``
    as needed; ``worth`` of every coalition as ``a+b: yuan``, or ``groups`` that could act by themselves in the same form
    (optional; the surplus is then what all are worth together).

    Raises
    ------
    HutongError
        ``bad-bargain`` with every broken entry; ``bad-game``.
    """
    try:
        raw = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as caught:
        raise _bad([f"{path.name}: {caught}"]) from caught
    if not isinstance(raw, dict) or not isinstance(raw.get("parties"), dict):
        raise _bad([f"{path.name}: parties are missing"])
    broken = [f"{k}: not known" for k in raw if k not in ("surplus_yuan", "parties", "worth", "groups")]
    parties = []
    for name, entry in raw["parties"].items():
        found = _party(str(name), entry or {}, broken)
        if found is not None:
            parties.append(found)
    worth = raw.get("worth")
    if worth is not None and not (isinstance(worth, dict) and all(_is_number(v) for v in worth.values())):
        broken.append("worth: yuan by coalition, such as a+b: 100")
    groups = raw.get("groups")
    if groups is not None and not (isinstance(groups, dict) and all(_is_number(v) for v in groups.values())):
        broken.append("groups: yuan by group, such as a+b: 100")
    if groups is not None and worth is not None:
        broken.append("worth and groups: give one of them")
    if "surplus_yuan" not in raw and worth is None and groups is None:
        broken.append("surplus_yuan: missing")
    if "surplus_yuan" in raw and not _is_number(raw["surplus_yuan"]):
        broken.append(f"surplus_yuan: {raw['surplus_yuan']}")
    if broken:
        raise _bad(broken)
    ids, whole = [p.id for p in parties], 0.0
    game: Game | GroupGame | None = None
    if worth is not None:
        game = Game.read(ids, worth)
        whole = float(game.worth[-1])
    elif groups is not None:
        game = GroupGame.read(ids, groups)
        whole = float(game.value(np.ones((1, len(ids)), bool))[0])
    surplus = float(raw["surplus_yuan"]) if "surplus_yuan" in raw or game is None else whole
    if game is not None and surplus != whole:
        raise _bad([f"surplus_yuan {surplus} is not the worth of all together, {whole}"])
    return Bargain(surplus, tuple(parties), game)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _party(name: str, entry: Any, broken: list[str]) -> Party | None:
    """Return a party, or add what is wrong with it to ``broken``."""
    if not isinstance(entry, dict):
        broken.append(f"{name}: {entry}")
        return None
    title = entry.get("title", party_title(name))
    wrong = [f"{name}: {k} is not known" for k in entry if k not in (*_FIELDS, "title")]
    wrong += [f"{name}: {k} {entry[k]}" for k in _FIELDS if k in entry and not _is_number(entry[k])]
    if not isinstance(title, Text) and not (isinstance(title, dict) and {"zh", "en"} <= set(title)):
        wrong.append(f"{name}: title needs zh and en")
    broken += wrong
    if wrong:
        return None
    return Party(name, Text.of(title), **{_FIELDS[k]: float(entry[k]) for k in _FIELDS if k in entry})


def _bad(rows: list[str]) -> HutongError:
    return HutongError(
        "bad-bargain",
        Text("分配文件有误。", "The file of the bargain is not usable."),
        Text(
            "请按 docs/money.md 的格式改正所列各项。",
            "Mend the entries listed; docs/money.md shows the form.",
        ),
        rows,
    )


def share(bargain: Bargain, *, seed: int = 1) -> Sharing:
    """Return the bargain solved in each way that what is stated allows; ``seed`` is of Shapley values above the exact size."""
    split = nash_split(bargain.surplus_yuan, bargain.parties)
    game, none = bargain.game, np.zeros(len(bargain.parties))
    table: Game | None
    if game is None:
        return Sharing(split, {}, none)
    if isinstance(game, Game):
        found, error, table = {"nash": np.array(split.yuan), "shapley": shapley(game)}, none, game
    else:
        value = shapley_of(game, seed=seed)
        found, error = {"nash": np.array(split.yuan), "shapley": value.yuan}, value.error
        table = game.table() if len(game.players) <= NUCLEOLUS_PLAYERS else None
    if table is not None and len(game.players) <= NUCLEOLUS_PLAYERS:
        found["nucleolus"] = nucleolus(table)
    checks = {n: core_check(game, x) if isinstance(game, Game) else core_of_groups(game, x) for n, x in found.items()}  # fmt: skip
    return Sharing(split, {name: (x, checks[name]) for name, x in found.items()}, error)
