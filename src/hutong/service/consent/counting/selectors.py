"""Counting: the result, the list that it rests on, and the same again from every ballot and the ledger."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from hutong.act.ledger.checker import commitment
from hutong.agree.ballot_box import BallotBox
from hutong.agree.tally import totals_of
from hutong.agree.totals import SAID as TOTALS
from hutong.errors import HutongError
from hutong.few import FEWEST_PEOPLE
from hutong.service.consent.ballots.box import book_of, full_box, open_cast
from hutong.service.consent.counting.kept_count import kept
from hutong.service.consent.models import Ballot, Cast
from hutong.service.consent.official.selectors import count_official, official_text, official_totals
from hutong.service.ledger.models import Entry
from hutong.text import Text


def count(of: Ballot, now: dt.datetime) -> dict[str, Any]:
    """Return the count of a closed vote as it is kept: totals, what the survey showed, and the hash of the list.

    Raises
    ------
    HutongError
        ``sealed`` before the close.
    """
    official = (of.result or {}).get("official")
    if official is not None:
        return count_official(of, official_totals(of), official, now)
    book = book_of(of)
    box = full_box(of, book)
    found = box.result(now)
    listed = count_list(of, box, now)
    return kept(of, found.tally, totals_of(book.roll, box.counted(now)), found, listed)


def count_list(of: Ballot, box: BallotBox, now: dt.datetime) -> str:
    """Return the list of commitments that a count rests on, as text: which entries of the ledger counted, and no choice.

    Whoever cast a ballot finds its entry here, or a later one of their own instead; the number of lines is that of the
    holders who took part. Areas would point at neighbours, so the ballots themselves are not published.
    """
    standing = sorted(m.number for m in box.standing(now))
    rows = dict(of.casts.values_list("number", "entry"))
    entries = Entry.objects.in_bulk([rows[n] for n in standing])
    lines = [
        {"entry": rows[n], **{name: entries[rows[n]].value["private"][name] for name in ("choice", "voter")}}
        for n in standing
    ]
    body = {"ballot": of.code, "roll": box.book.hash, "rule": of.rule["id"], "counted": lines}
    return json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def published_list(of: Ballot) -> str:
    """Return what the result of a vote rests on, its list or the official totals; its hash stands in the ledger."""
    if of.counted is None or of.result is None:
        raise AssertionError("a vote that is not counted has no list")
    official = of.result.get("official")
    if official is not None:
        return official_text(of, book_of(of), official_totals(of), official)
    return count_list(of, full_box(of, book_of(of), opened=False), of.counted)


@dataclass(frozen=True)
class Recount:
    """A count made again from every ballot and the ledger: how many were read, and what did not fit."""

    casts: int
    faults: tuple[Text, ...]

    @property
    def holds(self) -> bool:
        """Whether everything fits."""
        return not self.faults


def recount(of: Ballot) -> Recount:
    """Open every ballot anew, hold it to its commitments in the ledger, and count all of them again."""
    faults: list[Text] = []
    casts = list(of.casts.select_related("entry").order_by("number"))
    for c in casts:
        faults += _cast_faults(of, c)
    in_ledger = sum(
        e.value["public"]["ballot"] == of.code
        for e in Entry.objects.filter(act="ballot.cast", place=of.place)
    )
    if in_ledger != len(casts):
        faults.append(
            Text(
                f"台账有 {in_ledger} 票，票箱有 {len(casts)} 票。",
                f"The ledger has {in_ledger} ballots, the box {len(casts)}.",
            )
        )
    if [c.number for c in casts] != list(range(1, len(casts) + 1)):
        faults.append(Text("票号不连续。", "The numbers of the ballots have gaps."))
    if of.result is not None and not faults:
        faults += _ledger_faults(of)
    if of.result is not None and of.counted is not None and not faults:
        again = count(of, of.counted)
        faults += [
            Text(f"重新计票的 {name} 与原结果不同。", f"Counted again, {name} is not what was recorded.")
            for name in again
            if again[name] != of.result[name]
        ]
    return Recount(len(casts), tuple(faults))


def _ledger_faults(of: Ballot) -> list[Text]:
    """Return whether the result is not the one that the ledger holds."""
    told = [e.value["public"] for e in Entry.objects.filter(act="ballot.counted", place=of.place)]
    held = next((t for t in told if t["ballot"] == of.code), None)
    if held == counted_entry(of):
        return []
    return [Text("结果与台账所存不同。", "The result is not the one that the ledger holds.")]


def counted_entry(of: Ballot) -> dict[str, Any]:
    """Return what the ledger says of a result."""
    return {
        "ballot": of.code, "passed": of.result["passed"], "digest": of.result["digest"],
        **{f"heads_{n}": of.result["heads"][n] for n in TOTALS}, **{f"area_{n}": of.result["area"][n] for n in TOTALS},
    }  # fmt: skip


def _cast_faults(of: Ballot, c: Cast) -> list[Text]:
    told = Text(f"第 {c.number} 票", f"Ballot {c.number}")
    try:
        inside = open_cast(of, c)
    except HutongError as caught:
        return [Text(f"{told.zh}：{caught.what.zh}", f"{told.en}: {caught.what.en}")]
    entry = c.entry.value
    said = {"choice": inside["choice"], "voter": f"{c.head}/{c.signer}"}
    wrong = [
        n for n, v in said.items() if commitment(bytes.fromhex(inside[f"salt_{n}"]), v) != entry["private"][n]
    ]
    late = [] if of.opens and of.closes and of.opens <= c.at < of.closes else ["time"]
    other = [] if entry["public"] == {"ballot": of.code, "channel": c.channel} else ["entry"]
    return [
        Text(f"{told.zh}的 {n} 与台账不符。", f"{told.en}: its {n} is not what the ledger says.")
        for n in (*wrong, *late, *other)
    ]


def survey_of(of: Ballot) -> dict[str, int] | None:
    """Return the survey beside a vote whose online ballots are official; none where few took part."""
    if not of.official_online_only or of.result is None:
        return None
    counts = dict(zip(("yes", "no", "abstain"), of.result["survey"], strict=True))
    few = sum(counts.values()) < FEWEST_PEOPLE or any(0 < n < FEWEST_PEOPLE for n in counts.values())
    return None if few else counts


def areas(result: dict[str, Any]) -> dict[str, float]:
    """Return the areas of a count in m²."""
    return {n: round(v / 10_000, 2) for n, v in result["area"].items()}
