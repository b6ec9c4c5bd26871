"""Search on N buildings beside their findings and requests: time to index, and to find, in CPU-seconds and wall.

``python bench/search.py [100000]``; ``DATABASE_URL=postgres://…`` for PostgreSQL (an empty database of its own).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

N = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
QUERIES = (
    "院",
    "号院",
    "柳荫",
    "漏水",
    "柳荫胡同 12号",
    "b0012345",
    "b00",
    "供暖管道漏水",
    "龘龘",
    "住宅楼 漏水",
)
LANES = ("柳荫", "槐树", "石碑", "井儿", "灯市", "东水关", "西夹道", "羊角")
TROUBLES = ("供暖管道漏水", "楼道灯不亮", "电梯停运", "下水道堵塞", "住宅楼外墙脱落")


def findables():
    from hutong.service.web.found import Findable
    from hutong.text import Text

    for i in range(N):
        called = f"{LANES[i % len(LANES)]}胡同{i // len(LANES)}号院"
        yield Findable(
            "building", f"1/b{i:07d}", Text(called, called), f"/twin/1/buildings/b{i:07d}",
            Text("住宅楼", "Homes"), f"b{i:07d}", "snapshot:1", True,
        )  # fmt: skip
    for i in range(N // 20):
        trouble = TROUBLES[i % len(TROUBLES)]
        yield Findable(
            "case",
            str(i),
            Text(f"{trouble}{i}", ""),
            "/",
            words=trouble,
            roles=("subdistrict",),
            path="/far/",
        )


def main() -> None:
    os.environ["HUTONG_DATA"] = tempfile.mkdtemp(prefix="hutong-bench-search-")
    from hutong.service.server import prepare

    prepare()
    from django.contrib.auth.models import AnonymousUser
    from django.db import connection, transaction

    from hutong.service.search.models import Document
    from hutong.service.search.selectors import search
    from hutong.service.search.services import put, show

    wall, cpu = time.perf_counter(), time.process_time()
    with transaction.atomic():
        count = put(findables())
    print(
        f"{connection.vendor}: {count:,} things indexed in {time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} CPU-s)"
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_document")
    for public in (False, True):
        wall = time.perf_counter()
        show("snapshot:1", public)
        print(f"{'shown' if public else 'hidden'} in {time.perf_counter() - wall:.2f} s")
    for query in QUERIES:
        took, cpu = [], time.process_time()
        for _ in range(7):
            start = time.perf_counter()
            found = search(AnonymousUser(), query)
            took.append(time.perf_counter() - start)
        cpu = (time.process_time() - cpu) / 7
        counts = {f.kind.id: f"{f.count}{'+' if f.more else ''}" for f in found}
        print(
            f"{query!r}: {sorted(took)[3] * 1000:.1f} ms (worst {max(took) * 1000:.1f}; {cpu * 1000:.1f} CPU-ms here), {counts}"
        )
    plain = time.perf_counter()
    n = Document.objects.filter(public=True, title_zh__contains="柳荫").count()
    print(f"LIKE '%柳荫%' on the same table: {(time.perf_counter() - plain) * 1000:.0f} ms for {n}")


if __name__ == "__main__":
    main()
