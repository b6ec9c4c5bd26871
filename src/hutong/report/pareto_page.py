"""What one benefit costs in another, as one self-contained page: a line per scheme over four axes, and the table."""

from __future__ import annotations

import math

import pandas as pd
from markupsafe import Markup

from hutong.plan.pareto import WORDS, Pareto
from hutong.plan.results import BENEFITS
from hutong.text import Lang, Text, percent, yuan

#: Drawn 640 units wide; on a phone the chart scrolls inside its own frame.
W, H, LEFT, RIGHT, TOP, BOTTOM = 640.0, 330.0, 40.0, 60.0, 34.0, 30.0
#: Dashes of the lines of the schemes that are best in something; the others are thin.
DASHES = ("", "8 4", "2 4", "10 3 2 3")
_LANGS: tuple[Lang, Lang] = ("zh", "en")
_STYLE = Markup("""
:root{--ink:#23262A;--brick:#6B7075;--mortar:#D9D6CF;--paper:#F7F5F1;--jade:#2E7D6B}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 "PingFang SC","Noto Sans SC","Source Han Sans SC","Microsoft YaHei",system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:52rem;margin:0 auto;padding:24px 24px 40px}
article+article{margin-top:48px;padding-top:24px;border-top:2px solid var(--ink)}
article:lang(zh){line-height:1.7}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 4px}
p{margin:0 0 16px;color:var(--brick);max-width:38em}
.scroll{overflow-x:auto}
svg{display:block;width:100%;min-width:34rem;height:auto;margin:8px 0 16px}
text{font-size:13px;fill:var(--ink)}.tick{fill:var(--brick);font-size:12px}
.axis{stroke:var(--ink)}.line{fill:none;stroke:#A9ADB1;stroke-width:1.2}.line.best{stroke:var(--ink);stroke-width:2.2}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:right;padding:6px 8px;border-top:1px solid var(--mortar);white-space:nowrap}
th:first-child,td:first-child{text-align:left}td.best{color:var(--jade);font-weight:600}
@media(max-width:34rem){main{padding:16px}}
@media print{body{background:#fff}}
""")


def pareto_page(found: Pareto) -> str:
    """Return the page, Chinese first, then English; it asks no other host for anything."""
    bodies = Markup("").join(_article(found, lang) for lang in _LANGS)
    return str(
        Markup(
            '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" '
            'content="width=device-width,initial-scale=1"><title>{}</title><style>{}</style></head>'
            "<body><main>{}</main></body></html>\n"
        ).format("四项效益之间的权衡 · What one benefit costs in another", _STYLE, bodies)
    )


def _article(found: Pareto, lang: Lang) -> Markup:
    title = Text("四项效益之间的权衡", "What one benefit costs in another")
    money, gap = yuan(sum(found.budget.values()), lang), percent(found.certificate.worst_gap, lang, 2)
    n = len(found.points)
    said = Text(
        f"{n} 个方案，公共预算同为 {money}；没有一个在四项上都不如另一个（每点的已证差距不超过 {gap}）。数值为可达效益的占比。粗线和 ● 在某一项上最好。",
        f"{n} schemes under the same public budget of {money}; none is behind another in all four (proven gap of each at most {gap}). Figures are shares of what could be attained. Heavy lines and ● are best in something.",
    )
    return Markup('<article lang="{}"><h1>{}</h1><p>{}</p><div class="scroll">{}</div><div class="scroll">{}</div></article>').format(
        "zh-CN" if lang == "zh" else "en", title.get(lang), said.get(lang), pareto_chart(found, lang), _table(found, lang)
    )  # fmt: skip


def pareto_chart(found: Pareto, lang: Lang) -> Markup:
    """Return one polyline per scheme over four vertical axes from 0 to the most that any scheme has (zero baselines)."""
    points = found.points
    top = max(float(points[list(BENEFITS)].to_numpy(float).max()), 1e-9)
    x = {b: LEFT + (W - LEFT - RIGHT) * i / (len(BENEFITS) - 1) for i, b in enumerate(BENEFITS)}

    def y(share: float) -> float:
        return H - BOTTOM - (H - TOP - BOTTOM) * max(share, 0.0) / top

    axes = Markup("").join(
        Markup('<path class="axis" d="M{0:.1f} {1:.1f}V{2:.1f}"/><text x="{0:.1f}" y="18" text-anchor="middle">{3}</text><text class="tick" x="{0:.1f}" y="{4:.1f}" text-anchor="middle">0</text><text class="tick" x="{5:.1f}" y="{6:.1f}" text-anchor="end">{7}</text>').format(
            x[b], TOP, H - BOTTOM, WORDS[b].get(lang), H - BOTTOM + 18, x[b] - 6, TOP + 4, percent(top, lang) if b == BENEFITS[0] else ""
        )
        for b in BENEFITS
    )  # fmt: skip
    lines, labels, dash = Markup(""), Markup(""), 0
    last = BENEFITS[-1]
    for number, row in enumerate(points.to_dict("records"), 1):
        path = " ".join(f"{x[b]:.1f},{y(float(row[b])):.1f}" for b in BENEFITS)
        best = bool(str(row["best_in"]))
        style = DASHES[dash % len(DASHES)] if best else ""
        dash += best
        lines += Markup('<polyline class="line{}" stroke-dasharray="{}" points="{}"/>').format(" best" if best else "", style or "none", path)  # fmt: skip
        if best:
            labels += Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(x[last] + 10, y(float(row[last])) + 4, number)  # fmt: skip
    what = Text("四项效益的平行坐标图", "The four benefits on parallel axes")
    return Markup('<svg viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}{}{}</svg>').format(
        W, H, what.get(lang), lines, axes, labels
    )


def _table(found: Pareto, lang: Lang) -> Markup:
    heads = ["#", *(WORDS[b].get(lang) for b in BENEFITS), Text("公共资金", "public money").get(lang), Text("投资", "works").get(lang)]  # fmt: skip
    body = Markup("").join(_row(i, row, lang) for i, (_, row) in enumerate(found.points.iterrows(), 1))
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        Markup("").join(Markup('<th scope="col">{}</th>').format(h) for h in heads), body
    )


def _row(number: int, row: pd.Series, lang: Lang) -> Markup:
    best = set(str(row["best_in"]).split("+"))
    cells = Markup("").join(
        Markup("<td{}>{}{}</td>").format(
            Markup(' class="best"') if b in best else "", percent(float(row[b]), lang, 1), " ●" if b in best else ""
        )
        for b in BENEFITS
    )  # fmt: skip
    money = [yuan(float(row[k]) if not math.isnan(float(row[k])) else None, lang) for k in ("public_yuan", "capital_yuan")]  # fmt: skip
    return Markup("<tr><td>{}</td>{}<td>{}</td><td>{}</td></tr>").format(number, cells, *money)
