"""Rules that read OpenStreetMap tags, as they stand in the project's YAML.

A rule is terms joined by ``&``; a term is ``key=value`` (alternatives with ``|``), ``key~pattern`` (a regular
expression sought in the value, case ignored) or ``key`` alone (any value). ``a;b`` in a tag is both a and b.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from hutong.city.schema import read_yaml

Test = Callable[[str], bool]
Tags = Mapping[str, str]


def _term(text: str) -> tuple[str, Test]:
    operator = re.search(r"[=~]", text)
    if operator is None:
        return text, lambda _: True
    key, value = text[: operator.start()], text[operator.end() :]
    if not key or not value:
        raise ValueError(f"{text!r} is not key=value or key~pattern")
    if operator.group() == "~":
        pattern = re.compile(value, re.IGNORECASE)
        return key, lambda v: pattern.search(v) is not None
    wanted = frozenset(value.split("|"))
    return key, lambda v: v in wanted or (";" in v and any(p.strip() in wanted for p in v.split(";")))


@dataclass(frozen=True)
class TagRules:
    """Names with the rules that mean them; the first rule that holds gives the name."""

    rules: tuple[tuple[str, tuple[tuple[str, Test], ...]], ...]
    _by_key: dict[str, list[int]] = field(repr=False)

    @classmethod
    def of(cls, spec: Mapping[str, Iterable[str]]) -> TagRules:
        """Compile ``{name: [rule, ...]}``.

        Raises
        ------
        ValueError
            If a rule cannot be read.
        """
        rules = tuple(
            (name, tuple(_term(term) for term in rule.split("&")))
            for name, many in spec.items()
            for rule in many
        )
        by_key: dict[str, list[int]] = {}
        for place, (_, terms) in enumerate(rules):
            by_key.setdefault(terms[0][0], []).append(place)
        return cls(rules, by_key)

    @property
    def keys(self) -> frozenset[str]:
        """The keys without one of which no rule can hold."""
        return frozenset(self._by_key)

    def match(self, tags: Tags) -> str | None:
        """Return the name of the first rule that the tags satisfy."""
        places = sorted(place for key in tags if key in self._by_key for place in self._by_key[key])
        for place in places:
            name, terms = self.rules[place]
            if all(key in tags and test(tags[key]) for key, test in terms):
                return name
        return None


@dataclass(frozen=True)
class OsmRules:
    """What tags mean in a snapshot (``osm_tags.yaml``)."""

    gone: TagRules
    not_a_building: TagRules
    building_use: TagRules
    building_use_by_occupant: TagRules
    building_form: TagRules
    heritage_grade: TagRules
    land_use: TagRules
    street_kind: TagRules
    foot_allowed: TagRules
    foot_forbidden: TagRules
    block_border: TagRules


@cache
def osm_rules() -> OsmRules:
    """Return the project's reading of OpenStreetMap tags."""
    raw = read_yaml(files(__package__).joinpath("osm_tags.yaml").read_text("utf-8"))
    return OsmRules(
        **{name: TagRules.of(spec if isinstance(spec, dict) else {name: spec}) for name, spec in raw.items()}
    )
