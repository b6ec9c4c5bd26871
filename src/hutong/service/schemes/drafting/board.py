"""What the studio page shows: the list of objects, and for one object its measures with why and why not, and the offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hutong.plan.catalogue import Offer
from hutong.plan.catalogue_words import KINDS as KIND_WORDS
from hutong.plan.catalogue_words import MATTERS
from hutong.plan.condition_words import unfit
from hutong.plan.document import Choice, SchemeDocument
from hutong.plan.objects import ESTATE, KINDS
from hutong.plan.picks import USES, contradictions, use_of
from hutong.plan.results import Measure
from hutong.plan.review import Review
from hutong.plan.studio import Studio
from hutong.plan.why import explain_choice
from hutong.text import Text

#: Measures of an object in the order in which they are offered.
ORDER = ("chosen", "open", "excluded", "unlikely", "unlawful", "elsewhere")
#: In the list of objects, which are shown.
SHOWN = {
    "all": Text("全部", "all"),
    "chosen": Text("已安排", "with works"),
    "left": Text("未安排", "left as they are"),
    "doubt": Text("有疑问", "with doubts"),
}


@dataclass(frozen=True)
class Row:
    """An object in the list: what it is and what is chosen there."""

    id: str
    name: Text
    kind: Text
    homes: int | None
    what: Text | None
    year: int
    doubts: int


@dataclass(frozen=True)
class Offered:
    """A measure at an object: whether it is chosen, how it stands (:data:`ORDER`), why, and who must agree."""

    measure: Measure
    chosen: bool
    stands: str
    why: Text
    matter: Text


@dataclass(frozen=True)
class Panel:
    """One object of a draft, ready to be shown; ``faults`` say what cannot be together (then nothing was kept)."""

    id: str
    name: Text
    kind: Text
    estate: str
    homes: int | None
    measures: list[Offered]
    offers: list[tuple[Text, list[Offer]]]
    offer: str
    year: int
    lines: list[Text]
    doubts: list[Text]
    faults: list[Text] = field(default_factory=list)
    instead: Text | None = None

    @property
    def likely(self) -> list[Offered]:
        """The measures that can be thought of here."""
        return [m for m in self.measures if m.stands != "elsewhere" or m.chosen]

    @property
    def elsewhere(self) -> list[Offered]:
        """The measures that are for something that is not so here."""
        return [m for m in self.measures if m.stands == "elsewhere" and not m.chosen]


def rows_of(
    studio: Studio, document: SchemeDocument, review: Review, asked: tuple[str, str], only: set[str] | None
) -> list[Row]:
    """Return the objects whose name or id holds a text, of those that are to be shown (:data:`SHOWN`), in a place."""
    text, shown = asked
    objects = studio.objects
    titles = {m.id: m.title for m in studio.measures}
    doubts: dict[str, int] = {}
    for d in review.doubts:
        doubts[d.object_id] = doubts.get(d.object_id, 0) + 1
    wanted = text.casefold()
    out = []
    for i, name in enumerate(objects.ids):
        choice = document.choices.get(name)
        if only is not None and name not in only:
            continue
        title = objects.titles[i]
        if not any(wanted in said.casefold() for said in (name, title.zh, title.en)):
            continue
        if (shown == "chosen" and choice is None) or (shown == "left" and choice is not None):
            continue
        if shown == "doubt" and name not in doubts:
            continue
        out.append(
            Row(
                name,
                title,
                KIND_WORDS[KINDS[objects.kind[i]]],
                _count(objects["dwellings"][i]),
                None if choice is None else what_of(titles, choice),
                0 if choice is None else choice.year,
                doubts.get(name, 0),
            )
        )
    return out


def within(studio: Studio, buildings: set[str]) -> set[str]:
    """Return the objects of some buildings, and the estates that lie in them wholly."""
    objects = studio.objects
    inside = np.array([name in buildings for name in objects.ids])
    members = objects.members
    outside = set(objects.estate[members][~inside[members]].tolist())
    whole = set(objects.estate[members].tolist()) - outside
    return {objects.ids[i] for i in np.flatnonzero(inside)} | {objects.ids[i] for i in whole}


def what_of(titles: Mapping[str, Text], choice: Choice) -> Text:
    """Return the measures of a choice in words."""
    found = [titles.get(m, Text(m, m)) for m in choice.measures]
    return Text("、".join(t.zh for t in found), ", ".join(t.en for t in found))


def panel_of(
    studio: Studio, document: SchemeDocument, review: Review, object_id: str, tried: Choice | None = None
) -> Panel:
    """Return an object of a draft; ``tried`` is a choice that was asked for and could not be kept.

    Raises
    ------
    HutongError
        ``unknown-object``.
    """
    why = explain_choice(studio, review, object_id)
    objects = studio.objects
    row = objects.row_of_id[object_id]
    kind = KINDS[objects.kind[row]]
    choice = tried or document.choices.get(object_id)
    chosen = set() if choice is None else set(choice.measures)
    reasons = {r.measure.id: (r.kind, r.why) for r in why.rejected}
    listed = [
        _offered(m, m.id in chosen, reasons.get(m.id), unfit(m, objects, row))
        for m in studio.measures
        if m.applies_to == kind or m.id in chosen
    ]
    listed.sort(key=lambda o: ORDER.index(o.stands))
    estate = objects.ids[objects.estate[row]] if objects.kind[row] != ESTATE else ""
    said = [why.what, *why.findings, why.money, *why.consent]
    return Panel(
        object_id,
        why.name,
        KIND_WORDS[kind],
        estate,
        _count(objects["dwellings"][row]),
        listed,
        _offers(studio, kind),
        "" if choice is None else choice.offer,
        0 if choice is None else choice.year,
        [t for t in said if t.zh],
        [d.message for d in review.doubts if d.object_id == object_id],
        [] if tried is None else faults_of(studio, object_id, tried),
        why.instead,
    )


def _offered(
    m: Measure, chosen: bool, reason: tuple[str, Text] | None, misfit: tuple[str, Text] | None
) -> Offered:
    if chosen:
        stands, why = "chosen", Text("", "")
    elif reason is not None:
        stands, why = reason
    elif misfit is not None:
        stands, why = "elsewhere", Text(f"{misfit[1].zh}。", f"It {misfit[1].en}.")
    else:
        stands, why = "open", Text("草稿里已有。", "The draft has it.")  # taken out in what was tried
    return Offered(m, chosen, stands, why, MATTERS[m.matter])


def _offers(studio: Studio, kind: str) -> list[tuple[Text, list[Offer]]]:
    uses = ("estate",) if kind == "estate" else ("household", "free", "surrender")
    return [(USES[u], [o for o in studio.offers if o.use == u]) for u in uses]


def faults_of(studio: Studio, object_id: str, choice: Choice) -> list[Text]:
    """Return why a choice cannot stand at an object, in words; nothing if it can."""
    by_id = {m.id: m for m in studio.measures}
    unknown = [m for m in choice.measures if m not in by_id]
    offer = next((o for o in studio.offers if o.id == choice.offer), None)
    faults = [Text(f"没有措施 {m}", f"there is no measure {m}") for m in unknown]
    if offer is None:
        return [*faults, Text("请选择条件", "choose the terms")]
    if unknown:
        return faults
    kind = KINDS[studio.objects.kind[studio.objects.row_of_id[object_id]]]
    return contradictions([by_id[m] for m in choice.measures], kind, offer)


def first_offer(studio: Studio, object_id: str, measures: list[str]) -> str:
    """Return the first offer of the kind that a package takes, "" where a measure is not known."""
    by_id = {m.id: m for m in studio.measures}
    if any(m not in by_id for m in measures):
        return ""
    kind = KINDS[studio.objects.kind[studio.objects.row_of_id[object_id]]]
    use = use_of([by_id[m] for m in measures], kind)
    return next((o.id for o in studio.offers if o.use == use), "")


def object_of_building(studio: Studio, row: int) -> str | None:
    """Return the object of a building in a row of the map; None for one where nobody lives."""
    at = studio.objects.row_of_building.get(row)
    return None if at is None else studio.objects.ids[at]


def row_of_object(studio: Studio, object_id: str) -> int:
    """Return the row of the map of an object's building, -1 for an estate."""
    return int(studio.objects.building[studio.objects.row_of_id[object_id]])


def _count(value: Any) -> int | None:
    return None if np.isnan(value) else int(value)
