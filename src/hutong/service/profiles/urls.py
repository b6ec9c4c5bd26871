"""Addresses of the pages of profiles."""

from __future__ import annotations

from django.urls import path

from hutong.service.profiles import views

urlpatterns = [
    path("", views.profiles, name="profiles"),
    path("<int:pk>", views.profile, name="profile"),
]
