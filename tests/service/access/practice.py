"""What the pages of practice are opened on: an attempt that could not have been begun on this site."""

from __future__ import annotations


def subjects(town, owner):
    from hutong.service.practice.models import Attempt

    made = Attempt.objects.create(owner=owner, exercise="dispatch", things={"request": 0})
    return {
        "practice_begin": {"": {"name": "dispatch"}},
        "practice_attempt": {"": {"pk": made.pk}},
        "practice_colleague": {"": {"pk": made.pk, "step": "closed"}},
    }
