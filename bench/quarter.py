"""Make a synthetic quarter and tell how long it took and how much memory: ``python bench/quarter.py 1000000``."""

from __future__ import annotations

import argparse
import resource
import time

from hutong.city import make_quarter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dwellings", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-titles", action="store_true")
    parser.add_argument("--hash", action="store_true", help="also hash the content")
    asked = parser.parse_args()
    start = time.perf_counter()
    city = make_quarter(asked.dwellings, seed=asked.seed, titles=not asked.no_titles)
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{len(city['dwellings']):,} dwellings, {len(city['buildings']):,} buildings, {len(city['blocks']):,} blocks"
    )
    print(f"made and validated in {took:.1f} s, peak memory {peak:.2f} GiB")
    if asked.hash:
        start = time.perf_counter()
        print(f"hash {city.hash} in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
