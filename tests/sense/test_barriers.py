from __future__ import annotations

from hutong.sense.barriers import barriers
from hutong.sense.services import services

from .sense_street import area


def kinds(*kind):
    return lambda streets: streets.assign(kind=list(kind))


def test_steps_between_homes_and_services(rebuilt, rules):
    city = rebuilt(streets=kinds("street", "street", "steps", "street", "street"))
    some = {name: services()[name] for name in ("clinic", "elderly_care")}
    (barrier,), notes = barriers(city, rules, some)
    # Only b3 needs the steps: 650 m to the clinic and 340 m to the station, west of them.
    assert (barrier.kind, barrier.buildings, barrier.dwellings, barrier.elders) == ("steps", ("b3",), 2, 1.0)
    assert "社区卫生服务站、养老服务站" in barrier.text.zh
    assert "only by steps: community clinic, elderly care station" in barrier.text.en
    assert not any("台阶" in note.zh for note in notes)


def test_steps_that_nobody_needs_are_no_barrier(rebuilt, rules):
    city = rebuilt(streets=kinds("street", "street", "street", "street", "steps"))
    assert barriers(city, rules, {"clinic": services()["clinic"]})[0] == ()


def test_a_piece_that_joins_nothing(rebuilt, rules):
    def cut(streets):
        return streets.drop(index=2)

    found, _ = barriers(rebuilt(streets=cut), rules)
    assert [(b.kind, b.buildings) for b in found] == [("piece", ("b3",))]
    assert "不与主要路网相连" in found[0].text.zh


def test_homes_far_from_any_street(rebuilt, rules):
    def away(buildings):
        shapes = list(buildings.geometry)
        shapes[2] = area(690, 150, 710, 170)
        return buildings.set_geometry(shapes, crs=buildings.crs)

    found, _ = barriers(rebuilt(buildings=away), rules)
    assert [(b.kind, b.buildings) for b in found] == [("far", ("b3",))]
    assert "more than 100 m" in found[0].text.en


def test_what_the_map_cannot_show(rebuilt, rules, street, quarter):
    assert any("没有画出台阶" in note.zh for note in barriers(street, rules)[1])
    _, notes = barriers(rebuilt(streets=kinds("street", None, "street", "street", "steps")), rules)
    assert any("20%" in note.en for note in notes)
    city = rebuilt(streets=lambda t: t.iloc[:0], street_nodes=lambda t: t.iloc[:0])
    found, notes = barriers(city, rules)
    assert found == ()
    assert "no street network" in notes[0].en
    assert barriers(quarter, rules)[1] == ()
