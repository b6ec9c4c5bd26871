"""Addresses of the pages of practice."""

from __future__ import annotations

from django.urls import path

from hutong.service.practice import views

urlpatterns = [
    path("", views.practice, name="practice"),
    path("attempt/<int:pk>", views.attempt, name="practice_attempt"),
    path("attempt/<int:pk>/colleague/<slug:step>", views.colleague, name="practice_colleague"),
    path("<slug:name>/begin", views.begin, name="practice_begin"),
]
