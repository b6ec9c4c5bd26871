"""Vote integrity: many people cast and change ballots at once, the server is killed, the vote closes under them.

    python bench/votes.py                                     # 20,000 voters, 200 clients, PostgreSQL; then 2,000, 50, SQLite
    python bench/votes.py --database sqlite --voters 2000 --clients 50
    python bench/votes.py --in-process --voters 60 --clients 8 --kills 0   # the services alone, with threads

Each voter answers once or twice; a form whose answer was lost is sent again until it is taken or refused; one in fifty is
sent twice at the same moment. At the end everybody goes on changing until the database's clock refuses. Then the tally is
held against a recount, made here and plainly, from what the clients were told. It ends with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
CHOICES = ("yes", "no", "abstain")
CSRF = "a" * 32


class LostAnswer(Exception):  # noqa: N818
    """The answer to a form did not arrive."""


@dataclass
class Told:
    """What the clients were told: the last answer taken of each voter, the forms taken, and how it went."""

    last: dict[int, str] = field(default_factory=dict)
    taken: set[uuid.UUID] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Setup:
    """The vote, and for each voter the session, head and signer."""

    ballot: int
    voters: list[tuple[str, str, str]]
    areas: list[int]


def prepare(voters: int) -> Setup:
    """Make a place, a roll, accounts with sessions, and an open vote."""
    from datetime import timedelta

    import pandas as pd
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from hutong.service.accounts import services as accounts
    from hutong.service.accounts.models import Grant, User
    from hutong.service.consent import clock
    from hutong.service.consent.ballots import services as ballots
    from hutong.service.consent.models import Link, Seat
    from hutong.service.consent.motions import services as motions
    from hutong.service.consent.rolls import services as rolls
    from hutong.service.places.services import NewPlace, make_place
    from hutong.text import Text

    place, made = None, {}
    for level in ("city", "district", "subdistrict", "quarter", "block", "estate", "building"):
        place = made[level] = make_place(place, NewPlace(level, level, Text(level, level)))
    officers = [accounts.make_user(f"officer-{n}", None) for n in (1, 2)]
    for officer in officers:
        accounts.grant(officer, "subdistrict", made["subdistrict"])
    areas = [400_000 + 10_000 * (n % 50) for n in range(voters)]
    table = pd.DataFrame(
        [{"building": "building", "dwelling_id": f"d{n}", "holder": f"ref-{n}", "area_m2": str(a / 10_000)} for n, a in enumerate(areas)]
    )  # fmt: skip
    real, start = clock.now, timezone.now()
    at = [start - timedelta(days=30)]
    clock.now = lambda: at[0]

    def both(kind: str, subject: object) -> None:
        motions.confirm(motions.propose(kind, subject.pk, subject.place, officers[0]), officers[1])
        subject.refresh_from_db()

    roll = rolls.make_roll(rolls.NewRoll(made["estate"], "owners", Text("名册", "Roll"), table), officers[0])
    roll = rolls.publish(roll, 7, officers[0])
    at[0] += timedelta(days=8)
    both("roll.freeze", roll)
    new = ballots.NewBallot(roll, "7", Text("表决", "Vote"), Text("同意？", "Agreed?"), "text")
    ballot = ballots.draft(new, officers[0])
    ballot = ballots.give_notice(ballot, start - timedelta(hours=1), start + timedelta(days=1), officers[0])
    clock.now = real
    both("ballot.open", ballot)

    users = User.objects.bulk_create(
        [User(username=f"v{n}", password="!") for n in range(voters)],  # noqa: S106 (of no use)
        batch_size=2000,
    )
    building = made["building"]
    Grant.objects.bulk_create(
        [Grant(user=u, role="resident_owner", place=building, verified="letter") for u in users],
        batch_size=2000,
    )
    Link.objects.bulk_create(
        [Link(user=u, building=building, dwelling_id=f"d{n}", since=start) for n, u in enumerate(users)],
        batch_size=2000,
    )
    store, sessions = SessionStore(), []
    backend = settings.AUTHENTICATION_BACKENDS[1]
    for n, u in enumerate(users):
        inside = {
            SESSION_KEY: str(u.pk),
            BACKEND_SESSION_KEY: backend,
            HASH_SESSION_KEY: u.get_session_auth_hash(),
        }
        sessions.append(
            Session(
                session_key=f"{n:032d}",
                session_data=store.encode(inside),
                expire_date=start + timedelta(days=2),
            )
        )
    Session.objects.bulk_create(sessions, batch_size=2000)
    seats = {s.dwelling_id: s for s in Seat.objects.filter(roll=roll)}
    rows = [(f"{n:032d}", seats[f"d{n}"].head, seats[f"d{n}"].holder) for n in range(voters)]
    return Setup(ballot.pk, rows, areas)


class Site:
    """The running server, which can be killed and comes back."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env, self.process, self.port = env, None, free_port()
        self.start()

    def start(self) -> None:
        code = f"from hutong.service.server import serve_pages; serve_pages('127.0.0.1', {self.port}, lambda _: None)"
        for _ in range(600):
            if (
                self.process is None or self.process.poll() is not None
            ):  # the killed one may hold the port a moment
                self.process = subprocess.Popen(
                    [sys.executable, "-c", code], env=self.env, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )  # fmt: skip
            if self.answers() and self.process.poll() is None:
                return
            time.sleep(0.2)
        raise RuntimeError("the server did not start")

    def answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/static/hutong/mark.svg")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    """Return a free port below those from which clients connect."""
    for port in range(21_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


class ByHttp:
    """A phone: it posts the form of the page."""

    def __init__(self, site: Site, setup: Setup) -> None:
        self.site, self.setup, self.held = site, setup, threading.local()

    def send(self, voter: int, choice: str, token: uuid.UUID) -> bool:
        session, head, _ = self.setup.voters[voter]
        body = urlencode({"head": head, "choice": choice, "token": str(token), "csrfmiddlewaretoken": CSRF})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        }
        try:
            line = getattr(self.held, "line", None) or http.client.HTTPConnection(
                "127.0.0.1", self.site.port, timeout=60
            )
            self.held.line = line
            line.request("POST", f"/consent/ballots/{self.setup.ballot}/answer", body, headers)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.held.line = None
            raise LostAnswer from None
        if answer.status in (500, 502, 503):
            raise LostAnswer
        if answer.status not in (302, 400):
            raise AssertionError(f"status {answer.status}")
        return answer.status == 302


class InProcess:
    """A thread that calls the service."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def send(self, voter: int, choice: str, token: uuid.UUID) -> bool:
        from django.db import connection

        from hutong.errors import HutongError
        from hutong.service.consent.ballots import services
        from hutong.service.consent.models import Ballot

        _, head, signer = self.setup.voters[voter]
        try:
            answer = services.Answer(head, signer, services.NUMBERS[choice], "online", token)
            services.cast(Ballot(pk=self.setup.ballot), answer)
        except HutongError as caught:
            if caught.code != "outside-time":
                raise
            return False
        finally:
            connection.close()
        return True


def vote(client: object, told: Told, voter: int, choice: str, twice: bool = False) -> bool:
    """Send one form until it is taken or refused; return whether it was taken."""
    token, start = uuid.uuid4(), time.perf_counter()
    other = None
    if twice:
        other = threading.Thread(target=_once, args=(client, voter, choice, token))
        other.start()
    while True:
        try:
            taken = client.send(voter, choice, token)
            break
        except LostAnswer:
            with told.lock:
                told.counts["lost and sent again"] += 1
            time.sleep(0.2)
    if other is not None:
        other.join()
    with told.lock:
        told.waits.append(time.perf_counter() - start)
        told.counts["taken" if taken else "refused"] += 1
        if taken:
            told.last[voter] = choice
            told.taken.add(token)
    return taken


def _once(client: object, voter: int, choice: str, token: uuid.UUID) -> None:
    with suppress(LostAnswer):
        client.send(voter, choice, token)


def run(
    client: object, site: Site | None, setup: Setup, clients: int, kills: int, seed: int
) -> tuple[Told, dict[str, float]]:
    """Let everybody answer and half of them change; kill the server on the way; close the vote under a last rush."""
    told, chance = Told(), random.Random(seed)
    order = list(range(len(setup.voters)))
    chance.shuffle(order)
    jobs = [(v, chance.choice(CHOICES), chance.random() < 0.02) for v in order]
    changes = [(v, chance.choice(CHOICES), chance.random() < 0.02) for v in order[::2]]
    # a voter's change comes after their first answer was taken: the same client does both, in order
    by_client: list[list[tuple[int, str, bool]]] = [[] for _ in range(clients)]
    for part in (jobs, changes):
        for job in part:
            by_client[job[0] % clients].append(job)
    all_of = len(jobs) + len(changes)
    stop = threading.Event()
    killer = threading.Thread(target=_kill, args=(site, told, all_of, kills, stop))
    start = time.perf_counter()
    if site is not None:
        killer.start()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda mine: [vote(client, told, *job) for job in mine], by_client))
    spent = time.perf_counter() - start
    stop.set()
    if site is not None:
        killer.join()
    rate = all_of / spent
    _set_close(setup.ballot, 1.0 if site is None else 5.0)
    closer = threading.Thread(target=_close, args=(setup.ballot,))
    closer.start()

    def rush(mine: list[tuple[int, str, bool]]) -> None:
        own = sorted({job[0] for job in mine})
        picks = random.Random(f"{seed}-{own[:1]}")
        while own and vote(client, told, picks.choice(own), picks.choice(CHOICES)):
            pass

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(rush, by_client))
    closer.join()
    return told, {"seconds": spent, "a second": rate}


def _kill(site: Site | None, told: Told, all_of: int, kills: int, stop: threading.Event) -> None:
    for n in range(1, kills + 1):
        while told.counts["taken"] < all_of * n / (kills + 1) and not stop.is_set():
            time.sleep(0.05)
        if site is None or stop.is_set():
            return
        site.kill()
        site.start()
        told.counts["kills"] += 1


def _set_close(ballot: int, seconds: float) -> None:
    from datetime import timedelta

    from hutong.service.consent import clock
    from hutong.service.consent.models import Ballot

    Ballot.objects.filter(pk=ballot).update(closes=clock.now() + timedelta(seconds=seconds))


def _close(pk: int) -> None:
    """Two officers try to close the vote from before its time on, while people still answer."""
    from django.db import connection

    from hutong.errors import HutongError
    from hutong.service.accounts.models import User
    from hutong.service.consent.ballots import selectors
    from hutong.service.consent.motions import services as motions

    first, second = (User.objects.get(username=f"officer-{n}") for n in (1, 2))
    found = selectors.ballot(pk)
    try:
        while True:
            try:
                motion = motions.propose("ballot.close", pk, found.place, first)
                break
            except HutongError as caught:
                if caught.code != "still-open":
                    raise
                time.sleep(0.05)
        motions.confirm(motion, second)
    finally:
        connection.close()


def check(setup: Setup, told: Told) -> list[str]:
    """Count the vote, and hold the tally against a plain recount of what the clients were told."""
    from hutong.service.accounts.models import User
    from hutong.service.consent.ballots import selectors
    from hutong.service.consent.counting import selectors as counting
    from hutong.service.consent.models import Cast
    from hutong.service.consent.motions import services as motions
    from hutong.service.ledger import selectors as ledger

    first, second = (User.objects.get(username=f"officer-{n}") for n in (1, 2))
    found = selectors.ballot(setup.ballot)
    motions.confirm(motions.propose("ballot.count", found.pk, found.place, first), second)
    found.refresh_from_db()
    heads, area = Counter(told.last.values()), Counter()
    for voter, choice in told.last.items():
        area[choice] += setup.areas[voter]
    said = {"for": "yes", "against": "no", "abstain": "abstain"}
    wrong = [
        f"heads {n}: {found.result['heads'][n]} counted, {heads[c]} told"
        for n, c in said.items()
        if found.result["heads"][n] != heads[c]
    ]
    wrong += [f"area {n} differs" for n, c in said.items() if found.result["area"][n] != area[c]]
    rows = dict(Cast.objects.filter(ballot=found).values_list("token", "at"))
    wrong += [f"lost: {len(told.taken - set(rows))}"] if told.taken - set(rows) else []
    wrong += (
        [f"counted, but nobody was told: {len(set(rows) - told.taken)}"] if set(rows) - told.taken else []
    )
    wrong += (
        [f"late: {n}"] if (n := sum(not found.opens <= at < found.closes for at in rows.values())) else []
    )
    wrong += [f.en for f in counting.recount(found).faults[:5]]
    wrong += [str(f) for f in ledger.faults()][:5]
    return wrong


def bench(database: str, voters: int, clients: int, kills: int, seed: int, in_process: bool) -> list[str]:
    """Run one database in a folder of its own, in this process's Django."""
    folder = Path(tempfile.mkdtemp(prefix="hutong-votes-"))
    cluster = None
    os.environ |= {
        "HUTONG_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "hutong.service.settings",
        "HUTONG_JURISDICTION": "national", "HUTONG_WORKERS": os.environ.get("HUTONG_WORKERS", "2"), "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip
    os.environ.pop("DATABASE_URL", None)
    try:
        if database == "postgres":
            from tests.service.postgres import Cluster

            cluster = Cluster(durable=True)
            os.environ["DATABASE_URL"] = cluster.url
        from hutong.service.server import prepare as migrate

        migrate()
        setup = prepare(voters)
        site = None if in_process else Site(dict(os.environ))
        client = InProcess(setup) if site is None else ByHttp(site, setup)
        try:
            told, figures = run(client, site, setup, clients, kills, seed)
        finally:
            if site is not None:
                site.kill()
        wrong = check(setup, told)
        waits = sorted(told.waits)
        print(
            f"{database}: {voters} voters, {clients} clients; {dict(told.counts)}; {figures['seconds']:.0f} s, "
            f"{figures['a second']:.0f} ballots/s before the rush; wait p50 {waits[len(waits) // 2] * 1000:.0f} ms, "
            f"p99 {waits[int(len(waits) * 0.99)] * 1000:.0f} ms"
        )
        print(
            "  "
            + (
                "; ".join(wrong)
                if wrong
                else "the tally is the recount; none lost, doubled, or counted after the close"
            )
        )
        return wrong
    finally:
        from django.db import connections

        connections.close_all()
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run one database, or both as two processes (Django knows one database a process)."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("postgres", "sqlite", "both"), default="both")
    parser.add_argument("--voters", type=int)
    parser.add_argument("--clients", type=int)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--in-process", action="store_true")
    given = parser.parse_args()
    full = {"postgres": (20_000, 200), "sqlite": (2_000, 50)}
    if given.database == "both" and not given.in_process:
        runs = [
            subprocess.run([sys.executable, __file__, "--database", name], check=False).returncode
            for name in full
        ]
        return max(runs)
    name = "sqlite" if given.database == "both" else given.database
    voters, clients = given.voters or full[name][0], given.clients or full[name][1]
    return int(bool(bench(name, voters, clients, given.kills, given.seed, given.in_process)))


if __name__ == "__main__":
    raise SystemExit(main())
