"""What the project installs, against what the README promises."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
#: The oldest Python 3.11 that a system brings: Debian 12.
OLDEST = "3.11.2"
PINS = [Requirement(line) for line in (ROOT / "constraints.txt").read_text().split()]


@pytest.mark.parametrize("pin", PINS, ids=lambda p: p.name)
def test_a_pinned_package_installs_on_the_oldest_python(pin):
    """pip says of such a package no more than that others exclude each other."""
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        pytest.skip("not installed here")
    assert SpecifierSet(found.metadata["Requires-Python"] or "").contains(OLDEST)
