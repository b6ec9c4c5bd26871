"""The council: every seat has its evidence, the same quotas hold when seats are filled again."""

from __future__ import annotations

import pandas as pd
import pytest

from hutong.agree.council import DRAWN, ELECTED, RECOMMENDED, Council, Member, elect
from hutong.agree.sortition import Pool, quotas_from
from hutong.agree.sortition_draw import draw_ticket, panel_members, publish_lottery
from hutong.agree.sortition_lottery import fair_lottery
from hutong.errors import HutongError

SALT = "never published 2026"
QUOTAS = quotas_from({"gender": {"f": (3, 3), "m": (3, 3)}, "home": {"tenant": (2, 3)}})


def pool() -> Pool:
    return Pool.from_table(
        pd.DataFrame(
            {
                "id": [f"r{i}" for i in range(24)],
                "gender": ["f", "m"] * 12,
                "home": ["tenant", "tenant", "owner", "owner", "owner", "owner"] * 4,
            }
        )
    )


def filled(council: Council, seed: str) -> Council:
    selection = council.to_draw(pool(), {"party": {"gender": "f", "home": "owner"}})
    published = publish_lottery(fair_lottery(selection), SALT, tickets=200)
    drawn = draw_ticket(published, seed)
    return council.join(
        panel_members(selection.pool, SALT, drawn.panel), DRAWN, f"draw {published.hash[:8]} {seed}"
    )


def count(council: Council) -> dict[str, int]:
    own = {"party": ["f", "owner"]}
    p = pool()
    values = [own.get(i) or list(p.of([i])[0]) for i in council.sitting]
    return {
        "f": sum(v[0] == "f" for v in values),
        "m": sum(v[0] == "m" for v in values),
        "tenant": sum(v[1] == "tenant" for v in values),
    }


def test_recommended_and_elected_members_count_and_the_rest_is_drawn():
    council = Council(6, QUOTAS).join(["party"], RECOMMENDED, "residents' committee, minutes of 3 Nov")
    council = council.join(["r1"], ELECTED, "count of 10 Nov")
    assert council.vacant == 4
    council = filled(council, "seed one")
    assert council.vacant == 0
    assert count(council)["f"] == count(council)["m"] == 3
    assert 2 <= count(council)["tenant"] <= 3
    with pytest.raises(HutongError) as caught:
        council.to_draw(pool())
    assert caught.value.code == "no-vacancy"

    gone = [m.id for m in council.members if m.way == DRAWN][:2]
    council = council.leave({gone[0]: "moved away", gone[1]: "illness"})
    assert council.vacant == 2
    selection = council.to_draw(pool(), {"party": {"gender": "f", "home": "owner"}})
    assert not set(gone) & set(selection.pool.ids)
    assert "r1" not in selection.pool.ids
    again = filled(council, "seed two")
    assert count(again)["f"] == count(again)["m"] == 3
    assert [m.left for m in again.members if m.id == gone[0]] == ["moved away"]
    assert again == filled(council, "seed two")


def test_broken_councils_name_every_seat():
    with pytest.raises(HutongError) as caught:
        Council(1, (), (Member("a", "appointed", ""), Member("a", DRAWN, "x")))
    assert caught.value.rows == (
        "a: 'appointed' is not one of recommended, elected, drawn",
        "a: no evidence of how they came to the council",
        "a: listed twice",
        "2 members sit on 1 seats",
    )
    council = Council(1, (), (Member("a", DRAWN, "x"),))
    with pytest.raises(HutongError) as caught:
        council.leave({"b": "moved", "a": ""})
    assert caught.value.rows == ("b: does not sit", "a: no reason is given")


def test_elections_and_the_lot_among_equals():
    votes = {"a": 9, "b": 5, "c": 5, "d": 5, "e": 1}
    assert elect(votes, 1).elected == ("a",)
    assert elect(votes, 4).elected == ("a", "b", "c", "d")
    with pytest.raises(HutongError) as caught:
        elect(votes, 2)
    assert (caught.value.code, caught.value.rows) == ("no-seed", ("b", "c", "d"))
    found = elect(votes, 2, "public 17")
    assert found.elected[0] == "a"
    assert found.by_lot == found.elected[1:]
    assert found.tied == ("b", "c", "d")
    assert found == elect(dict(reversed(votes.items())), 2, "public 17")
    assert {elect(votes, 2, str(i)).elected[1] for i in range(40)} == {"b", "c", "d"}
    with pytest.raises(HutongError) as caught:
        elect({"a": -1, "b": 2}, 3)
    assert caught.value.rows == ("a: -1 votes", "3 seats and 2 candidates")
