"""Role × place × phase: the words of the policies."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest


def held(user, *ids, at):
    from hutong.service.accounts.models import User
    from hutong.service.accounts.predicates import role

    return role(*ids).test(User.objects.get(pk=user.pk), at)


def test_a_role_holds_where_it_was_granted_and_below(town):
    user = town.person("subdistrict")
    for level in ("subdistrict", "quarter", "block", "estate", "building"):
        assert held(user, "subdistrict", at=town.at(level)), level
        assert not held(user, "subdistrict", at=town.at(level, far=True)), level
    for level in ("city", "district"):
        assert not held(user, "subdistrict", at=town.at(level)), level
    assert not held(user, "district", at=town.quarter)


def test_codes_that_begin_alike_are_different_places(town):
    from hutong.service.places.services import NewPlace, make_place
    from hutong.text import Text

    longer = make_place(town.district, NewPlace("subdistrict", "near-subdistrict2", Text("二", "two")))
    assert not held(town.person("subdistrict"), "subdistrict", at=longer)


def test_grants_end(town):
    from django.utils import timezone

    from hutong.service.accounts import services

    user = town.person("planner")
    given = user.grants.get()
    services.revoke(given)
    assert not held(user, "planner", at=town.quarter)
    later = timezone.now() + dt.timedelta(days=1)
    given.since, given.until = later, None
    given.save()
    assert not held(user, "planner", at=town.quarter)


def test_unverified_means_unverified(town):
    from hutong.service.accounts import services

    user = town.person("resident_owner", verified="")
    assert not held(user, "resident_owner", at=town.building)
    services.grant(user, "resident_owner", town.building, verified="letter")
    assert held(user, "resident_owner", at=town.building)
    assert user.grants.count() == 1


def test_the_inactive_hold_nothing(town):
    user = town.person("city")
    user.is_active = False
    user.save()
    assert not held(user, "city", at=town.quarter)


def test_phases(db):
    from hutong.service.accounts.predicates import phase

    assert phase("published").test(None, SimpleNamespace(phase="published"))
    assert not phase("published").test(None, SimpleNamespace(phase="draft"))
    assert not phase("published").test(None, None)


def test_what_nobody_defined_is_held_by_nobody(town):
    import rules

    assert not rules.has_perm("no.such_permission", town.person("city"), town.quarter)


def test_a_policy_cannot_name_a_role_that_there_is_not(db):
    from hutong.service.accounts.predicates import role

    with pytest.raises(ValueError, match="mayor"):
        role("mayor")


def test_roles_are_held_at_their_levels_only(town):
    from hutong.errors import HutongError
    from hutong.service.accounts import services

    user = services.make_user("someone", "a-long-password-1")
    for role, place, code in (
        ("resident_owner", town.quarter, "wrong-level"),
        ("mayor", town.city, "no-such-role"),
    ):
        with pytest.raises(HutongError) as caught:
            services.grant(user, role, place)
        assert caught.value.code == code
    with pytest.raises(HutongError):
        services.make_user("SomeOne", "a-long-password-1")
