"""What an address asks for beside its page: keys of other objects, so that one page can lead to the next with its form begun."""

from __future__ import annotations

from django.http import HttpRequest

#: No key is longer.
LONGEST = 18


def asked_key(request: HttpRequest, name: str) -> int | None:
    """Return the key that an address names (``?place=12``), None where it names none."""
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= LONGEST else None
