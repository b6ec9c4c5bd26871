"""Who practises: anyone with an account on a practice site; nobody on a real one."""

from __future__ import annotations

from typing import Any

from django.conf import settings

import rules
from hutong.service.accounts.predicates import is_own


@rules.predicate
def on_practice_site(user: Any, _subject: Any = None) -> bool:
    """Hold for whoever is signed in on a practice site."""
    return bool(settings.ENVIRONMENT.practice and user.is_authenticated)


rules.add_perm("practice.begin", on_practice_site)
rules.add_perm("practice.own", on_practice_site & is_own)
