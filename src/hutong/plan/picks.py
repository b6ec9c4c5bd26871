"""The choices of a document as rows of a quarter: what is unknown or contradicts itself is named, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hutong.city import Meta
from hutong.errors import HutongError, Row
from hutong.plan.catalogue import Offer, load_assumptions, load_measures
from hutong.plan.catalogue_words import KINDS as KIND_WORDS
from hutong.plan.condition import evaluate
from hutong.plan.condition_words import unfit
from hutong.plan.document import SchemeDocument
from hutong.plan.objects import KINDS, Objects
from hutong.plan.options import Options
from hutong.plan.planner_file import near
from hutong.plan.results import Measure
from hutong.text import Text, percent

#: Kinds of offer: for which packages each is.
USES = {
    "household": Text("居民分担", "owners share the cost"),
    "free": Text("公共出资", "publicly funded"),
    "surrender": Text("申请式退租", "surrender of leases"),
    "estate": Text("小区公共部分", "an estate's common parts"),
}


@dataclass(frozen=True, slots=True)
class Pick:
    """One choice: the row of the object, the places of its measures in the catalogue, and of its offer."""

    row: int
    measures: tuple[int, ...]
    offer: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a choice that no rule forbids but that a planner should know."""

    object_id: str
    kind: str  # not_needed | unknown_need | nothing_to_do | unlikely
    message: Text


def use_of(measures: Sequence[Measure], kind: str) -> str:
    """Return the kind of offer on which a package is put to the people: household, free, surrender or estate."""
    if kind == "estate":
        return "estate"
    if any(m.matter == "surrender" for m in measures):
        return "surrender"
    return "household" if any(m.owners_pay for m in measures) else "free"


def _unknown(where: str, what: Text, name: str, known: Iterable[str]) -> Row:
    """Return the line about something of which a scheme speaks and which there is not, with the names near to it."""
    hint = near(name, known)
    zh, en = (f"{where}：", f"{where}: ") if where else ("", "")
    return Row(
        f"{zh}没有{what.zh} {name!r}{hint.replace('; near it: ', '；相近的：')}",
        f"{en}there is no {what.en} {name!r}{hint}",
    )


def read_picks(
    document: SchemeDocument,
    objects: Objects,
    measures: Sequence[Measure],
    offers: Sequence[Offer],
    meta: Meta,
) -> list[Pick]:
    """Return the choices of a document in the order of the objects.

    Raises
    ------
    HutongError
        ``other-city`` for another snapshot; ``bad-scheme`` with a line for everything unknown or contradictory.
    """
    _same_snapshot(document, meta)
    by_id = {m.id: i for i, m in enumerate(measures)}
    offer_of = {o.id: i for i, o in enumerate(offers)}
    rows: list[str] = []
    picks: list[Pick] = []
    wrong: dict[tuple[tuple[str, ...], str, str], list[Text]] = {}  # packages are few, choices many
    for object_id, choice in document.choices.items():
        at = objects.row_of_id.get(object_id)
        unknown = [m for m in choice.measures if m not in by_id]
        rows += [_unknown(object_id, Text("措施", "measure"), m, by_id) for m in unknown]
        if at is None:
            rows.append(_unknown("", Text("对象", "object"), object_id, objects.row_of_id))
        if choice.offer not in offer_of:
            rows.append(_unknown(object_id, Text("条件", "offer"), choice.offer, offer_of))
        if at is None or unknown or choice.offer not in offer_of:
            continue
        package = (choice.measures, KINDS[objects.kind[at]], choice.offer)
        if package not in wrong:
            held = [measures[by_id[m]] for m in choice.measures]
            wrong[package] = contradictions(held, package[1], offers[offer_of[choice.offer]])
        rows += [Row(f"{object_id}：{p.zh}", f"{object_id}: {p.en}") for p in wrong[package]]
        picks.append(Pick(at, tuple(sorted(by_id[m] for m in choice.measures)), offer_of[choice.offer]))
    strange = [k for k in document.uncounted if k not in objects.row_of_id]
    rows += [_unknown("uncounted", Text("对象", "object"), k, objects.row_of_id) for k in strange]
    if rows:
        raise HutongError(
            "bad-scheme",
            Text(
                f"方案 {document.id} 有 {len(rows)} 处与片区或措施库不符。",
                f"The scheme {document.id} does not fit the quarter or the catalogue in {len(rows)} places.",
            ),
            Text(
                "请改正所列各项。在方案的“编制”页点选对象，可见那里有哪些措施和条件；从方案下载的文件里有它们的编号。",
                "Mend the lines listed. “Compose” on a scheme's page shows the measures and terms of each object; a file downloaded from a scheme holds their ids.",
            ),
            rows,
        )
    return sorted(picks, key=lambda p: p.row)


def _same_snapshot(document: SchemeDocument, meta: Meta) -> None:
    for given, here in ((document.city, meta.name), (document.snapshot, meta.date)):
        if given and given != here:
            raise HutongError(
                "other-city",
                Text(
                    f"方案 {document.id} 属于 {document.city} {document.snapshot}，不是 {meta.name} {meta.date}。",
                    f"The scheme {document.id} is of {document.city} {document.snapshot}, not of {meta.name} {meta.date}.",
                ),
                Text(
                    "请打开它所属的快照，或删去文件中的 city、snapshot 后重新核对。",
                    "Open the snapshot it belongs to, or take city and snapshot out of the file and check it anew.",
                ),
            )


def contradictions(package: Sequence[Measure], kind: str, offer: Offer) -> list[Text]:
    """Return what a package cannot be: measures of another kind of object, exclusions, missing company, a wrong offer."""
    ids = {m.id for m in package}
    titles = {m.id: m.title for m in load_measures()} | {m.id: m.title for m in package}

    def called(name: str) -> str:
        return titles[name].zh if name in titles else name

    found = [
        Text(f"“{m.title.zh}”只用于{KIND_WORDS[m.applies_to].zh}", f"{m.id} is for a {m.applies_to}, this is a {kind}")
        for m in package
        if m.applies_to != kind
    ]  # fmt: skip
    for m in package:
        found += [
            Text(f"“{m.title.zh}”与“{called(o)}”相互排斥", f"{m.id} excludes {o}")
            for o in m.excludes
            if o in ids
        ]
        found += [
            Text(f"“{m.title.zh}”须与“{called(o)}”同做", f"{m.id} requires {o}")
            for o in m.requires
            if o not in ids
        ]
    use = use_of(package, kind)
    if not found and offer.use != use:
        found.append(
            Text(
                f"条件“{offer.title.zh}”不适用于这些措施，请选“{USES[use].zh}”一类",
                f"offer {offer.id} is for {offer.use} packages; this one takes an offer for {use}",
            )
        )
    return found


def doubts_of(
    objects: Objects, measures: Sequence[Measure], picks: Sequence[Pick], chosen: Options
) -> tuple[Doubt, ...]:
    """Return where a measure is not shown to be needed, has nothing to do, or is not likely to be agreed to."""
    state = _conditions(objects, measures, picks)
    least = load_assumptions()["pass_probability_min"].value
    out = []
    for i, pick in enumerate(picks):
        name = objects.ids[pick.row]
        for at in pick.measures:
            m = measures[at]
            found = None if state[at][pick.row] else unfit(m, objects, pick.row)
            if found is None and chosen.quantity[i, at] <= 0:
                nothing = Text("在此没有工程量", "has nothing to do here")
                found = unfit(m, objects, pick.row) or ("nothing_to_do", nothing)
            if found is not None:
                kind, said = found
                zh = f"{objects.titles[pick.row].zh}：“{m.title.zh}”{said.zh}。"
                en = f"{objects.titles[pick.row].en}: {m.title.en} {said.en}."
                out.append(Doubt(name, kind, Text(zh, en)))
        passing = float(chosen.answer.pass_probability[i])
        if passing < least:
            out.append(
                Doubt(
                    name,
                    "unlikely",
                    Text(
                        f"{objects.titles[pick.row].zh}：预计通过概率 {percent(passing, 'zh')}，低于 {percent(least, 'zh')}。",
                        f"{objects.titles[pick.row].en}: predicted to pass with {percent(passing)}, below {percent(least)}.",
                    ),
                )
            )
    return tuple(out)


def _conditions(
    objects: Objects, measures: Sequence[Measure], picks: Sequence[Pick]
) -> Mapping[int, np.ndarray]:
    """Return where the condition of every measure that is used surely holds."""
    used = sorted({at for p in picks for at in p.measures})
    return {at: evaluate(measures[at].condition, objects.columns) for at in used}
