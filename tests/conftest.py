"""What all tests share: where the real data lie, and a terminal that is the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# read once, when the console is made
os.environ.update(COLUMNS="200", NO_COLOR="1")
# how long an example takes says more of the machine's other work than of the code
settings.register_profile("hutong", deadline=None)
settings.load_profile("hutong")

HERE = Path(__file__).parent
#: Files whose tests look at one running demo: a process takes them together, and it starts once.
DEMO = tuple(f"service/test_browser{of}.py" for of in ("", "_schemes", "_field"))
#: What takes longest begins first, so that at the end no process waits for it; the second needs no tables while the first
#: has them made.
FIRST = (
    "service/test_access.py",
    "report/test_page.py",
    *DEMO,
    "service/test_privacy.py",
    "service/test_consent_ballots.py",
)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data, or skip with the reason."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real data folder ../shared is not beside the repository")
    return SHARED


def pytest_collection_modifyitems(config, items):
    """Let several processes begin with what takes longest; one process keeps the order of the folders."""
    if hasattr(config, "workerinput"):
        rank = {HERE / name: n for n, name in enumerate(FIRST)}
        items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep a file's tests in one process (``--dist loadfile``), and those of the files that share the demo."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "demo" if file.endswith(DEMO) else file

    config.option.loadscopereorder = False  # not by number of tests: in the order of FIRST
    return Files(config, log)
