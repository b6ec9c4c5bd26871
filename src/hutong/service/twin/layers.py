"""What the map can be coloured by: a class per building, with its legend, as a file beside the tiles."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from hutong.city import City
from hutong.report.map_layers import Layer, condition_layer, use_layer, year_layer


def base_layers(city: City) -> list[Layer]:
    """Return the layers that a snapshot has by itself."""
    return [use_layer(city), year_layer(city), condition_layer(city)]


def layer_data(layer: Layer) -> dict[str, Any]:
    """Return a layer as plain data: legend with counts, the class of each row, and which values are guesses."""
    return {
        "id": layer.id,
        "title": {"zh": layer.title.zh, "en": layer.title.en},
        "note": {"zh": layer.note.zh, "en": layer.note.en},
        "classes": [{"zh": t.zh, "en": t.en} for t in layer.classes],
        "absent": {"zh": layer.absent.zh, "en": layer.absent.en},
        "counts": layer.counts(),
        "guessed": int(layer.guessed.sum()),
        "palette": layer.palette,
        "codes": packed(layer.codes),
    }


def packed(codes: np.ndarray) -> str:
    """Return classes as one character per building, the digit of the class; ``/``, which stands before 0, is none.

    A hundred thousand buildings are a hundred kilobytes that a phone unpacks without parsing a number.
    """
    return (np.asarray(codes, np.int64) + ord("0")).astype(np.uint8).tobytes().decode("ascii")


def unpacked(codes: str) -> np.ndarray:
    """Return classes, -1 for none, from one character per building."""
    return np.frombuffer(codes.encode("ascii"), np.uint8).astype(np.int64) - ord("0")


def write_layers(layers: Iterable[Layer], folder: Path) -> list[dict[str, Any]]:
    """Write layers as ``ID.json``; return what each is called, for the switch of the map."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for layer in layers:
        data = layer_data(layer)
        (folder / f"{layer.id}.json").write_text(
            json.dumps(data, ensure_ascii=False, separators=(",", ":")), "utf-8"
        )
        names.append({"id": layer.id, "title": data["title"]})
    return names
