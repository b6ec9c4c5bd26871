"""Time and proof of the fairest lottery over panels, on invented pools.

    python bench/sortition.py                  # the whole table
    python bench/sortition.py 200 20           # pool and panel, until the search ends by itself
    python bench/sortition.py 5000 40 60       # ... or at most 60 seconds

People have five to seven categories with quotas set by the census of the fictional quarter, not of the pool: the old,
owners and women are over-represented among the willing, as is usual. Prints the certificate: the least chance
anyone has, the bound no lottery can exceed, and whether an independent search confirms the bound.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from hutong.agree.sortition import Pool, Quota, Selection
from hutong.agree.sortition_draw import draw_ticket, publish_lottery, verify_draw
from hutong.agree.sortition_lottery import check_certificate, fair_lottery
from hutong.rng import generator

#: Category: value: share in the quarter, share among the willing.
QUARTER = {
    "gender": {"f": (0.51, 0.62), "m": (0.49, 0.38)},
    "age": {"18-35": (0.27, 0.12), "36-59": (0.39, 0.33), "60+": (0.34, 0.55)},
    "tenure": {"owner": (0.5, 0.6), "tenant": (0.25, 0.15), "public": (0.25, 0.25)},
    "building": {"A": (0.2, 0.35), "B": (0.2, 0.25), "C": (0.2, 0.2), "D": (0.2, 0.12), "E": (0.2, 0.08)},
    "school": {"low": (0.22, 0.2), "middle": (0.39, 0.4), "high": (0.39, 0.4)},
    "years here": {"under 3": (0.2, 0.1), "3-15": (0.3, 0.3), "over 15": (0.5, 0.6)},
    "lift": {"wants": (0.6, 0.7), "does not": (0.4, 0.3)},
}
SIZES = (("200", "20"), ("1500", "20"), ("5000", "60", "60"))


def willing(people: int, panel: int, categories: int) -> Selection:
    draw_ = generator(1, "bench sortition")
    table = {"id": [f"r{i}" for i in range(people)]}
    quotas = []
    for name, values in list(QUARTER.items())[:categories]:
        table[name] = draw_.choice(list(values), people, p=[w for _, w in values.values()])
        for value, (share, _) in values.items():
            quotas.append(
                Quota(name, value, int(share * panel) - (panel < 40), int(np.ceil(share * panel)) + 1)
            )
    return Selection(Pool.from_table(pd.DataFrame(table)), panel, tuple(quotas))


def measure(people: int, panel: int, seconds: float | None) -> None:
    selection = willing(people, panel, 5 if people <= 200 else 7)
    print(
        f"pool {people}, panel {panel}, {len(selection.quotas)} quotas, {len(selection.sizes)} kinds of people"
    )
    for leximin in (False, True) if people <= 200 else (False,):
        start = time.perf_counter()
        lottery = fair_lottery(selection, leximin=leximin, seconds=seconds)
        took = time.perf_counter() - start
        certificate = lottery.certificate
        holds = check_certificate(selection, certificate)
        print(
            f"  {'leximin' if leximin else 'maximin'} {took:.1f} s, {certificate.panels} panels: {certificate.text().en}"
        )
        print(
            f"  least {certificate.least}, bound {certificate.bound}, gap {float(certificate.gap):.1e}, confirmed: {holds}"
        )
    start = time.perf_counter()
    published = publish_lottery(lottery, "sixteen or more characters")
    drawn = draw_ticket(published, "public seed")
    print(
        f"  tickets {time.perf_counter() - start:.1f} s: least {published.least}, failures {verify_draw(published, drawn)}"
    )
    print(f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


def main() -> None:
    if len(sys.argv) >= 3:
        measure(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else None)
        return
    for size in SIZES:
        subprocess.run([sys.executable, __file__, *size], check=True)


if __name__ == "__main__":
    main()
