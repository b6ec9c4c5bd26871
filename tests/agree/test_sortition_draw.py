"""What is published, the draw anyone can repeat, and what a forger would have to hide."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from hutong.agree import sortition_draw
from hutong.agree.sortition import Pool, Quota, Selection, quotas_from
from hutong.agree.sortition_draw import (
    Draw,
    PublishedLottery,
    audit_lottery,
    commitment,
    commitments,
    draw_ticket,
    panel_members,
    person_salt,
    publish_lottery,
    verify_draw,
)
from hutong.agree.sortition_highs import least_deviation
from hutong.agree.sortition_lottery import fair_lottery
from hutong.errors import HutongError

SALT = "never published 2026"
SEED = "lottery figures of 30 Nov 2026: 4 8 15 16 23 42"


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "id": [f"r{i}" for i in range(40)],
            "gender": rng.choice(["f", "m"], 40, p=[0.7, 0.3]),
            "age": rng.choice(["young", "middle", "old"], 40, p=[0.2, 0.3, 0.5]),
        }
    )
    quotas = quotas_from({"gender": {"f": (4, 4), "m": (4, 4)}, "age": {"young": (2, 3), "old": (2, 4)}})
    selection = Selection(Pool.from_table(table), 8, quotas)
    lottery = fair_lottery(selection)
    return selection, lottery, publish_lottery(lottery, SALT, tickets=500)


def test_tickets_keep_the_quotas_and_the_chances(made):
    selection, lottery, published = made
    assert audit_lottery(published, selection, SALT, lottery.certificate) == ()
    assert len(published.tickets) == 500
    assert sum(published.counts) == 500 * 8
    number = {e: i for i, e in enumerate(published.entries)}
    own = commitments(selection.pool, SALT)
    exact = lottery.chances()
    by_kind: dict[int, set[int]] = {}
    for kind, entry in zip(selection.kind, own, strict=True):
        count = published.counts[number[entry]]
        assert published.chance(number[entry]) == Fraction(count, 500)
        assert abs(published.chance(number[entry]) - exact[int(kind)]) < Fraction(2, 500)
        by_kind.setdefault(int(kind), set()).add(count)
    assert all(max(c) - min(c) <= 1 for c in by_kind.values())
    assert published.bound >= published.least >= lottery.certificate.least - Fraction(2, 500)


def test_nothing_personal_is_published_and_everyone_can_find_themselves(made):
    selection, _, published = made
    text = published.text()
    body = json.loads(text)
    assert set(body) == {
        "version",
        "size",
        "quotas",
        "pool_hash",
        "entries",
        "chances",
        "bound",
        "complete",
        "leximin",
        "tickets",
    }
    assert '"r7"' not in text
    assert SALT not in text
    assert commitment(person_salt(SALT, "r7"), "r7", list(selection.pool.of(["r7"])[0])) in published.entries
    assert (
        commitment(person_salt(SALT + "x", "r7"), "r7", list(selection.pool.of(["r7"])[0]))
        not in published.entries
    )
    # nobody's order in the table shows
    other = Selection(
        Pool(selection.pool.ids[::-1], selection.pool.categories, selection.pool.values[::-1]),
        8,
        selection.quotas,
    )
    assert publish_lottery(fair_lottery(other), SALT, tickets=500).entries == published.entries
    with pytest.raises(HutongError) as caught:
        person_salt("short", "r7")
    assert caught.value.code == "short-salt"


def test_the_draw_is_sha256_of_what_is_public(made):
    selection, _, published = made
    drawn = draw_ticket(published, SEED)
    word = hashlib.sha256(f"{published.hash}|{SEED}|0".encode()).hexdigest()
    assert drawn.ticket == int(word, 16) % 500
    assert drawn == draw_ticket(PublishedLottery.read(published.text()), SEED)
    assert verify_draw(published, drawn) == ()
    panel = panel_members(selection.pool, SALT, drawn.panel)
    assert len(set(panel)) == 8
    assert selection.pool.count(Quota("gender", "f", 4, 4), panel) == 4
    with pytest.raises(HutongError) as caught:
        draw_ticket(published, " ")
    assert caught.value.code == "no-seed"
    tickets = Counter(draw_ticket(published, str(i)).ticket for i in range(3000))
    assert len(tickets) > 480
    assert max(tickets.values()) < 25


def test_the_last_incomplete_round_is_passed_over(made, monkeypatch):
    _, _, published = made
    real = hashlib.sha256

    class Full:
        def digest(self) -> bytes:
            return b"\xff" * 32

    monkeypatch.setattr(
        sortition_draw.hashlib, "sha256", lambda data=b"": Full() if data.endswith(b"|seed|0") else real(data)
    )
    expected = int(real(f"{published.hash}|seed|1".encode()).hexdigest(), 16) % 500
    assert draw_ticket(published, "seed").ticket == expected


def test_forgeries_are_found(made):
    selection, lottery, published = made
    drawn = draw_ticket(published, SEED)
    assert len(verify_draw(published, replace(drawn, ticket=(drawn.ticket + 1) % 500))) == 1
    assert len(verify_draw(published, Draw("0" * 64, SEED, drawn.ticket, drawn.panel))) == 1
    swapped = (*published.tickets[0][::-1][:7], published.tickets[0][0])
    short = replace(published, tickets=((0, 1), swapped, *published.tickets[2:]))
    assert any("Ticket 0" in t.en for t in verify_draw(short, draw_ticket(short, SEED)))
    unsorted = replace(published, entries=published.entries[::-1])
    assert any("order" in t.en for t in verify_draw(unsorted, draw_ticket(unsorted, SEED)))

    certificate = lottery.certificate
    assert "was published" in audit_lottery(published, selection, SALT + "!", certificate)[0].en
    other = replace(published, size=7)
    assert any("quotas" in t.en for t in audit_lottery(other, selection, SALT, certificate))
    packed = replace(published, tickets=(tuple(range(8)), *published.tickets[1:]))
    assert any("Ticket 0 does not meet" in t.en for t in audit_lottery(packed, selection, SALT, certificate))
    assert any(
        "proof" in t.en
        for t in audit_lottery(replace(published, bound=Fraction(1, 2)), selection, SALT, certificate)
    )


def test_a_changed_publication_is_not_read(made):
    _, _, published = made
    for change in (
        {"pool_hash": "0" * 64},
        {"chances": []},
        {"size": "eight"},
        {"bound": "x"},
        {"tickets": [[-99]]},
    ):
        body = json.loads(published.text()) | change
        if change == {"size": "eight"}:
            del body["entries"]
        with pytest.raises(HutongError) as caught:
            PublishedLottery.read(json.dumps(body))
        assert caught.value.code == "bad-lottery"
    assert PublishedLottery.read(published.text()).hash == published.hash


def test_rounding_picks_the_nearest_sum():
    share = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
    up = least_deviation(share, np.array([1.0, 1.0]), 2)
    assert (share @ up).tolist() == [1, 1]
    assert least_deviation(share, np.array([2.0, 0.0]), 2).tolist() == [1, 0, 1, 0]
