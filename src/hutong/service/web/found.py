"""What can be found by search, as an app says it of what it shows: the words, where they lead, and who may find them."""

from __future__ import annotations

from dataclasses import dataclass

from hutong.text import Text


@dataclass(frozen=True, slots=True)
class FoundKind:
    """A kind of result: its id, what its results are called, and where it stands among the others."""

    id: str
    title: Text
    order: int = 50


@dataclass(frozen=True, slots=True)
class Findable:
    """Something that can be found. Nobody finds it unless it is public, their own, or their role covers its place.

    Whoever finds it must be let in at ``url`` by the policies too; what one may not open one must not find.

    Attributes
    ----------
    kind, key
        What it is (an app's :class:`FoundKind`) and which; the same key again replaces it.
    words
        What else it is found by; never shown.
    group
        What is opened, closed and dropped together, such as ``snapshot:3``.
    roles, path
        Roles (or names of :meth:`~hutong.service.web.stage.Stage.finds_as`) that find it at a place that covers ``path``.
    owner
        The person whose own it is.
    """

    kind: str
    key: str
    title: Text
    url: str
    detail: Text = Text("", "")  # noqa: RUF009 (a Text cannot change)
    words: str = ""
    group: str = ""
    public: bool = False
    roles: tuple[str, ...] = ()
    path: str = ""
    owner: int | None = None
