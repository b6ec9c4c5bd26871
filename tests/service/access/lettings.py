"""What the pages of rooms to let are opened on: a draft, a published list, and an interest in a room of it."""

from __future__ import annotations

import uuid


def subjects(town, owner):
    from hutong.service.accounts import services as accounts
    from hutong.service.lettings import services
    from tests.act.rooms.test_rooms import ROOM

    officer = accounts.make_user("rooms-officer", "a-long-password-1")
    accounts.grant(officer, "subdistrict", town.subdistrict)
    here = {"b1": town.building}
    held, draft = (services.enter(town.quarter, [ROOM], here, officer) for _ in range(2))
    services.publish(held, officer)
    asked = services.ask(held.rooms.get(), "culture", "一间阅览室", owner, uuid.uuid4())
    rooms = {"draft": {"pk": draft.rooms.get().pk}, "published": {"pk": held.rooms.get().pk}}
    lists, quarter, one = {"": {"pk": draft.pk}}, {"": {"pk": town.quarter.pk}}, {"": {"pk": asked.pk}}
    return {
        **dict.fromkeys(("letting_room", "letting_ask", "api_room"), rooms),
        **dict.fromkeys(("interest", "interest_back"), one),
        **dict.fromkeys(("letting", "letting_publish", "letting_withdraw"), lists),
        **dict.fromkeys(("letting_office", "letting_form", "letting_fees", "letting_fees_form"), quarter),
    }
