"""The statement for one dwelling as one self-contained page that prints on one sheet."""

from __future__ import annotations

from markupsafe import Markup

from hutong.plan.statement import DwellingStatement
from hutong.text import Text

_STYLE = Markup("""
:root{--ink:#23262A;--brick:#6B7075;--mortar:#D9D6CF;--paper:#F7F5F1;--accent:#B5382A}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 "PingFang SC","Noto Sans SC","Source Han Sans SC","Microsoft YaHei",system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:44rem;margin:0 auto;padding:24px 24px 40px}
article+article{margin-top:48px;padding-top:24px;border-top:2px solid var(--ink)}
article:lang(zh){line-height:1.7}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 4px}
.of{color:var(--brick);margin:0 0 24px}
section{display:grid;grid-template-columns:9rem 1fr;gap:0 16px;padding:12px 0;border-top:1px solid var(--mortar)}
h2{font-size:1rem;margin:0}
ul{margin:0;padding:0 0 0 1.1em}
li+li{margin-top:4px}
section:last-of-type h2{color:var(--accent)}
@media(max-width:34rem){main{padding:16px}section{display:block}h2{margin-bottom:4px}}
@media print{body{background:#fff;font-size:10.5pt}main{max-width:none;padding:0}article+article{break-before:page;border:0;margin:0}section{padding:6px 0}}
""")


def statement_page(statement: DwellingStatement) -> str:
    """Return the page: Chinese first, then English; it asks no other host for anything."""
    title = Text("这个方案对您家意味着什么", "What this scheme means for your home")
    bodies = Markup("").join(
        Markup('<article lang="{}"><h1>{}</h1><p class="of">{}</p>{}</article>').format(
            "zh-CN" if lang == "zh" else "en", title.get(lang), _of(statement).get(lang), _parts(statement, lang)
        )
        for lang in ("zh", "en")
    )  # fmt: skip
    return str(
        Markup(
            '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1"><title>{} · {}</title>'
            "<style>{}</style></head><body><main>{}</main></body></html>\n"
        ).format(statement.place, statement.dwelling_id, _STYLE, bodies)
    )


def _of(s: DwellingStatement) -> Text:
    return Text(
        f"{s.place} · {s.dwelling_id} · {s.tenure.zh} · 方案“{s.scheme.zh}”，版本 {s.version}",
        f"{s.place} · {s.dwelling_id} · {s.tenure.en} · scheme “{s.scheme.en}”, version {s.version}",
    )


def _parts(statement: DwellingStatement, lang: str) -> Markup:
    code = "zh" if lang == "zh" else "en"
    return Markup("").join(
        Markup("<section><h2>{}</h2><ul>{}</ul></section>").format(
            part.title.get(code),  # type: ignore[arg-type]
            Markup("").join(Markup("<li>{}</li>").format(line.get(code)) for line in part.lines),  # type: ignore[arg-type]
        )
        for part in statement.parts
    )
