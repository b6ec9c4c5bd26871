"""The classes of requests, as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text

OTHER = "other"


@dataclass(frozen=True, slots=True)
class RequestClass:
    """One class of requests; ``deadline`` names the parameter of the rules that limits its feedback."""

    id: str
    title: Text
    department: Text
    deadline: str
    keywords: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Taxonomy:
    """The classes in order; the last is what none of the others names."""

    classes: tuple[RequestClass, ...]

    def find(self, name: str) -> RequestClass | None:
        """Return the class of an id, a title or an alias, or nothing."""
        return self._names.get(name.strip())

    def title(self, name: str) -> Text:
        """Return the title of a class; an office's own word stands for itself."""
        found = self.find(name)
        return found.title if found is not None else Text(name, name)

    @cached_property
    def _names(self) -> dict[str, RequestClass]:
        return {name: c for c in self.classes for name in (c.id, c.title.zh, c.title.en, *c.aliases)}


@cache
def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Return the taxonomy that comes with Hutong, or an office's own file of the same form.

    Raises
    ------
    HutongError
        ``taxonomy-broken`` if a class lacks a part, or a name or keyword stands for two classes.
    """
    source = path if path is not None else files(__package__).joinpath("taxonomy.yaml")
    raw = read_yaml(source.read_text("utf-8"))
    classes, faults = [], []
    for name, spec in [*raw.get("classes", {}).items(), (OTHER, raw.get(OTHER, {}))]:
        try:
            classes.append(
                RequestClass(
                    id=str(name),
                    title=Text.of(spec["title"]),
                    department=Text.of(spec["department"]),
                    deadline=str(spec["deadline"]),
                    keywords=tuple(str(k) for k in spec.get("keywords", ())),
                    aliases=tuple(str(a) for a in spec.get("aliases", ())),
                )
            )
        except (KeyError, TypeError) as caught:
            faults.append(f"{name}: {caught} is missing or has the wrong form")
    for what in ("keywords", "aliases"):
        owner: dict[str, str] = {}
        for one in classes:
            words = getattr(one, what)
            faults += [
                f"{one.id}: {word!r} stands for {owner[word]} already"
                for word in words
                if owner.setdefault(word, one.id) != one.id
            ]
    if faults:
        raise HutongError(
            "taxonomy-broken",
            Text(f"诉求分类表有 {len(faults)} 处错误。", f"The taxonomy has {len(faults)} faults."),
            Text("请改正所列各项。", "Mend what is listed."),
            faults,
        )
    return Taxonomy(tuple(classes))
