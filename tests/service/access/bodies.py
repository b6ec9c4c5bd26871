"""What the pages of bodies are opened on: a round table in the quarter with a meeting, a promise, a matter and a draw."""

from __future__ import annotations

import uuid


def subjects(town, owner):
    from django.utils import timezone

    from hutong.service.bodies import services
    from tests.service.test_bodies import make_body, publish_lottery

    table = make_body(town)
    seat = services.seat(table, "planner", "office", "e", owner)
    meeting = services.call(table, timezone.now(), "活动室", "议题", uuid.uuid4())
    promise = services.commit(meeting, seat, "贴告示", timezone.localdate(), uuid.uuid4())
    matter = services.raise_matter(table, "管线图不全", owner, uuid.uuid4())
    one = {
        name: {"": {"pk": of.pk}} for name, of in (("body", table), ("meeting", meeting), ("matter", matter))
    }
    drawn = {"": {"pk": publish_lottery(table, 6, 2).pk}}
    return {
        **dict.fromkeys(("body", "body_seat", "body_call", "body_matter", "body_draw_new"), one["body"]),
        **dict.fromkeys(("meeting", "meeting_attend", "meeting_paper", "meeting_commit", "meeting_publish"), one["meeting"]),
        **dict.fromkeys(("matter", "matter_pass"), one["matter"]),
        "commitment": {"": {"pk": promise.pk}},
        **dict.fromkeys(("draw", "draw_seed", "draw_file", "draw_keys"), drawn),
    }  # fmt: skip
