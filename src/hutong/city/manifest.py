"""The file ``city.toml``: what a snapshot says about itself, written in a fixed order and read back."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hutong.city.meta import Meta, Provenance, Source
from hutong.city.schema import schema
from hutong.errors import HutongError
from hutong.text import Text


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the content of a folder's ``city.toml``.

    Raises
    ------
    HutongError
        ``not-a-city`` without the file; ``newer-version``; ``unreadable``.
    """
    file = folder / "city.toml"
    if not file.is_file():
        raise HutongError(
            "not-a-city",
            Text(
                f"{folder} 不是城市快照（没有 city.toml）。",
                f"{folder} is not a city folder (it has no city.toml).",
            ),
            Text("用 hutong new 新建一个，或检查路径。", "Make one with `hutong new`, or check the path."),
        )
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as caught:
        raise unreadable(file, str(caught)) from caught
    version = raw.get("schema_version")
    if not isinstance(version, int):
        raise unreadable(file, "schema_version")
    if version > schema().version:
        raise HutongError(
            "newer-version",
            Text(
                f"{folder} 的格式版本是 {version}，本程序只读到 {schema().version}。",
                f"{folder} has layout version {version}; this Hutong reads up to {schema().version}.",
            ),
            Text("请升级 Hutong 后再打开。", "Upgrade Hutong, then open it again."),
        )
    missing = [k for k in ("name", "title", "date", "crs") if k not in raw]
    if missing:
        raise unreadable(file, ", ".join(missing))
    return raw


def meta_of(raw: Mapping[str, Any], folder: Path) -> tuple[Meta, dict[str, dict[str, Provenance]]]:
    """Return meta and provenance as :func:`read_manifest` gives them, or raise ``unreadable``."""
    try:
        meta = Meta(
            name=raw["name"],
            title=Text.of(raw["title"]),
            date=raw["date"],
            crs=raw["crs"],
            sources=tuple(Source(**s) for s in raw.get("sources", [])),
            notes=tuple(raw.get("notes", [])),
            recipe=raw.get("recipe", {}),
        )
        provenance = {
            table: {column: Provenance(*text.split("|", 1)) for column, text in columns.items()}
            for table, columns in raw.get("provenance", {}).items()
        }
    except (KeyError, TypeError, AttributeError) as caught:
        raise unreadable(folder / "city.toml", str(caught)) from caught
    return meta, provenance


def unreadable(file: Path, why: str) -> HutongError:
    """Return the error for a file that cannot be read."""
    return HutongError(
        "unreadable",
        Text(f"{file} 无法读取：{why}。", f"{file} cannot be read: {why}."),
        Text(
            "请从备份恢复，或用 hutong new 重新生成。",
            "Restore it from a backup or make the city anew with `hutong new`.",
        ),
    )


def _quote(text: str) -> str:
    table = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    escaped = "".join(table.get(c, c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}") for c in text)
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quote(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return _quote(str(value))


def manifest(meta: Meta, provenance: Mapping[str, Mapping[str, Provenance]]) -> str:
    """Write the snapshot's meta and provenance as TOML, in a fixed order."""
    lines = [
        f"schema_version = {schema().version}",
        f"name = {_quote(meta.name)}",
        f"title = {{zh = {_quote(meta.title.zh)}, en = {_quote(meta.title.en)}}}",
        f"date = {_quote(meta.date)}",
        f"crs = {_quote(meta.crs)}",
        f"notes = {_value(list(meta.notes))}",
        "sources = ["
        + ", ".join(
            f"{{id = {_quote(s.id)}, title = {_quote(s.title)}, licence = {_quote(s.licence)},"
            f" attribution = {_quote(s.attribution)}}}"
            for s in meta.sources
        )
        + "]",
        "recipe = {" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in sorted(meta.recipe.items())) + "}",
    ]
    parts = [
        f"{table} = {{"
        + ", ".join(f"{c} = {_quote(p.origin + '|' + p.source)}" for c, p in sorted(columns.items()))
        + "}"
        for table, columns in sorted(provenance.items())
    ]
    lines.append("provenance = {" + ", ".join(parts) + "}")
    return "\n".join(lines) + "\n"
