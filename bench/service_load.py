"""The server under load on PostgreSQL, client and server on the same cores: public pages, then residents filing with photos.

    python bench/service_load.py [--seconds 30] [--residents 50] [--filing 120] [--workers 2] [--sqlite]

Pages: 16 connections in a process of their own read home, map data, checkup, findings, requests, dossiers and the ledger
in turn as new visitors (no cookies, nothing cached), each as soon as the last was answered. Filing: 50 residents, each
signed in on a connection of their own, open the form, fill it in and send it with photos from 800 × 600 up; every tenth
sends the form twice at once, as a double tap does. At the end what was acknowledged is counted in the database.
Processor seconds of the server for each request are printed beside the times, which depend on what else runs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import re
import sys
import threading
import time
import uuid
from http.client import HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.service.live_site import Browser, Site, site

CONNECTIONS = 16
#: Requests that are there before; the pages cost the same with more, which tests/service/test_page_cost.py holds.
REQUESTS = 500


def settle(run: Site) -> dict[str, list[str]]:
    """Load the demo quarter with requests on their way; return the public pages by kind."""
    run.here()
    from hutong.service.checkup.models import Run
    from hutong.service.demo import load_demo
    from hutong.service.ledger.models import Entry
    from hutong.service.places.models import Place
    from hutong.service.twin.models import Snapshot

    load_demo(lambda *_: None)
    fill(list(Place.objects.filter(kind="building")))
    last = Snapshot.objects.latest("date")
    check = Run.objects.filter(snapshot=last).latest("made_at")
    buildings = list(last.buildings.values_list("building_id", flat=True)[:60])
    layers = sorted(p.stem for p in (last.folder / "layers").glob("*.json"))
    entries = list(Entry.objects.values_list("index", flat=True)[:20])
    return {
        "home": ["/"],
        "map": [
            f"/twin/{last.pk}/map",
            *(f"/twin/{last.pk}/layers/{name}.json" for name in layers),
            f"/twin/{last.pk}/map.pmtiles",
        ],
        "checkup": [f"/checkup/{check.pk}", f"/checkup/{check.pk}/indicators"],
        "findings": [
            f"/checkup/{check.pk}/findings",
            *(f"/checkup/{check.pk}/findings/{n}" for n in range(1, 9)),
        ],
        "requests": ["/requests/", "/requests/new"],
        "dossier": [f"/twin/{last.pk}/buildings/{b}" for b in buildings],
        "ledger": ["/ledger/", *(f"/ledger/{n}" for n in entries)],
    }


def fill(places: list) -> None:
    """File requests of all kinds and move most of them on."""
    from hutong.sense.requests.taxonomy import load_taxonomy
    from hutong.service.requests import services
    from hutong.service.requests.services import NewRequest

    chance = random.Random(1)
    kinds = [c for c in load_taxonomy().classes if c.keywords]
    for _ in range(REQUESTS):
        kind = chance.choice(kinds)
        r = services.file(
            NewRequest(place=chance.choice(places), words=f"{kind.keywords[0]}的问题，请处理")
        ).request
        steps = [
            ("take_in", "intake", "", {"category": kind.id, "limit": "request.general_days_max"}),
            ("dispatch", "intake", "", {"unit": "water"}),
            ("sign_for", "unit", "water", {}),
            ("reply", "unit", "water", {"reply": "已处理"}),
            ("confirm", "caller", "", {"satisfied": chance.random() < 0.8}),
        ]
        for event, by, unit, said in steps[: chance.randrange(6)]:
            r = services.step(r, event, by, unit=unit, said=said)


# --- public pages -----------------------------------------------------------------------------------------------------


def visit(host: str, port: int, pages: dict[str, list[str]], seconds: float, out) -> None:
    """Read pages over all connections; put (kind, milliseconds, status) into ``out``."""
    seen: list[tuple[str, float, int]] = []
    asyncio.run(_visits(host, port, pages, seconds, seen))
    out.put(seen)


async def _visits(host, port, pages, seconds, seen) -> None:
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_visitor(host, port, pages, until, seen, n) for n in range(CONNECTIONS)))


async def _visitor(host, port, pages, until, seen, n) -> None:
    chance = random.Random(n)
    kinds = list(pages)
    reader, writer = await asyncio.open_connection(host, port)
    while time.perf_counter() < until:
        kind = chance.choice(kinds)
        path = chance.choice(pages[kind])
        more = "Range: bytes=0-16383\r\n" if path.endswith(".pmtiles") else ""
        language = chance.choice(("zh-CN", "en"))
        began = time.perf_counter()
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept-Language: {language}\r\n{more}\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = re.search(r"\r\ncontent-length: (\d+)", head)
        if length:
            await reader.readexactly(int(length[1]))
        elif "transfer-encoding: chunked" in head:
            while size := int((await reader.readline()).strip(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        seen.append((kind, (time.perf_counter() - began) * 1000, int(head.split()[1])))
        if "connection: close" in head:
            writer.close()
            reader, writer = await asyncio.open_connection(host, port)
    writer.close()


def pages_bench(run: Site, pages: dict[str, list[str]], seconds: float) -> bool:
    """Visit for some seconds, after a few to warm up; print and return whether the aim was met."""
    host, port = "127.0.0.1", run.port
    for wanted in (3.0, seconds):
        out = multiprocessing.get_context("spawn").Queue()
        client = multiprocessing.get_context("spawn").Process(
            target=visit, args=(host, port, pages, wanted, out)
        )
        before = run.cpu_seconds()
        client.start()
        seen = out.get()
        client.join()
        spent = run.cpu_seconds() - before
    good = [ms for _, ms, status in seen if status in (200, 206)]
    rate, p95 = len(good) / seconds, quantile(good, 0.95)
    print(
        f"pages: {rate:.0f} requests/s, p50 {quantile(good, 0.5):.0f} ms, p95 {p95:.0f} ms, p99 {quantile(good, 0.99):.0f} ms;"
    )
    print(
        f"  {spent / len(seen) * 1000:.1f} ms of processor time of the server a request; {len(seen) - len(good)} not answered well"
    )
    for kind in pages:
        own = [ms for k, ms, _ in seen if k == kind]
        print(
            f"    {kind:<10} {len(own):6}  p50 {quantile(own, 0.5):6.0f}  p95 {quantile(own, 0.95):6.0f} ms"
        )
    met = rate >= 200 and p95 <= 200 and len(seen) == len(good)
    print("  aim met (200 requests/s, p95 200 ms)" if met else "  AIM MISSED (200 requests/s, p95 200 ms)")
    return met


def quantile(values: list[float], q: float) -> float:
    """Return a quantile, 0 of none."""
    return sorted(values)[min(len(values) - 1, int(q * len(values)))] if values else 0.0


# --- filing -----------------------------------------------------------------------------------------------------------


class Resident(threading.Thread):
    """Files requests with photos until the time is over."""

    def __init__(
        self, n: int, run: Site, user, buildings: list[int], until: float, photos: list[bytes]
    ) -> None:
        super().__init__(daemon=True)
        self.n, self.until, self.buildings, self.photos = n, until, buildings, photos
        self.browser, self.other = Browser(run.address, user), Browser(run.address, user)
        self.chance = random.Random(n)
        self.sent: dict[str, int | None] = {}  # token -> request, once acknowledged
        self.times: list[float] = []
        self.faults: list[str] = []

    def run(self) -> None:
        """File one after another, with the time that it takes to type."""
        while time.monotonic() < self.until:
            at = f"/requests/new/{self.chance.choice(self.buildings)}"
            try:
                page = self.browser.get(at)[2].decode()
                token = re.search(r'name="token" value="([0-9a-f-]+)"', page)[1]
                time.sleep(self.chance.uniform(0.5, 2.0))
                self.file(at, token)
            except (OSError, HTTPException, TypeError) as caught:
                self.faults.append(repr(caught))

    def file(self, at: str, token: str) -> None:
        """Send the form; every tenth time twice at once."""
        photos = self.chance.sample(self.photos, self.chance.randrange(1, 3))
        fields = {"words": f"楼道灯坏了，第 {self.n} 人", "nature": "help", "token": token}
        self.sent[token] = None
        again: list[str] = []
        if len(self.sent) % 10 == 0:
            twin = threading.Thread(
                target=lambda: again.append(self.other.post(at, fields, photos)[1].get("Location", ""))
            )
            twin.start()
        began = time.perf_counter()
        status, headers, body = self.browser.post(at, fields, photos)
        self.times.append((time.perf_counter() - began) * 1000)
        if len(self.sent) % 10 == 0:
            twin.join()
            if again != [headers.get("Location")]:
                self.faults.append(f"sent twice: {again} and {headers.get('Location')}")
        if status != 302:
            self.faults.append(f"{status}: {body.decode()[-300:]}")
            return
        self.sent[token] = int(headers["Location"].rsplit("/", 1)[1])


def filing_bench(run: Site, residents: int, seconds: float) -> bool:
    """Let residents file for some seconds; print and return whether nothing was lost or doubled."""
    from django.db import connection

    from hutong.service.accounts.services import make_user
    from hutong.service.places.models import Place
    from hutong.service.requests.models import Request

    before = set(Request.objects.values_list("token", flat=True))
    buildings = list(Place.objects.filter(kind="building").values_list("pk", flat=True))
    users = [make_user(f"resident-{n}", uuid.uuid4().hex) for n in range(residents)]
    photos = [picture(n) for n in range(8)]
    until = time.monotonic() + seconds
    people = [Resident(n, run, user, buildings, until, photos) for n, user in enumerate(users)]
    cpu = run.cpu_seconds()
    for p in people:
        p.start()
    for p in people:
        p.join()
    cpu = run.cpu_seconds() - cpu
    connection.close()
    rows = {r.token: r.pk for r in Request.objects.exclude(token__in=before)}
    with_photos = set(Request.objects.filter(photos__isnull=False).values_list("pk", flat=True))
    sent = {uuid.UUID(t): pk for p in people for t, pk in p.sent.items()}
    times = [t for p in people for t in p.times]
    faults = [f for p in people for f in p.faults]
    lost = [t for t, pk in sent.items() if pk is not None and (rows.get(t) != pk or pk not in with_photos)]
    doubled = len(rows) - len(rows.keys() & sent.keys()) + len(rows) - len(set(rows.values()))
    print(
        f"filing: {residents} residents in {seconds:.0f} s filed {len(sent)} requests ({len(sent) / seconds:.1f}/s), {len(lost)} lost, {doubled} doubled;"
    )
    print(
        f"  p50 {quantile(times, 0.5):.0f} ms, p95 {quantile(times, 0.95):.0f} ms; {cpu / max(1, len(sent)) * 1000:.0f} ms of processor time a request filed; {len(faults)} faults"
    )
    for fault in faults[:5]:
        print("  ■", fault)
    return not (lost or doubled or faults)


def picture(n: int) -> bytes:
    """Return a photo as a phone sends it: noise over a slope, some hundred kilobytes."""
    import io

    import numpy as np
    from PIL import Image

    height, width = (600, 800) if n % 2 else (1500, 2000)
    noise = np.random.default_rng(n).integers(0, 60, (height, width, 3))
    slope = np.linspace(40, 180, width)[None, :, None]
    out = io.BytesIO()
    Image.fromarray((slope + noise).astype("uint8")).save(out, "JPEG", quality=80)
    return out.getvalue()


def main() -> int:
    """Parse, run, and return 1 if an aim was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--residents", type=int, default=50)
    parser.add_argument("--filing", type=float, default=120)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    with site(not given.sqlite, given.workers) as run:
        pages = settle(run)
        print(
            json.dumps(
                {
                    "database": "SQLite" if given.sqlite else "PostgreSQL",
                    "web processes": given.workers,
                    "threads each": 8,
                }
            )
        )
        run.start()
        met = pages_bench(run, pages, given.seconds) if given.seconds else True
        met &= filing_bench(run, given.residents, given.filing) if given.filing else True
        run.stop()
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
