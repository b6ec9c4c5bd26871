"""What each formula of the registry reads, and how it is told; a formula that cannot be is refused here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hutong.city import facility_kinds, schema
from hutong.sense.cells import columns_named, names_in
from hutong.text import Text

FORMULAS = ("share", "reach", "per", "served", "cover", "gap", "total")
FORMS = ("fails", "lacks", "meets")
WHO = {
    "residents": Text("居民", "residents"),
    "elders": Text("老年人", "elders"),
    "children": Text("儿童", "children"),
}


def needs_of(compute: Mapping[str, Any]) -> Iterator[str]:
    """Yield each ``table.column`` that a formula reads, and check the formula on the way.

    Raises
    ------
    ValueError
        With what is wrong.
    HutongError
        ``unknown-column``.
    """
    if len(compute) != 1 or next(iter(compute)) not in FORMULAS:
        raise ValueError(f"compute must name one of {', '.join(FORMULAS)}")
    (formula, spec), *_ = compute.items()
    strange = [k for k in kinds_used(spec) if k not in facility_kinds()]
    if strange:
        raise ValueError(f"there is no kind of facility {', '.join(strange)}")
    readers = {"share": _share, "reach": _reach, "per": _per, "served": _served, "cover": _cover, "gap": _gap}
    yield from readers.get(formula, _total)(spec)


def _share(spec: Mapping[str, Any]) -> Iterator[str]:
    forms = [f for f in FORMS if f in spec]
    if len(forms) != 1:
        raise ValueError(f"share needs one of {', '.join(FORMS)}")
    for column in (*names_in(spec.get("where", {})), *names_in(spec[forms[0]])):
        yield from columns_named(spec["of"], column)
    people = None if spec["of"] in ("requests", "streets") else "residents"
    yield from _people(spec.get("by", people))


def _reach(spec: Mapping[str, Any]) -> Iterator[str]:
    yield from ("buildings.geometry", "streets.geometry", "facilities.kind", "facilities.geometry")
    yield from _people(spec["who"])


def _per(spec: Mapping[str, Any]) -> Iterator[str]:
    for column in (*names_in(spec.get("where", {})), spec["sum"]):
        yield from columns_named(spec["of"], column)
    yield from _people(None if spec["per"] == "dwellings" else spec["per"])


def _served(spec: Mapping[str, Any]) -> Iterator[str]:
    (column, _), *more = spec["least"].items()
    if spec["of"] not in ("estates", "blocks") or more:
        raise ValueError("served is of estates or blocks, with one least size")
    yield from ("buildings.geometry", "streets.geometry", "facilities.kind", "facilities.geometry")
    yield from columns_named("facilities", column)


def _cover(spec: Mapping[str, Any]) -> Iterator[str]:
    if not spec["rings"] or any(float(ring["metres"]) <= 0 for ring in spec["rings"]):
        raise ValueError("cover needs rings with metres")
    yield from ("plots.land_use", "plots.geometry", "facilities.kind", "facilities.geometry")


def _gap(spec: Mapping[str, Any]) -> Iterator[str]:
    if spec["of"] not in ("estates", "quarter"):
        raise ValueError("gap is of estates or of the quarter")
    what = spec["need"]["count"]
    if "." in what:
        yield from columns_named(spec["of"], what.split(".", 1)[1])
    elif what == "dwellings":
        yield "dwellings.building_id"
    else:
        yield from _people(what)
    if "column" in spec["have"]:
        yield from columns_named(spec["of"], spec["have"]["column"])
    if "kind" in spec["have"]:
        yield from ("facilities.kind", "facilities.capacity")


def _total(spec: Mapping[str, Any]) -> Iterator[str]:
    for column in (*names_in(spec.get("where", {})), spec["sum"]):
        yield from columns_named(spec["of"], column)


def _people(who: str | None) -> Iterator[str]:
    if who is None:
        return
    if who not in WHO or who not in schema().tables["dwellings"].columns:
        raise ValueError(f"{who} are not counted per dwelling")
    yield f"dwellings.{who}"


def kinds_used(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the kinds of facilities that a formula asks for."""
    groups = [[g] if isinstance(g, str) else list(g) for g in spec.get("kinds", [])]
    unsure = spec.get("unsure", {})
    lists = unsure.values() if isinstance(unsure, Mapping) else [unsure]
    single = [spec["kind"]] if isinstance(spec.get("kind"), str) else []
    if isinstance(spec.get("have"), Mapping) and "kind" in spec["have"]:
        single.append(spec["have"]["kind"])
    return (
        *(kind for group in groups for kind in group),
        *single,
        *(kind for some in lists for kind in some),
    )


def texts_of(entry: Mapping[str, Any]) -> tuple[Text, Text, Text]:
    """Return phrase, formula and noun with their figures filled in; those of ``reach`` follow from its kinds.

    Raises
    ------
    ValueError
        If phrase or formula is missing.
    """
    (formula, inner), *_ = entry["compute"].items()
    if formula == "reach":
        return (*_reach_texts(inner), Text("", ""))
    if "phrase" not in entry or "formula" not in entry:
        raise ValueError("phrase and formula are missing")
    marks = {"{limit}": _limit(inner), "{metres}": f"{inner['metres']:g}" if "metres" in inner else ""}
    least = inner.get("least")
    if isinstance(least, Mapping):
        marks["{least}"] = f"{next(iter(least.values())):g}"

    def filled(key: str) -> Text:
        text = Text.of(entry.get(key, Text("", "")))
        for mark, figure in marks.items():
            text = Text(text.zh.replace(mark, figure), text.en.replace(mark, figure))
        return text

    return filled("phrase"), filled("formula"), filled("noun")


def _limit(value: Any) -> str:
    """Return the first figure of a formula's conditions, as it stands in a sentence."""
    parts = [v for part in value.values() if isinstance(part, Mapping) for v in part.values()]
    return next((f"{v:g}" for m in parts if isinstance(m, Mapping) for v in m.values()), "")


def _reach_texts(inner: Mapping[str, Any]) -> tuple[Text, Text]:
    kinds, who, metres = facility_kinds(), WHO[inner["who"]], f"{inner['metres']:g}"
    groups = [[g] if isinstance(g, str) else list(g) for g in inner["kinds"]]
    zh = "、".join("或".join(kinds[k].name.zh for k in g) for g in groups)
    en = ", ".join(" or ".join(_lower(kinds[k].name.en) for k in g) for g in groups)
    if len(groups) == 1:
        phrase = Text(f"步行 {metres} 米内到不了{zh}", f"have no {en} within a walk of {metres} m")
    else:
        phrase = Text(
            f"步行 {metres} 米内不能全部到达（{zh}）",
            f"do not have all of these within a walk of {metres} m: {en}",
        )
    whole = "all of: " if len(groups) > 1 else ""
    formula = Text(
        f"沿街道步行 {metres} 米内可到{zh}的{who.zh}人数 ÷ {who.zh}人数",
        f"{who.en} with {whole}{en} within {metres} m along the streets ÷ {who.en}",
    )
    return phrase, formula


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]
