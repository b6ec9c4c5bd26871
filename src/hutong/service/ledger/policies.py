"""The ledger is public; a receipt is for whoever did the act."""

from __future__ import annotations

from typing import Any

import rules


@rules.predicate
def did_it(user: Any, entry: Any = None) -> bool:
    """Hold if the person did the act."""
    author = getattr(entry, "author", None)
    return bool(user.is_authenticated and author is not None and author.owner_id == user.pk)


rules.add_perm("ledger.receipt", did_it)
