"""What all tests share: where the real data lie, and a terminal that is the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# read once, when the console is made
os.environ.update(COLUMNS="200", NO_COLOR="1")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data, or skip with the reason."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real data folder ../shared is not beside the repository")
    return SHARED
