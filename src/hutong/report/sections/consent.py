"""Section 4: who must agree, by which rule, and what is predicted."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from hutong.agree import owners_roll, vote_rule
from hutong.city import City
from hutong.plan import load_offers
from hutong.plan.results import Plan, Scheme
from hutong.report.charts import share_bar
from hutong.report.format import num, pct, same
from hutong.report.map_layers import measures_of
from hutong.report.sections.counts import least
from hutong.report.words import matter_words, word
from hutong.rules import Rules
from hutong.text import Text

#: From the matter that asks least of the residents to the one that asks most.
MATTERS = ("none", "ordinary", "special", "surrender", "signing")
FIRST_ROWS = 12
MOST_NAMED = 2
MOST_ROWS = 300
SURE = 0.8


def at_risk(choices: pd.DataFrame) -> np.ndarray:
    """Return which choices may well fail: a predicted chance of passing below 80 %."""
    return choices["pass_probability"].to_numpy(float) < SURE


def matter_of(package: str, plan: Plan) -> str:
    """Return the matter of a package: the strictest consent that any of its measures needs."""
    needed = {m.id: m.matter for m in plan.measures}
    ranks = [MATTERS.index(needed[m]) for m in measures_of(package) if m in needed]
    return MATTERS[max(ranks, default=0)]


def as_share(value: object) -> Text:
    """Return an exact share as people say it: 2/3, 三分之二."""
    if isinstance(value, Fraction) and value.denominator in (2, 3, 4):
        digits = "零一二三四"
        return Text(f"{digits[value.denominator]}分之{digits[value.numerator]}", str(value))
    return pct(float(value)) if isinstance(value, Fraction | float | int) else same(value)


def explain(matter: str, rules: Rules) -> dict[str, Any]:
    """Return a matter's rule in words, with its source; a share that the rules here do not set is said to be none."""
    spec = matter_words()[matter]
    needs = {name: rules[parameter] for name, parameter in spec.needs.items() if parameter in rules}
    unset = Text("（本地规则未定比例）", "(a share that the rules here do not set)")
    shown = {name: as_share(needs[name].value) if name in needs else unset for name in spec.needs}
    sources = dict.fromkeys(f"{p.source} {p.article}".strip() for p in needs.values())
    return {
        "title": spec.title,
        "text": Text(
            spec.explain.zh.format(**{k: v.zh for k, v in shown.items()}),
            spec.explain.en.format(**{k: v.en for k, v in shown.items()}),
        ),
        "sources": [s for s in sources if s],
        "assumed": any(p.assumed for p in needs.values()),
    }


def marks(matter: str, rules: Rules) -> list[Fraction]:
    """Return what share must agree, as it stands on a bar; how many must take part is told in words."""
    ids = [i for name, i in matter_words()[matter].needs.items() if name == "majority" and i in rules]
    return [rules.fraction(i) for i in ids]


def rolls(city: City, buildings: list[str]) -> dict[str, tuple[int, int]]:
    """Return, by building, how many owners stand on its roll and how many homes are held back from it.

    A holder of several homes in a building is one head there.
    """
    wanted = set(buildings)
    rows = np.flatnonzero(city["dwellings"]["building_id"].isin(wanted).to_numpy(bool))
    book = owners_roll(city, rows, "the buildings of a scheme")
    of = city["dwellings"].iloc[rows].set_index("dwelling_id")["building_id"]
    heads: dict[str, set[str]] = {b: set() for b in wanted}
    held = dict.fromkeys(wanted, 0)
    for entry in book.entries:
        heads[of[entry.dwelling_id]].add(entry.head)
    for home in book.held_back:
        held[of[home.dwelling_id]] += 1
    return {b: (len(heads[b]), held[b]) for b in wanted}


def _asks(matter: str, rules: Rules, roll: tuple[int, int] | None, measures: list[str]) -> Text | None:
    """Return what a vote of one building asks for at the least, and how many homes cannot vote yet.

    A lift is put to each staircase by itself (:mod:`hutong.plan.acceptance`).
    """
    if matter not in ("ordinary", "special") or roll is None:
        return None
    if measures == ["lift"]:
        return Text("加装电梯由各楼门分别表决", "the lift is put to each staircase by itself")
    said = least(vote_rule(rules, matter), roll[0])
    if said is None:
        zh, en = f"名册还编不出来：{roll[1]} 户产权待清", f"no roll yet: {roll[1]} homes have titles to clear"
        return Text(zh, en) if roll[1] else None
    zh, en = said.zh, said.en
    if roll[1]:
        zh += f"；另有 {roll[1]} 户产权待清"
        en += (
            "; 1 more home has a title to clear"
            if roll[1] == 1
            else f"; {roll[1]} more homes have titles to clear"
        )
    if "lift" in measures:
        zh, en = f"{zh}；加装电梯由各楼门另行表决", f"{en}; the lift is put to each staircase by itself"
    return Text(zh, en)


def place_name(choice: Any) -> Text:
    """Return the name of what a choice is for; one that has none says so, with its id."""
    if isinstance(choice.name, str) and choice.name not in ("", choice.object_id):
        return same(choice.name)
    return Text(f"未命名（{choice.object_id}）", f"unnamed ({choice.object_id})")


def verdict(probability: float, threshold: bool) -> tuple[str, Text]:
    """Return status and words for a predicted chance of passing."""
    if not threshold:
        return "plain", Text("自愿", "voluntary")
    if np.isnan(probability):
        return "unknown", word("status", "unknown")
    if probability >= SURE:
        return "good", Text("预计通过", "likely to pass")
    if probability >= 0.5:
        return "watch", Text("尚无把握", "uncertain")
    return "alarm", Text("预计不过", "unlikely to pass")


def _row(
    choice: Any,
    matter: str,
    rules: Rules,
    drawn: dict[str, int],
    titles: dict[str, Text],
    offers: dict[str, Text],
    estates: dict[str, str],
    roll: tuple[int, int] | None,
) -> dict[str, Any]:
    thresholds = [float(share) for share in marks(matter, rules)]
    status, words = verdict(float(choice.pass_probability), bool(thresholds))
    leaving = matter == "surrender"  # each tenant's own act: what is predicted is the share that leaves
    share = float(choice.leaving if leaving else choice.acceptance)
    told = (
        Text("预计退租比例", "share predicted to leave")
        if leaving
        else Text("预测同意率", "predicted acceptance")
    )
    name = place_name(choice)
    measures = [titles[m] for m in measures_of(choice.package) if m in titles]
    more = len(measures) - MOST_NAMED
    named = Text(
        "、".join(t.zh for t in measures[:MOST_NAMED]), ", ".join(t.en for t in measures[:MOST_NAMED])
    )
    if more > 0:
        named = Text(f"{named.zh}等 {len(measures)} 项", f"{named.en} and {more} more")
    return {
        "name": name,
        "package": named,
        "estate": estates.get(str(choice.building_id)),
        "offer": offers.get(choice.offer, same(choice.offer)),
        "dwellings": num(float(choice.dwellings)),
        "acceptance": pct(share),
        "chance": pct(float(choice.pass_probability)),
        "status": status,
        "word": words,
        "bar": share_bar(share, thresholds, status, Text(f"{name.zh} {told.zh} {pct(share).zh}", f"{name.en}: {told.en} {pct(share).en}")),
        "target": drawn.get(str(choice.building_id), -1),
        "threshold": bool(thresholds),
        "asks": _asks(matter, rules, roll, measures_of(choice.package)),
    }  # fmt: skip


def group(
    city: City, scheme: Scheme, plan: Plan, rules: Rules, drawn: dict[str, int], estates: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the choices of a scheme by the consent they need, the most doubtful first."""
    titles = {m.id: m.title for m in plan.measures}
    offers = {o.id: o.title for o in load_offers()}
    choices = scheme.choices
    kinds = np.array([matter_of(p, plan) for p in choices["package"]], object)
    voted = choices["building_id"].notna().to_numpy() & np.isin(kinds, ["ordinary", "special"])
    books = rolls(city, [str(b) for b in choices["building_id"][voted]])
    out = []
    for matter in reversed(MATTERS):
        rows = choices[kinds == matter]
        if not len(rows):
            continue
        rows = rows.sort_values(["pass_probability", "acceptance", "object_id"], kind="stable")
        shown = (
            []
            if matter == "none"
            else [
                _row(c, matter, rules, drawn, titles, offers, estates, books.get(str(c.building_id)))
                for c in rows.head(MOST_ROWS).itertuples(index=False)
            ]
        )
        likely = int((~at_risk(rows)).sum())
        share = rows["leaving" if matter == "surrender" else "acceptance"]
        out.append(
            {
                "id": matter,
                **explain(matter, rules),
                "n": len(rows),
                "likely": likely,
                "threshold": bool(marks(matter, rules)),
                "marks": [as_share(share) for share in marks(matter, rules)],
                "mean": pct(float(np.average(share, weights=np.maximum(rows["dwellings"], 1)))) if share.notna().all() else None,
                "first": shown[:FIRST_ROWS],
                "more": shown[FIRST_ROWS:],
                "left_out": max(0, len(rows) - MOST_ROWS) if matter != "none" else 0,
            }
        )  # fmt: skip
    return out


def view(
    city: City, scheme: Scheme, plan: Plan, rules: Rules, drawn: dict[str, int], estates: dict[str, str]
) -> dict[str, Any]:
    """Return the consent that the leading scheme needs."""
    return {"scheme": scheme.title, "groups": group(city, scheme, plan, rules, drawn, estates)}
