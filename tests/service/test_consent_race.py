"""The bench of vote integrity, small: threads cast and change while two officers close the vote under them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "votes.py"


def test_threads_and_a_close_lose_double_and_add_nothing():
    options = ["--in-process", "--database", "sqlite", "--voters", "40", "--clients", "8", "--kills", "0"]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HUTONG_", "DJANGO_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, str(BENCH), *options],
        capture_output=True,
        text=True,
        env=env,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the tally is the recount" in done.stdout
    assert "refused" in done.stdout  # some came after the close
