"""The catalogue as a page and as rows, made from the same data that plans are made with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hutong.plan.catalogue import GROUPS
from hutong.plan.catalogue_words import KINDS, group_title, signatures
from hutong.plan.condition_words import asks
from hutong.plan.results import Measure
from hutong.plan.units import PER_UNIT, span
from hutong.text import Lang, Text, number, percent

_LANGS: tuple[Lang, Lang] = ("zh", "en")
_LABELS = {
    "where": Text("适用", "Where"),
    "cost": Text("造价与运行", "Cost"),
    "effect": Text("效果", "Effect"),
    "life": Text("年限与扰动", "Life, disruption"),
    "consent": Text("同意", "Consent"),
    "source": Text("依据", "Source"),
}


def counts(measures: Sequence[Measure]) -> dict[str, int]:
    """Return how many measures there are, and how many rest on a document or on an assumption.

    A measure is sourced where its figures stand in a document (confidence D, D- or K), assumed where they do not (U).
    """
    assumed = [m for m in measures if m.confidence == "U"]
    cited = sum("《" in m.source.zh or "〔" in m.source.zh for m in assumed)
    sourced = len(measures) - len(assumed)
    return {"measures": len(measures), "sourced": sourced, "assumed": len(assumed), "cited": cited}


def catalogue_rows(measures: Sequence[Measure]) -> list[dict[str, Any]]:
    """Return one row per measure in the order of the groups: words in both languages, and the figures."""
    rows = []
    for m in sorted(measures, key=lambda m: GROUPS.index(m.group)):
        agreed = signatures(m)
        consent = Text(
            *(f"{agreed['owners'].get(lang)}{'；' if lang == 'zh' else '; '}{agreed['leased'].get(lang)}" for lang in _LANGS)
        )  # fmt: skip
        if agreed["owners"] == agreed["leased"]:
            consent = agreed["owners"]
        rows.append(
            {
                "id": m.id,
                "title": m.title,
                "group": m.group,
                "where": _where(m),
                "cost": Text(*(_cost(m, lang) for lang in _LANGS)),
                "effect": Text(*(_effect(m, lang) for lang in _LANGS)),
                "life": _life(m),
                "consent": consent,
                "source": m.source,
                "assumed": m.confidence == "U",
                "capital": [m.capital_low, m.capital, m.capital_high],
                "running": [m.running_low, m.running, m.running_high],
                "excludes": list(m.excludes),
                "requires": list(m.requires),
            }
        )
    return rows


def catalogue_page(measures: Sequence[Measure]) -> str:
    """Return ``docs/measures.md``."""
    n = counts(measures)
    out = [
        "# Measures 更新措施",
        "",
        "Made from `measures.yaml`, from which plans are made, by `hutong plan measures --page FILE`; do not edit it.",
        "",
        f"{n['measures']} measures: {n['sourced']} with figures from a document, {n['assumed']} with assumed figures,",
        f"of which {n['cited']} cite a document for a part (a right, a size).",
        "",
        f"共 {n['measures']} 项：{n['sourced']} 项数值有文件依据，{n['assumed']} 项为假设，其中 {n['cited']} 项部分内容（权属、规模等）引有文件。",
        "",
        "A city adds its own with `--measures FILE`: a file of the same layout in which every measure also says",
        "what it is worth to a household (`gain`). An id that is there already is replaced.",
    ]
    group: object = ""
    for row in catalogue_rows(measures):
        if row["group"] != group:
            group = row["group"]
            name = group_title(str(group))
            out += ["", f"## {name.en} {name.zh}"]
        out += ["", f"### {row['title'].en} {row['title'].zh} (`{row['id']}`)", ""]
        for key, label in _LABELS.items():
            text = row[key]
            out.append(f"- **{label.en} {label.zh}**: {text.en} / {text.zh}")
        for key, said in (("excludes", "Excludes 排斥"), ("requires", "Requires 须与")):
            if row[key]:
                out.append(f"- **{said}**: {', '.join(f'`{o}`' for o in row[key])}")
    return "\n".join(out) + "\n"


def _where(m: Measure) -> Text:
    kind = KINDS[m.applies_to]
    what = asks(m.condition)
    return Text(f"{kind.zh}，{what.zh}（`{m.condition}`）", f"{kind.en}, {what.en} (`{m.condition}`)")


def _cost(m: Measure, lang: Lang) -> str:
    per = PER_UNIT[m.unit].get(lang)
    a, year = ("每", "每年") if lang == "zh" else ("a ", " a year")
    join = "；" if lang == "zh" else "; "
    parts = [f"{span(m.capital_low, m.capital_high, lang)} {a}{per}"]
    for name, low, high in (
        (Text("运行", "running"), m.running_low, m.running_high),
        (Text("收入", "income"), m.revenue, m.revenue),
        (Text("节省", "saving"), m.saving, m.saving),
    ):
        if high:
            shown = span(low, high, lang)
            parts.append(f"{name.get(lang)}{'' if lang == 'zh' else ' '}{year if lang == 'zh' else ''}{shown} {a}{per}{'' if lang == 'zh' else year}")  # fmt: skip
    if m.revenue:
        whose = {"operator": Text("归运营方", "the operator's"), "owners": Text("归业主", "the owners'")}[m.income_to]  # fmt: skip
        parts[-1 if not m.saving else -2] += f"（{whose.zh}）" if lang == "zh" else f" ({whose.en})"
    return join.join(parts)


def _effect(m: Measure, lang: Lang) -> str:
    parts = [f"`{k}` {v:+g}" for k, v in m.effects.items()]
    if m.effect_spread == m.effect_spread:
        parts.append(f"±{percent(m.effect_spread, lang)}")
    if m.carbon:
        parts.append(f"{'碳账目' if lang == 'zh' else 'carbon account'} `{m.carbon}`")
    if m.carbon_kg:
        parts.append(f"CO₂ {number(-m.carbon_kg, lang, 2).rstrip('0').rstrip('.')} kg/{PER_UNIT[m.unit].get(lang)}")  # fmt: skip
    return (", " if lang == "en" else "、").join(parts)


def _life(m: Measure) -> Text:
    return Text(
        f"{m.life_years:g} 年，扰动 {m.disruption:g}（0 至 1）",
        f"{m.life_years:g} years, disruption {m.disruption:g} of 1",
    )
