"""Addresses of the pages of schemes."""

from __future__ import annotations

from django.urls import path

from hutong.service.schemes import views

urlpatterns = [
    path("", views.schemes, name="schemes"),
    path("versions/<int:pk>", views.version, name="scheme_version"),
]
