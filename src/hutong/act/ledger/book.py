"""The ledger in memory: acts are recorded, checkpoints signed, receipts and downloads given out.

The service keeps entries and openings in its database; it records through the same functions.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from hutong.act.ledger.checker import Checkpoint, Verifier, leaf_hash
from hutong.act.ledger.entry import Opening, make_entry
from hutong.act.ledger.signing import SigningKey
from hutong.act.ledger.tree import Tree
from hutong.errors import HutongError
from hutong.files import already_there, write_bytes
from hutong.text import Text


@dataclass(frozen=True)
class Receipt:
    """What whoever did an act takes home: the entry, its proof under a signed checkpoint, and their own openings."""

    entry: bytes
    proof: tuple[bytes, ...]
    checkpoint: str
    openings: Mapping[str, Opening]

    def text(self) -> str:
        """Return the receipt as JSON, which ``checker.py --receipt`` reads."""
        return json.dumps(
            {
                "entry": json.loads(self.entry),
                "proof": [step.hex() for step in self.proof],
                "checkpoint": self.checkpoint,
                "openings": {f: {"salt": o.salt.hex(), "value": o.value} for f, o in self.openings.items()},
            },
            ensure_ascii=False,
            indent=1,
        )


@dataclass
class Book:
    """Entries in the order of their acts."""

    origin: str
    entries: list[bytes] = field(default_factory=list)
    openings: dict[int, dict[str, Opening]] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)

    def record(
        self,
        act: str,
        at: dt.datetime,
        public: Mapping[str, object],
        private: Mapping[str, object] | None = None,
    ) -> int:
        """Record an act and return its index; it raises ``ledger-entry`` as :func:`make_entry` does."""
        entry, openings = make_entry(len(self.entries), act, at, public, private)
        self.entries.append(entry)
        if openings:
            self.openings[len(self.entries) - 1] = openings
        return self.tree.append(leaf_hash(entry))

    def checkpoint(self, key: SigningKey) -> str:
        """Return the signed checkpoint of all entries."""
        return key.sign(Checkpoint(self.origin, self.tree.size, self.tree.root()))

    def receipt(self, index: int, key: SigningKey) -> Receipt:
        """Return the receipt of an entry under a checkpoint of now; it raises ``ledger-range`` if there is none."""
        proof = tuple(self.tree.inclusion(index))
        return Receipt(self.entries[index], proof, self.checkpoint(key), self.openings.get(index, {}))

    def erase(self, index: int) -> None:
        """Forget the openings of an entry: its commitments stay and say nothing any more."""
        self.openings.pop(index, None)


def write_download(
    folder: Path, entries: Sequence[bytes], checkpoint: str, key: Verifier, older: Sequence[str] = ()
) -> Path:
    """Write the public download with its checker; the folder must not exist.

    Raises
    ------
    HutongError
        ``exists``, or ``cannot-write`` if the place refuses.
    """
    if folder.exists():
        raise already_there(folder)
    work = folder.with_name(f".{folder.name}.part")
    try:
        work.mkdir(parents=True)
    except OSError as caught:
        raise HutongError(
            "cannot-write",
            Text(
                f"无法写入 {folder.parent}：{caught.strerror}。",
                f"Cannot write in {folder.parent}: {caught.strerror}.",
            ),
            Text(
                "请检查是否有写权限，或删去残留的临时文件夹。",
                "Check that it may be written, and remove any left-over part.",
            ),
        ) from caught
    for name, data in download_files(entries, checkpoint, key, older).items():
        write_bytes(work / name, data)
    return work.rename(folder)


def download_files(
    entries: Iterable[bytes], checkpoint: str, key: Verifier, older: Sequence[str] = ()
) -> dict[str, bytes]:
    """Return the files of a public download by name."""
    return {
        "entries.jsonl": b"".join(e + b"\n" for e in entries),
        "checkpoint": checkpoint.encode(),
        "key": f"{key}\n".encode(),
        **{f"checkpoint.{at}": note.encode() for at, note in enumerate(older)},
        "checker.py": checker_source(),
    }


def checker_source() -> bytes:
    """Return the stand-alone checker as a file."""
    return resources.files(__package__).joinpath("checker.py").read_bytes()
