"""What the pages of the neighbourhood are opened on: a space with somebody who asks for a hand, and two memories."""

from __future__ import annotations

import uuid


def subjects(town, owner):
    from hutong.service.neighbourhood import services
    from hutong.service.requests.photos import Picture

    space = services.open_space(town.building, "")
    post = services.write(space, owner, "help", "求借一架梯子", None, uuid.uuid4())
    photo = Picture(b"jpeg", "walk.jpg", 1, 1)
    memory = [services.remember(town.building, owner, "门口的老槐树", photo, uuid.uuid4()) for _ in range(2)]
    services.show(memory[1])
    told = {"waiting": {"pk": memory[0].pk}, "shown": {"pk": memory[1].pk}}
    one, here = {"": {"pk": post.pk}}, {"": {"pk": space.pk}}
    return {
        **dict.fromkeys(("neighbourhood_space", "neighbourhood_print"), here),
        **dict.fromkeys(("neighbourhood_hand", "neighbourhood_settle", "neighbourhood_hide"), one),
        "neighbourhood_open": {"": {"pk": town.building.pk}},
        "memory_new": {"": {"pk": town.building.pk}},
        **dict.fromkeys(("memory_decide", "memory_photo"), told),
    }
