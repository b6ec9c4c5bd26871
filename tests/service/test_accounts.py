"""Signing up, signing in, being locked out, granting and revoking."""

from __future__ import annotations

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FORM = {"username": "lin", "password1": "five-green-bicycles", "password2": "five-green-bicycles"}


def sign_in(client, password):
    return client.post("/accounts/login/", {"login": "lin", "password": password})


def test_whoever_signs_up_has_no_role(client):
    from hutong.service.accounts.models import User

    assert client.post("/accounts/signup/", FORM).status_code == 302
    user = User.objects.get(username="lin")
    assert user.held == ()
    assert "No role yet" in client.get("/people/me").content.decode()


def test_weak_passwords_are_refused(client):
    from hutong.service.accounts.models import User

    client.post("/accounts/signup/", {**FORM, "password1": "password123", "password2": "password123"})
    assert not User.objects.exists()


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client):
    from hutong.service.accounts import services

    services.make_user("lin", "five-green-bicycles")
    statuses = [sign_in(client, "wrong").status_code for _ in range(5)]
    assert statuses[:4] == [200] * 4
    assert statuses[4] == 429
    locked = sign_in(client, "five-green-bicycles")
    assert locked.status_code == 429
    assert "Too many tries" in locked.content.decode()
    assert (
        client.post("/accounts/login/", {"login": "LIN", "password": "five-green-bicycles"}).status_code
        == 429
    )


def test_others_are_not_locked_with_them(client):
    from hutong.service.accounts import services

    services.make_user("lin", "five-green-bicycles")
    services.make_user("wang", "five-green-bicycles")
    for _ in range(5):
        sign_in(client, "wrong")
    got = client.post("/accounts/login/", {"login": "wang", "password": "five-green-bicycles"})
    assert got.status_code == 302


def test_signing_in_and_out(client):
    from hutong.service.accounts import services

    services.make_user("lin", "five-green-bicycles", "林")
    assert sign_in(client, "five-green-bicycles").status_code == 302
    assert "林" in client.get("/people/me").content.decode()
    client.post("/accounts/logout/")
    assert client.get("/people/me").status_code == 403


def test_an_administrator_grants_within_their_places_and_nowhere_else(client, town):
    from hutong.service.accounts import services
    from hutong.service.accounts.models import Grant

    services.make_user("lin", "five-green-bicycles")
    client.force_login(town.person("administrator"), backend=BACKEND)
    form = {"username": "LIN", "role": "planner"}
    assert client.post("/people/", {**form, "place": town.quarter.pk}).status_code == 302
    client.post("/people/", {**form, "place": town.elsewhere["quarter"].pk})
    given = Grant.objects.get(user__username="lin")
    assert (given.role, given.place, given.granted_by.username) == ("planner", town.quarter, "administrator")
    assert client.post(f"/people/grants/{given.pk}/revoke").status_code == 302
    given.refresh_from_db()
    assert given.until is not None


def test_people_of_other_places_are_not_listed(client, town):
    town.person("planner", name="near-planner")
    town.person("planner", far=True, name="far-planner")
    client.force_login(town.person("administrator"), backend=BACKEND)
    page = client.get("/people/").content.decode()
    assert "near-planner" in page
    assert "far-planner" not in page


def test_behind_a_proxy_its_own_word_counts_and_otherwise_none(client, monkeypatch):
    from dataclasses import replace

    from django.conf import settings
    from django.test import RequestFactory

    from hutong.service.accounts.selectors import client_address

    asked = RequestFactory().get("/", headers={"x-forwarded-for": "6.6.6.6, 9.9.9.9"})
    assert client_address(asked) == "127.0.0.1"  # whoever connects may claim anything
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, behind_proxy=True))
    assert client_address(asked) == "9.9.9.9"
