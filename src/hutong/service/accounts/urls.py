"""Addresses of the pages of people."""

from __future__ import annotations

from django.urls import path

from hutong.service.accounts import views
from hutong.service.accounts.places_page import places

urlpatterns = [
    path("", views.people, name="people"),
    path("me", views.me, name="me"),
    path("places", places, name="places"),
    path("grants/<int:pk>/revoke", views.revoke, name="revoke"),
]
