"""A roll as a file: one JSON text that carries its own hash, so that a changed byte is noticed on reading."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from hutong.agree.roll_book import HELD_BACK, Change, Entry, HeldBack, Mandate, RollBook
from hutong.errors import HutongError
from hutong.text import Text

_KINDS = {"entry": Entry, "held_back": HeldBack, "mandate": Mandate}
#: What a row of corrections may do to a home.
ACTIONS = ("enter", "hold", "strike")


def roll_text(book: RollBook) -> str:
    """Return the book as JSON, its hash among the rest."""
    body = {
        "version": 1,
        "hash": book.hash,
        "act": book.act,
        "place": book.place,
        "as_of": book.as_of,
        "entries": [_plain(e) for e in book.entries],
        "held_back": [_plain(h) for h in book.held_back],
        "consulted": list(book.consulted),
        "mandates": [_plain(m) for m in book.mandates],
        "changes": [{**_plain(c), "before": _line(c.before), "after": _line(c.after)} for c in book.changes],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def read_roll(text: str) -> RollBook:
    """Read a book from JSON.

    Raises
    ------
    HutongError
        ``bad-roll-file`` if it is none, or its hash does not follow from the rest.
    """
    try:
        body = json.loads(text)
        book = RollBook(
            act=body["act"],
            place=body["place"],
            as_of=body["as_of"],
            entries=tuple(_of("entry", e) for e in body["entries"]),
            held_back=tuple(_of("held_back", h) for h in body["held_back"]),
            consulted=tuple(body["consulted"]),
            mandates=tuple(_of("mandate", m) for m in body["mandates"]),
            changes=tuple(_change(c) for c in body["changes"]),
        )
        told = body["hash"]
    except (ValueError, KeyError, TypeError) as caught:
        raise _bad(f"{type(caught).__name__}: {caught}") from caught
    if told != book.hash:
        raise _bad(f"hash {told} does not follow from the rest ({book.hash})")
    return book


def _bad(row: str) -> HutongError:
    return HutongError(
        "bad-roll-file",
        Text("名册文件无法核对。", "The file of the roll cannot be checked."),
        Text(
            "名册冻结后不得改动；请用原文件，更正请用 hutong agree correct。",
            "A frozen roll is not edited: take the file as it was written, and correct it with hutong agree correct.",
        ),
        [row],
    )


def _plain(of: Any) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in asdict(of).items()}


def _line(of: Entry | HeldBack | Mandate | None) -> dict[str, Any] | None:
    if of is None:
        return None
    return {"kind": next(k for k, t in _KINDS.items() if isinstance(of, t)), **_plain(of)}


def _of(kind: str, body: Mapping[str, Any]) -> Any:
    given = dict(body)
    if "holders" in given:
        given["holders"] = tuple(given["holders"])
    for name in ("since", "until"):
        if name in given:
            given[name] = dt.datetime.fromisoformat(given[name])
    return _KINDS[kind](**given)


def _change(body: Mapping[str, Any]) -> Change:
    ends = {
        name: None if body[name] is None else _of(body[name]["kind"], {k: v for k, v in body[name].items() if k != "kind"})
        for name in ("before", "after")
    }  # fmt: skip
    return Change(**{**body, **ends, "at": dt.datetime.fromisoformat(body["at"])})


def correct_all(book: RollBook, table: pd.DataFrame, by: str, at: dt.datetime) -> RollBook:
    """Return the book with corrections from a table, logged one by one in its order; all or none.

    Parameters
    ----------
    table
        ``dwelling_id``, ``action`` (enter, hold, strike), ``why``; to enter a home ``holders`` (tokens, ``;`` between
        them), ``area_cm2`` and ``category``; to hold it back ``reason`` (a code) and, if known, ``area_cm2``.

    Raises
    ------
    HutongError
        ``bad-corrections`` naming each row that cannot be entered.
    """
    missing = [c for c in ("dwelling_id", "action", "why") if c not in table]
    rows = [f"column {c} is missing" for c in missing]
    for number, row in enumerate(table.to_dict("records") if not missing else [], start=2):
        cell = {str(k): "" if v is None or v != v else str(v).strip() for k, v in row.items()}
        try:
            book = book.correct(cell["dwelling_id"], _after(cell), reason=cell["why"], by=by, at=at)
        except HutongError as caught:
            rows.append(f"row {number}: {'; '.join(caught.rows) or caught.what.en}")
        except ValueError as caught:
            rows.append(f"row {number}: {caught}")
    if rows:
        raise HutongError(
            "bad-corrections",
            Text(f"更正表有 {len(rows)} 处不合格，未作任何更正。", f"{len(rows)} corrections do not fit; none was made."),
            Text("请更正所列各行后重试。", "Correct these rows and try again."),
            rows,
        )  # fmt: skip
    return book


def _after(cell: Mapping[str, str]) -> Entry | HeldBack | None:
    from hutong.agree.roll_book import head_of

    if cell["action"] not in ACTIONS:
        raise ValueError(f"action {cell['action']!r} is not one of {', '.join(ACTIONS)}")
    if cell["action"] == "strike":
        return None
    area = int(cell["area_cm2"]) if cell.get("area_cm2") else None
    if cell["action"] == "hold":
        if cell.get("reason") not in HELD_BACK:
            raise ValueError(f"reason {cell.get('reason', '')!r} is not one of {', '.join(HELD_BACK)}")
        return HeldBack(cell["dwelling_id"], cell.get("reason", ""), area)
    holders = tuple(h.strip() for h in cell.get("holders", "").split(";") if h.strip())
    if not holders or area is None:
        raise ValueError("to enter a home give holders and area_cm2")
    return Entry(cell["dwelling_id"], head_of(holders), holders, area, cell.get("category", ""))
