"""What people publicly told of the places that another page is about."""

from __future__ import annotations

from typing import Any

from django import template

from hutong.service.neighbourhood.selectors import told_of

register = template.Library()


@register.inclusion_tag("neighbourhood/told_of.html")
def stories_of(quarter: Any, of: Any) -> dict[str, Any]:
    """Show the public stories of an object (its code) or of several (each with an ``id``): ``{% stories_of quarter panel.id %}``."""
    codes = {of} if isinstance(of, str) else {o.id for o in of}
    return {"told": told_of(quarter, codes), "one": isinstance(of, str), "quarter": quarter.pk}
