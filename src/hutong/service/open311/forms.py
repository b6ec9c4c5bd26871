"""GeoReport's answers in JSON and XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from django.http import HttpResponse, JsonResponse

#: The XML name of a list and of one of its items.
NAMES = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "attributes": "attribute",
}


def answer(form: str, name: str, value: Any, status: int = 200) -> HttpResponse:
    """Return a list or an object as JSON, or as XML under the element ``name``."""
    if form == "json":
        return JsonResponse(value, safe=False, status=status, json_dumps_params={"ensure_ascii": False})
    root = _element(name, value)
    data = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(data, content_type="application/xml; charset=utf-8", status=status)


def refusal(form: str, code: int, description: str) -> HttpResponse:
    """Return an error in GeoReport's form."""
    return answer(form, "errors", [{"code": code, "description": description}], status=code)


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            element.append(_element(key, inner))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            element.append(_element(NAMES[name], inner))
    elif value is not None:
        element.text = ("true" if value else "false") if isinstance(value, bool) else _clean(str(value))
    return element


def _clean(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or " " <= c < "\ufffe" or c > "\uffff")
