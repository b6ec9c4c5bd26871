"""A page as a tree of elements, and what is wrong with its nesting."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

VOID = {"meta", "br", "input", "img", "link", "hr"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str]
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    words: str = ""

    def all(self, tag: str | None = None) -> list[Node]:
        """Return every element below this one, in page order."""
        out = []
        for child in self.children:
            if tag is None or child.tag == tag:
                out.append(child)
            out += child.all(tag)
        return out

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root", {})
        self.here = self.root
        self.faults: list[str] = []

    def handle_starttag(self, tag, attrs):
        node = Node(tag, {k: v or "" for k, v in attrs}, self.here)
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag, attrs):
        self.here.children.append(Node(tag, {k: v or "" for k, v in attrs}, self.here))

    def handle_endtag(self, tag):
        if self.here.tag != tag:
            self.faults.append(f"</{tag}> closes <{self.here.tag}> at {self.getpos()}")
            return
        self.here = self.here.parent

    def handle_data(self, data):
        self.here.words += data


@lru_cache(maxsize=16)
def read(html: str) -> tuple[Node, list[str]]:
    """Return the tree and every end tag that does not fit."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    left = [] if reader.here is reader.root else [f"<{reader.here.tag}> is never closed"]
    return reader.root, reader.faults + left
