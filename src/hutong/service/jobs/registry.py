"""The kinds of background work, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hutong.text import Text

#: The work itself: ``run(job, step, **arguments)`` returns the address of its result.
Run = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work."""

    name: str
    title: Text
    run: Run


_KNOWN: dict[str, Work] = {}


def work(name: str, title: Text) -> Callable[[Run], Run]:
    """Register a function as a kind of work."""

    def register(run: Run) -> Run:
        if name in _KNOWN and _KNOWN[name].run is not run:
            raise ValueError(f"two kinds of work are called {name}")
        _KNOWN[name] = Work(name, title, run)
        return run

    return register


def known(name: str) -> Work:
    """Return a kind of work; ``KeyError`` if there is none of this name."""
    return _KNOWN[name]
