"""Addresses of the pages of the desk."""

from __future__ import annotations

from django.urls import path

from hutong.service.desk import views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("findings/<int:pk>", views.findings, name="desk_findings"),
    path("titles/<int:pk>", views.titles, name="desk_titles"),
    path("tables/<int:pk>", views.tables, name="desk_tables"),
    path("tables/<int:pk>/buildings.xlsx", views.table, {"name": "buildings"}, name="desk_buildings_table"),
    path("tables/<int:pk>/survey.xlsx", views.table, {"name": "survey"}, name="desk_survey_table"),
    path("returned/<int:pk>", views.returned, name="desk_returned"),
    path("returned/<int:pk>/apply", views.apply, name="desk_apply"),
    path("returned/<int:pk>/drop", views.drop, name="desk_drop"),
    path("requests.xlsx", views.requests_table, name="desk_requests"),
    path("briefing/<int:pk>.docx", views.briefing, name="desk_briefing"),
]
