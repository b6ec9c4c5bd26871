"""Who voted how: nothing that anybody else may open, and no line of the log, depends on it."""

from __future__ import annotations

import logging
import re

from tests.service.consent_town import browser

#: What differs from run to run by chance: seals, salts, hashes, keys of forms.
CHANCE = re.compile(r"[0-9a-f]{64}|[\w+/=-]{40,}|name=\"(csrfmiddlewaretoken|token)\" value=\"[^\"]+\"")
OTHERS = ("subdistrict", "committee", "auditor", "administrator")


def pages(ballot):
    """Return every page that shows something of a vote, as method and address."""
    here = f"/consent/ballots/{ballot.pk}"
    gets = ["", "/board", "/sheets", "/papers", "/counted.json", "/audit", "/answer"]
    entries = [f"/ledger/{e}" for e in ballot.casts.values_list("entry", flat=True)]
    own = [
        f"/consent/receipts/{pk}{file}"
        for pk in ballot.casts.values_list("pk", flat=True)
        for file in ("", "/file")
    ]
    rest = [
        "/consent/",
        f"/consent/rolls/{ballot.roll_id}",
        "/consent/motions",
        "/ledger/",
        "/people/",
        "/me/",
    ]
    return (
        [("GET", f"{here}{p}") for p in gets]
        + [("POST", f"{here}/recount")]
        + [("GET", p) for p in (*entries, *own, *rest)]
    )


def seen(consent, ballot, first, second, caplog):
    """Let two neighbours answer, count, and return all that everybody else sees of it, with the log."""
    from django.db import transaction

    point, now = transaction.savepoint(), consent.clock[0]
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        for home in range(3, 5):
            consent.answer(ballot, home, "yes")
        for home, choice in ((1, first), (2, second), (1, second), (2, first)):
            consent.answer(ballot, home, choice)
        consent.finish(ballot)
        out = {}
        for name, client in consent.readers.items():
            for method, address in pages(ballot):
                answer = client.generic(method, address)
                out[name, method, address] = (
                    answer.status_code,
                    CHANCE.sub("*", answer.content.decode("utf-8", "replace")),
                )
        log = [CHANCE.sub("*", r.getMessage()) for r in caplog.records]
    transaction.savepoint_rollback(point)
    ballot.refresh_from_db()
    consent.clock[0] = now
    return out, log


def test_no_page_and_no_log_line_depends_on_who_voted_how(consent, caplog):
    """Homes 1 and 2 have the same area. Whether one was for it and the other against or the reverse, totals are the same."""
    ballot = consent.ballot(consent.roll(9))
    people = {role: consent.town.person(role, name=f"reader-{role}") for role in OTHERS}
    consent.readers = {
        "visitor": browser(),
        "neighbour": browser(consent.resident(9)),
        **{r: browser(u) for r, u in people.items()},
    }
    one, log_one = seen(consent, ballot, "yes", "no", caplog)
    two, log_two = seen(consent, ballot, "no", "yes", caplog)
    assert len(one) > 150
    numbered = re.compile(r"\d+")  # keys go on counting on PostgreSQL
    for (key, (status, text)), (other, (before_status, before)) in zip(two.items(), one.items(), strict=True):
        assert numbered.sub("#", str(key)) == numbered.sub("#", str(other))
        assert status == before_status, key
        assert numbered.sub("#", text) == numbered.sub("#", before), key
    assert [numbered.sub("#", x) for x in log_one] == [numbered.sub("#", x) for x in log_two]


def test_the_test_would_see_it(consent, caplog):
    """The voter's own pages do depend on it."""
    ballot = consent.ballot(consent.roll(9))
    consent.readers = {"voter": browser(consent.resident(1))}
    one, _ = seen(consent, ballot, "yes", "no", caplog)
    two, _ = seen(consent, ballot, "no", "yes", caplog)
    own = ("voter", "GET", f"/consent/ballots/{ballot.pk}")
    assert one[own] != two[own]


def test_the_database_alone_reads_no_choice(consent):
    """Not one column of any table of the app, nor of the ledger, holds a choice beside a voter."""
    from django.apps import apps

    ballot = consent.ballot(consent.roll(9))
    for home in range(1, 8):
        consent.answer(ballot, home, "abstain")
    for model in (*apps.get_app_config("consent").get_models(), *apps.get_app_config("ledger").get_models()):
        for row in model.objects.all():
            values = [
                str(bytes(v)) if isinstance(v, bytes | memoryview) else str(v) for v in row.__dict__.values()
            ]
            assert not any(
                re.search(r"\babstain\b", v) for v in values if "abstain" in v and model.__name__ != "Ballot"
            ), model
