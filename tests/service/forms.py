"""The forms of a page as a browser without scripts finds them, filled plainly or with what an attacker would send."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urljoin

#: What people type into: an attacker types anything.
TYPED = ("text", "textarea", "search", "tel", "url", "email", "password")


@dataclass(frozen=True)
class Field:
    """A field of a form; ``options`` are the values of a choice, the first one that says something first."""

    name: str
    kind: str
    value: str = ""
    options: tuple[str, ...] = ()
    accept: str = ""
    required: bool = False


@dataclass(frozen=True)
class Form:
    """A form: where it is sent and its fields."""

    action: str
    method: str
    fields: tuple[Field, ...]

    @property
    def shape(self) -> tuple:
        """What makes two forms alike."""
        return (self.method, tuple((f.name, f.kind) for f in self.fields))


class _Reader(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base, self.forms = base, []
        self.form = self.select = self.area = None

    def handle_starttag(self, tag: str, attrs: list) -> None:
        a = dict(attrs)
        if tag == "form":
            self.form = Form(
                urljoin(self.base, a.get("action") or self.base), (a.get("method") or "get").lower(), ()
            )
        elif self.form is None:
            return
        elif tag == "select":
            self.select = Field(a.get("name", ""), "select", required="required" in a)
        elif tag == "option" and self.select is not None:
            self._option(a.get("value", ""), "selected" in a)
        elif tag == "textarea":
            self.area = Field(a.get("name", ""), "textarea", required="required" in a)
        elif tag in ("input", "button") and a.get("name"):
            self._input(a, "submit" if tag == "button" else (a.get("type") or "text").lower())

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area = replace(self.area, value=self.area.value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form is not None:
            self.forms.append(self.form)
            self.form = None
        elif tag == "select" and self.select is not None:
            self._add(self.select)
            self.select = None
        elif tag == "textarea" and self.area is not None:
            self._add(self.area)
            self.area = None

    def _add(self, field: Field) -> None:
        if self.form is not None and field.name:
            self.form = replace(self.form, fields=(*self.form.fields, field))

    def _option(self, value: str, chosen: bool) -> None:
        options = (value, *self.select.options) if chosen and value else (*self.select.options, value)
        self.select = replace(self.select, options=tuple(sorted(options, key=lambda o: o == "")))

    def _input(self, a: dict, kind: str) -> None:
        if kind in ("radio", "checkbox"):
            for at, known in enumerate(self.form.fields):
                if known.name == a["name"] and known.kind == kind:
                    grown = replace(known, options=(*known.options, a.get("value") or "on"))
                    self.form = replace(
                        self.form, fields=(*self.form.fields[:at], grown, *self.form.fields[at + 1 :])
                    )
                    return
            self._add(Field(a["name"], kind, options=(a.get("value") or "on",), required="required" in a))
        else:
            self._add(
                Field(
                    a["name"],
                    kind,
                    a.get("value") or "",
                    accept=a.get("accept") or "",
                    required="required" in a,
                )
            )


def forms_of(html: str, base: str) -> list[Form]:
    """Return the forms of a page at an address."""
    reader = _Reader(base)
    reader.feed(html)
    return reader.forms


def plain_value(field: Field) -> object:
    """Return what somebody without bad intent would send."""
    if field.kind == "file":
        return sent_file(field.accept)
    if field.value:
        return field.value
    if field.kind in ("select", "radio", "checkbox"):
        return field.options[0] if field.options else ""
    return {
        "number": "1", "date": "2026-06-01", "datetime-local": "2026-06-01T09:00", "time": "09:00",
        "email": "a@b.example", "month": "2026-06",
    }.get(field.kind, "2026-06-01" if field.name.endswith("day") else "字 words")  # fmt: skip


def filled(form: Form, attack=None) -> dict[str, object]:
    """Return what is sent: plain values, but what ``attack`` returns for a field (None: the plain one)."""
    out = {}
    for field in form.fields:
        hostile = attack(field) if attack else None
        value = plain_value(field) if hostile is None else hostile
        if value is not LEFT_OUT:
            out[field.name] = value
    return out


#: What an attack returns for a field that it does not send at all.
LEFT_OUT = object()


@cache
def _png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(out, "PNG")
    return out.getvalue()


def upload(name: str, data: bytes) -> io.BytesIO:
    """Return a file to be sent."""
    out = io.BytesIO(data)
    out.name = name
    return out


def sent_file(accept: str) -> io.BytesIO:
    """Return a small good file of a kind that a field accepts."""
    if "csv" in accept:
        return upload("table.csv", b"a,b\r\n1,2\r\n")
    if "image" in accept or "png" in accept:
        return upload("photo.png", _png())
    return upload("paper.pdf", b"%PDF-1.4\n%%EOF\n")
