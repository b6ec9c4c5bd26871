"""A light check of a page's HTML: what a browser mends in silence and a screen reader stumbles over.

The full check is the Nu HTML checker's (``test_sweep.py``, slow); this one costs milliseconds and runs on every page of
the access tables.
"""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
#: What may stand in a paragraph and the like: nothing that the browser would end it for.
BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "details",
        "div",
        "dl",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
ONLY_INLINE = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "span", "a", "label", "button", "dt", "summary"]
) - {"a"}
PARENTS = {
    "li": {"ul", "ol", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "tr": {"thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
    "option": {"select", "optgroup", "datalist"},
    "legend": {"fieldset"},
    "caption": {"table"},
    "summary": {"details"},
}
CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"dt", "dd", "div"},
    "tr": {"td", "th"},
    "table": {"caption", "thead", "tbody", "tfoot", "colgroup"},
    "select": {"option", "optgroup"},
}
ACTIVE = frozenset(("a", "button", "select", "textarea"))
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form")
#: The values of fields for days and moments.
MOMENTS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "datetime-local": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?"),
}
BOXES = frozenset(("input", "select", "textarea"))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.ids: dict[str, int] = {}
        self.labelled: set[str] = set()
        self.text: dict[int, str] = {}
        self.at: list[int] = []

    def fault(self, said: str) -> None:
        line, column = self.getpos()
        self.faults.append(f"line {line}:{column + 1} {said}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self.fault(f"<{tag}> has an attribute twice")
        parent = self.open[-1] if self.open else ""
        if tag in BLOCK and parent in ONLY_INLINE and not (parent == "summary" and tag[0] == "h"):
            self.fault(f"<{tag}> in <{parent}>")
        if tag in PARENTS and parent not in PARENTS[tag]:
            self.fault(f"<{tag}> in <{parent}>")
        if parent in CHILDREN and tag not in CHILDREN[parent] | {"script", "template"}:
            self.fault(f"<{tag}> in <{parent}>")
        if tag in ACTIVE | {"input"} and given.get("type") != "hidden" and ACTIVE & {*self.open} - {"select"}:
            self.fault(f"<{tag}> in something that is itself acted on")
        if tag == "form" and "form" in self.open:
            self.fault("<form> in <form>")
        if "style" in given or any(name.startswith("on") for name in given):
            self.fault(f"<{tag}> has a style or script of its own, which the content policy refuses")
        if any(name.startswith("hx-") for name in given):
            self.fault(f"<{tag}> has hx- without data- before it, which is no HTML")
        form = MOMENTS.get(given.get("type") or "") if tag == "input" else None
        if form and given.get("value") and not form.fullmatch(given["value"] or ""):
            self.fault(f"<input type={given['type']}> holds {given['value']}, which no browser reads")
        if one := given.get("id"):
            self.ids[one] = self.ids.get(one, 0) + 1
        self.seen.append((tag, given, tuple(self.open)))
        if tag == "img":
            self.handle_data(given.get("alt") or "")
        if tag not in VOID:
            self.open.append(tag)
            self.at.append(len(self.seen) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            self.fault(f"</{tag}> ends what has no end")
        elif not self.open or self.open[-1] != tag:
            self.fault(f"</{tag}> where <{self.open[-1] if self.open else ''}> is open")
            if tag in self.open:
                while self.open.pop() != tag:
                    self.at.pop()
                self.at.pop()
        else:
            self.open.pop()
            self.at.pop()

    def handle_data(self, data: str) -> None:
        parent = self.open[-1] if self.open else ""
        if data.strip() and parent in ("ul", "ol", "dl", "table", "thead", "tbody", "tr"):
            self.fault(f"words in <{parent}>: {data.strip()[:30]}")
        for index in self.at:
            self.text[index] = self.text.get(index, "") + data


def html_faults(page: str) -> list[str]:
    """Return what is wrong with the HTML of a page, or of a part of one that a script puts into a page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    out = reader.faults
    out += [f"<{tag}> is never ended" for tag in reader.open]
    out += [f"id {one!r} stands {n} times" for one, n in reader.ids.items() if n > 1]
    whole = "<html" in page
    labels = {given.get("for") for tag, given, _ in reader.seen if tag == "label"}
    for index, (tag, given, inside) in enumerate(reader.seen):
        said = reader.text.get(index, "").strip()
        for name in REFERENCES if whole else ():
            out += [
                f"{name} names no id: {r}" for r in (given.get(name) or "").split() if r not in reader.ids
            ]
        named = given.get("aria-label") or given.get("aria-labelledby") or given.get("title")
        if tag == "img" and "alt" not in given:
            out.append("an image without words")
        if tag in ("a", "button") and not said and not named:
            out.append(f"<{tag}> without words: {given}")
        if (
            tag in ("h1", "h2", "h3", "th", "title", "caption", "label", "legend")
            and not said
            and "aria-label" not in given
        ):
            out.append(f"<{tag}> is empty")
        box = tag in BOXES and given.get("type") not in ("hidden", "submit", "button")
        if box and given.get("id") not in labels and not named and "label" not in inside:
            out.append(f"<{tag} name={given.get('name')}> has no label")
    return out + (_whole(reader) if whole else [])


def _whole(reader: _Reader) -> list[str]:
    """Return what a whole page lacks: language, title, one main part with one heading, headings without a gap."""
    counts = {t: sum(tag == t for tag, _, _ in reader.seen) for t in ("title", "main", "h1")}
    out = [f"{n} <{tag}> instead of one" for tag, n in counts.items() if n != 1]
    if not next(given for tag, given, _ in reader.seen if tag == "html").get("lang"):
        out.append("no language")
    levels = [int(tag[1]) for tag, _, _ in reader.seen if tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    out += [f"h{b} after h{a}" for a, b in itertools.pairwise(levels) if b > a + 1]
    return out
