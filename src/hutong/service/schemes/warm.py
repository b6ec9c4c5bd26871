"""Studios kept warm: a checked snapshot is laid out once, in the background, and lies beside it as a file.

A process holds the few it used last. Whoever uses one holds it alone: a studio remembers what it weighed. The file is made
by this very code (its name holds a stamp of it), so an installation that was changed lays out anew.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from hutong.city import City
from hutong.files import write_bytes
from hutong.loop import Settings, rules_for
from hutong.plan.document import SchemeDocument
from hutong.plan.review import Review
from hutong.plan.studio import Studio
from hutong.sense import checkup
from hutong.service.checkup.models import Run
from hutong.service.lessons.selectors import measures_for
from hutong.text import Text

Step = Callable[[int, int, Text], None]
#: Studios that a process holds; one of 2,000 buildings takes about as much memory as its file.
MOST = 2
#: A studio that weighed more choices than this beyond those laid out is read anew, so that it does not grow.
MOST_FRESH = 4000
#: Reviews that are kept with a studio.
MOST_REVIEWS = 8
_PARTS = ("city", "rules", "sense", "agree", "plan")
_held: OrderedDict[Path, Warm] = OrderedDict()
_door = threading.Lock()


@cache
def code_stamp() -> str:
    """Return a hash of the code and data that a studio is made by."""
    roots = [Path(str(files(f"hutong.{part}"))) for part in _PARTS]
    found = (p for root in roots for p in sorted(root.rglob("*")) if p.suffix in (".py", ".yaml"))
    return hashlib.sha256(b"".join(p.read_bytes() for p in found)).hexdigest()[:12]


def file_of(run: Run) -> Path:
    """Return where the studio of a checkup lies."""
    return run.folder / f"studio-{code_stamp()}.pickle"


def laid_out(run: Run) -> bool:
    """Return whether a checked snapshot is ready for composing."""
    return file_of(run).is_file()


def lay_out(run: Run, step: Step) -> None:
    """Lay a checked snapshot out and keep it beside the snapshot; nothing is done where it lies already."""
    if laid_out(run):
        return
    step(0, 4, Text("正在打开快照", "Opening the snapshot"))
    city = City.load(run.snapshot.folder / "city")
    rules = rules_for(city, Settings(jurisdiction=run.jurisdiction))
    check = checkup(city, rules)

    def later(done: int, total: int, what: Text) -> None:
        step(1 + done, 2 + total, what)

    # what earlier rounds had taught when it was checked: a lesson of later counts from the next checkup on
    measures = measures_for(run.snapshot.place, run.made_at)
    studio = Studio.open(city, check, rules, measures=measures, progress=later)
    run.folder.mkdir(parents=True, exist_ok=True)
    for old in run.folder.glob("studio-*.pickle"):
        old.unlink()
    write_bytes(file_of(run), pickle.dumps(studio, pickle.HIGHEST_PROTOCOL), force=True)
    step(4, 4, Text("完成", "Done"))


@dataclass
class Warm:
    """A quarter laid out, and the last reviews made in it."""

    studio: Studio
    lock: threading.RLock = field(default_factory=threading.RLock)
    reviews: OrderedDict[tuple[str, Text, str], Review] = field(default_factory=OrderedDict)

    def review(self, document: SchemeDocument) -> Review:
        """Return the review of a document, made once; it raises as ``Studio.review`` does."""
        key = (document.id, document.title, document.version)
        if key not in self.reviews:
            self.reviews[key] = self.studio.review(document)
        self.reviews.move_to_end(key)
        while len(self.reviews) > MOST_REVIEWS:
            self.reviews.popitem(last=False)
        return self.reviews[key]


@contextmanager
def studio_of(run: Run) -> Iterator[Warm]:
    """Hold the studio of a checkup that is laid out; it raises ``FileNotFoundError`` for one that is not."""
    path = file_of(run)
    with _door:
        if path not in _held:
            _held[path] = Warm(pickle.loads(path.read_bytes()))  # noqa: S301 (our own file, in the folder of the keys)
        _held.move_to_end(path)
        while len(_held) > MOST:
            _held.popitem(last=False)
        found = _held[path]
    with found.lock:
        yield found
        if found.studio.weighed_beyond > MOST_FRESH:
            _held.pop(path, None)


def forget() -> None:
    """Let go of all studios (for tests)."""
    _held.clear()
