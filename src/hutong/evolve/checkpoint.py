"""A run put down at the end of a month, to be taken up later — under the same policy or under another.

The same past under another policy: a checkpoint can be taken up any number of times. Whatever is taken up with unchanged
dials equals, to the last byte, the run that was never put down.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hutong.errors import HutongError
from hutong.evolve.bodies import Governance
from hutong.evolve.dials import Dials, as_floats, make_dials
from hutong.evolve.households import State, World
from hutong.evolve.kernel import RAW, as_record, continue_months, new_state, simulate, source_digest
from hutong.evolve.projects import Projects
from hutong.files import write_bytes
from hutong.text import Text

#: Room that a month needs while it goes on, and that holds nothing between months.
SCRATCH = ("words", "use", "trust", "mind", "met", "proof")


@dataclass(frozen=True)
class Checkpoint:
    """The state at the end of month ``month`` and what was counted up to it."""

    month: int
    seed: int
    parameters: np.ndarray  # float64 (parameters,)
    dials: Dials
    raw: np.ndarray  # float64 (len(RAW), month + 1)
    state: State
    projects: Projects
    governance: Governance
    world: str  # digest of the world it belongs to
    source: str  # digest of the model


def start_run(world: World, parameters: np.ndarray, dials: Dials, seed: int, month: int) -> Checkpoint:
    """Run the model from the start to the end of month ``month``."""
    raw = np.empty((len(RAW), month + 1))
    state, projects, governance = new_state(world)
    record = as_record(parameters)
    simulate(world, state, projects, governance, record, as_floats(dials), np.uint64(seed), raw)
    return Checkpoint(
        month,
        seed,
        parameters.copy(),
        dials,
        raw,
        state,
        projects,
        governance,
        world_digest(world),
        source_digest(),
    )


def continue_run(
    world: World, checkpoint: Checkpoint, month: int, dials: Dials | None = None, seed: int | None = None
) -> Checkpoint:
    """Take up a run and carry it on to the end of month ``month``; the checkpoint stays as it is.

    Parameters
    ----------
    dials
        Another policy from here on; default: the same.
    seed
        Another chance from here on; default: the same.

    Raises
    ------
    HutongError
        ``checkpoint-of-another-world``, ``checkpoint-of-another-model``, or ``bad-month`` where ``month`` is not after the
        checkpoint.
    """
    _refuse_other(world, checkpoint)
    if month <= checkpoint.month:
        raise HutongError(
            "bad-month",
            Text(f"检查点已到第 {checkpoint.month} 个月。", f"The checkpoint already stands at month {checkpoint.month}."),
            Text("请给出更晚的月份。", "Give a later month."),
        )  # fmt: skip
    chosen = checkpoint.dials if dials is None else dials
    chance = checkpoint.seed if seed is None else seed
    raw = np.empty((len(RAW), month + 1))
    raw[:, : checkpoint.month + 1] = checkpoint.raw
    parts: tuple[Any, ...] = (checkpoint.state, checkpoint.projects, checkpoint.governance)
    state, projects, governance = (type(part)(*(array.copy() for array in part)) for part in parts)
    first = checkpoint.month + 1
    record = as_record(checkpoint.parameters)
    continue_months(
        world, state, projects, governance, record, as_floats(chosen), np.uint64(chance), raw, first
    )
    return Checkpoint(
        month, chance, checkpoint.parameters, chosen, raw, state, projects, governance, checkpoint.world,
        checkpoint.source,
    )  # fmt: skip


def world_digest(world: World) -> str:
    """Return a digest of every array of a world."""
    digest = hashlib.sha256()
    for value in _flat(world):
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).data)
    return digest.hexdigest()[:16]


def _flat(value: Any) -> list[np.ndarray]:
    if isinstance(value, tuple):
        return [array for part in value for array in _flat(part)]
    return [np.asarray(value)]


def _refuse_other(world: World, checkpoint: Checkpoint) -> None:
    hint = Text("请重新推演。", "Run it again from the start.")
    if checkpoint.source != source_digest():
        what = Text("检查点出自另一版本的模型。", "The checkpoint is from another version of the model.")
        raise HutongError("checkpoint-of-another-model", what, hint)
    if checkpoint.world != world_digest(world):
        what = Text("检查点属于另一座城市或另一方案。", "The checkpoint belongs to another city or scheme.")
        raise HutongError("checkpoint-of-another-world", what, hint)


def save_checkpoint(checkpoint: Checkpoint, path: Path, force: bool = False) -> Path:
    """Write a checkpoint to one file, whole or not at all.

    Raises
    ------
    HutongError
        Where the file exists and ``force`` is not given.
    """
    arrays: dict[str, Any] = {
        "month": checkpoint.month, "seed": np.uint64(checkpoint.seed), "parameters": checkpoint.parameters,
        "dials": np.array(checkpoint.dials, float), "raw": checkpoint.raw, "world": checkpoint.world,
        "source": checkpoint.source,
    }  # fmt: skip
    parts: tuple[Any, ...] = (checkpoint.state, checkpoint.projects, checkpoint.governance)
    for part in parts:
        name = type(part).__name__
        arrays |= {
            f"{name}.{k}": v
            for k, v in part._asdict().items()
            if k not in SCRATCH or part is not checkpoint.state
        }
    room = io.BytesIO()
    np.savez(room, allow_pickle=False, **arrays)
    return write_bytes(path, room.getvalue(), force=force)


def load_checkpoint(path: Path, world: World) -> Checkpoint:
    """Read a checkpoint of a world.

    Raises
    ------
    HutongError
        ``bad-checkpoint`` where the file is none; as :func:`continue_run` for another world or model.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            kept = {name: file[name] for name in file.files}
        dials = make_dials(**dict(zip(Dials._fields, kept["dials"].tolist(), strict=True)))
        made: list[Any] = []
        for fresh in new_state(world):
            name = type(fresh).__name__
            kind: Any = type(fresh)
            made.append(kind(*(kept.get(f"{name}.{k}", v) for k, v in fresh._asdict().items())))
        state, projects, governance = made
        checkpoint = Checkpoint(
            int(kept["month"]), int(kept["seed"]), kept["parameters"], dials, kept["raw"], state, projects, governance,
            str(kept["world"]), str(kept["source"]),
        )  # fmt: skip
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as caught:
        raise HutongError(
            "bad-checkpoint",
            Text(f"{path} 不是检查点（{caught}）。", f"{path} is not a checkpoint ({caught})."),
            Text("请检查路径。", "Check the path."),
        ) from None
    _refuse_other(world, checkpoint)
    return checkpoint
