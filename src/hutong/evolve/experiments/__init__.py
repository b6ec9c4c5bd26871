"""Questions the model answers: each with its design, seeds, a table, bands for a chart and an answer in plain words.

In: a :class:`Bench` (city, scheme, rules, runs, where they run). Out: an :class:`Experiment`. The answer is what the
runs say, whatever it is.
"""

from __future__ import annotations

from collections.abc import Callable

from hutong.errors import HutongError
from hutong.evolve.experiments import claims, early_warning, levers, policy, sensitivity, tipping
from hutong.evolve.experiments.base import Bench, Experiment
from hutong.text import Text

EXPERIMENTS: dict[str, Callable[[Bench], Experiment]] = {
    "levers": levers.ask,
    "claims": claims.ask,
    "sensitivity": sensitivity.ask,
    "policy": policy.ask,
    "tipping": tipping.ask,
    "early-warning": early_warning.ask,
}

#: Runs of each setting where nobody says otherwise (ours): a transition must have happened often enough to be looked back from.
RUNS = {**dict.fromkeys(EXPERIMENTS, 40), "early-warning": 120}


def experiment_named(name: str) -> Callable[[Bench], Experiment]:
    """Return the experiment of a name.

    Raises
    ------
    HutongError
        ``no-such-experiment``.
    """
    if name not in EXPERIMENTS:
        known = ", ".join(EXPERIMENTS)
        raise HutongError(
            "no-such-experiment",
            Text(f"没有名为 {name} 的实验。", f"There is no experiment {name}."),
            Text(f"可选：{known}。", f"Choose one of {known}."),
        )
    return EXPERIMENTS[name]


__all__ = ["EXPERIMENTS", "RUNS", "Bench", "Experiment", "experiment_named"]
