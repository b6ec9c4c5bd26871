"""A machine as a page of the documentation, drawn from the table itself."""

from __future__ import annotations

from hutong.act.machine import Machine
from hutong.text import Lang

_WORDS = {
    "zh": ("状态", "事件", "由谁", "需要", "依据", "假设"),
    "en": ("state", "event", "by", "needs", "basis", "our assumption"),
}


def machine_page(table: Machine, lang: Lang) -> str:
    """Return the states as a Mermaid diagram and the events as a table, in Markdown."""
    return f"{_diagram(table, lang)}\n\n{_table(table, lang)}\n"


def _diagram(table: Machine, lang: Lang) -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"  [*] --> {table.start or next(iter(table.states))}"]
    lines += [f"  {s.id}: {s.title.get(lang)}" for s in table.states.values()]
    for event in table.events.values():
        lines += [f"  {o} --> {event.to}: {event.title.get(lang)}" for o in event.origin if o != event.to]
    lines += [f"  {s.id} --> [*]" for s in table.states.values() if s.end]
    return "\n".join([*lines, "```"])


def _table(table: Machine, lang: Lang) -> str:
    state, event, by, needs, basis, ours = _WORDS[lang]
    lines = [f"| {event} | {state} | {by} | {needs} | {basis} |", "|---|---|---|---|---|"]
    for e in table.events.values():
        origin = " · ".join(table.states[o].title.get(lang) for o in e.origin)
        to = "" if e.origin == (e.to,) else f" → {table.states[e.to].title.get(lang)}"
        who = " · ".join(table.actors[a].get(lang) if a in table.actors else a for a in e.by)
        what = " · ".join(table.fields[n].title.get(lang) if n in table.fields else n for n in e.needs) or "–"
        rests_on = ours if e.assumed else f"{e.source}{e.article}"
        lines.append(f"| {e.title.get(lang)} `{e.id}` | {origin}{to} | {who} | {what} | {rests_on} |")
    return "\n".join(lines)
