"""The roll of homes: read from a snapshot's dwellings and titles, and the names that an office adds, kept as hashes."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd
from django.conf import settings

from hutong.agree.homes import HOLDING_KINDS, Holdings
from hutong.city import City
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.sense.sheets import HEADER_ROWS, Sheet, read_sheets
from hutong.sense.title_register import title_register
from hutong.sense.title_rule import home_titles, words
from hutong.service.residents.models import Home
from hutong.text import Text

#: A staircase's id that is a serial number.
_SERIAL = re.compile(r"\d{4,}")
OWNER, TENANT = "resident_owner", "resident_tenant"
#: Kinds of holder who may be verified as owner or as tenant.
KINDS = {OWNER: ("owner", "heir"), TENANT: ("lessee", "successor", "co_resident")}
_COLUMNS = {
    "dwelling_id": Text("户号（勿改）", "home (leave as it is)"),
    "where": Text("位置（勿改）", "where (leave as it is)"),
    "kind": Text(f"权利人类别［{'/'.join(HOLDING_KINDS)}］", f"kind of holder [{'/'.join(HOLDING_KINDS)}]"),
    "name": Text("姓名（只存密码学摘要）", "name (kept as a keyed hash alone)"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of paper that may be shown at the counter; ``role`` is "" where the roll decides."""

    id: str
    title: Text
    role: str


@cache
def documents() -> dict[str, Document]:
    """Return the kinds of document by id (``documents.yaml``)."""
    raw = read_yaml(files(__package__).joinpath("documents.yaml").read_text("utf-8"))
    roles = {"owner": OWNER, "tenant": TENANT, "living": ""}
    return {key: Document(key, Text.of(row), roles[row["as"]]) for key, row in raw.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """A home of a snapshot as the roll needs it."""

    dwelling_id: str
    building_id: str
    stair: str
    stair_number: int | None
    storey: float | None
    held: str
    lives_as: str


def lines(city: City) -> list[Line]:
    """Return the homes of a snapshot.

    Whoever opens a home's letter lives there: as owner where people hold the home and its owner lives in it by the
    snapshot, else as tenant, which is the lesser claim; an owner who lets the home comes to the counter.
    """
    homes, dwellings = home_titles(city), city["dwellings"]
    register = title_register(city).drop_duplicates("dwelling_id").set_index("dwelling_id")["holder_kind"]
    held = homes["dwelling_id"].map(register).fillna("").replace("", "unknown").to_numpy()
    lives = (held == "people") & (homes["occupancy"] == "owner").to_numpy()
    storeys = dwellings["storey"].to_numpy(float, na_value=float("nan"))
    rows = zip(
        words(dwellings["dwelling_id"]), words(dwellings["building_id"]), words(dwellings["staircase_id"]),
        storeys, held, lives, strict=True,
    )  # fmt: skip
    numbers = stair_numbers(dwellings)
    return [
        Line(str(d), str(b), str(s), numbers.get((str(b), str(s))), None if n != n else float(n), str(h), OWNER if own else TENANT)
        for d, b, s, n, h, own in rows
    ]  # fmt: skip


def stair_numbers(dwellings: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return which staircase of its building each is, from 1 in the order of ids, where the id is a serial number.

    An id with four digits or more says nothing to a reader; any other is taken for the name that is written at the door
    (confidence U: our convention). The number need not be the one at the door: it is told as assumed, and in no home's title.
    """
    known = dwellings[["building_id", "staircase_id"]].astype(object).dropna().drop_duplicates()
    known = known[known["staircase_id"] != ""].sort_values(["building_id", "staircase_id"], kind="stable")
    nth = known.groupby("building_id", sort=False).cumcount() + 1
    rows = zip(known["building_id"], known["staircase_id"], nth, strict=True)
    return {(str(b), str(s)): int(n) for b, s, n in rows if _SERIAL.search(str(s))}


def digest(roll: Sequence[Line]) -> str:
    """Return the SHA-256 of a roll, whatever the order of its homes."""
    rows = sorted(
        [line.dwelling_id, line.building_id, line.stair, line.storey, line.held, line.lives_as]
        for line in roll
    )
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def keyed(purpose: str, value: str) -> str:
    """Return a keyed hash: without the site's secret key nobody can try values against it."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{purpose}:{value}".encode(), "sha256").hexdigest()


def name_token(home: Home, name: str) -> str:
    """Return what a name is kept as: of one home only, so that the same person in two homes cannot be seen."""
    plain = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
    return keyed(f"holder-{home.quarter_id}-{home.dwelling_id}", plain)


def names_sheet(homes: Sequence[Home]) -> Sheet:
    """Return the form in which an office enters the holders of homes; the names on record are not in it."""
    rows = [[h.dwelling_id, h.title.zh, "", ""] for h in homes]
    return Sheet("holders", Text("权利人", "Holders"), _COLUMNS, rows, {"kind": HOLDING_KINDS})


def read_names(path: Path, homes: dict[str, Home]) -> list[tuple[Home, str, str]]:
    """Read a filled form; return home, kind and token of each holder.

    Raises
    ------
    HutongError
        ``bad-holdings`` naming row and column of every fault; ``unreadable``; ``empty-roll``.
    """
    table = next(iter(read_sheets(path).values()), None)
    if table is None or not {"dwelling_id", "kind", "name"} <= set(table.columns):
        raise HutongError(
            "bad-holdings",
            Text("这不是权利人表。", "This is not the form of holders."),
            Text("请用本页下载的表格填写。", "Fill in the form that this page offers."),
        )
    filled = [(line, cells) for line, cells in table.rows if cells["name"] or cells["kind"]]
    faults = [f"row {line}, {fault}" for line, cells in filled for fault in _faults(cells, homes)]
    if faults:
        raise HutongError(
            "bad-holdings",
            Text(f"权利人表有 {len(faults)} 处不合格。", f"The form of holders has {len(faults)} faults."),
            Text("请改正所列各处；没有存入任何数据。", "Mend what is listed; nothing was stored."),
            faults,
        )
    if not filled:
        raise HutongError(
            "empty-roll",
            Text("表里没有填写姓名。", "The form holds no names."),
            Text(f"从第 {HEADER_ROWS + 1} 行起填写。", f"Fill it in from row {HEADER_ROWS + 1}."),
        )
    out = [
        (homes[c["dwelling_id"]], c["kind"], name_token(homes[c["dwelling_id"]], c["name"]))
        for _, c in filled
    ]
    frame = pd.DataFrame(
        [(h.dwelling_id, token, kind) for h, kind, token in out], columns=["dwelling_id", "holder", "kind"]
    )
    Holdings.from_table(frame, homes)  # the one reading of who may hold what
    return out


def _faults(cells: dict[str, str], homes: dict[str, Home]) -> Iterator[str]:
    if cells["dwelling_id"] not in homes:
        yield f"dwelling_id: no home {cells['dwelling_id']!r} on the roll / 名录里没有这一户"
    if cells["kind"] not in HOLDING_KINDS:
        yield f"kind: {cells['kind']!r}; one of {', '.join(HOLDING_KINDS)} / 类别不对"
    if not cells["name"]:
        yield "name: missing / 缺姓名"
