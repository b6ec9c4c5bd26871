"""Addresses of the pages of the checkup."""

from __future__ import annotations

from django.urls import path

from hutong.service.checkup import views

urlpatterns = [
    path("", views.checkups, name="checkups"),
    path("of/<int:pk>", views.make, name="checkup_make"),
    path("<int:pk>", views.checkup, name="checkup"),
    path("<int:pk>/whole", views.whole, name="checkup_whole"),
    path("<int:pk>/national", views.national, name="checkup_national"),
    path("<int:pk>/indicators", views.indicators, name="checkup_indicators"),
    path("<int:pk>/indicators/<slug:name>", views.indicator, name="checkup_indicator"),
    path("<int:pk>/findings", views.findings, name="checkup_findings"),
    path("<int:pk>/findings/<int:rank>", views.finding, name="checkup_finding"),
    path("<int:pk>/changes", views.changes, name="checkup_changes"),
    path("<int:pk>/metrics.json", views.metrics, name="checkup_metrics"),
    path("<int:pk>/layers/<slug:name>.json", views.layer, name="checkup_layer"),
    path("<int:pk>/publish", views.publish, name="checkup_publish"),
    path("<int:pk>/unpublish", views.unpublish, name="checkup_unpublish"),
]
