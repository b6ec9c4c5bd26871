"""The menu on paper: the register of homes from the rolls, the form that goes out, and what comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from hutong.agree.menu import SCOPES, Menu, MenuItem
from hutong.agree.menu_answers import CHANNELS, CHOICES, UNDERTAKING
from hutong.agree.owners import owners_roll
from hutong.agree.roll_book import RollBook
from hutong.city import City
from hutong.errors import HutongError
from hutong.sense.sheets import Sheet, read_sheets
from hutong.text import Text

#: Columns of a form beside the items.
HEADERS = {
    "dwelling_id": Text("住房", "Home"),
    "at": Text("填表时间", "When it was filled in"),
    "channel": Text("渠道", "Channel"),
    "undertaking": Text("承诺缴纳物业费", "Undertakes to pay property fees"),
}


def menu_book(city: City, holdings: pd.DataFrame | None = None) -> RollBook:
    """Return the owners' roll of the whole city, from which a menu takes its register."""
    return owners_roll(city, np.arange(len(city["dwellings"])), "menu", holdings)


def menu_of(city: City, items: tuple[MenuItem, ...], book: RollBook) -> Menu:
    """Return a menu over the homes on a roll; homes held back from it have no say until their titles are cleared."""
    entries = pd.DataFrame(
        [(e.dwelling_id, e.head, e.area_cm2) for e in book.entries],
        columns=["dwelling_id", "holder_id", "area_cm2"],
    )
    homes = city["dwellings"][["dwelling_id", "staircase_id", "building_id"]]
    estate = city["plots"].set_index("plot_id")["estate_id"]
    of_building = city["buildings"].set_index("building_id")["plot_id"].map(estate)
    homes = homes.assign(estate_id=homes["building_id"].map(of_building))
    register = entries.merge(homes, on="dwelling_id", how="left", sort=False)
    for column in SCOPES.values():
        register[column] = register[column].astype(object).where(register[column].notna(), None)
    return Menu(items, register)


def menu_sheet(menu: Menu) -> Sheet:
    """Return the form: a row per home, a column per item that is chosen, answers in drop-downs."""
    columns = {**HEADERS, **{i.id: i.title for i in menu.chosen}}
    choices = {"channel": CHANNELS, "undertaking": UNDERTAKING, **{i.id: CHOICES for i in menu.chosen}}
    rows = [[str(h), *[""] * (len(columns) - 1)] for h in menu.homes["dwelling_id"]]
    return Sheet("menu", Text("居民点餐", "Menu"), columns, rows, choices)


def read_menu_forms(path: Path) -> pd.DataFrame:
    """Return the forms of a filled file, indexed by their row in it; homes that gave no answer are left out.

    Raises
    ------
    HutongError
        As :func:`~hutong.sense.sheets.read_sheets`, or ``unreadable`` if the file holds several sheets or none.
    """
    tables = list(read_sheets(path).values())
    if len(tables) != 1:
        raise HutongError(
            "unreadable",
            Text(f"{path.name} 应只有一张表。", f"{path.name} should hold one form."),
            Text(
                "请用 hutong agree menu-form 生成的表格。", "Use the form that hutong agree menu-form makes."
            ),
        )
    rows = {
        number: {name: word or None for name, word in cells.items()}
        for number, cells in tables[0].rows
        if any(word for name, word in cells.items() if name != "dwelling_id")
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(tables[0].columns), dtype=object)
