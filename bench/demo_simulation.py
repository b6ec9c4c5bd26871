"""Run the demo's simulation anew and keep it in the package: ``python bench/demo_simulation.py [FOLDER]``."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from hutong.service.setup import ready

ready()

from hutong.city import make_quarter  # noqa: E402
from hutong.evolve.by_building import by_building  # noqa: E402
from hutong.evolve.experiments import Bench, levers  # noqa: E402
from hutong.plan import load_measures  # noqa: E402
from hutong.plan.schemes import plan_of  # noqa: E402
from hutong.plan.studio import Studio  # noqa: E402
from hutong.sense import checkup  # noqa: E402
from hutong.service import demo  # noqa: E402
from hutong.service.requests.selectors import JURISDICTION  # noqa: E402
from hutong.service.schemes.solving import document, study_of  # noqa: E402
from hutong.service.simulation import compute  # noqa: E402
from hutong.service.simulation.demo import ASKED, kept, pack  # noqa: E402


def main(folder: Path) -> None:
    """Draw up the scheme that the demo publishes on the last of its days, and simulate it."""
    with tempfile.TemporaryDirectory() as name:
        made = make_quarter(dwellings=demo.DWELLINGS, seed=demo.SEED, date=demo.DATES[-1])
        city = type(made).load(made.save(Path(name) / "quarter"))
    rules = compute.rules_of(city)
    studio = Studio.open(city, checkup(city, rules), rules, measures=load_measures())
    solved = document(city, plan_of(study_of(studio), None).scheme("balanced"))
    published = replace(solved, jurisdiction=JURISDICTION)  # as the demo publishes it
    scheme = studio.review(published).scheme
    bench = Bench(city, scheme, rules, ASKED.runs, 12 * ASKED.years, ASKED.seed)
    result = levers.ask(bench, ASKED.levers)
    years = (ASKED.years // 2, ASKED.years)
    seen = [
        by_building(city, scheme, rules, s, years, runs=ASKED.runs, seed=ASKED.seed)
        for s in compute.on_map(ASKED)
    ]
    pack(result, seen, published.version, folder)
    for line in result.answer:
        print(line.en)
    print("; ".join(f"{p.name} {p.stat().st_size:,} B" for p in sorted(folder.iterdir())))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else kept())
