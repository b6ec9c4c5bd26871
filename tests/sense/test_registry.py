from __future__ import annotations

import pytest

from hutong.city import facility_kinds, schema
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.sense.registry import Entry, kinds_used, registry
from hutong.sense.wording import figure, sentence, standard


def entry(**changed):
    base = {
        "title": {"zh": "甲", "en": "A"},
        "scale": "dwelling",
        "unit": "ratio",
        "direction": "lower",
        "standard": 0,
        "source": "s",
        "article": "a",
        "confidence": "D",
        "phrase": {"zh": "漏雨", "en": "have leaks"},
        "formula": {"zh": "x", "en": "x"},
        "compute": {"share": {"of": "buildings", "fails": {"cond_envelope": {"at_least": 3}}}},
    }
    return {**base, **changed}


def read(**changed):
    return Entry(load_rules("national")).read(("test", entry(**changed)))


def test_every_indicator_is_complete():
    indicators = registry()
    assert len(indicators) >= 18
    assert len({i.id for i in indicators}) == len(indicators)
    columns = {f"{t.name}.{c}" for t in schema().tables.values() for c in t.columns}
    for i in indicators:
        assert set(i.needs) <= columns
        assert i.needs
        assert i.title.zh
        assert i.title.en
        assert i.formula.zh
        assert i.formula.en
        assert i.phrase.zh
        assert i.phrase.en
        assert "{" not in i.formula.zh + i.formula.en + i.noun.zh + i.noun.en, i.id
        assert i.scale in ("dwelling", "estate", "block", "city")
        assert i.confidence in ("D", "D-", "K", "U")
        assert i.standard != i.worst
        assert 0 <= i.gravity <= 1
        better = 1 if i.direction == "higher" else -1
        asked = (i.standard, i.watch, i.warn, i.worst) if i.watch is not None else (i.standard,)
        bounds = [better * b for b in asked]
        assert bounds == sorted(bounds, reverse=True), i.id
        for kind in kinds_used(next(iter(i.compute.values()))):
            assert kind in facility_kinds()


def test_figures_come_from_the_rules():
    rules = load_rules("beijing")
    by_id = {i.id: i for i in registry(rules)}
    assert by_id["parking_spaces"].standard == rules.number("parking.spaces_per_household")
    assert by_id["reach_clinic"].compute["reach"]["metres"] == rules.number("access.radius.clinic")
    elder = by_id["elder_circle_15"].compute["reach"]["metres"]
    assert elder == 15 * rules.number("access.speed_elder_m_min")


def test_an_indicator_is_as_sure_as_its_least_sure_figure():
    rules = load_rules("national")
    assert rules["access.radius.nursery"].confidence == "U"
    assert next(i for i in registry(rules) if i.id == "reach_nursery").confidence == "U"


def test_a_new_indicator_needs_only_an_entry():
    made = read()
    assert made is not None
    assert made.needs == ("buildings.cond_envelope", "dwellings.residents")
    text = sentence(made, 0.25, 1, 4, 2)
    assert text.en == "1 of 4 buildings has leaks (25%; there should be none; 2 more buildings unknown)"
    assert text.zh == "4 栋（院）建筑中有 1 栋（院）漏雨（25%，应当没有；另有 2 栋（院）未知）"


@pytest.mark.parametrize(
    "changed",
    [
        {"direction": "sideways"},
        {"confidence": "X"},
        {"compute": {"magic": {}}},
        {"compute": {"share": {"of": "buildings"}}},
        {"compute": {"share": {"of": "buildings", "fails": {"lift": True}, "meets": {"lift": True}}}},
        {"compute": {"share": {"of": "buildings", "fails": {"lift": True}, "by": "cats"}}},
        {"compute": {"reach": {"who": "residents", "kinds": ["castle"], "metres": 300}}},
        {"phrase": {"zh": "x"}},
    ],
)
def test_broken_entries_are_named(changed):
    raw = entry(**changed)
    if changed == {"phrase": {"zh": "x"}}:
        del raw["phrase"]
    with pytest.raises(HutongError) as caught:
        Entry(load_rules("national")).read(("test", raw))
    assert caught.value.code == "invalid-indicator"
    assert "test" in caught.value.what.en


def test_an_unknown_rule_is_an_error():
    with pytest.raises(HutongError):
        read(standard={"rule": "no.such.rule"})


def test_wording():
    whole = sentence(read(), 1.0, 4, 4, 0)
    assert (whole.zh, whole.en) == (
        "4 栋（院）建筑全部漏雨（100%，应当没有）",
        "all 4 buildings have leaks (100%; there should be none)",
    )
    none = sentence(read(standard=0.05), 0.0, 0, 4, 0)
    assert none.en == "none of 4 buildings have leaks (0%; standard: at most 5%)"
    assert standard(read(standard=None)).en == "there is no standard"
    assert figure(0.004, "ratio").en == "0.4%"
    assert figure(0.5, "m2/person").en == "0.5"
    assert figure(123.4, "m").en == "123"
