"""Addresses of the pages that belong to no stage."""

from __future__ import annotations

from django.urls import path

from hutong.service.web import views

urlpatterns = [path("", views.home, name="home"), path("choose", views.choose, name="choose")]
