"""Results as tables for a person and as plain data for a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from rich.table import Table

from hutong.city import City, schema
from hutong.cli.console import language, out, say
from hutong.evolve.results import SERIES, Ensemble
from hutong.plan.results import Plan
from hutong.text import Lang, Text, number, percent, yuan


def grid_of(*headers: tuple[str, str]) -> Table:
    """Return a plain table with headers and how they are justified."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, justify in headers:
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    return table


def info_data(city: City) -> dict[str, Any]:
    """Return what a snapshot holds: rows, columns with origin and coverage, sources, hash."""
    tables = {}
    for name, frame in city.tables.items():
        if not len(frame):
            continue
        columns = {}
        for column in schema().tables[name].columns:
            origin = city.origin(name, column)
            columns[column] = {
                word: float(np.mean(origin == code))
                for word, code in (("observed", 0), ("imputed", 1), ("assumed", 2), ("unknown", -1))
            }
        tables[name] = {"rows": len(frame), "columns": columns}
    meta = city.meta
    return {
        "name": meta.name,
        "title": meta.title,
        "date": meta.date,
        "crs": meta.crs,
        "hash": city.hash,
        "sources": [{"id": s.id, "title": s.title, "licence": s.licence} for s in meta.sources],
        "notes": list(meta.notes),
        "recipe": dict(meta.recipe),
        "tables": tables,
    }


def show_info(city: City) -> None:
    """Print what a snapshot holds and how much of it was observed."""
    meta, lang = city.meta, language()
    out.print(f"[bold]{meta.title.get(lang)}[/] · {meta.date} · {meta.crs}")
    table = grid_of(
        (say("表", "table"), "left"),
        (say("行数", "rows"), "right"),
        (say("实测", "observed"), "right"),
        (say("推算", "imputed"), "right"),
        (say("假设", "assumed"), "right"),
        (say("未知", "unknown"), "right"),
    )
    for name, data in info_data(city)["tables"].items():
        shares = [
            float(np.mean([column[word] for column in data["columns"].values()]))
            for word in ("observed", "imputed", "assumed", "unknown")
        ]
        table.add_row(name, number(data["rows"]), *(percent(share) for share in shares))
    out.print(table)
    for source in meta.sources:
        out.print(
            say(f"来源：{source.title}（{source.licence}）", f"source: {source.title} ({source.licence})"),
            markup=False,
        )
    for note in meta.notes:
        out.print(f"· {note}", markup=False)
    out.print(f"[dim]sha256 {city.hash}[/]")


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return the schemes with choices, totals, certificate and violations."""
    return {
        "schemes": [
            {
                "id": s.id,
                "title": s.title,
                "totals": dict(s.totals),
                "terms": dict(s.terms),
                "certificate": {
                    "status": s.certificate.status,
                    "objective": s.certificate.objective,
                    "bound": s.certificate.bound,
                    "gap": s.certificate.gap,
                    "binding": [
                        {
                            "row": b.row,
                            "title": b.title,
                            "value": b.value,
                            "limit": b.limit,
                            "unit": b.unit,
                            "source": b.source,
                        }
                        for b in s.certificate.binding
                    ],
                },
                "violations": [
                    {
                        "rule": v.rule,
                        "message": v.message,
                        "rigid": v.rigid,
                        "source": v.source,
                        "article": v.article,
                    }
                    for v in s.violations
                ],
                "choices": s.choices.to_dict("records"),
            }
            for s in plan.schemes
        ],
        "assumptions": list(plan.assumptions),
    }


Form = Callable[[float | None, Lang], str]


def _percent2(value: float | None, lang: Lang) -> str:
    return percent(value, lang, 2)


#: Totals shown in the comparison: key, words, format. Benefits are shares of what could be attained.
_TOTALS: tuple[tuple[str, Text, Form], ...] = (
    ("capital_yuan", Text("总投资", "capital"), yuan),
    ("public_yuan", Text("公共资金", "public money"), yuan),
    ("owner_unit_yuan", Text("产权单位", "owner units"), yuan),
    ("owner_yuan", Text("居民出资", "residents"), yuan),
    ("operator_yuan", Text("实施主体", "operator"), yuan),
    ("operator_irr", Text("实施主体收益率", "operator's return"), _percent2),
    ("dwellings_helped", Text("受益住房", "dwellings helped"), number),
    ("findings_mended", Text("解决问题", "findings mended"), number),
    ("consent_expected", Text("预计通过率", "expected to pass"), percent),
    ("benefit_economic", Text("经济效益", "economic benefit"), percent),
    ("benefit_social", Text("社会效益", "social benefit"), percent),
    ("benefit_ecological", Text("生态效益", "ecological benefit"), percent),
    ("benefit_cultural", Text("文化效益", "cultural benefit"), percent),
)


def show_plan(plan: Plan) -> None:
    """Print the schemes side by side, then what limits each."""
    lang = language()
    table = grid_of(("", "left"), *((s.title.get(lang), "right") for s in plan.schemes))
    for key, words, form in _TOTALS:
        cells = [form(s.totals.get(key), lang) for s in plan.schemes]
        table.add_row(words.get(lang), *cells)
    table.add_row(
        say("与最优的差距", "proven gap"), *(percent(s.certificate.gap, lang, 2) for s in plan.schemes)
    )
    out.print(table)
    for scheme in plan.schemes:
        out.print()
        out.print(f"[bold]{scheme.title.get(lang)}[/]")
        for row in scheme.certificate.binding:
            out.print(
                say(
                    f"· 起限制作用：{row.title.zh}（{row.source.zh}）",
                    f"· limited by: {row.title.en} ({row.source.en})",
                ),
                markup=False,
            )
        for violation in scheme.violations:
            out.print(
                f"! {violation.message.get(lang)} ({violation.source} {violation.article})", markup=False
            )


def evolve_data(ensemble: Ensemble) -> dict[str, Any]:
    """Return bands at every twelfth month and the effects at the end."""
    from hutong.evolve import contrast

    months = list(range(0, ensemble.months + 1, 12))
    return {
        "recipe": dict(ensemble.recipe),
        "months": months,
        "settings": [
            {
                "id": setting.id,
                "title": setting.title,
                **{name: ensemble.band(name, k)[:, months] for name in SERIES},
            }
            for k, setting in enumerate(ensemble.settings)
        ],
        "effects": contrast(ensemble).to_dict("records"),
        "assumptions": list(ensemble.assumptions),
    }


def show_evolve(ensemble: Ensemble) -> None:
    """Print the end of each setting as median and 5–95 % band, then what it means."""
    from hutong.evolve import explain

    lang = language()
    words = {
        "value": Text("价值", "value"),
        "governance": Text("治理", "governance"),
        "space": Text("空间", "space"),
        "coupling": Text("耦合协调度", "coupling degree"),
    }
    table = grid_of(("", "left"), *((w.get(lang), "right") for w in words.values()))
    for k, setting in enumerate(ensemble.settings):
        cells = []
        for name in words:
            low, middle, high = ensemble.band(name, k)[:, -1]
            cells.append(f"{middle:.2f} ({low:.2f}–{high:.2f})")
        table.add_row(setting.title.get(lang), *cells)
    out.print(table)
    for text in explain(ensemble):
        out.print(f"· {text.get(lang)}", markup=False)
