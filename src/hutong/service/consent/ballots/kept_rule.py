"""The rule of a vote as it is kept from the day of its notice: thresholds, and where each of them is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from hutong.agree.rule import Rule, signing_rule, vote_rule
from hutong.agree.threshold import Threshold
from hutong.rules import Rules, load_rules
from hutong.service.requests import selectors as site
from hutong.text import Text

#: Matters beside the numbers of art. 278 that may be put to a vote or a survey.
OTHERS = ("unanimous", "willingness", "willingness_other")
_SHARES = ("quorum_area", "quorum_heads", "pass_area", "pass_heads")
_OFFICIAL, _NOTICE = "vote.online_official_only", "vote.notice_days"


def rules_on(day: dt.date) -> Rules:
    """Return the rules of the site's jurisdiction on a day."""
    return _rules(site.JURISDICTION, day)


@lru_cache(maxsize=32)
def _rules(jurisdiction: str, day: dt.date) -> Rules:
    return load_rules(jurisdiction, day)


def rule_for(matter: str, rules: Rules) -> Rule:
    """Return the rule of a matter; it raises as :func:`~hutong.agree.rule.vote_rule` does."""
    if matter in ("willingness", "willingness_other"):
        return signing_rule(rules, matter)
    return vote_rule(rules, int(matter) if matter.isascii() and matter.isdigit() else matter)


def matters(day: dt.date) -> list[tuple[str, Text]]:
    """Return what may be put to a vote on a day, with its title in the rules."""
    rules = rules_on(day)
    numbers = [(str(n), Text(f"（{n}）{rules[f'vote.matter.{n}'].title.zh}", f"({n}) {rules[f'vote.matter.{n}'].title.en}")) for n in range(1, 10)]  # fmt: skip
    named = {"unanimous": "vote.unanimous.heads", "willingness": "willingness.apply_min", "willingness_other": "willingness.other_min"}  # fmt: skip
    return [*numbers, *((m, rules[p].title) for m, p in named.items() if p in rules)]


def title_of(matter: str, day: dt.date) -> Text:
    """Return what a matter is called."""
    return dict(matters(day)).get(matter, Text(matter, matter))


def official_only(rule: Rule, rules: Rules) -> bool:
    """Return whether the law reserves online ballots on this rule to an official system."""
    return rule.id.startswith("vote.") and _OFFICIAL in rules and rules.flag(_OFFICIAL)


def notice_days(rule: Rule, rules: Rules) -> int | None:
    """Return how many days before the opening the notice must be given; None where the rules do not say."""
    return int(rules.number(_NOTICE)) if rule.id.startswith("vote.") and _NOTICE in rules else None


def kept(rule: Rule) -> dict[str, Any]:
    """Return a rule as it is stored."""
    shares = {n: getattr(rule, n) for n in _SHARES}
    return {
        "id": rule.id, "zh": rule.title.zh, "en": rule.title.en, "basis": rule.basis, "population": rule.population,
        "silence": rule.silence, "parameters": list(rule.parameters),
        **{n: None if t is None else [t.numerator, t.denominator, t.strict] for n, t in shares.items()},
    }  # fmt: skip


def rule_of(stored: Mapping[str, Any]) -> Rule:
    """Return a rule from how it is stored."""
    shares = {n: None if stored[n] is None else Threshold(*stored[n]) for n in _SHARES}
    return Rule(
        id=stored["id"], title=Text(stored["zh"], stored["en"]), basis=stored["basis"], population=stored["population"],
        silence=stored["silence"], parameters=tuple(stored["parameters"]), **shares,
    )  # fmt: skip


def sources(rule: Rule, rules: Rules) -> list[dict[str, Any]]:
    """Return where each figure of a rule is written, as it is stored and shown."""
    extra = [
        p
        for p in (_NOTICE, _OFFICIAL, "vote.result_publicity_days")
        if rule.id.startswith("vote.") and p in rules
    ]
    out = []
    for name in dict.fromkeys((*rule.parameters, *extra)):
        p = rules[name]
        if name.endswith(".strict"):
            continue
        out.append(
            {
                "id": name, "zh": p.title.zh, "en": p.title.en, "value": _value(p.value), "source": p.source, "article": p.article,
                "confidence": p.confidence,
            }
        )  # fmt: skip
    return out


def _value(value: Any) -> str:
    return {True: "✓", False: "–"}.get(value, str(value)) if isinstance(value, bool) else str(value)
