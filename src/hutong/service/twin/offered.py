"""What the map of a snapshot can be coloured by, for a reader: the snapshot's own layers and those of every stage."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest
from django.urls import reverse

from hutong.service.requests.selectors import public_list
from hutong.service.twin import live
from hutong.service.twin.layers import layer_data
from hutong.service.twin.models import Snapshot
from hutong.service.web.stage import stages
from hutong.text import Text

ORDER = {"condition": 0, "year": 1, "use": 2, "carbon": 3, "requests": 4}
#: Layers that are computed when asked for, and for how many seconds an answer is kept.
LIVE: dict[str, Callable[[Snapshot], Any]] = {"requests": live.requests_of}
KEPT_S = 300


@dataclass(frozen=True)
class Offered:
    """A layer: where a script finds it, and how it is read here."""

    id: str
    title: Text
    url: str
    load: Callable[[], dict[str, Any]]


def offered(request: HttpRequest, snapshot: Snapshot) -> list[Offered]:
    """Return the layers of a snapshot in the order of the switch."""
    names = [p.stem for p in (snapshot.folder / "layers").glob("*.json")] + list(LIVE)
    own = [_own(snapshot, name) for name in sorted(names, key=lambda n: (ORDER.get(n, 9), n))]
    more = [
        Offered(one["id"], one["title"], one["url"], one["load"])
        for stage in stages()
        for one in stage.map_layers(request, snapshot)
    ]
    return own + more


def _own(snapshot: Snapshot, name: str) -> Offered:
    def load() -> dict[str, Any]:
        return own_layer(snapshot, name)

    return Offered(name, Text.of(load()["title"]), reverse("layer", args=[snapshot.pk, name]), load)


def own_layer(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """Return a layer of the snapshot itself, from its file or computed; raises ``Http404`` if it has none."""
    if name in LIVE:
        key = f"layer-{snapshot.pk}-{name}-{public_list(snapshot.place).count()}"
        return dict(cache.get_or_set(key, lambda: layer_data(LIVE[name](snapshot)), KEPT_S))
    path = snapshot.folder / "layers" / f"{name}.json"
    if not path.is_file():
        raise Http404
    return dict(json.loads(path.read_text("utf-8")))


def find(layers: list[Offered], name: str) -> Offered | None:
    """Return a layer by its id; the first for an empty name."""
    return next((one for one in layers if name in ("", one.id)), None)
