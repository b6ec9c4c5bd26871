"""A conversation as the page shows it: the public view of its votes, its statements and where they come from.

``opinions_from_files`` reads Hutong's own tables and what Polis exports; docs/report.md lists the columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from hutong.agree import (
    Chance,
    Opinions,
    PublicOpinions,
    compare_with_chance,
    find_opinions,
    public_view,
    read_conversation,
)
from hutong.city.text_table import decode
from hutong.report.format import same
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class AxisEnd:
    """What most draws people to one end of an axis: agreeing (1) or disagreeing (-1) with a statement."""

    statement: Any
    vote: int


@dataclass(frozen=True, eq=False)
class ReportOpinions:
    """A conversation for the page: nothing here is about fewer people than the public view allows.

    ``texts`` are the statements that may be shown, by id, in the words of those who wrote them; ``ends`` the low and
    the high end of each axis of the map; ``source`` the line that the licence of the data asks for; ``files`` the options of
    ``hutong report`` that give the same again; ``chance`` how clear the groups are beside chance, None if not looked at.
    """

    view: PublicOpinions
    texts: Mapping[Any, str]
    ends: Mapping[str, tuple[AxisEnd, AxisEnd]]
    title: Text
    source: str = ""
    hidden: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    chance: Chance | None = None

    @classmethod
    def of(
        cls, opinions: Opinions, texts: Mapping[Any, str], title: Text, source: str = ""
    ) -> ReportOpinions:
        """Return the public view of opinions with the words of the statements that are not hidden."""
        view = public_view(opinions)
        hidden = opinions.statements["hidden"].to_numpy(dtype=bool)
        shown = opinions.statements.index[~hidden]
        words = {name: texts[name] for name in shown if name in texts}
        return cls(view, words, _ends(opinions, view, words), title, source, int(hidden.sum()))


def _ends(
    opinions: Opinions, view: PublicOpinions, texts: Mapping[Any, str]
) -> dict[str, tuple[AxisEnd, AxisEnd]]:
    """Return what lies at both ends of each axis, among statements whose answers every group shown gives away.

    Who agrees moves along the loading, who disagrees against it. The low end names a statement of its own where one
    pulls at least half as hard as that of the high end; else it is the same statement, disagreed with.
    """
    complete = view.statements["bridge"].notna().to_numpy(dtype=bool)
    may = complete & opinions.statements.index.isin(list(texts))
    rows = opinions.statements[may]
    out: dict[str, tuple[AxisEnd, AxisEnd]] = {}
    for axis in ("x", "y"):
        pull = rows[axis]
        if not len(pull) or not np.any(pull.to_numpy()):
            continue
        high, low = pull.idxmax(), pull.idxmin()
        if pull[high] >= -pull[low]:
            top = AxisEnd(high, 1)
            bottom = AxisEnd(low, 1) if -pull[low] >= pull[high] / 2 else AxisEnd(high, -1)
        else:
            bottom = AxisEnd(low, 1)
            top = AxisEnd(high, 1) if pull[high] >= -pull[low] / 2 else AxisEnd(low, -1)
        out[axis] = (bottom, top)
    return out


def opinions_from_files(
    votes: Path, statements: Path, seed: int = 1, *, title: str | None = None, source: str = ""
) -> ReportOpinions:
    """Read a conversation's files (:func:`~hutong.agree.read_conversation`), find the opinion groups, compare with chance.

    Parameters
    ----------
    title
        Name of the conversation; by default the topic in a ``summary.csv`` beside the votes, as Polis exports it,
        else the name of the votes' file.
    source
        The line the data's licence asks for.

    Raises
    ------
    HutongError
        ``votes-columns`` or ``votes-rows``, naming each row that cannot be read.
    """
    talk = read_conversation(votes, statements)
    opinions = find_opinions(talk.votes, hidden=talk.hidden, seed=seed)
    chance = compare_with_chance(talk.votes, hidden=talk.hidden, seed=seed)
    name = title or _topic(votes.parent / "summary.csv") or votes.stem
    given = {
        "votes": votes.name,
        "statements": statements.name,
        "votes-title": title or "",
        "votes-source": source,
    }
    shown = ReportOpinions.of(opinions, talk.texts, same(name), source)
    return replace(shown, files=given, chance=chance)


def _topic(file: Path) -> str | None:
    """Return the topic in the summary that Polis writes beside its votes, if there is one."""
    if not file.is_file():
        return None
    text = decode(file.read_bytes(), None, file.name)
    rows = csv.reader(io.StringIO(text, newline=""))
    return next((row[1].strip() for row in rows if len(row) > 1 and row[0].strip() == "topic"), None) or None
