"""The server is killed under writing load: nothing acknowledged is lost, nothing is half done (``bench/service_kill.py``, short)."""

import os
import subprocess
import sys
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
