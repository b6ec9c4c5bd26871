"""The OpenAPI description as a page reads it: routes by stage, what each takes, and what it answers."""

from __future__ import annotations

from typing import Any

from hutong.service.web.stage import stages
from hutong.text import Text

#: Tags that have no entry in the menu to be named by.
TITLES = {"places": Text("地点", "Places"), "search": Text("搜索", "Search")}


def groups(description: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the routes by the stage that states them, in the order of the stages."""
    made: dict[str, list[dict[str, Any]]] = {}
    for path, operations in description["paths"].items():
        for method, told in operations.items():
            made.setdefault(told["tags"][0], []).append(_route(path, method, told))
    named = {s.label: s.menu[0].title for s in stages() if s.menu}
    order = [s.label for s in stages() if s.label in made]
    return [{"id": tag, "title": TITLES.get(tag) or named[tag], "routes": made[tag]} for tag in order]


def _route(path: str, method: str, told: dict[str, Any]) -> dict[str, Any]:
    answer = told["responses"][200]["content"]["application/json"]["schema"]
    return {
        "method": method.upper(),
        "path": path,
        "title": told["x-title"],
        "says": told["description"],
        "takes": [_parameter(p) for p in told.get("parameters", ())],
        "sends": _kind(told["requestBody"]["content"]) if "requestBody" in told else "",
        "answers": kind_of(answer),
    }


def _parameter(p: dict[str, Any]) -> dict[str, Any]:
    schema = p["schema"]
    return {
        "name": p["name"],
        "kind": kind_of(schema),
        "required": p.get("required", False),
        "default": schema.get("default"),
        "says": schema.get("description", ""),
    }


def _kind(content: dict[str, Any]) -> str:
    return "; ".join(f"{media}: {kind_of(one['schema'])}" for media, one in content.items())


def kind_of(schema: dict[str, Any]) -> str:
    """Return the type of a value in a few words: ``list[string]``, ``one of a, b``, the name of an object."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(kind_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) or '""' for one in schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list[{kind_of(schema['items'])}]"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map[{kind_of(schema['additionalProperties'])}]"
    return str(schema.get("title", kind)) if "properties" in schema else kind


def objects(description: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the answers are made of: each object's fields with their types."""
    return [
        {
            "name": name,
            "says": schema.get("description", ""),
            "fields": [
                {"name": field, "kind": kind_of(one), "says": one.get("description", "")}
                for field, one in schema.get("properties", {}).items()
            ],
        }
        for name, schema in sorted(description["components"]["schemas"].items())
        if schema.get("properties")
    ]
