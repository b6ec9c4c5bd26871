"""The demo's survey: a round that is half given out."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.surveys import selectors, services
from hutong.service.twin.models import Snapshot


def load(quarter: Place, surveyor: User) -> None:
    """Open a round on the newest snapshot and send one person to its first estate."""
    newest = Snapshot.objects.filter(place=quarter).order_by("-date").first()
    if newest is None:
        raise ValueError("the demo has no snapshot")
    until = timezone.localdate() + dt.timedelta(days=14)
    made = services.open_round(newest, "示例：楼栋入户调查", ["buildings"], until, None)
    part = next(p for p in selectors.parts_of(made) if p.kind == "estate")
    services.assign(made, part, surveyor)
