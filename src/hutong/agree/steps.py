"""One step of a process that is a table of states: what may happen now, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

from hutong.errors import HutongError
from hutong.text import Text

Moves = Mapping[str, Mapping[str, str]]


def move(moves: Moves, state: str, event: str) -> str:
    """Return the state that ``event`` leads to from ``state``.

    Parameters
    ----------
    moves
        ``{state: {event: next state}}``.

    Raises
    ------
    HutongError
        ``not-now`` if the event cannot happen in this state, listing what can.
    """
    after = moves.get(state, {}).get(event)
    if after is not None:
        return after
    possible = sorted(moves.get(state, {}))
    raise HutongError(
        "not-now",
        Text(f"当前状态 {state} 下不能进行 {event}。", f"{event!r} cannot happen in the state {state!r}."),
        Text(f"现在可以：{'、'.join(possible)}。", f"Possible now: {', '.join(possible)}.")
        if possible
        else Text("该过程已经结束。", "The process has ended."),
    )
