"""The database's clock: the one clock that all processes of a site share, and by which a vote opens and closes."""

from __future__ import annotations

import datetime as dt

from django.db import connection


def now() -> dt.datetime:
    """Return the time by the database's clock, at this statement and not at the start of the transaction."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp()" if postgres else "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"
        )
        said = cursor.fetchone()[0]
    return said.astimezone(dt.UTC) if postgres else dt.datetime.fromisoformat(said).replace(tzinfo=dt.UTC)
