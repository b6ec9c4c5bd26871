"""What all tests share: where the real data lie, and a small quarter made once."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data, or skip with the reason."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real data folder ../shared is not beside the repository")
    return SHARED
