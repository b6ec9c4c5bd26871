"""A procedure as a page of text: a diagram (Mermaid flowchart) and a table of steps, from the same data."""

from __future__ import annotations

from fractions import Fraction

from hutong.rules.procedure import NO_COMPULSION, Clock, Procedure, Step
from hutong.rules.results import Parameter
from hutong.text import Lang, Text, number, percent

_WORDS = {
    "step": Text("步骤", "step"),
    "who": Text("谁来办", "who acts"),
    "documents": Text("文件", "documents"),
    "clocks": Text("期限与比例", "clocks and shares"),
    "holdout": Text("不同意者", "who holds out"),
    "source": Text("依据", "source"),
    "next": Text("之后", "then"),
    "ends": Text("结局", "Ends"),
    "none": Text("本地规则未载", "not documented in the rules of the place"),
    "assumed": Text("假设", "assumption"),
    "at_least": Text("至少", "at least"),
    "at_most": Text("至多", "at most"),
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
    "manual": Text(
        "本程序由人工办理，平台只记录联系与答复。",
        "People follow this procedure; the platform only notes what was asked and answered.",
    ),
}
_UNITS = {
    "day": Text("日", "days"),
    "working day": Text("个工作日", "working days"),
    "month": Text("个月", "months"),
    "year": Text("年", "years"),
}
_OUTCOMES = {
    "settled": Text("完成", "settled"),
    "stays": Text("保留现状", "stays"),
    "stopped": Text("终止", "stopped"),
    "enforced": Text("依法执行", "enforced"),
    "manual": Text("人工", "manual"),
}
_MAJORITIES = {
    "special": Text("特别多数", "special majority"),
    "ordinary": Text("一般多数", "ordinary majority"),
}


def render_procedure(procedure: Procedure, lang: Lang) -> str:
    """Return a procedure as Markdown in one language: what it is, a Mermaid flowchart, its steps and ends."""
    lines = [
        f"## {procedure.title.get(lang)}",
        "",
        procedure.about.get(lang),
        "",
        NO_COMPULSION.get(lang),
        "",
    ]
    if procedure.mode == "manual":
        lines += [_WORDS["manual"].get(lang), ""]
    lines += ["```mermaid", *_flowchart(procedure, lang), "```", ""]
    heads = [_WORDS[w].get(lang) for w in ("step", "who", "documents", "clocks", "holdout", "source", "next")]
    lines += [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    lines += [_row(procedure, s, lang) for s in procedure.steps.values() if not s.ends]
    ends = [s for s in procedure.steps.values() if s.ends]
    joined = ("；" if lang == "zh" else "; ").join(
        f"{s.title.get(lang)}{'（' if lang == 'zh' else ' ('}{_OUTCOMES[s.outcome].get(lang)}{'）' if lang == 'zh' else ')'}"
        for s in ends
    )
    return "\n".join([*lines, "", f"{_WORDS['ends'].get(lang)}{'：' if lang == 'zh' else ': '}{joined}", ""])


def procedure_page(procedure: Procedure) -> str:
    """Return the page of a procedure in docs/procedures: Chinese, then English."""
    head = (
        f"# {procedure.title.zh} · {procedure.title.en}\n\n"
        f"由 `src/hutong/rules/procedures/{procedure.id}.yaml` 生成 · made from it by `hutong rules procedure {procedure.id}`\n\n"
    )
    return head + render_procedure(procedure, "zh") + "\n" + render_procedure(procedure, "en")


def _flowchart(procedure: Procedure, lang: Lang) -> list[str]:
    lines = ["flowchart TD"]
    for s in procedure.steps.values():
        shape = ('(["', '"])') if s.ends else ('["', '"]')
        lines.append(f"  {s.id}{shape[0]}{_plain(s.title.get(lang))}{shape[1]}")
    lines += [
        f'  {s.id} -->|"{_plain(e.title.get(lang))}"| {e.to}'
        for s in procedure.steps.values()
        for e in s.events
    ]
    return lines


def _plain(text: str) -> str:
    return text.replace('"', "'").replace("|", "/")


def _row(procedure: Procedure, step: Step, lang: Lang) -> str:
    comma = "、" if lang == "zh" else ", "
    stop = "；" if lang == "zh" else "; "
    figures = [clock_words(c, lang) for c in step.clocks] + [_figure(i, p, lang) for i, p in step.figures]
    cells = [
        step.title.get(lang),
        comma.join(words.get(lang) for _, words in step.who),
        comma.join(words.get(lang) for _, words in step.documents),
        stop.join(figures),
        step.holdout.get(lang) if step.holdout is not None else "",
        _source(step, lang),
        stop.join(f"{e.title.get(lang)} → {procedure.steps[e.to].title.get(lang)}" for e in step.events),
    ]
    return f"| {' | '.join(c.replace('|', '/') for c in cells)} |"


def _source(step: Step, lang: Lang) -> str:
    a = step.authority
    if a is None:
        return ""
    note = "" if a.note is None else a.note.get(lang)
    if a.assumed:
        return note
    where = f"{a.source}{a.article and ' ' + a.article}"
    return f"{where} [{a.confidence}]{note and ('。' if lang == 'zh' else '. ')}{note}"


def clock_words(clock: Clock, lang: Lang) -> str:
    """Return a clock as people read it: its title, least or most, the figure and what it rests on."""
    p = clock.parameter
    if p is None:
        return f"{clock.id}: {_WORDS['none'].get(lang)}"
    n, unit = number(float(p.value), lang), _unit(p.unit, float(p.value), lang)  # type: ignore[arg-type]
    space = "" if lang == "zh" else " "
    colon = "：" if lang == "zh" else ": "
    return (
        f"{p.title.get(lang)}{colon}{_WORDS[clock.bound].get(lang)}{space}{n}{space}{unit}{_doubt(p, lang)}"
    )


def _figure(name: str, p: Parameter | None, lang: Lang) -> str:
    colon = "：" if lang == "zh" else ": "
    if p is None:
        return f"{name}{colon}{_WORDS['none'].get(lang)}"
    return f"{p.title.get(lang)}{colon}{value_words(p, lang)}{_doubt(p, lang)}"


def _doubt(p: Parameter, lang: Lang) -> str:
    if not p.assumed:
        return ""
    return f"（{_WORDS['assumed'].zh}）" if lang == "zh" else f" ({_WORDS['assumed'].en})"


def _unit(unit: str, n: float, lang: Lang) -> str:
    if unit in _UNITS:
        words = _UNITS[unit].get(lang)
        return words.removesuffix("s") if n == 1 else words
    return "" if unit in ("count", "flag") else unit


def value_words(p: Parameter, lang: Lang) -> str:
    """Return the value of a parameter as people read it."""
    value = p.value
    if isinstance(value, bool):
        return _WORDS["yes" if value else "no"].get(lang)
    if isinstance(value, str):
        return _MAJORITIES[value].get(lang) if value in _MAJORITIES else value
    if isinstance(value, Fraction):
        whole = value.denominator in (1, 2, 4, 5, 10, 20, 25, 50, 100)
        return percent(float(value), lang) if whole else str(value)
    if p.unit in ("ratio", "ratio/year"):
        return percent(float(value), lang, 0 if round(value * 100, 9) % 1 == 0 else 1)
    digits = 0 if float(value).is_integer() else min(4, len(repr(float(value)).split(".")[1]))
    unit = _unit(p.unit, float(value), lang)
    space = "" if lang == "zh" and p.unit in _UNITS else " "
    return f"{number(float(value), lang, digits)}{space}{unit}".strip()
