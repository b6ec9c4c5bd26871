"""Change orders: which consents a change of an approved project re-opens, and by which text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from hutong.act.projects.machines import change_machine
from hutong.act.standing import Standing, begin
from hutong.errors import HutongError
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """A kind of change: the consents that it re-opens, the matter of art. 278 (0: none), and what that rests on."""

    id: str
    title: Text
    reopens: tuple[str, ...]
    matter: int
    source: str
    article: str
    confidence: str
    note: Text | None

    @property
    def assumed(self) -> bool:
        """Whether it is our reading."""
        return self.confidence == "U"


@cache
def change_kinds() -> Mapping[str, ChangeKind]:
    """Return the kinds of change (``changes.yaml``)."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("changes.yaml").read_text(encoding="utf-8"))
    known = set(change_machine().fields["consent"].options)
    out = {}
    for name, row in raw.items():
        if set(row["reopens"]) - known:
            raise ValueError(f"changes.yaml: {name} re-opens what change.yaml does not know")
        out[name] = ChangeKind(
            name, Text.of(row["title"]), tuple(row["reopens"]), row.get("matter", 0), row["source"],
            row["article"], row["confidence"], Text.of(row["note"]) if "note" in row else None,
        )  # fmt: skip
    return out


def reopened(kinds: Iterable[str]) -> tuple[ChangeKind, ...]:
    """Return the kinds of a change order.

    Raises
    ------
    HutongError
        ``no-change`` if none is named, or one is not known.
    """
    names = list(dict.fromkeys(kinds))
    odd = [n for n in names if n not in change_kinds()]
    if odd or not names:
        raise HutongError(
            "no-change",
            Text(
                f"没有变更类型 {'、'.join(odd) or '（未写明）'}。",
                f"There is no kind of change {', '.join(odd) or '(none is named)'}.",
            ),
            Text(f"可选：{'、'.join(change_kinds())}。", f"Choose from {', '.join(change_kinds())}."),
        )
    return tuple(change_kinds()[n] for n in names)


def begin_change(name: str, kinds: Iterable[str], at: dt.datetime) -> Standing:
    """Return a new change order, with every consent that its kinds re-open."""
    found = reopened(kinds)
    consents = dict.fromkeys(c for k in found for c in k.reopens)
    said = {"kinds": tuple(k.id for k in found), "reopens": tuple(consents)}
    return begin(change_machine(), name, at, said)
