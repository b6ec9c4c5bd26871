"""The server under writing load is killed again and again: is every acknowledged write there once, and nothing half done?

    python bench/service_kill.py [--kills 20] [--seed 7] [--postgres | --both]

Residents file requests with photos and offices move them to their end, all by HTTP; a checkup runs in the background.
After a random number of writes every process of the server is killed (SIGKILL) and it is started anew. After each start: what was
acknowledged stands in the database once, with its photos; the columns of each request are those of its steps; whoever
closed a case is in the ledger once; the public download holds by the stand-alone checker and continues the one before.
At the end: everything that was sent has arrived once, every job has ended once, and no file lies about without a row.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.service.live_site import Browser, Site, site

WRITERS = 6
SCRIPT = (
    (
        "take_in",
        "street",
        "intake",
        "",
        {"category": "property", "limit": "request.general_days_max"},
    ),
    ("dispatch", "street", "intake", "", {"unit": "water"}),
    ("sign_for", "water", "unit", "water", {}),
    ("reply", "water", "unit", "water", {"reply": "done"}),
    ("confirm", "district", "caller", "", {"satisfied": "yes"}),
)


@dataclass
class Sent:
    """A request as its writer knows it."""

    words: str
    photos: int
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    pk: int | None = None  # once it is acknowledged
    steps: int = 0  # acknowledged


@dataclass
class Town:
    """Who writes where."""

    buildings: list[int]
    people: dict[str, object]
    snapshot: int
    quarter: object


def settle(run: Site) -> Town:
    """Make places, people, a unit and a snapshot in the database of the site."""
    run.here()
    from hutong.city import make_quarter
    from hutong.service import demo
    from hutong.service.accounts.models import User
    from hutong.service.accounts.services import make_user
    from hutong.service.places.models import Place
    from hutong.service.places.services import NewPlace, make_place
    from hutong.service.twin.services import import_city
    from hutong.text import Text

    city = make_place(None, demo.CITY)
    district = make_place(city, demo.DISTRICT)
    street = make_place(district, demo.SUBDISTRICT)
    quarter = make_place(street, NewPlace("quarter", "quarter", Text("片区", "Quarter")))
    demo.make_accounts({"city": city, "district": district, "subdistrict": street, "quarter": quarter})
    demo.make_units(district)
    folder = make_quarter(dwellings=300, seed=1, date="2026-01-01").save(run.folder / "city")
    snapshot = import_city(folder, quarter, None, lambda *_: None)
    who = {"street": "subdistrict", "district": "district", "water": "department", "planner": "planner"}
    people = {name: User.objects.get(username=account) for name, account in who.items()}
    people["resident"] = make_user("resident", demo.new_password())
    return Town(
        list(Place.objects.filter(kind="building").values_list("pk", flat=True)), people, snapshot.pk, quarter
    )


class Writer(threading.Thread):
    """Files requests and moves each to its end; what was not acknowledged is sent again."""

    def __init__(self, n: int, run: Site, town: Town, seed: int) -> None:
        super().__init__(daemon=True)
        self.n, self.chance, self.town = n, random.Random(seed * 100 + n), town
        self.browsers = {name: Browser(run.address, user) for name, user in town.people.items()}
        self.sent: list[Sent] = []
        self.up, self.over, self.again = threading.Event(), threading.Event(), 0
        self.fault: str = ""

    def run(self) -> None:
        """Write until told that it is over; the last request is still brought to its end."""
        while not self.over.is_set() and not self.fault:
            sent = Sent(f"水管漏水，第 {self.n} 人的第 {len(self.sent)} 件", self.chance.randrange(0, 3))
            self.sent.append(sent)
            at = self.chance.choice(self.town.buildings)
            photos = [jpeg(self.n * 100_000 + len(self.sent) * 10 + i) for i in range(sent.photos)]
            fields = {"words": sent.words, "nature": "help", "token": sent.token}
            where = self.until_answered("resident", f"/requests/new/{at}", fields, photos)
            if where is None:
                return
            sent.pk = int(where.rsplit("/", 1)[1])
            for event, who, actor, unit, said in SCRIPT:
                fields = {f"{event}-{k}": v for k, v in said.items()} | {"actor": actor, "unit_code": unit}
                if self.until_answered(who, f"/requests/case/{sent.pk}/do/{event}", fields) is None:
                    return
                sent.steps += 1

    def until_answered(
        self, who: str, path: str, fields: dict, photos: list[bytes] | None = None
    ) -> str | None:
        """Send a form until the server answers; return where it leads."""
        lost = False
        while True:
            self.up.wait()
            try:
                status, headers, body = self.browsers[who].post(path, fields, photos or ())
            except (OSError, HTTPException):
                lost, self.again = True, self.again + 1
                time.sleep(0.05)
                continue
            if status == 302:
                return headers["Location"]
            if lost and status in (400, 403) and "/do/" in path:  # it had happened; only its answer was lost
                return path
            self.fault = f"{path} answered {status}: {body.decode()[-1500:]}"
            return None


def jpeg(n: int) -> bytes:
    """Return a small picture that no other is equal to."""
    from PIL import Image

    image, out = Image.new("RGB", (48, 36), (n % 256, n // 256 % 256, n // 65536 % 256)), io.BytesIO()
    image.putpixel((0, 0), (255, 255, 255))
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def faults(sent: list[Sent], final: bool) -> list[str]:
    """Compare the database with what was acknowledged; return what does not hold."""
    from django.conf import settings
    from PIL import Image

    from hutong.service.ledger.models import Entry
    from hutong.service.requests.models import Photo, Request
    from hutong.service.requests.selectors import case

    out: list[str] = []
    photos = Path(settings.MEDIA_ROOT) / "photos"
    rows = {str(r.token): r for r in Request.objects.prefetch_related("steps", "photos")}
    known = {s.token: s for s in sent}
    out += [f"a request that nobody sent: {t}" for t in rows.keys() - known.keys()]
    closed = [e.value["public"]["case"] for e in Entry.objects.filter(act="case.closed")]
    for s in sent:
        row = rows.get(s.token)
        if row is None:
            out += [f"lost: request {s.pk}"] if s.pk is not None or final else []
            continue
        if s.pk not in (None, row.pk):
            out.append(f"acknowledged as {s.pk}, stored as {row.pk}")
        steps = [step.event for step in row.steps.all()]
        script = [event for event, *_ in SCRIPT]
        if steps != script[: len(steps)] or not s.steps <= len(steps) <= s.steps + 1:
            out.append(f"request {row.pk}: {s.steps} steps acknowledged, {steps} stored")
        drawn = case(row)
        if (row.state, row.unit, row.category, row.steps_taken) != (
            drawn.state,
            drawn.unit,
            drawn.category,
            len(steps),
        ):
            out.append(f"request {row.pk}: its columns are not those of its steps")
        if closed.count(row.number) != (not drawn.open):
            out.append(f"request {row.pk} is {row.state}, and {closed.count(row.number)} times in the ledger")
        if row.photos.count() != s.photos or not row.number.startswith("20"):
            out.append(f"request {row.pk}: {row.photos.count()} photos of {s.photos}, number {row.number}")
        for photo in row.photos.all():
            with Image.open(photos / photo.name) as image:
                image.verify()
    out += [
        f"the ledger closes a case that is none: {n}" for n in set(closed) - {r.number for r in rows.values()}
    ]
    named = set(Photo.objects.values_list("name", flat=True))
    out += [f"half a photo: {p.name}" for p in photos.glob(".*")] if final else []
    out += (
        [f"a photo without a request: {p.name}" for p in photos.glob("*.jpg") if p.name not in named]
        if final
        else []
    )
    return out


class Citizen:
    """Downloads the public ledger after each start and checks it alone, and that it continues the one before."""

    def __init__(self, address: str) -> None:
        self.address, self.entries = address, b""

    def faults(self) -> list[str]:
        """Return what does not hold."""
        from hutong.service.ledger.keys import signing_key

        status, _, data = Browser(self.address).get("/ledger/hutong-ledger.zip")
        if status != 200:
            return [f"the ledger's download answered {status}"]
        with tempfile.TemporaryDirectory() as name:
            zipfile.ZipFile(io.BytesIO(data)).extractall(name)
            folder = Path(name) / "hutong-ledger"
            command = [
                sys.executable,
                "-I",
                str(folder / "checker.py"),
                str(folder),
                "--key",
                str(signing_key().verifier),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            entries = (folder / "entries.jsonl").read_bytes()
        out = [] if done.returncode == 0 else [f"the checker: {done.stdout}{done.stderr}"]
        out += [] if entries.startswith(self.entries) else ["the ledger does not continue the one before"]
        self.entries = entries
        return out


def jobs_ended(started: int, patience_s: float) -> list[str]:
    """Wait for the jobs; return what is wrong with how they ended."""
    from hutong.service.checkup.models import Run
    from hutong.service.jobs.models import Job

    until = time.monotonic() + patience_s
    while Job.objects.exclude(state__in=("done", "failed")).exists() and time.monotonic() < until:
        time.sleep(0.2)
    out = [f"job {j.pk} is {j.state}: {j.error}" for j in Job.objects.exclude(state="done")]
    results = sorted(Job.objects.filter(state="done").values_list("result", flat=True))
    runs = sorted(f"/checkup/{pk}" for pk in Run.objects.values_list("pk", flat=True))
    out += (
        [f"{started} jobs were started, {Job.objects.count()} are known"]
        if Job.objects.count() < started
        else []
    )
    return out + ([] if results == runs else [f"jobs ended with {results}, checkups are {runs}"])


def bench(postgres: bool, kills: int, seed: int) -> bool:
    """Run it on one database; print what was seen and return whether all held."""
    chance = random.Random(seed)
    with site(postgres) as run:
        town = settle(run)
        run.start()
        citizen = Citizen(run.address)
        writers = [Writer(n, run, town, seed) for n in range(WRITERS)]
        for w in writers:
            w.up.set()
            w.start()
        found: list[str] = []
        started, resumed = 0, []
        for kill in range(kills):
            if kill % 4 == 0:
                found += (
                    []
                    if Browser(run.address, town.people["planner"]).post(f"/checkup/of/{town.snapshot}", {})[
                        0
                    ]
                    == 302
                    else ["no job was started"]
                )
                started += 1
                wait_until(running_jobs, 60)  # so that it is killed in the middle of it
            wait_for_writes(writers, chance.randrange(1, 60))
            time.sleep(chance.uniform(0, 0.05))
            running = running_jobs()
            for w in writers:
                w.up.clear()
            run.kill()
            time.sleep(0.1)  # what was on its way to the writers arrives
            run.start()
            began = time.monotonic()
            found += faults([s for w in writers for s in w.sent], final=False) + citizen.faults()
            for pk, attempts in running.items():
                resumed.append(taken_up(pk, attempts, began))
            found += [w.fault for w in writers if w.fault]
            for w in writers:
                w.up.set()
            if found:
                break
        for w in writers:
            w.over.set()
        for w in writers:
            w.join(timeout=120)
        sent = [s for w in writers for s in w.sent]
        found += [w.fault for w in writers if w.fault]
        found += jobs_ended(started, 120) if not found else []
        swept()
        found += faults(sent, final=True) + citizen.faults() if not found else []
        run.stop()
        report(run, postgres, kills, sent, writers, started, resumed, citizen, found)
    return not found


def wait_until(holds: Callable[[], object], patience_s: float) -> None:
    """Wait until something holds, for so long at most."""
    until = time.monotonic() + patience_s
    while not holds() and time.monotonic() < until:
        time.sleep(0.005)


def wait_for_writes(writers: list[Writer], more: int) -> None:
    """Wait until some more writes were acknowledged, half a minute at most."""

    def acknowledged() -> int:
        return sum(s.steps + (s.pk is not None) for w in writers for s in w.sent)

    upto = acknowledged() + more
    wait_until(lambda: acknowledged() >= upto, 30)


def running_jobs() -> dict[int, int]:
    """Return the jobs that are running, with how often each was begun."""
    from hutong.service.jobs.models import Job

    return dict(Job.objects.filter(state="running").values_list("pk", "attempts"))


def taken_up(pk: int, attempts: int, began: float) -> float:
    """Wait until a job was begun again or had ended; return after how many seconds."""
    from hutong.service.jobs.models import Job

    while time.monotonic() - began < 60:
        job = Job.objects.get(pk=pk)
        if job.attempts > attempts or job.ended:
            break
        time.sleep(0.1)
    return time.monotonic() - began


def swept() -> None:
    """Sweep as the worker does, as if an hour had passed."""
    from hutong.service.requests import services

    services.SWEPT_AFTER_S = -1
    services.sweep_photos()


def report(run, postgres, kills, sent, writers, started, resumed, citizen, found) -> None:
    """Print what was seen."""
    name = "PostgreSQL" if postgres else "SQLite"
    steps = sum(s.steps for s in sent)
    print(
        f"{name}: {kills} kills; {len(sent)} requests with {sum(s.photos for s in sent)} photos and {steps} steps acknowledged,"
    )
    print(
        f"  {sum(w.again for w in writers)} sent again after an answer was lost; {len(citizen.entries.splitlines())} ledger entries hold;"
    )
    late = f", taken up again after {max(resumed):.1f} s at most ({len(resumed)} times)" if resumed else ""
    print(f"  {started} jobs ended once{late}; a start takes {sum(run.starts) / len(run.starts):.1f} s")
    for one in found[:20]:
        print("  ■", one)
    print("  all holds" if not found else f"  {len(found)} faults")


def main() -> int:
    """Parse, run, and return 1 if anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--both", action="store_true")
    given = parser.parse_args()
    if given.both:  # Django knows one database a process
        command = [sys.executable, __file__, "--kills", str(given.kills), "--seed", str(given.seed)]
        return max(subprocess.run([*command, *more], check=False).returncode for more in ([], ["--postgres"]))
    return 0 if bench(given.postgres, given.kills, given.seed) else 1


if __name__ == "__main__":
    raise SystemExit(main())
