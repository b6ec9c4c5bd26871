"""The yes-or-no household model in other frameworks, on one network with the same chances, in one run.

``python bench/evolve_peers.py PYTHON`` with the interpreter of a throw-away environment that holds what is to be compared
(mesa, mesa-frames, egttools, covasim, starsim; what is missing is said). CPU-seconds; each peer says how many are in favour at the end,
so that the same model is seen to run. Covasim and Starsim run a model of their own (an epidemic): only their pace in agent-steps is given.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

#: Populations whose stationary distribution EGTtools is asked for: at 100 (a dense matrix of 5,151 states) it did not end in a quarter of
#: an hour, so three smaller ones say how its time grows.
SIZES = (30, 45, 60)
STEPS = {"mesa lean": 3, "mesa network": 2, "mesa-frames": 5, "numpy": 5}


def mesa_lean(ties, kind, chance, start, steps):
    """Agents in a list, neighbours as lists of agents, two passes a step."""
    import mesa

    class Household(mesa.Agent):
        def __init__(self, model, row, now):
            super().__init__(model)
            self.row, self.now, self.then, self.near = row, now, now, ()

        def look(self):
            count = 0
            for other in self.near:
                count += other.now
            self.then = self.model.random.random() < self.row[self.now][count]

        def take(self):
            self.now = self.then

    model = mesa.Model(seed=1)
    rows = chance.tolist()
    agents = [Household(model, rows[k], bool(a)) for k, a in zip(kind.tolist(), start.tolist(), strict=True)]
    for agent, near in zip(agents, ties.tolist(), strict=True):
        agent.near = [agents[k] for k in near]
    begun = time.process_time()
    for _ in range(steps):
        for agent in agents:
            agent.look()
        for agent in agents:
            agent.take()
    return time.process_time() - begun, sum(a.now for a in agents) / len(agents)


def mesa_network(ties, kind, chance, start, steps):
    """The documented way: a network grid and AgentSet.do."""
    import mesa
    import networkx as nx
    from mesa.discrete_space import CellAgent, Network

    class Household(CellAgent):
        def __init__(self, model, row, now, cell):
            super().__init__(model)
            self.row, self.now, self.then, self.cell = row, now, now, cell

        def look(self):
            count = sum(other.now for other in self.cell.neighborhood.agents)
            self.then = self.model.random.random() < self.row[self.now][count]

        def take(self):
            self.now = self.then

    model = mesa.Model(seed=1)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(ties)))
    graph.add_edges_from((i, k) for i, near in enumerate(ties.tolist()) for k in near if i < k)
    grid = Network(graph, capacity=1, random=model.random)
    rows = chance.tolist()
    for i, (k, a) in enumerate(zip(kind.tolist(), start.tolist(), strict=True)):
        Household(model, rows[k], bool(a), grid[i])
    begun = time.process_time()
    for _ in range(steps):
        model.agents.do("look")
        model.agents.do("take")
    return time.process_time() - begun, sum(a.now for a in model.agents) / len(ties)


def mesa_frames_(ties, kind, chance, start, steps):
    """A data frame of agents; the update itself is on whole columns."""
    import polars as pl
    from mesa_frames import AgentSetPolars, ModelDF

    class Households(AgentSetPolars):
        def __init__(self, model):
            super().__init__(model)
            self.add(pl.DataFrame({"unique_id": np.arange(len(start)), "kind": kind, "now": start}))

        def step(self):
            now = self["now"].to_numpy()
            count = now[ties].sum(axis=1)
            limit = chance[self["kind"].to_numpy(), now, count]
            self["now"] = (self.model.random.random(len(now)) < limit).astype(np.uint8)

    model = ModelDF(seed=1)
    households = Households(model)
    model.agents += households
    begun = time.process_time()
    for _ in range(steps):
        model.step()
    return time.process_time() - begun, float(model.agents["now"][next(iter(model.agents["now"]))].mean())


def numpy_(ties, kind, chance, start, steps):
    rng, now = np.random.default_rng(1), start
    begun = time.process_time()
    for _ in range(steps):
        now = (rng.random(len(now)) < chance[kind, now, now[ties].sum(axis=1)]).astype(np.uint8)
    return time.process_time() - begun, float(now.mean())


def egttools_stationary(size):
    from egttools.analytical import PairwiseComparison
    from egttools.games import Matrix2PlayerGameHolder

    matrix = np.array([[30, 1, 30], [50, 10, 14], [29.2, 8.3, 29.2]])
    game = Matrix2PlayerGameHolder(3, matrix)  # the process does not keep it alive
    begun = time.process_time()
    process = PairwiseComparison(size, game)
    from egttools.utils import calculate_stationary_distribution

    chain = process.calculate_transition_matrix(0.05, 1e-3)
    share = calculate_stationary_distribution(chain.transpose())
    seconds = time.process_time() - begun
    import egttools

    states = np.array([egttools.sample_simplex(i, size, 3) for i in range(len(share))])
    return seconds, (share @ states / size).tolist()


def egttools_fixation(runs=300):
    from egttools.games import Matrix2PlayerGameHolder
    from egttools.numerical import PairwiseComparisonNumerical

    game = Matrix2PlayerGameHolder(2, np.array([[1.0, 1.0], [0.0, 0.0]]))
    process = PairwiseComparisonNumerical(50, game, 1000)
    begun = time.process_time()
    share = process.estimate_fixation_probability(0, 1, runs, 1_000_000, 0.05)
    return (time.process_time() - begun) / runs, share


def covasim_():
    import covasim

    sim = covasim.Sim(pop_size=100_000, n_days=60, verbose=0, pop_type="random")
    sim.initialize()
    begun = time.process_time()
    sim.run()
    return time.process_time() - begun, 100_000 * 61


def starsim_():
    import starsim

    sim = starsim.Sim(n_agents=100_000, diseases="sir", networks="random", verbose=0, dur=60)
    sim.init()
    begun = time.process_time()
    sim.run()
    return time.process_time() - begun, 100_000 * len(sim.t)


def peer(name: str, file: str) -> None:
    given = np.load(file)
    data = [given[k] for k in ("ties", "kind", "chance", "start")]
    calls = {
        "mesa lean": lambda: mesa_lean(*data, STEPS[name]),
        "mesa network": lambda: mesa_network(*data, STEPS[name]),
        "mesa-frames": lambda: mesa_frames_(*data, STEPS[name]),
        "numpy": lambda: numpy_(*data, STEPS[name]),
        **{f"egttools stationary {z}": lambda z=z: egttools_stationary(z) for z in SIZES},
        "egttools fixation": egttools_fixation,
        "covasim": covasim_,
        "starsim": starsim_,
    }
    print(json.dumps(calls[name]()))


def main(python: str, side: str = "256") -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from bench.evolve import KEY, best, best_turn, chances, lattice, row_by_row

    from hutong.evolve.binary import answer, make_crowd, run_crowd
    from hutong.evolve.games import estimate_fixation, stationary
    from hutong.evolve.lanes import run_lanes

    ptr, idx = lattice(int(side))
    n = len(ptr) - 1
    kind, chance = np.arange(n) % 4, chances()
    start = np.random.default_rng(1).integers(0, 2, n).astype(np.uint8)
    crowd = make_crowd(ptr, idx, kind, chance)
    now = np.append(start, 0).astype(np.uint8)
    then = now.copy()
    answer(*crowd, now, then, 0, n, np.uint32(1), KEY, KEY)
    ours = n / best(15, lambda: answer(*crowd, now, then, 0, n, np.uint32(1), KEY, KEY))
    counts, _ = run_crowd(crowd, start, max(STEPS.values()))
    lanes, begun = row_by_row(int(side))
    packed = n / best_turn(lanes, begun)
    share = run_lanes(lanes, begun, max(STEPS.values()))[0][-1] / n
    print(
        f"ours on one thread, {n} households, eight neighbours: {ours / 1e6:.0f} M household-steps/s, "
        f"64 to a word {packed / 1e6:.0f} M (in favour at the end {share:.4f})"
    )
    matrix = np.array([[30, 1, 30], [50, 10, 14], [29.2, 8.3, 29.2]])
    exact = {z: best(3, lambda z=z: stationary(matrix, z, 0.05, 1e-3)) for z in (*SIZES, 100)}
    theirs = {}
    pair = np.array([[1.0, 1.0], [0.0, 0.0]])
    estimate_fixation(pair, 0, 1, 50, 0.05, 10)
    walk = best(3, lambda: estimate_fixation(pair, 0, 1, 50, 0.05, 20_000)) / 20_000
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/network.npz"
        np.savez(file, ties=idx.reshape(n, 8).astype(np.int64), kind=kind, chance=chance, start=start)
        for name in (
            *STEPS, *(f"egttools stationary {z}" for z in SIZES), "egttools fixation", "covasim", "starsim"
        ):  # fmt: skip
            done = subprocess.run(
                [python, __file__, "--peer", name, file],
                capture_output=True,
                text=True,
                check=False,
                timeout=900,
            )
            if done.returncode:
                why = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
                print(f"{name:20s} does not run: {why}")
                continue
            seconds, what = json.loads(done.stdout.strip().splitlines()[-1])
            if name in STEPS:
                pace = n * STEPS[name] / seconds
                print(
                    f"{name:20s} {pace / 1e6:9.2f} M household-steps/s; ours {ours / pace:6.0f} times, 64 to a word {packed / pace:6.0f}; in favour "
                    f"{what:.4f}, ours {counts[STEPS[name]] / n:.4f}"
                )
            elif name.startswith("egttools"):
                mine = exact[int(name.split()[-1])] if "stationary" in name else walk
                theirs[name] = seconds
                print(
                    f"{name:20s} {seconds:.4g} s, ours {mine:.4g} s, {seconds / mine:.0f} times; gives {what}"
                )
            else:
                print(
                    f"{name:20s} {what / seconds / 1e6:9.2f} M agent-steps/s (an epidemic model of its own)"
                )
    times = [theirs.get(f"egttools stationary {z}") for z in SIZES]
    if all(times):
        rise = np.log(times[-1] / times[0]) / np.log(SIZES[-1] / SIZES[0])
        late = times[-1] * (100 / SIZES[-1]) ** rise
        print(
            f"egttools at 100, if its time goes on as size to the power {rise:.1f}: {late:.0f} s (not run); ours "
            f"{exact[100]:.4g} s (run), {late / exact[100]:.0f} times"
        )


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
