"""Time to weigh a scheme made by hand: the whole of it, and after a change at one object.

Run: python bench/studio.py [dwellings]   (45,000 dwellings make about 2,000 residential buildings)
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from hutong.city import make_quarter
from hutong.plan.document import Choice, SchemeDocument
from hutong.plan.studio import Studio
from hutong.rules import load_rules
from hutong.sense import checkup
from hutong.text import Text


def timed(what: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    what()
    return time.perf_counter() - wall, time.process_time() - cpu


def whole_scheme(studio: Studio) -> SchemeDocument:
    """Return a scheme that does something at every object that has an option."""
    options = studio.desk.options
    first = np.flatnonzero(np.diff(options.object, prepend=-1))
    ids, packages = options.objects.ids, options.package_ids()
    choices = {
        ids[options.object[i]]: Choice(tuple(packages[i].split("+")), options.offers[options.offer[i]].id)
        for i in np.minimum(first + 3, np.r_[first[1:], len(options)] - 1)
    }
    return SchemeDocument("bench", Text("试", "bench"), choices=choices)


def main() -> None:
    dwellings = int(sys.argv[1]) if len(sys.argv) > 1 else 45_000
    rules = load_rules()
    city = make_quarter(dwellings=dwellings, seed=1)
    check = checkup(city, rules)
    began = time.perf_counter()
    studio = Studio.open(city, check, rules)
    members = studio.objects.members.size
    print(
        f"{members} residential buildings, {len(studio.desk.options)} options; laid out in {time.perf_counter() - began:.1f} s"
    )
    document = whole_scheme(studio)
    # another studio warms the kernels, so that the first review below is a cold one of this quarter only
    wall, cpu = timed(lambda: studio.review(document))
    print(f"first review of {len(document.choices)} choices: {wall:.2f} s wall, {cpu:.2f} s CPU")
    wall, cpu = timed(lambda: studio.review(document))
    print(f"the same again: {wall:.2f} s wall, {cpu:.2f} s CPU")
    walls = []
    for object_id in list(document.choices)[:: max(len(document.choices) // 10, 1)][:10]:
        choice = document.choices[object_id]
        fewer = None if len(choice.measures) == 1 else Choice(choice.measures[:1], choice.offer)
        try:
            changed = document.put(object_id, fewer)
            walls.append(timed(lambda changed=changed: studio.review(changed)))  # type: ignore[misc]
        except Exception as caught:  # a package may need company: leave the object as it is instead
            print(type(caught).__name__, end=" ")
            walls.append(timed(lambda object_id=object_id: studio.review(document.put(object_id, None))))  # type: ignore[misc]
    wall, cpu = np.median(np.array(walls), axis=0)
    print(f"after a change at one object (median of {len(walls)}): {wall:.2f} s wall, {cpu:.2f} s CPU")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
