"""The only writes to simulations: ask, run, stop, take up, publish."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.experiments import EXPERIMENTS, levers
from hutong.service.accounts.models import User
from hutong.service.jobs import services as jobs
from hutong.service.jobs.models import RUNNING, WAITING
from hutong.service.ledger import services as ledger
from hutong.service.lessons.selectors import measures_for
from hutong.service.lessons.services import Said, keep_forecasts
from hutong.service.schemes.models import Outlook, Version
from hutong.service.schemes.versions.services import attach_outlook
from hutong.service.simulation import compute
from hutong.service.simulation.compute import Question
from hutong.service.simulation.cost import MOST_WORK, cost, threads
from hutong.service.simulation.models import Simulation
from hutong.service.twin.models import DRAFT, PUBLISHED, Snapshot
from hutong.text import Text

Step = Callable[[int, int, Text], None]
MOST_RUNS, MOST_YEARS = 1000, 30
SCHEMES = ("least_cost", "balanced", "most_benefit")
#: What stands before the key of a version in the name of a scheme.
VERSION = "version-"
#: What one would say without the model: as today, give or take this much condition (ours, an assumption).
REFERENCE_SD = 0.05


def check(snapshot: Snapshot, asked: Question, scheme: str) -> None:
    """Refuse a question that the model does not know or that takes too long.

    Raises
    ------
    HutongError
        ``bad-question``; ``no-lever``; ``too-much``.
    """
    sound = (
        asked.experiment in EXPERIMENTS and (scheme in SCHEMES or version_of(snapshot, scheme) is not None)
        and 2 <= asked.runs <= MOST_RUNS and 2 <= asked.years <= MOST_YEARS and 0 <= asked.seed < 2**31
    )  # fmt: skip
    if not sound:
        raise HutongError(
            "bad-question",
            Text("这个问题模型答不了。", "The model cannot answer this question."),
            Text(f"次数 2 到 {MOST_RUNS}，年数 2 到 {MOST_YEARS}。", f"Runs from 2 to {MOST_RUNS}, years from 2 to {MOST_YEARS}."),
        )  # fmt: skip
    if asked.experiment == "levers":
        levers.chosen(asked.levers)
    price = cost(households(snapshot), asked.experiment, asked.levers, asked.runs, asked.years)
    if price.too_much:
        raise HutongError(
            "too-much",
            Text(
                f"共 {price.work:.1e} 户·月，超过上限 {MOST_WORK:.0e}。",
                f"It takes {price.work:.1e} household-months, more than {MOST_WORK:.0e}.",
            ),
            Text("请减少次数或年数，或在命令行用集群运行。", "Take fewer runs or years, or run it on a cluster from the command line."),
        )  # fmt: skip


def version_of(snapshot: Snapshot, scheme: str) -> Version | None:
    """Return the version of a scheme that a name stands for, if it was drawn on a snapshot."""
    if not scheme.startswith(VERSION) or not scheme.removeprefix(VERSION).isdecimal():
        return None
    rows = Version.objects.select_related("scheme__run__snapshot__place", "scheme__place")
    return rows.filter(pk=int(scheme.removeprefix(VERSION)), scheme__run__snapshot=snapshot).first()


def households(snapshot: Snapshot) -> int:
    """Return how many homes a snapshot holds."""
    return int(snapshot.counts.get("dwellings", 0))


def ask(snapshot: Snapshot, asked: Question, scheme: str, by: User | None, token: uuid.UUID) -> Simulation:
    """Enter a question and start it in the background; the same form again returns the first.

    Raises
    ------
    HutongError
        As :func:`check` does.
    """
    known = Simulation.objects.filter(token=token).first()
    if known is not None:
        return known
    check(snapshot, asked, scheme)
    try:
        with transaction.atomic():
            made = Simulation.objects.create(
                token=token, snapshot=snapshot, owner=by, experiment=asked.experiment, scheme=scheme,
                levers=list(asked.levers) if asked.experiment == "levers" else [], runs=asked.runs, years=asked.years, seed=asked.seed,
            )  # fmt: skip
            return _start(made, by)
    except IntegrityError:
        return Simulation.objects.get(token=token)


def _start(found: Simulation, by: User | None) -> Simulation:
    found.job = jobs.start("simulation.run", found.place, by, simulation=found.pk)
    found.stop = False
    found.save(update_fields=["job", "stop"])
    return found


@transaction.atomic
def resume(found: Simulation, by: User | None) -> Simulation:
    """Take up a simulation that was stopped or failed: finished runs are kept and not run again."""
    locked = Simulation.objects.select_for_update(of=("self",)).select_related("job", "snapshot__place").get(pk=found.pk)  # fmt: skip
    if locked.digest or (locked.job is not None and locked.job.state in (WAITING, RUNNING)):
        return locked
    return _start(locked, by)


def stop(found: Simulation) -> None:
    """Ask a simulation to stop; it does so at the end of the runs that are under way."""
    Simulation.objects.filter(pk=found.pk, digest="").update(stop=True)


class StoppedError(Exception):
    """A person asked it to stop."""


def run(found: Simulation, step: Step, done: Callable[[Simulation], None]) -> bool:
    """Run a simulation to its end; return whether it got there or was stopped. ``done`` is called as the result is kept."""

    def watched(n: int, total: int, what: Text) -> None:
        step(n, total, what)
        if Simulation.objects.filter(pk=found.pk, stop=True).exists():
            raise StoppedError

    begun = time.monotonic()
    try:
        city = City.load(found.snapshot.folder / "city")
        rules = compute.rules_of(city)
        found.folder.mkdir(parents=True, exist_ok=True)
        version = version_of(found.snapshot, found.scheme)
        if version is None:
            scheme = compute.scheme_of(
                city, rules, found.scheme, measures_for(found.place), found.seed, watched
            )
        else:
            scheme = compute.version_scheme(version, watched)
        plan_s = time.monotonic() - begun
        answered = compute.answer(city, rules, scheme, question(found), found.folder, threads(), watched)
    except StoppedError:
        return False
    seconds = time.monotonic() - begun
    keep(found, answered.layers, {**answered.facts, "plan_s": round(plan_s, 2)}, seconds, done)
    return True


def keep(
    found: Simulation,
    layers: list[dict[str, Any]],
    facts: dict[str, Any],
    seconds: float | None,
    done: Callable[[Simulation], None],
) -> None:
    """Keep an answer whose files are written; ``done`` is called in the same transaction.

    ``seconds`` is what it took here; None where it was not computed here.
    """
    price = cost(households(found.snapshot), found.experiment, found.levers, found.runs, found.years)
    with transaction.atomic():
        locked = Simulation.objects.select_for_update().get(pk=found.pk)
        locked.digest = hashlib.sha256((found.folder / "result.json").read_bytes()).hexdigest()
        locked.layers, locked.facts, locked.seconds, locked.work = layers, facts, seconds, price.work
        locked.finished, locked.stop = timezone.now(), False
        locked.save()
        done(locked)


def question(found: Simulation) -> Question:
    """Return what was asked."""
    return Question(found.experiment, tuple(found.levers), found.runs, found.years, found.seed)


@transaction.atomic
def publish(found: Simulation, by: User) -> Simulation:
    """Open an answer to everyone; its hash enters the ledger, and what it says of the buildings is kept as forecasts.

    Raises
    ------
    HutongError
        ``simulation-unfinished``; ``snapshot-not-published`` while its snapshot is a draft.
    """
    locked = Simulation.objects.select_for_update().get(pk=found.pk)
    if not locked.digest:
        raise HutongError(
            "simulation-unfinished",
            Text("推演还没有完成。", "The simulation has not ended yet."),
            Text("请等它完成。", "Wait for it to end."),
        )
    if locked.snapshot.phase == DRAFT:
        raise HutongError(
            "snapshot-not-published",
            Text("快照还没有公开。", "The snapshot is not published yet."),
            Text("请先公开快照。", "Publish the snapshot first."),
        )
    if locked.state == PUBLISHED:
        return locked
    locked.state, locked.published_at = PUBLISHED, timezone.now()
    locked.save(update_fields=["state", "published_at"])
    fields = {"subject": locked.number, "kind": "simulation", "digest": locked.digest}
    ledger.record("document.disclosed", fields, place=locked.place, by=by)
    keep_forecasts(locked.place, locked.number, _said(locked), by)
    return locked


def attach(found: Simulation, by: User) -> Outlook:
    """Attach an answer to the version of a scheme that was run, as its outlook; the same one is attached once.

    Raises
    ------
    HutongError
        ``no-version`` where it was no version that was run, or the answer is not open to everyone yet.
    """
    version = version_of(found.snapshot, found.scheme)
    if version is None or found.state != PUBLISHED:
        raise HutongError(
            "no-version",
            Text("只有公开的、推演某个方案版本的结果才能附上。", "Only a public answer about a version of a scheme can be attached."),
            Text("请推演一个方案版本并公开结果。", "Run a version of a scheme, and publish the answer."),
        )  # fmt: skip
    result = compute.plain_result(found.folder)
    recipe = result.pop("recipe")
    title = Text(f"推演 {found.number}", f"Simulation {found.number}")
    kept = {k: result[k] for k in ("title", "question", "answer", "columns", "rows")}
    return attach_outlook(
        version, title, recipe, {**kept, "simulation": found.number, "digest": found.digest}, by
    )


def _said(found: Simulation) -> list[Said]:
    """Return what a simulation forecasts of the quarter if nothing but the scheme is done, for days still to come."""
    start, today, out = found.facts["start"], timezone.localdate(), []
    for row in found.facts["quarter"]:
        due = found.snapshot.date + dt.timedelta(days=round(365.25 * row["year"]))
        if due >= today and row["sd"]:
            title = Text(f"{due.year} 年住房平均状况（0 最差，1 最好）", f"Mean condition of homes in {due.year} (0 worst, 1 best)")  # fmt: skip
            out.append(
                Said(
                    "simulation",
                    "condition",
                    title,
                    due,
                    row["mean"],
                    row["sd"],
                    start,
                    REFERENCE_SD,
                    "index",
                )
            )
    return out
