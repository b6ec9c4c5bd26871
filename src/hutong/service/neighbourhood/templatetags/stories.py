"""What people publicly told of the places that another page is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from hutong.service.neighbourhood.selectors import told_of

register = template.Library()


@register.inclusion_tag("neighbourhood/told_of.html")
def stories_of(quarter: Any, of: str | Sequence[Any]) -> dict[str, Any]:
    """Show the public stories of an object (its code) or of several (each with an ``id``): ``{% stories_of quarter panel.id %}``."""
    one = isinstance(of, str)
    return {"told": told_of(quarter, {of} if one else {o.id for o in of}), "one": one, "quarter": quarter.pk}
