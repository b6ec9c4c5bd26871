"""Runs on disk: a folder with the recipe and one Parquet file per finished job, so that nothing is run twice.

A job's file is written whole when the job is done. A run that was stopped is taken up where it stood, and what is
finished can be read at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hutong.errors import HutongError
from hutong.evolve.kernel import RAW
from hutong.evolve.runner import Job
from hutong.files import write_bytes, write_text
from hutong.text import Text

RECIPE = "recipe.json"


@dataclass(frozen=True)
class Store:
    """A folder that holds the finished jobs of one recipe."""

    folder: Path

    @classmethod
    def open(cls, folder: Path, recipe: Mapping[str, Any], *, resume: bool) -> Store:
        """Return a folder for a recipe, new or (``resume``) one that holds runs of the same recipe.

        Raises
        ------
        HutongError
            ``exists`` for a folder in use without ``resume``; ``other-recipe`` for runs of another recipe.
        """
        text = json.dumps(recipe, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
        path = folder / RECIPE
        if path.exists():
            if not resume:
                raise HutongError(
                    "exists",
                    Text(f"{folder} 里已有推演。", f"{folder} holds runs already."),
                    Text(
                        "加 --resume 接着做，或换一个文件夹。",
                        "Add --resume to go on with them, or choose another folder.",
                    ),
                )
            if path.read_text("utf-8") != text:
                raise HutongError(
                    "other-recipe",
                    Text(f"{folder} 里是另一套参数的推演。", f"{folder} holds runs of another recipe."),
                    Text(
                        "换一个文件夹，或用原来的参数加 --resume。",
                        "Choose another folder, or resume with the settings it was begun with.",
                    ),
                )
        else:
            (folder / "runs").mkdir(parents=True, exist_ok=True)
            write_text(path, text)
        return cls(folder)

    def path(self, job: Job) -> Path:
        """Return where a job's runs are kept."""
        return self.folder / "runs" / f"{job.setting.id}-{job.first:06d}-{job.last:06d}.parquet"

    def save(self, job: Job, raw: np.ndarray) -> None:
        """Write a finished job: one row per run and month, one column per count."""
        runs, _, months = raw.shape
        columns = {
            "run": np.repeat(np.arange(job.first, job.last), months),
            "month": np.tile(np.arange(months), runs),
            **{name: raw[:, k].ravel() for k, name in enumerate(RAW)},
        }
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink, compression="zstd")
        write_bytes(self.path(job), sink.getvalue().to_pybytes(), force=True)

    def load(self, job: Job) -> np.ndarray | None:
        """Return a finished job's ``RAW``, or None where it is not there."""
        path = self.path(job)
        if not path.exists():
            return None
        table = pq.read_table(path)
        raw = np.stack([table[name].to_numpy() for name in RAW])
        return raw.reshape(len(RAW), job.last - job.first, job.months + 1).transpose(1, 0, 2)
