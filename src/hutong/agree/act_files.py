"""Ballots, signatures and steps of surrender as tables: entered in the order of the file, all or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from hutong.agree.ballot_box import Ballot, BallotBox
from hutong.agree.roll_book import RollBook
from hutong.agree.signing import Signing
from hutong.agree.surrender import Step, Surrender
from hutong.agree.tally import ABSTAIN, NO, YES
from hutong.errors import HutongError
from hutong.text import Text

#: Where a moment without a time zone is read.
ZONE = ZoneInfo("Asia/Shanghai")
CHOICES = {
    **dict.fromkeys(("yes", "同意"), YES),
    **dict.fromkeys(("no", "不同意", "反对"), NO),
    **dict.fromkeys(("abstain", "弃权"), ABSTAIN),
}
CHANNELS = {
    **dict.fromkeys(("paper", "纸质", "书面"), "paper"),
    **dict.fromkeys(("online", "线上"), "online"),
}
_YES = ("1", "yes", "true", "是")
State = TypeVar("State")


def moment(said: str) -> dt.datetime:
    """Read an ISO date or moment; without a time zone it is China's.

    Raises
    ------
    ValueError
        If it is none.
    """
    at = dt.datetime.fromisoformat(said)
    return at if at.tzinfo is not None else at.replace(tzinfo=ZONE)


def _all(
    table: pd.DataFrame,
    needed: tuple[str, ...],
    state: State,
    enter: Callable[[State, Mapping[str, str]], State],
) -> State:
    """Enter each row into the state, and name every row that cannot be."""
    missing = [c for c in needed if c not in table]
    rows = [f"column {c} is missing" for c in missing]
    for number, row in enumerate(table.to_dict("records") if not missing else [], start=2):
        cell = {str(k): "" if v is None or v != v else str(v).strip() for k, v in row.items()}
        try:
            state = enter(state, cell)
        except HutongError as caught:
            rows.append(f"row {number}: {caught.what.en}")
        except (ValueError, KeyError) as caught:
            rows.append(f"row {number}: {caught}")
    if rows:
        raise HutongError(
            "bad-acts",
            Text(f"有 {len(rows)} 处不合格，整份未录入。", f"{len(rows)} rows do not fit; nothing was entered."),
            Text(f"需要列 {'、'.join(needed)}；请更正所列各行。", f"It has {', '.join(needed)}; correct the rows listed."),
            rows,
        )  # fmt: skip
    return state


def _of_home(book: RollBook, cell: Mapping[str, str]) -> tuple[str, str]:
    """Return head and signer of a row: where one person decides for a home, the signer need not be written."""
    entry = next((e for e in book.entries if e.dwelling_id == cell["dwelling_id"]), None)
    if entry is None:
        raise ValueError(f"home {cell['dwelling_id']!r} is not on the roll")
    deciding = book.holders[entry.head]
    signer = cell.get("signer", "") or (deciding[0] if len(deciding) == 1 else "")
    if not signer:
        raise ValueError(f"home {cell['dwelling_id']!r} has {len(deciding)} holders; write who signs")
    return entry.head, signer


def cast_all(box: BallotBox, table: pd.DataFrame) -> BallotBox:
    """Return the box with the ballots of a table.

    Parameters
    ----------
    table
        ``dwelling_id``, ``choice`` (yes, no, abstain; 同意, 不同意, 弃权), ``at``, ``channel`` (paper, online), ``signature`` (where
        the signed sheet is kept) and, if need be, ``signer`` (a token) and ``official`` (online, by the official system).

    Raises
    ------
    HutongError
        ``bad-acts`` naming each ballot that is not taken, and why.
    """

    def enter(state: BallotBox, cell: Mapping[str, str]) -> BallotBox:
        head, signer = _of_home(state.book, cell)
        if cell["choice"].lower() not in CHOICES or cell["channel"].lower() not in CHANNELS:
            raise ValueError(
                f"choice {cell['choice']!r} or channel {cell['channel']!r} is none of those offered"
            )
        return state.cast(
            Ballot(
                head, signer, CHOICES[cell["choice"].lower()], moment(cell["at"]), CHANNELS[cell["channel"].lower()],
                cell["signature"], cell.get("official", "").lower() in _YES,
            )
        )  # fmt: skip

    return _all(table, ("dwelling_id", "choice", "at", "channel", "signature"), box, enter)


def sign_all(signing: Signing, table: pd.DataFrame, now: dt.datetime) -> Signing:
    """Return the signing with the acts of a table, settled if its deadline has passed by ``now``.

    Parameters
    ----------
    table
        ``event`` (sign, withdraw, join), ``dwelling_id``, ``at`` and, if need be, ``signer``, in the order of time. A head
        signs once: rows of its further homes change nothing.

    Raises
    ------
    HutongError
        ``bad-acts`` naming each act that cannot be, and why.
    """
    signed: dict[str, set[str]] = {}

    def enter(state: Signing, cell: Mapping[str, str]) -> Signing:
        at, event, home = moment(cell["at"]), cell["event"], cell["dwelling_id"]
        if state.state == "open" and at >= state.deadline:
            state = state.settle(state.deadline)
        head, signer = _of_home(state.book, cell)
        if event not in ("sign", "withdraw", "join"):
            raise ValueError(f"event {event!r} is not sign, withdraw or join")
        homes = signed.setdefault(head, set())
        if event == "withdraw":
            homes.clear()
        elif homes and home not in homes:  # another home of a head that has signed: one head signs once
            homes.add(home)
            return state
        else:
            homes.add(home)
        done: Signing = getattr(state, event)(head, signer, at)
        return done

    found = _all(table, ("event", "dwelling_id", "at"), signing, enter)
    return found.settle(now) if found.state == "open" and now >= found.deadline else found


def surrender_all(table: pd.DataFrame, steps: Sequence[Step] = ()) -> dict[str, Surrender]:
    """Return what each lessee has done, by home.

    Parameters
    ----------
    table
        ``dwelling_id``, ``event`` (:data:`hutong.agree.surrender.MOVES`), ``at``, and ``form`` where one is chosen, in the
        order of time.
    steps
        The steps of the project with their windows (:func:`~hutong.agree.surrender.surrender_steps`): nobody signs outside
        the time of signing.

    Raises
    ------
    HutongError
        ``bad-acts`` naming each event that cannot be, and why.
    """
    window = next(((s.starts, s.ends) for s in steps if s.id == "signing"), (None, None))

    def enter(state: dict[str, Surrender], cell: Mapping[str, str]) -> dict[str, Surrender]:
        home = cell["dwelling_id"]
        if not home:
            raise ValueError("the home is missing")
        at = moment(cell["at"])
        if cell["event"] == "sign" and window[0] and window[1] and not window[0] <= at.date() <= window[1]:
            raise ValueError(f"signing is open from {window[0]} to {window[1]}")
        before = state.get(home, Surrender(home))
        return {**state, home: before.does(cell["event"], at, cell.get("form", ""))}

    empty: dict[str, Surrender] = {}
    return _all(table, ("dwelling_id", "event", "at"), empty, enter)
