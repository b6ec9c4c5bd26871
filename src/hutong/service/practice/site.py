"""Laying out a practice site: the demo's quarter and people, and the votes that trainees open and count."""

from __future__ import annotations

from hutong.loop import Progress
from hutong.service.accounts.models import User
from hutong.service.demo import load_demo
from hutong.service.places.models import Place
from hutong.service.practice import services
from hutong.service.practice.models import Spare


def is_laid_out() -> bool:
    """Return whether the site has its quarter and its spare votes."""
    return Spare.objects.exists()


def lay_out(step: Progress) -> None:
    """Load the demo, whose passwords nobody needs, and the spare votes."""
    services.check_practice()
    if not Place.objects.exists():
        load_demo(step)
    quarter = Place.objects.filter(kind="quarter").order_by("path")[0]
    services.load(quarter, User.objects.get(username="subdistrict"), User.objects.get(username="committee"))
