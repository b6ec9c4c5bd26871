"""The server is killed under writing load: nothing acknowledged is lost, nothing is half done (``bench/service_kill.py``, short)."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hutong.service.server import front_end_missing


@pytest.mark.slow
@pytest.mark.skipif(front_end_missing(), reason="the front end is not installed (frontend/install.py)")
def test_a_killed_server_has_lost_nothing():
    command = [sys.executable, "bench/service_kill.py", "--kills", "3"]
    more = ["--postgres"] if os.environ.get("HUTONG_TEST_POSTGRES") == "1" else []
    done = subprocess.run(
        [*command, *more], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kills" in done.stdout


#: Seconds until a living worker has begun what a dead one left: its chore comes round every two, its queue twice a second;
#: the rest is for a machine that does other things as well.
TAKEN_UP_WITHIN_S = 10.0
_TAKE_UP = """
import sys
from pathlib import Path
from tests.service.live_site import site
from tests.service.test_killed import take_up
with site(False) as made:
    print(take_up(made))
"""


def take_up(made) -> float:
    """Let one of two workers begin an import, and kill it; return after how many seconds the other begins it."""
    made.here()
    from django_tasks_db.models import DBTaskResult

    from hutong.city import make_quarter
    from hutong.service.jobs import alive
    from hutong.service.jobs.models import Job
    from hutong.service.jobs.services import start
    from hutong.service.places.services import NewPlace, make_place
    from hutong.text import Text

    place = None
    for kind in ("city", "district", "subdistrict", "quarter"):
        place = make_place(place, NewPlace(kind, kind, Text(kind, kind)))
    folder = make_quarter(dwellings=20_000, seed=1).save(made.folder / "data" / "uploads" / "city")
    command = [sys.executable, "-c", "from hutong.cli import main; main()", "service", "worker"]

    def wait(until) -> float:
        began = time.monotonic()
        while not until():
            assert time.monotonic() - began < 240
            time.sleep(0.02)
        return time.monotonic() - began

    def signs() -> set[str]:
        return {p.name for p in alive.folder().glob("[!.]*")}

    def holder() -> str:
        entry = DBTaskResult.objects.filter(status="RUNNING").last()
        return entry.worker_ids[-1] if entry and entry.worker_ids else ""

    workers = {}
    for _ in range(2):
        known = signs()
        begun = subprocess.Popen(command, env=made.environment(), start_new_session=True)
        wait(lambda known=known: signs() - known)
        workers[(signs() - known).pop()] = begun
    job = start("twin.import", place, None, folder=str(folder))
    try:
        wait(lambda: holder() in workers and Job.objects.filter(pk=job.pk, attempts=1).exists())
        workers[holder()].kill()
        assert Job.objects.get(pk=job.pk).state == "running", (
            "the import was over before its worker was killed"
        )
        return wait(lambda: Job.objects.filter(pk=job.pk, attempts=2).exists())
    finally:
        for one in workers.values():
            one.kill()


@pytest.mark.slow
def test_what_a_killed_worker_left_is_taken_up_within_seconds():
    done = subprocess.run(
        [sys.executable, "-c", _TAKE_UP],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert float(done.stdout.split()[-1]) < TAKEN_UP_WITHIN_S
