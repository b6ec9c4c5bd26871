"""What a question to the model costs in time, told before it is asked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from hutong.evolve.experiments import early_warning, policy, sensitivity, tipping
from hutong.evolve.experiments.designs import digital_settings, mechanism_settings, single_steps
from hutong.evolve.kernel import compiled
from hutong.evolve.parameters import parameter_infos
from hutong.service.simulation.models import Simulation

#: Household-months a second where no simulation of the site has told its own (ours, on the careful side).
ASSUMED_RATE = 5e6
#: Seconds for compiling the model once, and for making a scheme where none was timed (ours).
COMPILE_S, PLAN_S = 60.0, 60.0
#: No question may take more household-months than this: about three hours at the assumed rate.
MOST_WORK = 5e10


def threads() -> int:
    """Return how many threads a simulation takes: half of the cores, so that pages still answer."""
    return max(1, (os.cpu_count() or 2) // 2)


def runs_in(experiment: str, levers: Sequence[str], runs: int) -> int:
    """Return how many runs of the model a question takes, those for the map with them."""
    single = {
        "levers": len(set(levers) | {"today"}),
        "policy": len(policy.cross()),
        "claims": len(mechanism_settings()) + len(digital_settings()) + len(single_steps()),
        "tipping": len(tipping.sweep()) + 2 * (1 + len(tipping.SHOCKS)),
        "early-warning": len(early_warning.SETTINGS),
    }
    on_map = 2 * runs
    if experiment == "sensitivity":  # its own designs, whatever the runs
        rows = sensitivity.TRAJECTORIES * (len(parameter_infos()) + 1) + sensitivity.BASE * (
            sensitivity.KEPT + 2
        )
        return 2 * rows + on_map
    return single[experiment] * runs + on_map


@dataclass(frozen=True)
class Cost:
    """Time before it is spent; ``known`` tells whether this site has timed a simulation before."""

    work: float
    seconds: float
    known: bool
    compiles: bool

    @property
    def too_much(self) -> bool:
        """Whether it may not be asked."""
        return self.work > MOST_WORK


def cost(households: int, experiment: str, levers: Sequence[str], runs: int, years: int) -> Cost:
    """Return what a question costs on this machine, from the newest simulations that ended here."""
    work = float(households) * 12 * years * runs_in(experiment, levers, runs)
    done = list(
        Simulation.objects.exclude(digest="")
        .exclude(seconds=None)
        .filter(work__gt=0)
        .order_by("-finished")[:5]
    )
    rates = sorted(s.work / max(s.facts.get("model_s", s.seconds), 0.1) for s in done)
    plans = sorted(s.facts["plan_s"] for s in done if "plan_s" in s.facts)
    rate = rates[len(rates) // 2] if rates else ASSUMED_RATE
    fresh = not compiled()
    seconds = work / rate + (plans[len(plans) // 2] if plans else PLAN_S) + COMPILE_S * fresh
    return Cost(work, seconds, bool(rates), fresh)
