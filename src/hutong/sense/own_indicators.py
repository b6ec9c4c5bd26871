"""A city's own indicators: its file read whole, every fault with its line and the form expected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.rules.reading import NAME, Reader, open_law
from hutong.sense.cells import ANY, TESTS
from hutong.sense.formulas import FORMS
from hutong.sense.results import Indicator
from hutong.text import Text

REQUIRED = (
    "title",
    "scale",
    "unit",
    "direction",
    "standard",
    "source",
    "article",
    "confidence",
    "compute",
)
_TEXTS, _WORDS = ("title", "phrase", "noun", "formula"), ("unit", "source", "article")
_NUMBERS = ("standard", "watch", "warn", "worst", "gravity")
_KEYS = frozenset({*REQUIRED, *_TEXTS, *_NUMBERS, "bounds_confidence", "scales", "finding"})

#: Makes an indicator of one entry, or raises what is wrong with it.
Read = Callable[[tuple[str, Mapping[str, Any]]], Indicator | None]


def read_own(
    path: Path, read: Read, taken: Collection[str], words: Mapping[str, Collection[str]]
) -> tuple[Indicator, ...]:
    """Return the indicators of a city's own file; those whose figures are not yet in force are left out.

    Parameters
    ----------
    read
        Makes an indicator of an entry of the right form.
    taken
        Ids that stand already.
    words
        What direction, scale, scales and confidence may be.

    Raises
    ------
    HutongError
        ``invalid-indicator`` with one line per fault.
    """
    try:
        raw, lines = open_law(path)
    except HutongError as caught:
        raise _broken(path, list(caught.rows)) from caught
    reader = _Own(path, lines)
    made = [
        one
        for name, entry in reader.mapping(raw, (), "{name: {title, scale, …}}").items()
        if (one := reader.entry(name, entry, read, taken, words)) is not None
    ]
    reader.done()
    return tuple(made)


def _broken(path: Path, rows: list[str]) -> HutongError:
    n = len(rows)
    return HutongError(
        "invalid-indicator",
        Text(f"指标文件 {path.name} 有 {n} 处错误。", f"The file of indicators {path.name} has {n} fault{'s' * (n != 1)}."),
        Text("请按所列行号和格式改正；格式见 indicators.yaml 文件头。", "Mend the lines listed; the head of indicators.yaml explains the form."),
        rows,
    )  # fmt: skip


class _Own(Reader):
    def done(self) -> None:
        if self.rows:
            raise _broken(self.path, self.rows)

    def entry(
        self,
        name: str,
        raw: Any,
        read: Read,
        taken: Collection[str],
        words: Mapping[str, Collection[str]],
    ) -> Indicator | None:
        """Return the indicator of an entry, or None where it is broken or not yet in force."""
        before = len(self.rows)
        if not NAME.fullmatch(name):
            self.fault((name,), f"{name!r}; expected a name of lower-case letters, digits and _")
        if name in taken:
            self.fault((name,), f"{name} stands already among the indicators that come with Hutong")
        spec = self.mapping(raw, (name,), "an entry {title, scale, unit, …}")
        self.keys(spec, _KEYS, (name,))
        self._form(name, spec, words)
        if len(self.rows) > before:
            return None
        try:
            return read((name, spec))
        except HutongError as caught:
            self.fault((name, "compute"), caught.what.en)
            return None

    def _form(self, name: str, spec: Mapping[str, Any], words: Mapping[str, Collection[str]]) -> None:
        for key in REQUIRED:
            if key not in spec:
                self.fault((name,), f"{key} is missing")
        for key in _TEXTS:
            if key in spec:
                self.text(spec[key], (name, key))
        for key in _WORDS:
            self.word(spec, key, (name,))
        for key in _NUMBERS:
            value = spec.get(key)
            if value is not None and not _is_number(value) and not _is_rule(value):
                self.fault((name, key), f"{key} is {value!r}; expected a number or {{rule: id}}")
        for key, allowed in words.items():
            for value in spec[key] if isinstance(spec.get(key), list) else [spec.get(key)]:
                if key in spec and value not in allowed:
                    self.fault((name, key), f"{key} is {value!r}; expected one of {', '.join(allowed)}")
        compute = self.mapping(spec.get("compute", {}), (name, "compute"), "{share: {…}} or another formula")
        for formula, inner in compute.items():
            where = (name, "compute", formula)
            for key, condition in self.mapping(inner, where, "what it counts, as a mapping").items():
                if key in ("where", *FORMS):
                    for said in _condition_faults(condition):
                        self.fault((*where, key), said)


def _condition_faults(condition: Any) -> Iterator[str]:
    """Yield what is wrong with the form of a condition (its columns are looked up when it is read)."""
    if not isinstance(condition, Mapping):
        yield f"{condition!r}; expected a condition such as {{storeys: {{at_least: 4}}}}"
        return
    for column, want in condition.items():
        if column == ANY:
            for one in want if isinstance(want, list) else [want]:
                yield from _condition_faults(one)
        elif isinstance(want, Mapping) and not (
            len(want) == 1
            and set(want) <= set(TESTS)
            and all(_is_number(v) or _is_rule(v) for v in want.values())
        ):
            yield f"{column}: {dict(want)!r}; expected one of {', '.join(f'{{{t}: number}}' for t in TESTS)}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_rule(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) == {"rule"}
