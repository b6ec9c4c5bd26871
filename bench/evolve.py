"""Speed of the co-evolution model and of its kernels.

``python bench/evolve.py [dwellings]``: the monthly model, the household kernel beside the gather-only bound and NumPy, the
replicas (alone: ``python bench/evolve.py replicas``). ``python bench/evolve.py city 8000000 240``: one run of a city made of copies of a quarter. Peers: evolve_peers.py.
CPU-seconds of one thread, unless it says wall.

``pack FILE`` writes the arrays of a quarter; ``all FILE`` then runs everything (monthly model, ensemble, kernels, replicas, city) on a machine
that has only numpy and numba.
"""

# ruff: noqa: E402 (what is imported depends on the machine)
from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
from numba import njit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
FAR = sys.argv[1:2] == ["all"]
if FAR:  # the kernels without the packages around them, which read maps and tables
    packed = np.load(sys.argv[2])
    for name in ("hutong.evolve", "hutong.evolve.parameters"):
        bare = ModuleType(name)
        bare.__path__ = [str(ROOT / "src" / name.replace(".", "/"))]
        sys.modules[name] = bare
    sys.modules["hutong.evolve.parameters"].parameter_names = lambda: tuple(packed["names"].tolist())
from hutong.evolve.binary import answer, make_crowd, run_crowd
from hutong.evolve.bodies import Bodies
from hutong.evolve.dials import as_floats, make_dials, platform
from hutong.evolve.households import World
from hutong.evolve.kernel import RAW, as_record, compiled, new_state, simulate
from hutong.evolve.lanes import Lanes, make_lanes, room, run_lanes, turn
from hutong.evolve.network import morton
from hutong.evolve.replicas import BATCH, count_replicas, make_replicas, run_replicas, step_replicas
from hutong.rng import GOLDEN, mixed

KEY = np.uint32(1)


def lattice(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a torus in which everyone has eight neighbours, along a Z-order curve, as compressed rows."""
    x, y = (a.ravel() for a in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
    order = np.argsort(morton(x.astype(float), y.astype(float)), kind="stable")
    place = np.empty(side * side, np.int64)
    place[order] = np.arange(side * side)
    steps = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]
    near = np.stack([place[(x + a) % side * side + (y + b) % side] for a, b in steps], axis=1)[order]
    return np.arange(0, 8 * side * side + 1, 8, dtype=np.uint32), np.sort(near, axis=1).astype(
        np.uint32
    ).ravel()


def chances() -> np.ndarray:
    """Return Fermi chances of four kinds by share of neighbours in favour, a little stickiness of one's own answer."""
    gain = np.arange(9) / 8 - 0.5 + np.array([-0.06, -0.02, 0.02, 0.06])[:, None, None]
    return 1 / (1 + np.exp(-(gain + np.array([-0.05, 0.05])[:, None]) / 0.1))


@njit(nogil=True)
def gather(ties, old, new):
    for i in range(len(new) - 1):
        q = ties[i]
        new[i] = old[q[0]] + old[q[1]] + old[q[2]] + old[q[3]] + old[q[4]] + old[q[5]] + old[q[6]] + old[q[7]]


def numpy_step(ties, kind, chance, now, rng):
    count = now[ties].sum(axis=1)
    return (rng.random(len(now)) < chance[kind, now, count]).astype(np.uint8)


def best(of, call, clock=time.process_time):
    times = []
    for _ in range(of):
        start = clock()
        call()
        times.append(clock() - start)
    return min(times)


def kernels(side: int) -> None:
    n = side * side
    ptr, idx = lattice(side)
    kind, chance = np.arange(n) % 4, chances()
    start = np.random.default_rng(1).integers(0, 2, n).astype(np.uint8)
    crowd = make_crowd(ptr, idx, kind, chance)
    now = np.append(start, 0).astype(np.uint8)
    then = now.copy()
    rng, ties = np.random.default_rng(1), crowd.ties.astype(np.int64)

    def ours():
        answer(*crowd, now, then, 0, n, np.uint32(1), KEY, KEY)

    calls = {
        "household kernel, one thread": ours,
        "gather-only bound, one thread": lambda: gather(crowd.ties, now, then),
    }
    for call in calls.values():
        call()
    spent = dict.fromkeys(calls, np.inf)
    for _ in range(15):  # in turn, so that what else runs disturbs both alike
        for name, call in calls.items():
            spent[name] = min(spent[name], best(1, call))
    spent["NumPy"] = best(2, lambda: numpy_step(ties, kind, chance, start, rng))
    for name, seconds in spent.items():
        print(f"{name:34s} {n / seconds / 1e6:9.1f} M household-steps/s")
    mine, bound, plain = spent.values()
    print(f"share of the bound {bound / mine:.2f}, times NumPy {plain / mine:.1f}")
    steps = max(3, 20_000_000 // n)
    wall = best(3, lambda: run_crowd(crowd, start, steps, threads=2), time.perf_counter) / steps
    print(f"{'household kernel, two threads':34s} {n / wall / 1e6:9.1f} M household-steps/s (wall)")
    share = start.copy()
    for _ in range(20):
        share = numpy_step(ties, kind, chance, share, rng)
    print(
        f"in favour after 20 steps: ours {run_crowd(crowd, start, 20)[0][-1] / n:.4f}, NumPy {share.mean():.4f}"
    )


def row_by_row(side: int) -> tuple[Lanes, np.ndarray]:
    """Return the same lattice row by row with 64 households to a word, and the answers that it starts from."""
    n, (x, y) = side * side, np.divmod(np.arange(side * side), side)
    steps = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]
    near = np.stack([((x + a) % side * side + (y + b) % side).astype(np.uint32) for a, b in steps], axis=1)
    start = np.random.default_rng(1).integers(0, 2, n).astype(np.uint8)
    return make_lanes(np.arange(0, 8 * n + 1, 8), near.ravel(), np.arange(n) % 4, chances()), start


def best_turn(lanes: Lanes, start: np.ndarray) -> float:
    """Return the CPU-seconds of a step on one thread."""
    now, margin = room(lanes, start)
    then, blocks = now.copy(), len(lanes.first) - 1
    turn(*lanes, now, then, margin, 0, blocks, np.uint32(1), KEY, KEY)
    return best(25, lambda: turn(*lanes, now, then, margin, 0, blocks, np.uint32(1), KEY, KEY))


def words(side: int) -> None:
    """Print the speed of households 64 to a word, on one thread and on two."""
    n, (lanes, start) = side * side, row_by_row(side)
    spent = best_turn(lanes, start)
    print(f"{f'64 to a word, {n} homes, one thread':34s} {n / spent / 1e6:9.1f} M household-steps/s")
    count = max(3, 200_000_000 // n)
    wall = best(3, lambda: run_lanes(lanes, start, count, threads=2), time.perf_counter) / count
    print(f"{'two threads':34s} {n / wall / 1e6:9.1f} M household-steps/s (wall)")
    print(f"in favour after 20 steps: {run_lanes(lanes, start, 20)[0][-1] / n:.4f}")


@njit(nogil=True)
def draw(first, words, levels, into):
    """Make the draws that every household needs, and nothing else."""
    for i in range(first, first + 8192):
        for b in range(levels):
            place = GOLDEN * np.uint64(256 * i + 8 * b)
            for k in range(words):
                into[k] ^= mixed(place + GOLDEN * np.uint64(k), np.uint64(1))


def replicas(side: int = 128) -> None:
    """Print the speed of 512 replicas, with equal and with different parameters, beside two bounds."""
    ptr, idx = lattice(side)
    n, kind = side * side, np.arange(side * side) % 4
    own = np.clip(chances()[..., None] + np.linspace(-0.1, 0.1, BATCH), 0, 1)
    alike, each = (make_replicas(ptr, idx, kind, c) for c in (chances(), own))
    now = np.random.default_rng(1).integers(0, 2**64, (n + 1, 8), np.uint64)
    now[n] = 0
    then, count, into = np.zeros_like(now), np.zeros(BATCH, np.int64), np.zeros(8, np.uint64)
    keys = np.uint64(1), np.uint64(2)

    def step(batch):
        step_replicas(*batch, now, then, 0, n, np.uint64(1), *keys)

    calls = {
        "512 replicas alike, one thread": lambda: step(alike),
        "512 replicas, each its own chances": lambda: step(each),
        "gathering eight neighbours only": lambda: look(alike.ties, now, then),
        "drawing eight bits only": lambda: [draw(k, 8, 8, into) for k in range(0, n, 8192)],
        "counting only": lambda: count_replicas(now, 0, n, count),
    }
    for call in calls.values():
        call()
    spent = dict.fromkeys(calls, np.inf)
    for _ in range(25):
        for name, call in calls.items():
            spent[name] = min(spent[name], best(1, call))
    for name, seconds in spent.items():
        print(f"{name:34s} {n * BATCH / seconds / 1e9:9.2f} G replica-steps/s")
    mine, _, looking, drawing, _ = spent.values()
    print(f"share of the gather and draw bound {(looking + drawing) / mine:.2f}")
    for name, batch in (("alike", alike), ("each its own", each)):
        for threads in (1, 2):
            wall = best(
                5, lambda b=batch, t=threads: run_replicas(b, now[:n], 100, 1, 100, t), time.perf_counter
            )
            print(
                f"{f'512 {name}, threads: {threads}':34s} {n * BATCH * 100 / wall / 1e9:9.2f} G replica-steps/s (wall)"
            )


@njit(nogil=True)
def look(ties, now, then):
    words = now.shape[1]
    for i in range(len(now) - 1):
        for j in range(8):
            either(now[ties[i, j]], then[i], words)


@njit(nogil=True)
def either(other, then, words):
    for k in range(words):
        then[k] ^= other[k]


def quarter(dwellings: int):
    from tests.evolve.evolve_case import write_scheme

    from hutong.city import make_quarter
    from hutong.evolve.world import build_world
    from hutong.rules import load_rules

    city = make_quarter(dwellings=dwellings, seed=1)
    rules = load_rules("beijing", on=dt.date(2026, 11, 1))
    return build_world(city, write_scheme(city), rules).world


def values() -> np.ndarray:
    if FAR:
        return packed["values"]
    from hutong.evolve.parameters import default_parameters

    return default_parameters()


def pack(file: str) -> None:
    from hutong.evolve.parameters import parameter_names

    world = quarter(10_500)
    arrays = {k: v for k, v in world._asdict().items() if k != "bodies"}
    bodies = {f"bodies.{k}": v for k, v in world.bodies._asdict().items()}
    np.savez_compressed(file, names=np.array(parameter_names()), values=values(), **arrays, **bodies)


def unpacked() -> World:
    bodies = Bodies(*(packed[f"bodies.{k}"] for k in Bodies._fields))
    return World(**{k: packed[k] for k in World._fields if k != "bodies"}, bodies=bodies)


def everything() -> None:
    world = unpacked()
    n = len(world.building)
    print(f"first call {months(world, 1):.1f} CPU-s")
    spent = best(5, lambda: months(world, 120))
    print(
        f"{'monthly model, one run':34s} {n * 120 / spent / 1e6:9.1f} M household-months/s ({n} households)"
    )
    begun = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: months(world, 240), range(1000)))
    print(f"ensemble {n} x 240 x 1,000, two threads: {time.perf_counter() - begun:.0f} s wall")
    for side in (1024, 2828):
        kernels(side)
        words(side)
    replicas()
    run_city(world, 8_000_000, 240)


def months(world, count: int) -> float:
    record, dials = as_record(values()), as_floats(make_dials(structure=1.0, **platform()))
    out = np.empty((len(RAW), count + 1))
    held = new_state(world)
    start = time.process_time()
    simulate(world, *held, record, dials, np.uint64(1), out)
    return time.process_time() - start


def copies(world, times: int):
    """Return a city of ``times`` copies of a quarter, projects included; people know their own quarter only."""
    n, size, shift = len(world.building), len(world.condition), np.arange(times)[:, None]

    def moved(values, by):
        return (values + shift * by).astype(np.uint32).ravel()

    def rows(ptr):
        return np.append(moved(ptr[:-1], int(ptr[-1])), int(ptr[-1]) * times).astype(np.uint32)

    once = {
        "building",
        "indices",
        "indptr",
        "member",
        "member_ptr",
        "voter",
        "voter_ptr",
        "thresholds",
        "budget",
        "bases",
        "bodies",
    }
    tiled = {
        k: np.tile(v, (times, 1) if v.ndim == 2 else times)
        for k, v in world._asdict().items()
        if k not in once
    }
    b = world.bodies
    bodies = b._replace(
        place=np.tile(b.place, times), home=np.tile(b.home, times), project=np.tile(b.project, times),
        size=b.size * times, load=b.load * times, facts=b.facts * times,
    )  # fmt: skip
    return world._replace(
        **tiled, building=moved(world.building, size), indices=moved(world.indices, n), indptr=rows(world.indptr),
        member=moved(world.member, size), member_ptr=rows(world.member_ptr), voter=moved(world.voter, n),
        voter_ptr=rows(world.voter_ptr), bodies=bodies,
    )  # fmt: skip


def run_city(small, households: int, count: int) -> None:
    months(small, 1)
    world = copies(small, -(-households // len(small.building)))
    n, start = len(world.building), time.perf_counter()
    spent = months(world, count)
    wall = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{n} households x {count} months: {spent:.0f} CPU-s, {wall:.0f} s wall, peak {peak:.2f} GiB")
    print(f"{n * count / spent / 1e6:.1f} M household-months/s")


def main(*args: str) -> None:
    if args[:1] == ("city",):
        run_city(quarter(8000), int(args[1]), int(args[2]))
        return
    if args[:1] == ("pack",):
        pack(args[1])
        return
    if FAR:
        everything()
        return
    if args[:1] == ("replicas",):
        replicas()
        return
    world = quarter(int(args[0]) if args else 8000)
    n = len(world.building)
    print(f"compiled: {compiled()}; first call {months(world, 1):.1f} CPU-s")
    spent = best(5, lambda: months(world, 120))
    print(
        f"{'monthly model, one run':34s} {n * 120 / spent / 1e6:9.1f} M household-months/s ({n} households)"
    )
    kernels(1024)
    words(1024)
    words(2828)
    replicas()


if __name__ == "__main__":
    main(*sys.argv[1:])
