"""An outlook as people read it: question, answer, the table it rests on, and how it is made again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hutong.evolve.experiments import Experiment
from hutong.report.experiments import view
from hutong.service.schemes.models import Outlook

#: What the answer of an experiment holds.
ANSWER = ("title", "question", "answer", "columns", "rows")


def file_of(recipe: Mapping[str, Any], result: Mapping[str, Any]) -> bytes:
    """Return an outlook as its file holds it, canonical JSON: its SHA-256 is the one on record."""
    whole = {"recipe": recipe, "result": result}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def told(found: Outlook) -> dict[str, Any] | None:
    """Return what the page shows of an outlook that is the answer of an experiment; None for any other, which is a file alone."""
    if not all(key in found.result for key in ANSWER):
        return None
    said = view(Experiment.from_plain({"name": "", **found.result, "recipe": found.recipe}))
    labels = said["columns"]
    rows = [
        {**r, "cells": [{**c, "label": label} for c, label in zip(r["cells"], labels, strict=True)]}
        for r in said["rows"]
    ]
    return {**said, "rows": rows, "simulation": found.result.get("simulation", "")}
