"""The address of the page of results."""

from __future__ import annotations

from django.urls import path

from hutong.service.search import views

urlpatterns = [path("", views.search, name="search")]
