"""Who acted with whom, against hand-made cases and plain searches."""

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree.acting_network import acting_network, betweenness, core_of, evenness


def network(*pairs):
    return acting_network(pd.DataFrame(pairs, columns=["first", "second"]))


def test_a_star_has_one_broker_and_one_core():
    found = network(("a", "b"), ("c", "a"), ("a", "d"), ("d", "a"))
    assert found.parties.loc["a"].tolist() == [4, 3, 1.0, True]
    assert found.parties.loc["b", "between"] == 0
    assert set(found.parties.index[found.parties["core"]]) == {
        "a",
        "d",
    }  # of its partners, who does more with it
    assert network(("a", "b"), ("c", "a"), ("a", "d")).parties["core"].tolist() == [True, False, False, False]
    assert found.ties["acts"].tolist() == [1, 1, 2]
    # 4, 1, 1, 2 of 8: effective number 64 / 22
    assert found.polycentricity == pytest.approx((64 / 22 - 1) / 3)


def test_nothing_is_unknown_and_one_alone_is_nobody():
    found = network()
    assert found.parties.empty
    assert found.polycentricity != found.polycentricity
    assert network(("a", "a")).ties.empty


def test_all_alike_is_as_even_as_can_be():
    assert evenness([3, 3, 3]) == 1
    assert evenness([5]) != evenness([5])


graphs = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda p: p[0] < p[1]), min_size=1)


def near_of(pairs):
    names = sorted({str(n) for p in pairs for n in p})
    out = {n: set() for n in names}
    for a, b in pairs:
        out[str(a)].add(str(b))
        out[str(b)].add(str(a))
    return out


def faults(near, core):
    inside = sum(b not in near[a] for a, b in combinations(sorted(core), 2))
    rest = sorted(set(near) - set(core))
    return inside + sum(b in near[a] for a, b in combinations(rest, 2))


def least_of(near, sets):
    return min(faults(near, s) for s in sets)


@given(graphs, st.permutations(range(7)))
def test_the_core_has_fewest_faults_of_all_sets(pairs, order):
    near = near_of(pairs)
    acts = {n: order[int(n)] for n in near}  # tell all parties apart
    every = [s for k in range(len(near) + 1) for s in combinations(sorted(near), k)]
    core = core_of(near, acts)
    assert faults(near, core) == least_of(near, every)


@given(graphs, st.lists(st.integers(1, 3), min_size=7, max_size=7), st.permutations("abcdefg"))
def test_no_name_decides_who_is_in_the_core(pairs, counts, letters):
    near, acts = near_of(pairs), {str(i): n for i, n in enumerate(counts)}
    core = core_of(near, acts)
    called = {str(i): x for i, x in enumerate(letters)}
    other = core_of(
        {called[n]: {called[m] for m in near[n]} for n in near}, {called[n]: k for n, k in acts.items()}
    )
    assert other == {called[n] for n in core}
    alike = {n: (len(near[n]), acts[n]) for n in near}
    assert all((a in core) == (b in core) for a, b in combinations(sorted(near), 2) if alike[a] == alike[b])
    runs = [{n for n in near if alike[n] >= cut} for cut in alike.values()]
    assert faults(near, core) == least_of(near, [set(), *runs])


def test_who_is_tied_to_the_whole_core_and_acts_most_is_in_it():
    met = list(combinations(["committee", "owners", "party", "property"], 2))
    found = network(*met, ("property", "owners"), ("committee", "district"), ("planner", "party"))
    assert set(found.parties.index[found.parties["core"]]) == {"committee", "owners", "party", "property"}


def all_shortest(near, a, b):
    ways, found = [[a]], []
    while ways and not found:
        found = [w for w in ways if w[-1] == b]
        ways = [[*w, n] for w in ways for n in sorted(near[w[-1]]) if n not in w]
    return found


@given(graphs)
def test_between_counts_the_shortest_ways(pairs):
    near = near_of(pairs)
    plain = dict.fromkeys(near, 0.0)
    for a, b in combinations(sorted(near), 2):
        ways = all_shortest(near, a, b)
        for n in near:
            if n not in (a, b) and ways:
                plain[n] += sum(n in w for w in ways) / len(ways)
    scale = (len(near) - 1) * (len(near) - 2) / 2
    for n, value in betweenness(near).items():
        assert value == pytest.approx(plain[n] / scale if scale else 0)
