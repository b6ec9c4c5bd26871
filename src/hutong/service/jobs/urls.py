"""Addresses of the pages of background work."""

from __future__ import annotations

from django.urls import path

from hutong.service.jobs import views

urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("<int:pk>", views.job, name="job"),
    path("<int:pk>/retry", views.retry, name="job_retry"),
]
