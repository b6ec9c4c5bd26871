"""The machine behind a token: for policies it is somebody who holds one role at one place, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rules


@dataclass(frozen=True)
class Machine:
    """Who asks with a token. ``pk`` is below zero, so that no object is ever a machine's own."""

    pk: int
    name: str
    held: tuple[tuple[str, str], ...]
    is_authenticated: bool = True
    is_active: bool = True

    def has_perm(self, permission: str, subject: Any = None) -> bool:
        """Return whether the policies give this machine a permission on an object."""
        return bool(rules.has_perm(permission, self, subject))

    def get_full_name(self) -> str:
        """Return what others see."""
        return self.name
