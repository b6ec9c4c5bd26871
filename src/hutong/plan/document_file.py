"""Read and write schemes as files: YAML holds the whole document, CSV the choices alone."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hutong.city.text_table import harmless, plain
from hutong.errors import HutongError
from hutong.files import write_text
from hutong.plan.document import FORM, INSTRUMENTS, TERMS, Choice, SchemeDocument, Uncounted
from hutong.plan.planner_file import PlannerFile, near, open_planner_file, read_text
from hutong.rules import IN_PRINCIPLE, UNCOUNTED_KINDS
from hutong.text import Text

#: Columns of the CSV form; ``year`` may be left out.
CSV_COLUMNS = ("object_id", "measures", "offer", "year")
_KEYS = (
    "hutong_scheme", "id", "title", "city", "snapshot", "jurisdiction", "based_on", "note", "budget", "terms",
    "instruments", "justifications", "objects",
)  # fmt: skip
#: Latest year in which works of a document may begin.
LAST_YEAR = 30


def invalid_scheme(name: str, rows: list[str]) -> HutongError:
    """Return the error for a scheme file with faults."""
    return HutongError(
        "invalid-scheme",
        Text(f"方案文件 {name} 有 {len(rows)} 处错误。", f"The scheme {name} has {len(rows)} faults."),
        Text(
            "请按所列行号改正后重试（格式见 docs/schemes.md）。",
            "Mend the lines listed and try again; docs/schemes.md shows the form.",
        ),
        rows,
    )


def read_scheme(path: Path) -> SchemeDocument:
    """Return the scheme of a .yaml, .yml or .csv file.

    Raises
    ------
    HutongError
        ``cannot-read``, ``unknown-form`` or ``invalid-scheme`` naming each fault with its line.
    """
    if path.suffix.lower() not in (".csv", ".yaml", ".yml"):
        raise _unknown_form(path)
    return read_scheme_text(path, read_text(path))


def read_scheme_text(path: Path, text: str) -> SchemeDocument:
    """Return the scheme of a text that stands for a file; it raises as :func:`read_scheme` does."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return _from_csv(path, text)
    if suffix in (".yaml", ".yml"):
        return _from_yaml(path, text)
    raise _unknown_form(path)


def write_scheme(path: Path, document: SchemeDocument, force: bool = False) -> Path:
    """Write a scheme whole, as YAML or CSV after the ending of the name.

    Raises
    ------
    HutongError
        ``unknown-form``, ``csv-too-narrow`` where CSV would lose part of it, ``exists`` or ``cannot-write``.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return write_text(path, _to_csv(path, document), force=force)
    if suffix in (".yaml", ".yml"):
        return write_text(path, to_yaml(document), force=force)
    raise _unknown_form(path)


def _unknown_form(path: Path) -> HutongError:
    return HutongError(
        "unknown-form",
        Text(f"不认识的方案文件格式：{path.name}。", f"{path.name} is no form of a scheme that is known."),
        Text("请用 .yaml 或 .csv 结尾的文件。", "Use a file that ends in .yaml or .csv."),
    )


def to_yaml(document: SchemeDocument) -> str:
    """Return a document as YAML, the same text for the same document."""
    raw: dict[str, Any] = {"hutong_scheme": FORM, "id": document.id, "title": _both(document.title)}
    for key in ("city", "snapshot", "jurisdiction", "based_on"):
        if getattr(document, key):
            raw[key] = getattr(document, key)
    if document.note != Text("", ""):
        raw["note"] = _both(document.note)
    raw["budget"] = dict(document.budget)
    raw["terms"] = dict(document.terms)
    instruments: dict[str, Any] = {}
    if document.far_bonus:
        instruments["far_bonus"] = document.far_bonus
    if document.uncounted:
        instruments["uncounted"] = {k: {"kind": u.kind, "m2": u.m2} for k, u in document.uncounted.items()}
    raw["instruments"] = instruments
    raw["justifications"] = {k: _both(t) for k, t in document.justifications.items()}
    raw["objects"] = {k: _choice(c) for k, c in document.choices.items()}
    raw = {k: v for k, v in raw.items() if v not in ({}, "")} | {"objects": raw["objects"]}
    return yaml.dump(raw, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Flow(dict):  # type: ignore[type-arg]
    """A mapping that stands on one line."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _Flow, lambda d, m: d.represent_mapping("tag:yaml.org,2002:map", m.items(), flow_style=True)
)


def _both(text: Text) -> dict[str, str]:
    return _Flow(zh=text.zh, en=text.en)


def _choice(choice: Choice) -> dict[str, Any]:
    raw: dict[str, Any] = {"measures": sorted(choice.measures), "offer": choice.offer}
    return _Flow(raw | ({"year": choice.year} if choice.year else {}))


def _from_yaml(path: Path, text: str) -> SchemeDocument:
    file = open_planner_file(path, invalid_scheme, text)
    raw = file.raw
    for key in raw:
        if key not in _KEYS:
            file.fault((key,), f"unknown key {key!r}; expected one of {', '.join(_KEYS)}")
    form = raw.get("hutong_scheme")
    if form != FORM:
        file.fault(("hutong_scheme",), f"hutong_scheme is {form!r}; this version reads {FORM}")
    name = raw.get("id", path.stem)
    if not isinstance(name, str) or not name.strip():
        file.fault(("id",), f"id is {name!r}; expected a name")
    out = SchemeDocument(
        id=str(name),
        title=_text(file, ("title",), raw.get("title")) or Text(str(name), str(name)),
        **{k: _word(file, k) for k in ("city", "snapshot", "jurisdiction", "based_on")},
        choices=_choices(file, raw.get("objects")),
        far_bonus=_bonus(file, _mapping(file, "instruments")),
        uncounted=_uncounted(file, _mapping(file, "instruments")),
        terms=_numbers(file, "terms", TERMS),
        budget=_numbers(file, "budget", ("city", "district")),
        justifications=_reasons(file, _mapping(file, "justifications")),
        note=_text(file, ("note",), raw.get("note")) or Text("", ""),
    )
    file.stop(invalid_scheme)
    return out


def _mapping(file: PlannerFile, key: str) -> Mapping[str, Any]:
    raw = file.raw.get(key)
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        file.fault((key,), f"{key} is {raw!r}; expected keys with values")
        return {}
    return raw


def _word(file: PlannerFile, key: str) -> str:
    raw = file.raw.get(key)
    if raw is None:
        return ""
    if not isinstance(raw, str) and not hasattr(raw, "isoformat"):
        file.fault((key,), f"{key} is {raw!r}; expected a word")
    return str(raw)


def _text(file: PlannerFile, where: tuple[Any, ...], raw: Any) -> Text | None:
    if raw is None:
        return None
    if isinstance(raw, str):
        return Text(raw, raw)
    if (
        isinstance(raw, Mapping)
        and set(raw) == {"zh", "en"}
        and all(isinstance(v, str) for v in raw.values())
    ):
        return Text(raw["zh"], raw["en"])
    file.fault(where, f"{where[-1]} is {raw!r}; expected {{zh: ..., en: ...}}")
    return None


def _numbers(file: PlannerFile, part: str, known: tuple[str, ...]) -> dict[str, float]:
    out = {}
    for key, value in _mapping(file, part).items():
        if key not in known:
            file.fault((part, key), f"unknown {part} {key!r}; expected one of {', '.join(known)}")
        elif not _is_amount(value):
            file.fault((part, key), f"{key} is {value!r}; expected a number of at least 0")
        elif key == "concession_years" and (value != int(value) or value < 1):
            file.fault((part, key), f"{key} is {value!r}; expected whole years of at least 1")
        elif key == "surplus_share_owners" and value > 1:
            file.fault((part, key), f"{key} is {value!r}; expected a share from 0 to 1")
        else:
            out[key] = float(value)
    return out


def _is_amount(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )


def _bonus(file: PlannerFile, raw: Mapping[str, Any]) -> float:
    for key in raw:
        if key not in INSTRUMENTS:
            file.fault(
                ("instruments", key),
                f"unknown instrument {key!r}; a document may use {', '.join(INSTRUMENTS)}",
            )
    value = raw.get("far_bonus", 0.0)
    if not _is_amount(value):
        file.fault(("instruments", "far_bonus"), f"far_bonus is {value!r}; expected a share of at least 0")
        return 0.0
    return float(value)


def _uncounted(file: PlannerFile, raw: Mapping[str, Any]) -> dict[str, Uncounted]:
    out = {}
    given = raw.get("uncounted") or {}
    for key, spec in given.items() if isinstance(given, Mapping) else ():
        where = ("instruments", "uncounted", key)
        if not isinstance(spec, Mapping) or set(spec) != {"kind", "m2"}:
            file.fault(where, f"{key} is {spec!r}; expected {{kind: lift, m2: 120}}")
        elif spec["kind"] not in UNCOUNTED_KINDS:
            file.fault(where, f"kind is {spec['kind']!r}; expected one of {', '.join(UNCOUNTED_KINDS)}")
        elif not _is_amount(spec["m2"]):
            file.fault(where, f"m2 is {spec['m2']!r}; expected a number of at least 0")
        else:
            out[str(key)] = Uncounted(spec["kind"], float(spec["m2"]))
    return out


def _reasons(file: PlannerFile, raw: Mapping[str, Any]) -> dict[str, Text]:
    out = {}
    for rule, reason in raw.items():
        where = ("justifications", rule)
        if rule not in IN_PRINCIPLE:
            file.fault(where, f"{rule!r} cannot be passed with a reason; only {', '.join(IN_PRINCIPLE)}")
            continue
        text = _text(file, where, reason)
        if text is not None and text.zh.strip() and text.en.strip():
            out[str(rule)] = text
        elif text is not None:
            file.fault(where, f"the reason for {rule} is empty")
    return out


def _choices(file: PlannerFile, raw: Any) -> dict[str, Choice]:
    if not isinstance(raw, Mapping):
        file.fault(
            ("objects",), "objects is missing; expected `B-017: {measures: [...], offer: ...}` under it"
        )
        return {}
    out = {}
    for key, spec in raw.items():
        choice = _one(file, ("objects", key), spec)
        if choice is not None:
            out[str(key)] = choice
    return out


def _one(file: PlannerFile, where: tuple[Any, ...], spec: Any) -> Choice | None:
    if not isinstance(spec, Mapping):
        file.fault(where, f"{where[-1]} is {spec!r}; expected {{measures: [...], offer: ...}}")
        return None
    before = len(file.rows)
    for key in spec:
        if key not in ("measures", "offer", "year"):
            file.fault(
                (*where, key),
                f"unknown key {key!r}; expected measures, offer, year{near(str(key), ['measures', 'offer', 'year'])}",
            )
    measures, offer, year = spec.get("measures"), spec.get("offer"), spec.get("year", 0)
    if not (isinstance(measures, list) and measures and all(isinstance(m, str) for m in measures)):
        file.fault(where, f"measures is {measures!r}; expected a list of one or more measures")
    elif len(set(measures)) != len(measures):
        file.fault(where, f"{where[-1]} names a measure twice")
    if not isinstance(offer, str):
        file.fault(where, f"offer is {offer!r}; expected the name of an offer")
    if not (isinstance(year, int) and not isinstance(year, bool) and 0 <= year <= LAST_YEAR):
        file.fault(where, f"year is {year!r}; expected a whole year from 0 to {LAST_YEAR}")
    return Choice(tuple(sorted(measures)), offer, year) if len(file.rows) == before else None  # type: ignore[arg-type]


def _from_csv(path: Path, text: str) -> SchemeDocument:
    table = csv.DictReader(io.StringIO(text))
    file = PlannerFile(path.name, {}, {})
    columns = table.fieldnames or []
    if set(columns) - set(CSV_COLUMNS) or set(CSV_COLUMNS[:3]) - set(columns):
        file.rows.append(
            f"{path.name}:1: columns are {', '.join(columns)}; expected {', '.join(CSV_COLUMNS)}"
        )
        file.stop(invalid_scheme)
    choices: dict[str, Choice] = {}
    for row in table:
        object_id, where = plain((row["object_id"] or "").strip()), (f"row {table.line_num}",)
        year = (row.get("year") or "0").strip()
        file.lines = {where: table.line_num}
        if not object_id or None in row or object_id in choices:
            file.fault(where, f"object {object_id!r} stands twice, has no name, or its row is too long")
            continue
        spec = {
            "measures": [m for m in (row["measures"] or "").replace(" ", "").split("+") if m],
            "offer": (row["offer"] or "").strip() or None,
            "year": int(year) if year.isdigit() else year,
        }
        choice = _one(file, where, spec)
        if choice is not None:
            choices[object_id] = choice
    file.stop(invalid_scheme)
    return SchemeDocument(path.stem, Text(path.stem, path.stem), choices=choices)


def _to_csv(path: Path, document: SchemeDocument) -> str:
    lost = [
        k for k in ("far_bonus", "uncounted", "terms", "budget", "justifications") if getattr(document, k)
    ]
    if lost:
        raise HutongError(
            "csv-too-narrow",
            Text(
                f"CSV 装不下方案的{'、'.join(lost)}，{path.name} 没有写出。",
                f"CSV cannot hold the scheme's {', '.join(lost)}; {path.name} was not written.",
            ),
            Text("请改用 .yaml。", "Write it as .yaml."),
        )
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(CSV_COLUMNS)
    for object_id, choice in document.choices.items():
        table.writerow([harmless(object_id), "+".join(sorted(choice.measures)), choice.offer, choice.year])
    return out.getvalue()
