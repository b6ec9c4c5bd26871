"""What field teams are asked: the items of ``survey.yaml``, and how an answer is written in a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hutong.city import schema
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text

KINDS = ("yes_no", "grade", "count", "number", "year")
GRADES = "ABCD"
_YES, _NO = ("是", "有", "yes", "y", "true", "1"), ("否", "无", "没有", "no", "n", "false", "0")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked of every object of a table."""

    table: str
    name: str
    kind: str  # one of KINDS
    title: Text
    help: Text
    national: tuple[int, ...]
    column: bool  # whether the answer is a column of the snapshot's schema
    min: float | None
    max: float | None

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers that a form offers; empty where a number is written."""
        return {"yes_no": ("是", "否"), "grade": tuple(GRADES)}.get(self.kind, ())

    def read(self, answer: str) -> float:
        """Return an answer as a number: yes 1, no 0; grades 1 (A) to 4 (D).

        Raises
        ------
        ValueError
            With what the answer must be (a :class:`Text` as its only argument).
        """
        word = answer.strip()
        if self.kind == "yes_no":
            if word.lower() in _YES or word.lower() in _NO:
                return float(word.lower() in _YES)
            raise ValueError(Text("应填“是”或“否”", "must be 是 (yes) or 否 (no)"))
        if self.kind == "grade" and word.upper() in tuple(GRADES):
            return float(GRADES.index(word.upper()) + 1)
        return self._number(word)

    def write(self, value: float) -> str:
        """Return a number as a form holds it; :meth:`read` gives the number back."""
        if self.kind == "yes_no":
            return self.choices[0] if value == 1 else self.choices[1]
        if self.kind == "grade" and value in (1, 2, 3, 4):
            return GRADES[int(value) - 1]
        return str(int(value)) if value == int(value) else repr(float(value))

    def told(self, value: float) -> Text:
        """Return a number as people read it: yes and no in their language, grades as letters."""
        if self.kind == "yes_no":
            return Text("是", "yes") if value == 1 else Text("否", "no")
        return Text(self.write(value), self.write(value))

    def _number(self, word: str) -> float:
        try:
            value = float(word.replace(",", "").replace("，", ""))
        except ValueError:
            value = float("nan")
        whole = self.kind in ("count", "year", "grade")
        if value != value or abs(value) == float("inf") or (whole and value != round(value)):
            asked = {
                "grade": Text("应填 A、B、C、D", "must be A, B, C or D"),
                "number": Text("应填数字", "must be a number"),
            }
            raise ValueError(asked.get(self.kind, Text("应填整数", "must be a whole number")))
        low = 1.0 if self.kind == "grade" else self.min
        high = 4.0 if self.kind == "grade" else self.max
        if low is not None and value < low:
            raise ValueError(Text(f"不能小于 {low:g}", f"must be at least {low:g}"))
        if high is not None and value > high:
            raise ValueError(Text(f"不能大于 {high:g}", f"must be at most {high:g}"))
        return value


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked of the objects of one table, and what of each object the form shows beforehand."""

    table: str
    title: Text
    shown: tuple[str, ...]
    items: tuple[Item, ...]


@cache
def survey_forms() -> Mapping[str, Form]:
    """Return the forms by table (``survey.yaml``).

    Raises
    ------
    HutongError
        ``invalid-survey-item`` for an entry that does not fit the schema.
    """
    raw = read_yaml(files(__package__).joinpath("survey.yaml").read_text("utf-8"))
    forms = {}
    for table, spec in raw["tables"].items():
        columns = schema().tables[table].columns
        items = []
        for name, entry in spec["items"].items():
            own = bool(entry.get("schema", False))
            if entry["kind"] not in KINDS or own != (name in columns):
                raise HutongError(
                    "invalid-survey-item",
                    Text(f"调查项 {table}.{name} 的定义有误。", f"The survey item {table}.{name} is broken."),
                    Text("请对照 schema.yaml 改正 survey.yaml。", "Mend survey.yaml against schema.yaml."),
                )
            limits = columns[name] if own else None
            items.append(
                Item(
                    table=table,
                    name=name,
                    kind=entry["kind"],
                    title=Text.of(entry["title"]),
                    help=Text.of(entry["help"]),
                    national=tuple(entry["national"]),
                    column=own,
                    min=entry.get("min") if limits is None else limits.min,
                    max=entry.get("max") if limits is None else limits.max,
                )
            )
        forms[table] = Form(table, Text.of(spec["title"]), tuple(spec["shown"]), tuple(items))
    return forms


def survey_item(table: str, name: str) -> Item | None:
    """Return an item that is kept in the table ``survey``, or None if there is none of that name."""
    form = survey_forms().get(table)
    items = () if form is None else form.items
    return next((i for i in items if i.name == name and not i.column), None)
