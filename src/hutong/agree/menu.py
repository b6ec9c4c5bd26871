"""The menu (居民点餐): residents choose what is improved on their staircase, in their building, on their estate.

Basic items are done in any case and nobody is asked; improving and upgrading items are chosen by the vote that the
law asks for. MenuAnswers come in batches of forms, from doorsteps, paper and online.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hutong.agree.menu_answers import CHOICES, MenuAnswers, broken_forms, read_forms
from hutong.agree.roll import Roll
from hutong.agree.rule import vote_rule
from hutong.agree.tally import ABSTAIN, NO, NONE, YES, tally
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.text import Text

BASIC = "basic"
GROUPS = {
    BASIC: Text("基础类", "basic"),
    "improving": Text("完善类", "improving"),
    "upgrading": Text("提升类", "upgrading"),
}
#: What an item is decided for, and the column of the register that says which one.
SCOPES = {"staircase": "staircase_id", "building": "building_id", "estate": "estate_id"}
_BALLOT = {"yes": YES, "no": NO, "abstain": ABSTAIN}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One item: its group, what it is decided for, the matter that sets the vote, and the measures it stands for.

    ``matter`` is as :func:`~hutong.agree.rule.vote_rule` takes it; ``measures`` are ids of the catalogue of measures.
    """

    id: str
    title: Text
    group: str
    scope: str
    matter: str | int
    measures: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Menu:
    """The items and the register of homes: ``dwelling_id``, ``holder_id``, ``area_cm2`` and the ids of the scopes.

    A scope's id may be unknown where no item is decided there: such a home has no say in it.
    """

    items: tuple[MenuItem, ...]
    homes: pd.DataFrame

    def __post_init__(self) -> None:
        rows = [*_broken_items(self.items), *_broken_homes(self.homes, self.items)]
        if rows:
            raise HutongError(
                "bad-menu",
                Text(
                    f"菜单或住户名册有 {len(rows)} 处不合格。",
                    f"The menu or the register is broken in {len(rows)} places.",
                ),
                Text("请更正所列各处。", "Correct these and try again."),
                rows,
            )

    @property
    def chosen(self) -> tuple[MenuItem, ...]:
        """Items that residents choose."""
        return tuple(i for i in self.items if i.group != BASIC)

    @property
    def columns(self) -> tuple[str, ...]:
        """Ids of the items that stand on the form."""
        return tuple(i.id for i in self.chosen)

    def enter(self, answers: MenuAnswers, forms: pd.DataFrame, batch: str) -> MenuAnswers:
        """Return the answers with a batch of forms added; the whole batch or nothing.

        Parameters
        ----------
        forms
            One row per form: ``dwelling_id``, ``at`` (a time), ``channel`` (doorstep, paper, online),
            ``undertaking`` on property fees (yes, no or blank) and a column per item (yes, no, abstain, or blank
            for no answer). A column left out is blank.

        Raises
        ------
        HutongError
            ``bad-forms`` naming every broken row, ``batch-entered`` if the batch was entered before.
        """
        if batch in answers.batches:
            raise HutongError(
                "batch-entered",
                Text(f"批次 {batch} 已录入。", f"Batch {batch} has been entered."),
                Text(
                    "如需更正，请以新批次录入更正后的表格。",
                    "To correct it, enter the corrected forms as a new batch.",
                ),
            )
        rows = broken_forms(forms, set(self.homes["dwelling_id"].astype(str)), self.columns, self._basic())
        if rows:
            raise HutongError(
                "bad-forms",
                Text(
                    f"批次 {batch} 有 {len(rows)} 处不合格，整批未录入。",
                    f"Batch {batch} is broken in {len(rows)} places; nothing of it was entered.",
                ),
                Text("请更正所列各行后重新录入整批。", "Correct these rows and enter the whole batch again."),
                rows,
            )
        return answers.plus(read_forms(forms, self.columns, batch), batch)

    def _basic(self) -> tuple[str, ...]:
        return tuple(i.id for i in self.items if i.group == BASIC)


def read_menu(text: str) -> tuple[MenuItem, ...]:
    """Read items from YAML: ``items: {id: {title: {zh, en}, group, scope, matter, measures: [...]}}``.

    Raises
    ------
    HutongError
        ``bad-menu`` naming every item in which something is missing.
    """
    body = read_yaml(text)
    rows, out = [], []
    listed: Mapping[str, Any] = body.get("items", {}) if isinstance(body, dict) else {}
    for name, entry in listed.items():
        missing = [k for k in ("title", "group", "scope", "matter", "measures") if k not in entry]
        if missing:
            rows.append(f"{name}: {', '.join(missing)} missing")
            continue
        out.append(
            MenuItem(
                name,
                Text.of(entry["title"]),
                entry["group"],
                entry["scope"],
                entry["matter"],
                tuple(entry["measures"]),
            )
        )
    if rows or not out:
        raise HutongError(
            "bad-menu",
            Text("菜单文件不完整。", "The menu file is incomplete."),
            Text("请补全所列各项。", "Complete the items listed."),
            rows or ["items: none"],
        )
    return tuple(out)


def tally_menu(menu: Menu, answers: MenuAnswers, rules: Rules) -> pd.DataFrame:
    """Count every chosen item where it is decided, by the law's own vote.

    A holder is one head per object with the area of all their homes in it; of their answers the latest counts.

    Returns
    -------
    One row per item and object: ``item``, ``group``, ``scope``, ``object``, ``rule``, ``heads``, ``answered``,
    ``yes``, ``no``, ``abstain``, ``support_heads`` and ``support_area`` (shares of all on the roll), ``quorum``,
    ``passes``, and what is still needed: ``short_heads``, ``short_area_cm2`` of consent, ``quorum_short_heads``.
    """
    given = answers.latest(menu.homes)
    rows = []
    for item in menu.chosen:
        rule = vote_rule(rules, item.matter)
        column = SCOPES[item.scope]
        said = given[given["item"] == item.id]
        for name, homes in menu.homes.groupby(column, sort=True, observed=True):
            roll = Roll.from_units(homes["holder_id"].tolist(), homes["area_cm2"].to_numpy())
            here = said[said["dwelling_id"].isin(homes["dwelling_id"].astype(str))]
            last = here.drop_duplicates("holder_id", keep="last")
            ballots = np.full(len(roll), NONE, np.int8)
            ballots[roll.rows(last["holder_id"])] = [_BALLOT[a] for a in last["answer"]]
            count = tally(roll, ballots, rule)
            rows.append(
                {
                    "item": item.id,
                    "group": item.group,
                    "scope": item.scope,
                    "object": str(name),
                    "rule": count.rule,
                    "heads": count.heads,
                    "answered": int((ballots != NONE).sum()),
                    "yes": count.yes_heads,
                    "no": count.no_heads,
                    "abstain": int((ballots == ABSTAIN).sum()),
                    "support_heads": count.yes_heads / count.heads,
                    "support_area": count.yes_area_cm2 / count.area_cm2,
                    "quorum": count.quorum,
                    "passes": count.passed,
                    "quorum_short_heads": count.quorum_short_heads,
                    "short_heads": count.pass_short_heads,
                    "short_area_cm2": count.pass_short_area_cm2,
                }
            )
    return pd.DataFrame(rows, columns=_TALLY)


_TALLY = [
    "item",
    "group",
    "scope",
    "object",
    "rule",
    "heads",
    "answered",
    "yes",
    "no",
    "abstain",
    "support_heads",
    "support_area",
    "quorum",
    "passes",
    "quorum_short_heads",
    "short_heads",
    "short_area_cm2",
]


def menu_choices(menu: Menu, tallies: pd.DataFrame) -> pd.DataFrame:
    """Return what the optimiser needs: one row per object and measure.

    Columns ``scope``, ``object``, ``measure``, ``item``, ``mandatory``, ``support_heads``, ``support_area``
    (unknown where nobody was asked) and ``passes`` (basic items always).
    """
    rows: list[dict[str, Any]] = []
    counted = {(r.item, r.object): r for r in tallies.itertuples()}
    for item in menu.items:
        for name in sorted(menu.homes[SCOPES[item.scope]].dropna().astype(str).unique()):
            count = counted.get((item.id, name))
            basic = item.group == BASIC
            rows += [
                {
                    "scope": item.scope,
                    "object": name,
                    "measure": measure,
                    "item": item.id,
                    "mandatory": basic,
                    "support_heads": np.nan if count is None else float(count.support_heads),
                    "support_area": np.nan if count is None else float(count.support_area),
                    "passes": basic or (count is not None and bool(count.passes)),
                }
                for measure in item.measures
            ]
    columns = ["scope", "object", "measure", "item", "mandatory", "support_heads", "support_area", "passes"]
    return pd.DataFrame(rows, columns=columns)


def tally_undertakings(menu: Menu, answers: MenuAnswers, scope: str = "staircase") -> pd.DataFrame:
    """Count who has undertaken to pay property fees (物业费), per staircase, building or estate.

    Unknown is not no: ``least`` is the share of homes that surely undertake, ``most`` the share if all unknown did.
    """
    known = answers.undertakings()
    homes = menu.homes[["dwelling_id", SCOPES[scope]]].dropna()
    said = homes["dwelling_id"].astype(str).map(known)
    rows = []
    for name, at in homes.groupby(SCOPES[scope], sort=True, observed=True).groups.items():
        here = said.loc[at]
        yes, no = int((here == "yes").sum()), int((here == "no").sum())
        rows.append(
            {
                "object": str(name),
                "homes": len(here),
                "yes": yes,
                "no": no,
                "unknown": len(here) - yes - no,
                "least": yes / len(here),
                "most": 1 - no / len(here),
            }
        )
    return pd.DataFrame(rows, columns=["object", "homes", "yes", "no", "unknown", "least", "most"])


def _broken_items(items: Sequence[MenuItem]) -> Iterable[str]:
    seen: set[str] = set()
    reserved = {"dwelling_id", "at", "channel", "undertaking"}
    for item in items:
        if item.group not in GROUPS:
            yield f"item {item.id}: group {item.group!r} is not one of {', '.join(GROUPS)}"
        if item.scope not in SCOPES:
            yield f"item {item.id}: scope {item.scope!r} is not one of {', '.join(SCOPES)}"
        if item.id in seen or item.id in reserved:
            yield f"item {item.id}: listed twice, or the name of another column"
        seen.add(item.id)


def _broken_homes(homes: pd.DataFrame, items: Sequence[MenuItem]) -> Iterable[str]:
    needed = {"dwelling_id", "holder_id", "area_cm2"} | {SCOPES[i.scope] for i in items if i.scope in SCOPES}
    missing = sorted(needed - set(homes.columns))
    yield from (f"register: column {column} is missing" for column in missing)
    if missing:
        return
    for column in ("dwelling_id", "holder_id", "area_cm2"):
        yield from (f"register row {i}: {column} is empty" for i in np.flatnonzero(homes[column].isna()))
    twice = homes["dwelling_id"][homes["dwelling_id"].duplicated()]
    yield from (f"register: {name} is listed twice" for name in twice)


__all__ = [
    "BASIC",
    "CHOICES",
    "GROUPS",
    "SCOPES",
    "Menu",
    "MenuAnswers",
    "MenuItem",
    "menu_choices",
    "read_menu",
    "tally_menu",
    "tally_undertakings",
]
