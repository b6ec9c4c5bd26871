"""The registry of indicators: ``indicators.yaml`` with the figures of the law filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from hutong.city import facility_kinds, schema
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import Rules, load_rules
from hutong.sense.cells import columns_named
from hutong.sense.results import Indicator
from hutong.text import Text

#: From documented to guessed: an indicator is as sure as the least sure figure that it uses.
CONFIDENCES = ("D", "D-", "K", "U")
DIRECTIONS = ("lower", "higher")
FORMS = ("fails", "lacks", "meets")
WHO = {
    "residents": Text("居民", "residents"),
    "elders": Text("老年人", "elders"),
    "children": Text("儿童", "children"),
}
_REQUIRED = ("title", "scale", "unit", "direction", "standard", "source", "article", "confidence", "compute")


def registry(rules: Rules | None = None) -> tuple[Indicator, ...]:
    """Return the indicators in the order of ``indicators.yaml``.

    An indicator whose figures are not yet in force on the date of the rules is left out.

    Parameters
    ----------
    rules
        Where ``{rule: id}`` is looked up; without it, the national rules.

    Raises
    ------
    HutongError
        ``invalid-indicator`` for a broken entry; ``unknown-rule`` for a figure that no rule gives.
    """
    return tuple(i for i in map(Entry(rules or load_rules("national")).read, _raw().items()) if i is not None)


@cache
def _raw() -> Mapping[str, Any]:
    entries: Mapping[str, Any] = read_yaml(files(__package__).joinpath("indicators.yaml").read_text("utf-8"))
    return entries


class Entry:
    """Reads entries of the registry under given rules."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def read(self, item: tuple[str, Mapping[str, Any]]) -> Indicator | None:
        """Return one indicator, or None where a figure it needs is not yet in force."""
        name, raw = item
        missing = [key for key in _REQUIRED if key not in raw]
        if missing or raw["direction"] not in DIRECTIONS or raw["confidence"] not in CONFIDENCES:
            raise broken(name, f"missing or wrong: {', '.join(missing) or 'direction or confidence'}")
        used = list(_rules_in(raw))
        if any(rule in self.rules.later for rule in used):
            return None
        spec = {key: self._figures(value) for key, value in raw.items()}
        needs = tuple(dict.fromkeys(_needs(name, spec["compute"])))
        confidences = [raw["confidence"], *(self.rules[rule].confidence for rule in used)]
        phrase, formula, noun = _texts(name, spec)
        lower = spec["direction"] == "lower"
        return Indicator(
            id=name,
            title=Text.of(spec["title"]),
            scale=spec["scale"],
            unit=spec["unit"],
            direction=spec["direction"],
            standard=spec["standard"],
            watch=spec.get("watch"),
            warn=spec.get("warn"),
            source=spec["source"],
            article=spec["article"],
            confidence=max(confidences, key=CONFIDENCES.index),
            formula=formula,
            needs=needs,
            worst=spec.get("worst", 1.0 if lower else 0.0),
            gravity=spec.get("gravity", 1.0),
            bounds_confidence=spec.get("bounds_confidence", "U"),
            scales=tuple(spec.get("scales", ("quarter", "estate", "block", "rest"))),
            finding=spec.get("finding", True),
            compute=spec["compute"],
            phrase=phrase,
            noun=noun,
        )

    def _figures(self, value: Any) -> Any:
        """Replace ``{rule: id}`` by the rule's figure and ``{minutes, speed}`` by metres, at any depth."""
        if isinstance(value, Mapping):
            if set(value) == {"rule"}:
                return self.rules.number(value["rule"])
            inner = {key: self._figures(v) for key, v in value.items()}
            if set(inner) == {"minutes", "speed"}:
                return float(inner["minutes"] * inner["speed"])
            return inner
        if isinstance(value, list):
            return [self._figures(v) for v in value]
        return value


def _rules_in(value: Any) -> Iterator[str]:
    """Yield the ids of all rules that an entry refers to."""
    if isinstance(value, Mapping):
        if set(value) == {"rule"}:
            yield value["rule"]
        else:
            for inner in value.values():
                yield from _rules_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _rules_in(inner)


def _needs(name: str, compute: Mapping[str, Any]) -> Iterator[str]:
    """Yield each ``table.column`` that a formula reads, and check the formula on the way."""
    if len(compute) != 1 or next(iter(compute)) not in ("share", "reach", "per"):
        raise broken(name, "compute must name one of share, reach, per")
    (formula, spec), *_ = compute.items()
    if formula == "share":
        forms = [f for f in FORMS if f in spec]
        if len(forms) != 1:
            raise broken(name, f"share needs one of {', '.join(FORMS)}")
        for column in {**spec.get("where", {}), **spec[forms[0]]}:
            yield from columns_named(spec["of"], column)
        people = "residents" if spec["of"] != "requests" else None
        who = spec.get("by", people)
    elif formula == "reach":
        strange = [k for k in kinds_used(spec) if k not in facility_kinds()]
        if strange:
            raise broken(name, f"there is no kind of facility {', '.join(strange)}")
        yield from ("buildings.geometry", "streets.geometry", "facilities.kind", "facilities.geometry")
        who = spec["who"]
    else:
        for column in {**spec.get("where", {}), spec["sum"]: None}:
            yield from columns_named(spec["of"], column)
        who = None if spec["per"] == "dwellings" else spec["per"]
    if who is not None:
        if who not in WHO or who not in schema().tables["dwellings"].columns:
            raise broken(name, f"{who} are not counted per dwelling")
        yield f"dwellings.{who}"


def kinds_used(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the kinds of facilities that a ``reach`` formula asks for."""
    groups = [[g] if isinstance(g, str) else list(g) for g in spec["kinds"]]
    unsure = [kind for kinds in spec.get("unsure", {}).values() for kind in kinds]
    return (*(kind for group in groups for kind in group), *unsure)


def _texts(name: str, spec: Mapping[str, Any]) -> tuple[Text, Text, Text]:
    """Return phrase, formula and noun with their figures filled in; those of ``reach`` follow from its kinds."""
    (formula, inner), *_ = spec["compute"].items()
    if formula == "reach":
        return (*_reach_texts(inner), Text("", ""))
    if "phrase" not in spec or "formula" not in spec:
        raise broken(name, "phrase and formula are missing")
    limits = [v for part in inner.values() if isinstance(part, Mapping) for v in part.values()]
    limit = next((f"{v:g}" for m in limits if isinstance(m, Mapping) for v in m.values()), "")

    def filled(key: str) -> Text:
        text = Text.of(spec.get(key, Text("", "")))
        return Text(text.zh.replace("{limit}", limit), text.en.replace("{limit}", limit))

    return filled("phrase"), filled("formula"), filled("noun")


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


def broken(name: str, why: str) -> HutongError:
    """Return the error for an entry of the registry that cannot be used."""
    return HutongError(
        "invalid-indicator",
        Text(f"指标 {name} 的定义有误：{why}。", f"The indicator {name} is broken: {why}."),
        Text("请改正 indicators.yaml 中的这一条。", "Mend its entry in indicators.yaml."),
    )
